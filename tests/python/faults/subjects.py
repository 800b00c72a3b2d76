"""What threads do with an object before a fork, and what the child asks of it then.

The child has one thread. What the others held in the middle of a call, they will
never let go: an engine must see to it that the objects are whole in the child. A lock
that a program's thread holds stays held, as the standard ones do; whoever forks
beside such threads makes it anew (`_at_fork_reinit`).
"""

import _thread
import collections
import contextlib
import functools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from support.rooms import Rooms
from support.threads import Worker, could_start, finish, wait_until

from threeply import _native

Turn = Callable[[], Any]
Context = contextlib.AbstractContextManager[Any]


class Subject:
    """Objects of one kind, used by the parent's threads and then by each child."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    def turns(self) -> list[Turn]:
        """What the parent's threads do again and again, each a thread of its own."""
        raise NotImplementedError

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        """Calls in which threads are asleep at every fork, and what ends them."""
        return []

    def held(self) -> Context:
        """What the forking thread holds at the fork, and lets go on either side."""
        return contextlib.nullcontext()

    def check(self, draw: random.Random) -> None:
        """What the child does. An error shows in its status."""
        raise NotImplementedError


class Event(Subject):
    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.event, self.never = rooms.threading.Event(), rooms.threading.Event()

    def turns(self) -> list[Turn]:
        def flicker() -> None:
            self.event.set()
            self.event.clear()

        return [flicker, functools.partial(self.event.wait, 0.001)]

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        return [(self.never.wait, self.never.set)]

    def check(self, draw: random.Random) -> None:
        for event in [self.event, self.never]:
            event.clear()
            assert event.wait(0.0001) is False
            workers = [
                Worker(event.wait, 10).blocked() for _ in range(draw.randint(1, 2))
            ]
            event.set()
            assert all(finish(workers))
            event.clear()


class Semaphore(Subject):
    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.semaphore = rooms.threading.Semaphore(3)
        self.empty = rooms.threading.Semaphore(0)

    def turns(self) -> list[Turn]:
        return [functools.partial(_visit, self.semaphore)] * 2

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        return [(self.empty.acquire, self.empty.release)]

    def check(self, draw: random.Random) -> None:
        # At most two threads of the parent were inside, and none doubled.
        value = self.semaphore._value
        assert 1 <= value <= 3, value
        for _ in range(value):
            assert self.semaphore.acquire(timeout=0)
        assert self.semaphore.acquire(timeout=0) is False
        for semaphore in [self.semaphore, self.empty]:
            _wakes_a_thread(semaphore.acquire, semaphore.release)


class BoundedSemaphore(Subject):
    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.semaphore = rooms.threading.BoundedSemaphore(2)

    def turns(self) -> list[Turn]:
        return [functools.partial(_visit, self.semaphore)] * 3

    def check(self, draw: random.Random) -> None:
        while self.semaphore.acquire(False):
            pass
        _wakes_a_thread(self.semaphore.acquire, self.semaphore.release)
        self.semaphore.release()
        with self.semaphore:
            pass


class Lock(Subject):
    """A lock that others hold at the fork, and one that the forking thread holds."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.lock, self.own = self.make(), self.make()

    def make(self) -> Any:
        return self.rooms.threading.Lock()

    def turns(self) -> list[Turn]:
        def try_to() -> None:
            if self.lock.acquire(timeout=0.0002):
                self.lock.release()

        visit = functools.partial(_visit, self.lock)
        return [visit, visit, try_to, functools.partial(_visit, self.own)]

    def held(self) -> Context:
        held: Context = self.own
        return held

    def check(self, draw: random.Random) -> None:
        if draw.random() < 0.5 and self.lock.locked():
            # Anybody may release a lock.
            self.lock.release()
        else:
            self.lock._at_fork_reinit()
        for lock in [self.lock, self.own]:
            assert not lock.locked()
            with lock:
                assert lock.acquire(False) is False
            _wakes_after(lock, lock.acquire)


class RLock(Lock):
    def make(self) -> Any:
        return self.rooms.threading.RLock()

    def check(self, draw: random.Random) -> None:
        # A thread that is no more may own it: the child does not.
        assert not self.lock._is_owned()
        self.lock._at_fork_reinit()
        for lock in [self.lock, self.own]:
            with lock, lock:
                assert lock._is_owned()
            assert not lock._is_owned()
            _wakes_after(lock, functools.partial(_visit, lock))


class Condition(Subject):
    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.conditions = [
            rooms.threading.Condition(lock)
            for lock in [None, rooms.threading.Lock(), threading.Lock()]
        ]
        self.own = rooms.threading.Condition()

    def turns(self) -> list[Turn]:
        turns: list[Turn] = [functools.partial(_visit, self.own)]
        for condition in self.conditions:
            turns += [
                functools.partial(_wait, condition, 0.0005),
                functools.partial(_notify, condition),
            ]
        return turns

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        return [(functools.partial(_wait, self.own), self._end)]

    def _end(self) -> None:
        with self.own:
            self.own.notify_all()

    def held(self) -> Context:
        held: Context = self.own
        return held

    def check(self, draw: random.Random) -> None:
        condition = draw.choice(self.conditions)
        condition._at_fork_reinit()
        if draw.random() < 0.5:
            self.own._at_fork_reinit()
        for made in [condition, self.own]:
            # A waiter of the parent's takes no notification of the child's.
            _notify(made)
            assert _wait(made, 0.0001) is False
            _wakes_a_thread(
                functools.partial(_wait, made), functools.partial(_notify, made)
            )
            assert not made._waiters


class Barrier(Subject):
    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.barrier = rooms.threading.Barrier(2)

    def turns(self) -> list[Turn]:
        def meet() -> None:
            try:
                self.barrier.wait(0.001)
            except threading.BrokenBarrierError:
                self.barrier.reset()

        return [meet, meet]

    def check(self, draw: random.Random) -> None:
        if self.barrier.broken:
            self.barrier.reset()
        # Nobody of the parent's is inside.
        assert (self.barrier.n_waiting, self.barrier._count) == (0, 0)
        for _ in range(2):
            _wakes_a_thread(self.barrier.wait, self.barrier.wait)


class RWLock(Subject):
    """Only ours has one."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.lock, self.own = rooms.threading.RWLock(), rooms.threading.RWLock()

    def turns(self) -> list[Turn]:
        sides = [self.lock.read, self.lock.read, self.lock.write]
        sides += [self.own.read, self.own.write]
        return [functools.partial(_visit, side) for side in sides]

    def held(self) -> Context:
        held: Context = self.own.write
        return held

    def check(self, draw: random.Random) -> None:
        # A thread of the parent may have held it.
        self.lock._at_fork_reinit()
        for lock in [self.lock, self.own]:
            assert (lock.readers, lock.writer, lock.waiting) == (0, False, 0)
            with lock.write:
                worker = Worker(lock.acquire_read).blocked()
            worker.result(10)
            _wakes_a_thread(lock.acquire_write, lock.release_read)


