import os
import signal


def handler(number, frame):
    raise RuntimeError("in a handler")


signal.signal(signal.SIGUSR2, handler)
os.kill(os.getpid(), signal.SIGUSR2)
