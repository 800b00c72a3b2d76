import threading


def fail():
    raise ValueError("in a thread")


def run():
    thread = threading.Thread(target=fail, name="failing")
    thread.start()
    thread.join()


run()
threading.excepthook = lambda args: print("hook:", args.exc_type.__name__, args.thread.name)
run()
threading.excepthook = threading.__excepthook__
run()
