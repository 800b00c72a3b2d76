"""The room of `concurrent.futures._base`, whose names programs import from there."""

# Not `from … import`: that asks the parent by its `__name__`, which the parent has
# changed when it is installed.
import threeply.concurrent.futures._made as made
from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures._base import *  # noqa: F403

_room.open_room(
    "threeply.concurrent.futures._base",
    _stdlib.module("concurrent.futures._base"),
    made.names,
)
