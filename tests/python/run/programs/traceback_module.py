import sys
import traceback


def f():
    traceback.print_stack(file=sys.stdout)
    raise ValueError("shown by traceback")


try:
    f()
except ValueError:
    traceback.print_exc(file=sys.stdout)
f()