class Queue(Subject):
    kind = "Queue"

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        make = getattr(rooms.queue, self.kind)
        self.queue, self.small, self.silent = make(), make(2), make()
        self.number = 0

    def turns(self) -> list[Turn]:
        def count_up() -> None:
            self.queue.put(self.item(self.number))
            self.number += 1
            if self.queue.qsize() > 5:
                self.queue.get()

        def pass_on() -> None:
            with contextlib.suppress(self.rooms.queue.Full):
                self.small.put(1, timeout=0.001)
                self.small.put(1, timeout=0.001)
            with contextlib.suppress(self.rooms.queue.Empty):
                self.small.get(timeout=0.001)
                self.small.get(timeout=0.001)

        return [count_up, pass_on, pass_on]

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        return [(self.silent.get, functools.partial(self.silent.put, 1))]

    def check(self, draw: random.Random) -> None:
        items = []
        while self.queue.qsize():
            items.append(self.queue.get_nowait())
        self.check_items(items)
        _wakes_a_thread(self.queue.get, lambda: self.queue.put("it"))
        self._check_bounded()
        if draw.random() < 0.5:
            with self.queue.mutex:
                assert len(self.queue.queue) == 0
        # No thread of the parent takes the child's item.
        self.silent.put(draw.random())
        assert self.silent.qsize() == 1
        self.silent.get(timeout=1)

    def item(self, number: int) -> int:
        return number

    def check_items(self, items: list[int]) -> None:
        """Nothing is torn, doubled or out of order."""
        if items:
            assert items == list(range(items[0], items[0] + len(items))), items

    def _check_bounded(self) -> None:
        assert 0 <= self.small.qsize() <= 2
        while not self.small.full():
            self.small.put_nowait(1)
        _wakes_a_thread(lambda: self.small.put(1), self.small.get)
        assert self.small.full()
        self.small.get()
        self.small.get()
        assert self.small.empty()


class LifoQueue(Queue):
    kind = "LifoQueue"

    def check_items(self, items: list[int]) -> None:
        assert items == sorted(set(items), reverse=True), items


class Ranked(int):
    """A number whose comparisons let other threads run."""

    def __lt__(self, other: int) -> bool:
        time.sleep(0)
        return int(self) < int(other)


class PriorityQueue(Queue):
    kind = "PriorityQueue"

    def item(self, number: int) -> int:
        return Ranked(number)


