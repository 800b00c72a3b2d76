import sys


class Bad:
    def __del__(self):
        raise ValueError("in __del__")


Bad()
sys.unraisablehook = lambda info: print("unraisable:", info.exc_value, info.err_msg)
Bad()
