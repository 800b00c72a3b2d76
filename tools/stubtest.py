"""Runs stubtest over the extension.

Its rooms are attributes of `threeply._threeply`, not modules that can be imported;
stubtest imports by name, so they are entered where it will look.
"""

import sys
from types import ModuleType

from mypy import stubtest

from threeply import _threeply

if __name__ == "__main__":
    for name, room in vars(_threeply).items():
        if isinstance(room, ModuleType):
            sys.modules[f"{_threeply.__name__}.{name}"] = room
    sys.argv[1:] = [_threeply.__name__, "--allowlist", "tests/stubtest.txt"]
    sys.exit(stubtest.main())
