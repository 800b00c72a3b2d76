import threading

gate = threading.Event()


def work(n):
    gate.wait()
    print("thread", n)
    if n:
        thread = threading.Thread(target=work, args=(n - 1,))
        thread.start()


threading.Thread(target=work, args=(3,)).start()
print("main ends")
gate.set()
