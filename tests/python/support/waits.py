"""Every blocking call of the native family, in one table."""

import queue as stdlib_queue
import threading as stdlib_threading
from collections.abc import Callable
from typing import Any, NamedTuple

from support.rooms import Rooms


class Wait(NamedTuple):
    """One way to block.

    Attributes:
        make: Makes an object on which `block` blocks.
        block: Blocks until `wake`, at most `timeout` seconds. True when it was woken.
        wake: Ends the wait of one blocked thread.
        timed: Whether the call takes a timeout.
        wakes_all: Whether `wake` ends the wait of every blocked thread.
    """

    name: str
    make: Callable[[Rooms], Any]
    block: Callable[[Any, float | None], bool]
    wake: Callable[[Any], Any]
    timed: bool = True
    wakes_all: bool = False

    def __str__(self) -> str:
        return self.name


def _taken(lock: Any) -> Any:
    lock.acquire()
    return lock


def _full(queue: Any) -> Any:
    queue.put("first")
    return queue


def _get(queue: Any, timeout: float | None) -> bool:
    try:
        queue.get(timeout=timeout)
    except stdlib_queue.Empty:
        return False
    return True


def _put(queue: Any, timeout: float | None) -> bool:
    try:
        queue.put("later", timeout=timeout)
    except stdlib_queue.Full:
        return False
    return True


def _join(queue: Any, _timeout: float | None) -> bool:
    queue.join()
    return True


def _enter(semaphore: Any, _timeout: float | None) -> bool:
    return bool(semaphore.__enter__())


def _acquire(lock: Any, timeout: float | None) -> bool:
    return bool(lock.acquire(timeout=-1 if timeout is None else timeout))


def _wait(condition: Any, timeout: float | None) -> bool:
    with condition:
        try:
            return bool(condition.wait(timeout))
        finally:
            # Whatever ended the wait, the lock is held again.
            assert condition._is_owned()


def _notify(condition: Any) -> None:
    with condition:
        condition.notify()


def _meet(barrier: Any, timeout: float | None) -> bool:
    """Waits at a barrier for threads that never come, until it is reset."""
    if barrier.broken:
        # By a timeout before.
        barrier.reset()
    try:
        barrier.wait(timeout)
    except stdlib_threading.BrokenBarrierError:
        return not barrier.broken
    raise AssertionError("nobody else comes")


def _stack(rooms: Rooms) -> Any:
    class Stack(rooms.queue.Queue):
        def _init(self, maxsize):
            self.queue = []

        def _put(self, item):
            self.queue.append(item)

        def _get(self):
            return self.queue.pop()

    return Stack()


WAITS = (
    Wait(
        "Event.wait",
        lambda rooms: rooms.threading.Event(),
        lambda event, timeout: event.wait(timeout),
        lambda event: event.set(),
        wakes_all=True,
    ),
    Wait(
        "Semaphore.acquire",
        lambda rooms: rooms.threading.Semaphore(0),
        lambda semaphore, timeout: semaphore.acquire(timeout=timeout),
        lambda semaphore: semaphore.release(),
    ),
    Wait(
        "BoundedSemaphore.acquire",
        lambda rooms: _taken(rooms.threading.BoundedSemaphore(1)),
        lambda semaphore, timeout: semaphore.acquire(True, timeout),
        lambda semaphore: semaphore.release(),
    ),
    Wait(
        "Semaphore.__enter__",
        lambda rooms: rooms.threading.Semaphore(0),
        _enter,
        lambda semaphore: semaphore.release(),
        timed=False,
    ),
    Wait(
        "Lock.acquire",
        lambda rooms: _taken(rooms.threading.Lock()),
        _acquire,
        lambda lock: lock.release(),
    ),
    Wait(
        "Condition.wait",
        lambda rooms: rooms.threading.Condition(),
        _wait,
        _notify,
    ),
    Wait(
        "Condition.wait with a standard lock",
        lambda rooms: rooms.threading.Condition(stdlib_threading.Lock()),
        _wait,
        _notify,
    ),
    Wait(
        "Barrier.wait",
        lambda rooms: rooms.threading.Barrier(1000),
        _meet,
        lambda barrier: barrier.reset(),
        wakes_all=True,
    ),
    Wait(
        "Queue.get", lambda rooms: rooms.queue.Queue(), _get, lambda queue: queue.put(1)
    ),
    Wait(
        "Queue.put",
        lambda rooms: _full(rooms.queue.Queue(1)),
        _put,
        lambda queue: queue.get(),
    ),
    Wait(
        "Queue.join",
        lambda rooms: _full(rooms.queue.Queue()),
        _join,
        lambda queue: queue.task_done(),
        timed=False,
        wakes_all=True,
    ),
    Wait(
        "LifoQueue.get",
        lambda rooms: rooms.queue.LifoQueue(),
        _get,
        lambda queue: queue.put(1),
    ),
    Wait(
        "PriorityQueue.get",
        lambda rooms: rooms.queue.PriorityQueue(),
        _get,
        lambda queue: queue.put(1),
    ),
    Wait("Queue subclass get", _stack, _get, lambda queue: queue.put(1)),
)
TIMED_WAITS = tuple(wait for wait in WAITS if wait.timed)
