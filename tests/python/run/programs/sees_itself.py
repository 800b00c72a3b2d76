# arguments: one "two three" -x --children --version
import sys

print(sys.argv)
print(sys.orig_argv[1:])
print(list(globals()))
print(__name__, __file__, __spec__, __package__, __doc__, __cached__ if "__cached__" in globals() else "-")
print(type(__loader__).__name__, sys.path[0])
print(sys.flags)
print(sys.modules["__main__"].__dict__ is globals())
