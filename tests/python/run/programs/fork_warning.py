import os
import threading

gate = threading.Event()
thread = threading.Thread(target=gate.wait)
thread.start()
pid = os.fork()
if not pid:
    os._exit(0)
os.waitpid(pid, 0)
gate.set()
