"""The room of `queue`: queues between threads."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from queue import *  # noqa: F403
    from typing import Any

stdlib_queue = _stdlib.module("queue")
ours: dict[str, Any] = {}
if _native.extension is not None:
    # By its full name: an installed room answers to the standard one.
    import threeply.threading
    from threeply.queue import _open

    open_queue = _open.OpenQueue(stdlib_queue, threeply.threading)
    ours.update(_native.extension.queue.types(stdlib_queue, open_queue))
    if open_queue.ShutDown is _open.ShutDown:
        ours["ShutDown"] = _open.ShutDown
        _open.ShutDown.__module__ = "threeply.queue"

_room.open_room("threeply.queue", stdlib_queue, ours)
