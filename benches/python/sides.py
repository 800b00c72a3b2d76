"""The sides: the same names from the standard library, threeply and its peers."""

import importlib
from types import SimpleNamespace
from typing import Any


def open_side(name: str) -> Any:
    """The names of one side. A benchmark whose names are missing is left out."""
    return _OPEN[name]()


def _modules(threading: str, queue: str) -> SimpleNamespace:
    room, queues = importlib.import_module(threading), importlib.import_module(queue)
    return SimpleNamespace(
        Event=room.Event,
        Semaphore=room.Semaphore,
        BoundedSemaphore=room.BoundedSemaphore,
        Queue=queues.Queue,
        LifoQueue=queues.LifoQueue,
        PriorityQueue=queues.PriorityQueue,
        QueueClass=queues.Queue,
        InterruptibleEvent=room.Event,
    )


def _aiologic() -> SimpleNamespace:
    """Threads use its `green_` methods; only names are adapted."""
    import aiologic

    class Semaphore(aiologic.Semaphore):
        acquire = aiologic.Semaphore.green_acquire
        release = aiologic.Semaphore.green_release

    class BoundedSemaphore(aiologic.BoundedSemaphore):
        acquire = aiologic.BoundedSemaphore.green_acquire
        release = aiologic.BoundedSemaphore.green_release

    return SimpleNamespace(
        Event=aiologic.REvent, Semaphore=Semaphore, BoundedSemaphore=BoundedSemaphore
    )


def _culsans() -> SimpleNamespace:
    """`sync_q` is its drop-in for a standard queue."""
    import culsans

    return SimpleNamespace(
        Queue=lambda maxsize=0: culsans.Queue(maxsize).sync_q,
        LifoQueue=lambda maxsize=0: culsans.LifoQueue(maxsize).sync_q,
        PriorityQueue=lambda maxsize=0: culsans.PriorityQueue(maxsize).sync_q,
    )


_OPEN = {
    "standard": lambda: _modules("threading", "queue"),
    "threeply": lambda: _modules("threeply.threading", "threeply.queue"),
    "aiologic": _aiologic,
    "culsans": _culsans,
}
