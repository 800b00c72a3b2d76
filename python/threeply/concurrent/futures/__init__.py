"""The room of `concurrent.futures`: executors over threads and processes."""

# The room below first: what it exports is ours by the time that programs ask for it.
import threeply.concurrent.futures._base  # noqa: F401
import threeply.concurrent.futures._made as made
from threeply import _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Before the star, whose names take no other's place.
    from threeply.concurrent.futures._declared import (
        Executor as Executor,
        ThreadPoolExecutor as ThreadPoolExecutor,
    )
if TYPE_CHECKING:
    from concurrent.futures import *  # type: ignore[assignment]  # noqa: F403

_room.open_room(
    "threeply.concurrent.futures",
    _stdlib.module("concurrent.futures"),
    made.names,
    below=["_base", "thread"],
    late={"ThreadPoolExecutor": "thread"},
)
