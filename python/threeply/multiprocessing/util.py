"""The room of `multiprocessing.util`: it puts child interpreters on threeply."""

# Not `from … import`: that asks the parent by its `__name__`, which the parent has
# changed when it is installed.
import threeply.multiprocessing._children as children
from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.util import *  # noqa: F403

stdlib_util = _stdlib.module("multiprocessing.util")

# Modules that were loaded before `install()` hold the standard module, and start
# children by it: hence `through`.
_room.open_room(
    "threeply.multiprocessing.util",
    stdlib_util,
    {"spawnv_passfds": children.spawner(stdlib_util)},
    through=["spawnv_passfds"],
)