class Thread(Subject):
    """Threads that start, are interrupted and end."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.threads: collections.deque[Any] = collections.deque(maxlen=30)

    def turns(self) -> list[Turn]:
        def start_and_join() -> None:
            if thread := self._started(int):
                thread.join()

        def interrupt() -> None:
            if thread := self._started(self.rooms.threading.Event().wait):
                thread.interrupt(SystemExit)
                thread.join()

        return [start_and_join, interrupt if self.rooms.native else start_and_join]

    def _started(self, target: Turn) -> Any:
        """A thread; none at the last turns, which are taken while the program ends."""
        thread = self.rooms.threading.Thread(target=target)
        if not could_start(thread):
            return None
        self.threads.append(thread)
        return thread

    def check(self, draw: random.Random) -> None:
        assert self.rooms.threading.enumerate() == [threading.current_thread()]
        for thread in self.threads:
            assert not thread.is_alive()
            thread.join(10)
            assert not self.rooms.native or thread.interrupt() is False
        self._started(int).join()
        if self.rooms.native:
            wait = self.rooms.threading.Event().wait
            worker = self._started(wait)
            worker.interrupt(SystemExit)
            worker.join(10)
            assert not worker.is_alive()


class WaitSlot(Subject):
    """Threads that end at the fork, which they do without the interpreter's lock.

    Only ours have slots.
    """

    ENDING = 8

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.slot = _native.extension.threading.wait_slot
        self.ending: list[Any] = []
        self.forks = 0

    def turns(self) -> list[Turn]:
        def interrupted() -> None:
            self.slot().interrupt(KeyError)
            with contextlib.suppress(KeyError):
                self.rooms.threading.Event().wait()

        return [interrupted, interrupted]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Some of the threads are gone, some still there, and one perhaps between."""
        gate, self.ending = _thread.allocate_lock(), []
        before = _thread._count()

        def end() -> None:
            self.ending.append(self.slot())
            with gate:
                pass

        with gate:
            for _ in range(self.ENDING):
                _thread.start_new_thread(end, ())
            wait_until(lambda: len(self.ending) == self.ENDING)
        self.forks += 1
        while _thread._count() > before + self.forks % self.ENDING:
            time.sleep(0)
        yield

    def check(self, draw: random.Random) -> None:
        # Whatever a thread was doing at the fork, its slot is not locked.
        for slot in self.ending:
            assert slot.interrupt(KeyError) in (True, False)
        self.slot().interrupt(KeyError)
        try:
            self.rooms.threading.Event().wait()
        except KeyError:
            return
        raise AssertionError("the child's own wait was not interrupted")


class ThreadPoolExecutor(Subject):
    """A pool that is never idle, and futures of nobody's."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms)
        self.pool = rooms.futures.ThreadPoolExecutor(2)
        self.done, self.never = rooms.futures.Future(), rooms.futures.Future()
        self.done.set_result(7)
        self.makers: collections.deque[int] = collections.deque(maxlen=100)

    def turns(self) -> list[Turn]:
        def ask() -> None:
            self._submit().result()

        def gather() -> None:
            futures = [self._submit() for _ in range(3)]
            self.rooms.futures.wait(futures, 0.001)
            futures[0].cancel()
            with contextlib.suppress(TimeoutError):
                list(self.rooms.futures.as_completed(futures, 0.001))

        def pass_on() -> None:
            list(self.pool.map(self._make, range(3)))

        def finish_one() -> None:
            future = self.rooms.futures.Future()
            future.add_done_callback(self._make)
            future.set_result(None)

        # None is taken any more when the program ends.
        refused = RuntimeError
        return [
            functools.partial(_suppressing, refused, turn)
            for turn in [ask, gather, pass_on, finish_one]
        ]

    def sleeps(self) -> list[tuple[Turn, Turn]]:
        return [(self.never.result, functools.partial(self.never.set_result, None))]

    def _make(self, _of: object = None) -> None:
        self.makers.append(os.getpid())

    def _submit(self) -> Any:
        return self.pool.submit(self._make)

    def check(self, draw: random.Random) -> None:
        assert self.done.result() == 7
        calls = [self._submit() for _ in range(draw.randint(1, 5))]
        done, left = self.rooms.futures.wait(calls, 10)
        assert (len(done), len(left)) == (len(calls), 0)
        # What waited at the fork is the parent's to make.
        assert self.makers.count(os.getpid()) == len(calls)
        assert list(self.pool.map(pow, [2, 3], [5, 2], timeout=10)) == [32, 9]
        self.pool.shutdown(draw.random() < 0.5)
        _wakes_a_thread(self.never.result, functools.partial(self.never.set_result, 1))


KINDS: dict[str, type[Subject]] = {
    kind.__name__: kind
    for kind in [
        Event,
        Semaphore,
        BoundedSemaphore,
        Lock,
        RLock,
        Condition,
        Barrier,
        RWLock,
        Queue,
        LifoQueue,
        PriorityQueue,
        Thread,
        ThreadPoolExecutor,
        WaitSlot,
    ]
}


def _suppressing(error: type[Exception], turn: Turn) -> None:
    with contextlib.suppress(error):
        turn()


def _visit(side: Any) -> None:
    with side:
        pass


def _wait(condition: Any, timeout: float | None = None) -> bool:
    with condition:
        return bool(condition.wait(timeout))


def _notify(condition: Any) -> None:
    with condition:
        condition.notify()


def _wakes_a_thread(block: Turn, wake: Turn) -> None:
    worker = Worker(block).blocked()
    wake()
    worker.result(10)


def _wakes_after(lock: Any, block: Turn) -> None:
    """A thread that waits for the lock goes on once it is let go."""
    with lock:
        worker = Worker(block).blocked()
    worker.result(10)
