import sys
import threading

seen = []


def trace(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        seen.append((event, frame.f_code.co_name, frame.f_lineno))
    return trace


def f(x):
    return x + 1


threading.settrace(trace)
sys.settrace(trace)
f(1)
thread = threading.Thread(target=f, args=(2,))
thread.start()
thread.join()
sys.settrace(None)
print(*seen, sep="\n")
