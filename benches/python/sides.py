"""The sides: the same names from the standard library, threeply and its peers."""

import importlib
import io
import resource
from types import SimpleNamespace
from typing import Any


def open_side(name: str) -> Any:
    """The names of one side. A benchmark whose names are missing is left out.

    `SharedLock` is a lock that another thread than its owner may release, `QueueClass` a queue that a
    program may derive from, `InterruptibleEvent` one whose wait Ctrl-C ends. `limit_files` gives the
    arguments of `Popen` that limit how many files the child may open; `through` sends data through a
    program and returns what comes out.
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

    _with_futures(names, "concurrent.futures")
    return _with_children(names, "subprocess", limit_files)


def _threeply() -> SimpleNamespace:
    names = _modules("threeply.threading", "threeply.queue")

    def limit_files(most):
        return {"rlimits": {resource.RLIMIT_NOFILE: (most, most)}}

    _with_futures(names, "threeply.concurrent.futures")
    return _with_children(names, "threeply.subprocess", limit_files)


def _with_futures(names, futures) -> None:
    room = importlib.import_module(futures)
    names.Future, names.ThreadPoolExecutor = room.Future, room.ThreadPoolExecutor
    names.wait_for_all, names.as_completed = room.wait, room.as_completed


def _with_children(names, subprocess, limit_files) -> SimpleNamespace:
    room = importlib.import_module(subprocess)
    names.limit_files = limit_files
    names.Popen, names.run, names.PIPE = room.Popen, room.run, room.PIPE

    def through(command, data):
        with room.Popen(command, stdin=room.PIPE, stdout=room.PIPE) as child:
            return child.communicate(data)[0]

    names.through = through
    return names


def _plumbum() -> SimpleNamespace:
    from plumbum import local

    def through(command, data):
        program = local[command[0]][command[1:]]
        return (program << data).run(encoding=None)[1]

    return SimpleNamespace(
        run=lambda command: local[command[0]][command[1:]].run(), through=through
    )


def _sh() -> SimpleNamespace:
    import sh

    def through(command, data):
        output = io.BytesIO()
        sh.Command(command[0])(*command[1:], _in=data, _out=output)
        return output.getvalue()

    return SimpleNamespace(
        run=lambda command: sh.Command(command[0])(*command[1:]), through=through
    )


def _asyncio() -> SimpleNamespace:
    import asyncio

    return _in_a_loop(asyncio.new_event_loop())


def _uvloop() -> SimpleNamespace:
    import uvloop

    return _in_a_loop(uvloop.new_event_loop())


def _in_a_loop(loop) -> SimpleNamespace:
    """A loop that goes on from one child to the next, as in a program that has one."""
    import asyncio

    # Python 3.11's watcher of children wants to know the main thread's loop.
    asyncio.set_event_loop(loop)
    pipe = asyncio.subprocess.PIPE

    async def run(command):
        child = await asyncio.create_subprocess_exec(*command)
        return await child.wait()

    async def through(command, data):
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        return (await child.communicate(data))[0]

    return SimpleNamespace(
        run=lambda command: loop.run_until_complete(run(command)),
        through=lambda command, data: loop.run_until_complete(through(command, data)),
    )


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
    "plumbum": _plumbum,
    "sh": _sh,
    "asyncio": _asyncio,
    "uvloop": _uvloop,
}
