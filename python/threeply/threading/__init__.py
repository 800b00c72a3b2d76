"""The room of `threading`: threads that share one process's memory."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import *  # noqa: F403
    from typing import Any

stdlib_threading = _stdlib.module("threading")
ours: dict[str, Any] = {}
if _native.extension is not None:
    # DIFFERENCE: A native wait has no frame of the module.
    ours.update(_native.extension.threading.types(stdlib_threading))

_room.open_room("threeply.threading", stdlib_threading, ours)
