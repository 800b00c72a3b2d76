"""Forks while other threads use the objects, and uses the same objects in the child.

The child has one thread. What the others held in the middle of a call, they will
never let go: an engine must see to it that the objects are whole in the child. The
standard classes make no such promise (their locks may stay locked), so over them
the child uses objects of its own.
"""

import contextlib
import functools
import os
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import zygote
from support.rooms import Rooms
from support.threads import Worker, finish, wait_until

Turn = Callable[[], Any]


def main() -> None:
    shared = Shared()

    def use(rooms: Rooms, draw: random.Random) -> None:
        draw.choice(CHECKS)(shared, rooms, draw)

    zygote.main({"fork during use": use}, shared.used)


class Shared:
    """The objects that the parent's threads use all the time."""

    def make(self, rooms: Rooms) -> None:
        self.event = rooms.threading.Event()
        self.never = rooms.threading.Event()
        self.semaphore = rooms.threading.Semaphore(3)
        self.empty = rooms.threading.Semaphore(0)
        self.bounded = rooms.threading.BoundedSemaphore(2)
        self.barrier = rooms.threading.Barrier(2)
        if rooms.native:
            # The standard module has none.
            self.rwlock = rooms.threading.RWLock()
        self.queue = rooms.queue.Queue()
        self.small = rooms.queue.Queue(2)
        self.silent = rooms.queue.Queue()
        self.number = 0

    @contextlib.contextmanager
    def used(self, rooms: Rooms) -> Iterator[Callable[[], zygote.Use]]:
        """Threads sleep in the objects, and others are let loose for each fork."""
        self.make(rooms)
        self.gate, self.over = threading.Event(), threading.Event()
        turns = self._turns() + (self._native_turns() if rooms.native else [])
        self.counts = [self._repeating(turn) for turn in turns]
        sleepers = [self.never.wait, self.empty.acquire, self.silent.get]
        workers = [Worker(call).blocked() for call in sleepers]
        yield self.let_loose
        self.over.set()
        self.gate.set()
        self.never.set()
        self.empty.release()
        self.silent.put(1)
        finish(workers)

    @contextlib.contextmanager
    def let_loose(self) -> Iterator[None]:
        """The threads are busy inside the block, and rest while the child runs."""
        before = sum(count[0] for count in self.counts)
        self.gate.set()
        wait_until(lambda: sum(count[0] for count in self.counts) > before + 20)
        parent = os.getpid()
        yield
        # In the child a thread that is no more may hold the gate's standard lock.
        if os.getpid() == parent:
            self.gate.clear()

    def _repeating(self, turn: Turn) -> list[int]:
        """A daemon thread that takes turn after turn; returns its count of them."""
        count = [0]

        def run() -> None:
            while not self.over.is_set():
                self.gate.wait()
                turn()
                count[0] += 1

        threading.Thread(target=run, daemon=True).start()
        return count

    def _native_turns(self) -> list[Turn]:
        def visit(side: Any) -> None:
            with side:
                pass

        sides = [self.rwlock.read, self.rwlock.write]
        return [functools.partial(visit, side) for side in sides]

    def _turns(self) -> list[Turn]:
        def flicker() -> None:
            self.event.set()
            self.event.clear()

        def visit(semaphore: Any) -> None:
            with semaphore:
                pass

        def meet() -> None:
            try:
                self.barrier.wait(0.001)
            except threading.BrokenBarrierError:
                self.barrier.reset()

        def count_up() -> None:
            self.queue.put(self.number)
            self.number += 1
            if self.queue.qsize() > 5:
                self.queue.get()

        def pass_on() -> None:
            with contextlib.suppress(Exception):
                self.small.put(1, timeout=0.001)
                self.small.put(1, timeout=0.001)
            with contextlib.suppress(Exception):
                self.small.get(timeout=0.001)
                self.small.get(timeout=0.001)

        return [
            flicker,
            functools.partial(self.event.wait, 0.001),
            functools.partial(visit, self.semaphore),
            functools.partial(visit, self.bounded),
            meet,
            meet,
            count_up,
            pass_on,
        ]


# What the child does. An error shows in its status.


def event(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    for made in [shared.event, shared.never] if rooms.native else [_new_event(rooms)]:
        made.clear()
        assert made.wait(0.0001) is False
        workers = [Worker(made.wait, 10).blocked() for _ in range(draw.randint(1, 2))]
        made.set()
        assert all(finish(workers))


def semaphore(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    made = shared.semaphore if rooms.native else rooms.threading.Semaphore(3)
    # At most two threads of the parent were inside: one visits, and none doubled.
    value = made._value
    assert 2 <= value <= 3, value
    for _ in range(value):
        assert made.acquire(timeout=0)
    assert made.acquire(timeout=0) is False
    _wakes_a_thread(made.acquire, made.release)
    empty = shared.empty if rooms.native else rooms.threading.Semaphore(0)
    _wakes_a_thread(empty.acquire, empty.release)


def bounded_semaphore(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    made = shared.bounded if rooms.native else rooms.threading.BoundedSemaphore(2)
    while made.acquire(False):
        pass
    _wakes_a_thread(made.acquire, made.release)
    made.release()
    with made:
        pass


def barrier(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    made = shared.barrier if rooms.native else rooms.threading.Barrier(2)
    if made.broken:
        made.reset()
    # Nobody of the parent's is inside.
    assert (made.n_waiting, made._count) == (0, 0)
    for _ in range(2):
        _wakes_a_thread(made.wait, made.wait)


def rwlock(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    if not rooms.native:
        return
    made = shared.rwlock
    # A thread of the parent may have held it.
    made._at_fork_reinit()
    assert (made.readers, made.writer, made.waiting) == (0, False, 0)
    with made.write:
        worker = Worker(made.acquire_read).blocked()
    worker.result(10)
    _wakes_a_thread(made.acquire_write, made.release_read)


def queue(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    made = shared.queue if rooms.native else rooms.queue.Queue()
    items = []
    while made.qsize():
        items.append(made.get_nowait())
    # Nothing is torn, doubled or out of order.
    if items:
        assert items == list(range(items[0], items[0] + len(items))), items
    assert made.empty()
    _wakes_a_thread(made.get, lambda: made.put("it"))
    with made.mutex:
        assert len(made.queue) == 0
    silent = shared.silent if rooms.native else rooms.queue.Queue()
    # No thread of the parent takes the child's item.
    silent.put(draw.random())
    assert silent.qsize() == 1
    silent.get(timeout=1)


def bounded_queue(shared: Shared, rooms: Rooms, draw: random.Random) -> None:
    made = shared.small if rooms.native else rooms.queue.Queue(2)
    assert 0 <= made.qsize() <= 2
    while not made.full():
        made.put_nowait(1)
    _wakes_a_thread(lambda: made.put(2), made.get)
    assert made.full()
    made.get()
    made.get()
    assert made.empty()


def exit_beside_blocked_threads(
    shared: Shared, rooms: Rooms, draw: random.Random
) -> None:
    made = rooms.queue.Queue()
    never = shared.never if rooms.native else rooms.threading.Event()
    threading.Thread(target=made.get, daemon=True).start()
    never.clear()
    Worker(never.wait).blocked()


CHECKS = [
    event,
    semaphore,
    bounded_semaphore,
    barrier,
    rwlock,
    queue,
    bounded_queue,
    exit_beside_blocked_threads,
]


def _new_event(rooms: Rooms) -> Any:
    return rooms.threading.Event()


def _wakes_a_thread(block: Turn, wake: Turn) -> None:
    worker = Worker(block).blocked()
    wake()
    worker.result(10)


if __name__ == "__main__":
    main()
