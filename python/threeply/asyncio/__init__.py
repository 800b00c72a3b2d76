"""The room of `asyncio`: coroutines, protocols and the loop that runs them."""

from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import *  # noqa: F403

_room.open_room("threeply.asyncio", _stdlib.module("asyncio"), {})
