import atexit
import os
import signal

atexit.register(print, "at exit")
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("caught")
raise KeyboardInterrupt("raised by hand")
