"""Lazy imports of our own files: what `-X lazy_imports=all` makes of them (Python 3.15).

What a room is made of has to be there when the room opens. Once installed, the room
answers to the standard name, and the import system finds nothing below it any more.
And the finder cannot import what it needs for finding while it is asked for that.
"""

from __future__ import annotations

import sys

_PACKAGE = "threeply."


def resolve(home: str) -> None:
    """Imports all that is lazy in the module `home` and in those below it.

    Costs nothing where no import of ours is lazy.
    """
    seen: set[str] = set()
    while _are_lazy():
        found = [
            name
            for name in sys.modules
            if name not in seen and (name == home or name.startswith(f"{home}."))
        ]
        if not found:
            return
        for module in found:
            _read_all(module)
        seen.update(found)


def _are_lazy() -> bool:
    """Tells whether imports of ours have been lazy; which the interpreter keeps."""
    lazy: set[str] = getattr(sys, "lazy_modules", set())
    return any(name.startswith(_PACKAGE) for name in lazy)


def _read_all(name: str) -> None:
    """Reads each name of a module: that is what a lazy import waits for."""
    module = sys.modules[name]
    for key in list(vars(module)):
        getattr(module, key)
