import sys
import threading


def fail(how):
    how()


for how in (lambda: 1 / 0, lambda: sys.exit("not shown"), lambda: int("x")):
    thread = threading.Thread(target=fail, args=(how,))
    thread.start()
    thread.join()
    print(thread.name, thread.is_alive())
