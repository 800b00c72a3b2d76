import inspect
import sys


def depth(frame):
    return 1 + depth(frame.f_back) if frame else 0


print(len(inspect.stack()), depth(sys._getframe()))
for info in inspect.stack():
    print(info.filename, info.lineno, info.function, info.code_context)
