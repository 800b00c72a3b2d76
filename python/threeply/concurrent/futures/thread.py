"""The room of `concurrent.futures.thread`: pools of threads."""

from __future__ import annotations

# Not `from … import`: that asks the parent by its `__name__`, which the parent has
# changed when it is installed.
import threeply.concurrent.futures._made as made
from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threeply.concurrent.futures._declared import (
        ThreadPoolExecutor as ThreadPoolExecutor,
        WorkerContext as WorkerContext,
    )
if TYPE_CHECKING:
    from concurrent.futures.thread import *  # type: ignore[assignment]  # noqa: F403
    from typing import Any

standard = _stdlib.module("concurrent.futures.thread")
ours: dict[str, Any] = {}
if _native.extension is not None:
    import threeply.concurrent.futures._pool as pool
    import threeply.concurrent.futures._worker as worker

    native = _native.extension.futures
    parents = native.pool(standard), made.names["Executor"]
    future = made.names["Future"]
    ours["ThreadPoolExecutor"] = pool.pool_type(standard, native, parents, future)
    ours["WorkerContext"] = worker.WorkerContext

# The package copies the name when it is first asked for.
_room.open_room(
    "threeply.concurrent.futures.thread",
    standard,
    ours,
    also=_stdlib.module("concurrent.futures"),
)
