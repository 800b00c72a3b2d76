"""The two sets of modules that one test text runs over."""

import importlib
import sys
from types import ModuleType
from typing import NamedTuple

STANDARD = "standard"
THREEPLY = "threeply"
NAMES = (STANDARD, THREEPLY)


class Rooms(NamedTuple):
    """The modules of one side that have tests so far."""

    name: str
    threading: ModuleType
    queue: ModuleType
    signal: ModuleType
    subprocess: ModuleType
    futures: ModuleType

    @property
    def native(self) -> bool:
        return self.name == THREEPLY

    @property
    def has_shutdown(self) -> bool:
        """`Queue.shutdown` came with Python 3.13; threeply has it everywhere."""
        return self.native or sys.version_info >= (3, 13)


def open_rooms(name: str) -> Rooms:
    prefix = "" if name == STANDARD else "threeply."
    return Rooms(
        name,
        importlib.import_module(f"{prefix}threading"),
        importlib.import_module(f"{prefix}queue"),
        importlib.import_module(f"{prefix}signal"),
        importlib.import_module(f"{prefix}subprocess"),
        importlib.import_module(f"{prefix}concurrent.futures"),
    )
