import sys
import weakref


class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name, sys is None)


kept = Last("kept")
weakref.finalize(kept, print, "finalize")
cycle = Last("cycle")
cycle.me = cycle
