import importlib.abc
import importlib.util
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        print("asked for", name)
        if name == "made_up":
            return importlib.util.spec_from_loader(name, self)
        return None

    def exec_module(self, module):
        module.value = 42


sys.meta_path.insert(0, Finder())
import made_up

print(made_up.value)
try:
    import no_such_module
except ImportError:
    # What its traceback imports is the interpreter's affair: in 3.15 zipfile, and threading.
    del sys.meta_path[0]
    raise
