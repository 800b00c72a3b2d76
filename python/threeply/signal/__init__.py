"""The room of `signal`: events that processes send to each other."""

from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signal import *  # noqa: F403

_room.open_room("threeply.signal", _stdlib.module("signal"), {})
