"""What `install(verbose=True)` says."""

from __future__ import annotations

import sys

from threeply import _native, _room
from threeply._install import ROOMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


def write(stream: TextIO) -> None:
    """Writes to a stream what `lines` yields."""
    stream.writelines(f"threeply: {line}\n" for line in lines())


def lines() -> Iterator[str]:
    """Yields why there is no extension, what has no room, who holds standard objects."""
    if _native.extension is None:
        yield f"the extension did not load, all rooms are the standard ones: {_native.reason}"
    for name in ROOMS:
        module = sys.modules.get(name)
        if module is not None and not isinstance(module, _room.Room):
            origin = getattr(module, "__file__", None)
            yield f"{name} is not the standard module, and stays: {origin}"
    standard = _displaced()
    for name, module in list(sys.modules.items()):
        if name.startswith("threeply.") or name in ROOMS:
            continue
        held = [
            key
            for key, value in list(getattr(module, "__dict__", {}).items())
            if id(value) in standard and not key.startswith("__")
        ]
        if held:
            yield f"{name} holds standard objects: {', '.join(sorted(held))}"


def _displaced() -> dict[int, object]:
    """Returns the standard modules and names that rooms stand for, by identity."""
    displaced: dict[int, object] = {}
    for name in ROOMS:
        room = sys.modules.get(name)
        if isinstance(room, _room.Room):
            state = _room.state_of(room)
            displaced[id(state.standard)] = state.standard
            for value in state.beneath.values():
                if all(value is not ours for ours in state.ours.values()):
                    displaced[id(value)] = value
    return displaced
