"""The room of `multiprocessing`: processes with the interface of threads."""

from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing import *  # noqa: F403

_room.open_room(
    "threeply.multiprocessing",
    _stdlib.module("multiprocessing"),
    {},
    below=["util"],
)
