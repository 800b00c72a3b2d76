"""Lets `test.NAME` also be found in a further folder (see `conform/drivers.py`)."""

import sys
from importlib.machinery import PathFinder


class FurtherTests:
    """The finder of one folder."""

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, fullname, path=None, target=None):
        if fullname.startswith("test.") and fullname.count(".") == 1:
            return PathFinder.find_spec(fullname, [*(path or ()), self.folder])
        return None


def add(folder):
    """Adds the folder, in every interpreter that reads the `.pth` file."""
    sys.meta_path.insert(0, FurtherTests(folder))
