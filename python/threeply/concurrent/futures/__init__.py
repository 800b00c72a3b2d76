"""The room of `concurrent.futures`: executors over threads and processes."""

from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import *  # noqa: F403

_room.open_room("threeply.concurrent.futures", _stdlib.module("concurrent.futures"), {})
