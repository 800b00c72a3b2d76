"""The room of `queue`: queues between threads."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from queue import *  # noqa: F403
    from typing import Any

stdlib_queue = _stdlib.module("queue")
ours: dict[str, Any] = {}
# TODO: the `hasattr` goes when the extension has its part.
if _native.extension is not None and hasattr(_native.extension, "queue"):
    from threeply.queue import _open, _orders

    ours.update(_native.extension.queue.types(stdlib_queue, _open.open_queue))
    ours.update(_orders.types(ours["Queue"], stdlib_queue))

_room.open_room("threeply.queue", stdlib_queue, ours)
