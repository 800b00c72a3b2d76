import os
import signal
import sys


def handler(number, frame):
    print(signal.Signals(number).name, frame.f_code.co_name, frame.f_lineno)


for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP):
    print(signal.signal(number, handler))
    signal.raise_signal(number)
signal.signal(signal.SIGALRM, lambda *_: sys.exit(9))
signal.setitimer(signal.ITIMER_REAL, 0.05)
signal.pause()
