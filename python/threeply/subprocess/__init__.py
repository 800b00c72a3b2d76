"""The room of `subprocess`: secondary processes, and talking with them."""

from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import *  # noqa: F403

_room.open_room("threeply.subprocess", _stdlib.module("subprocess"), {})
