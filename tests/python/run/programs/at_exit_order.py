import atexit
import threading

for n in range(3):
    atexit.register(print, "atexit", n)
begun = threading.Event()


def work():
    begun.wait()
    threading.main_thread().join()
    print("a thread outlives the main one")


threading.Thread(target=work).start()
threading._register_atexit(print, "threading's own")
begun.set()
print("end of main")
