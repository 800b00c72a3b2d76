"""The sides: the same names from the standard library, threeply and its peers."""

import importlib
import resource
from types import SimpleNamespace
from typing import Any


def open_side(name: str) -> Any:
    """The names of one side. A benchmark whose names are missing is left out.

    `SharedLock` is a lock that another thread than its owner may release, `QueueClass` a queue that a
    program may derive from, `InterruptibleEvent` one whose wait Ctrl-C ends. `limit_files` gives the
    arguments of `Popen` that limit how many files the child may open.
    """
    return _OPEN[name]()


def _modules(threading: str, queue: str) -> SimpleNamespace:
    room, queues = importlib.import_module(threading), importlib.import_module(queue)
    names = SimpleNamespace(
        Thread=room.Thread,
        Lock=room.Lock,
        SharedLock=room.Lock,
        RLock=room.RLock,
        Condition=room.Condition,
        Barrier=room.Barrier,
        Event=room.Event,
        Semaphore=room.Semaphore,
        BoundedSemaphore=room.BoundedSemaphore,
        Queue=queues.Queue,
        LifoQueue=queues.LifoQueue,
        PriorityQueue=queues.PriorityQueue,
        SimpleQueue=queues.SimpleQueue,
        QueueClass=queues.Queue,
        InterruptibleEvent=room.Event,
    )
    if hasattr(room, "RWLock"):
        names.RWLock = room.RWLock
    return names


def _standard() -> SimpleNamespace:
    names = _modules("threading", "queue")

    def limit_files(most):
        limit = (resource.RLIMIT_NOFILE, (most, most))
        return {"preexec_fn": lambda: resource.setrlimit(*limit)}

    return _with_children(names, "subprocess", limit_files)


def _threeply() -> SimpleNamespace:
    names = _modules("threeply.threading", "threeply.queue")

    def limit_files(most):
        return {"rlimits": {resource.RLIMIT_NOFILE: (most, most)}}

    return _with_children(names, "threeply.subprocess", limit_files)


def _with_children(names, subprocess, limit_files) -> SimpleNamespace:
    room = importlib.import_module(subprocess)
    names.limit_files = limit_files
    for name in ("Popen", "run", "PIPE"):
        if hasattr(room, name):
            setattr(names, name, getattr(room, name))
    return names


def _aiologic() -> SimpleNamespace:
    """Threads use its `green_` methods; only names are adapted."""
    import aiologic

    def threads_only(base):
        """The class with its methods for threads under the standard names."""
        return type(
            base.__name__,
            (base,),
            {
                name: getattr(base, f"green_{name}")
                for name in ("acquire", "release", "put", "get")
                if hasattr(base, f"green_{name}")
            },
        )

    return SimpleNamespace(
        Lock=threads_only(aiologic.Lock),
        RLock=threads_only(aiologic.RLock),
        Condition=aiologic.Condition,
        Barrier=aiologic.RBarrier,
        Event=aiologic.REvent,
        Semaphore=threads_only(aiologic.Semaphore),
        BoundedSemaphore=threads_only(aiologic.BoundedSemaphore),
        SimpleQueue=threads_only(aiologic.SimpleQueue),
    )


def _fastrlock() -> SimpleNamespace:
    from fastrlock.rlock import FastRLock

    return SimpleNamespace(RLock=FastRLock)


def _culsans() -> SimpleNamespace:
    """`sync_q` is its drop-in for a standard queue."""
    import culsans

    return SimpleNamespace(
        Queue=lambda maxsize=0: culsans.Queue(maxsize).sync_q,
        LifoQueue=lambda maxsize=0: culsans.LifoQueue(maxsize).sync_q,
        PriorityQueue=lambda maxsize=0: culsans.PriorityQueue(maxsize).sync_q,
    )


_OPEN = {
    "standard": _standard,
    "threeply": _threeply,
    "aiologic": _aiologic,
    "culsans": _culsans,
    "fastrlock": _fastrlock,
}
