"""threeply: Python's six concurrency modules, rebuilt in Rust.

Each module is a *room*: `threeply.threading` stands in front of the standard
`threading`, has its own classes where the engine does the work, and hands on
everything else. A program gets the rooms in one of three ways: it is run by
`python -m threeply`, it calls `threeply.install()` first, or it imports them by
name (`from threeply import threading`).

Importing this package loads no room and no extension.
"""

from __future__ import annotations

from threeply._install import install, installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__version__ = "0.1.0"

__all__ = ["install", "installed"]

_ROOMS = (
    "asyncio",
    "concurrent",
    "multiprocessing",
    "queue",
    "signal",
    "subprocess",
    "threading",
)


def __getattr__(name: str) -> ModuleType:
    """Opens a room when its name is first read (PEP 562)."""
    if name in _ROOMS:
        from importlib import import_module

        return import_module(f"threeply.{name}")
    message = f"module 'threeply' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """Lists the rooms too, opened or not."""
    return sorted({*globals(), *_ROOMS})
