# options: -X faulthandler
import faulthandler
import sys

print(faulthandler.is_enabled(), flush=True)


def f():
    faulthandler.dump_traceback(sys.stdout)


f()
