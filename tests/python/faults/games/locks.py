"""Games over locks: permits, locks, and a lock for readers and writers."""

import random
import threading
from typing import Any

from support.rooms import Rooms
from support.threads import Worker, finish

from games.rules import EACH, Act, timeout


def share_permits(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads inside a semaphore, never more than its value."""
    value = draw.randint(1, 3)
    bounded = draw.random() < 0.5
    kind = rooms.threading.BoundedSemaphore if bounded else rooms.threading.Semaphore
    semaphore = kind(value)
    lock = threading.Lock()
    inside, most = [0], [0]

    def visit(seed: int) -> None:
        own, visits = random.Random(seed), 0
        while visits < EACH:
            if semaphore.acquire(timeout=timeout(own)):
                visits += 1
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1
                semaphore.release()

    def visit_from_handler() -> None:
        if semaphore.acquire(False):
            semaphore.release()

    if rooms.native and draw.random() < 0.7:
        act.append(visit_from_handler)
    workers = [Worker(visit, draw.random()) for _ in range(draw.randint(2, 6))]
    finish(workers)
    act.clear()
    assert 1 <= most[0] <= value, f"{most[0]} were inside, not {value}"
    assert semaphore._value == value


def hold_locks(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads, the main one too, that count under a lock, as deep as it lets them."""
    kind = draw.choice(["Lock", "RLock"])
    lock = getattr(rooms.threading, kind)()
    deepest = 1 if kind == "Lock" else 3
    count = 0

    def acquire(own: random.Random) -> None:
        if own.random() < 0.3:
            lock.acquire()
            return
        while not lock.acquire(timeout=own.choice([0, 0.00005, 0.001, 0.01])):
            pass

    def visit(seed: float) -> None:
        nonlocal count
        own = random.Random(seed)
        for _ in range(EACH):
            depth = own.randint(1, deepest)
            for _ in range(depth):
                acquire(own)
            before = count
            # A call, at which the interpreter may switch threads.
            own.random()
            count = before + 1
            for _ in range(depth):
                lock.release()

    def visit_from_handler() -> None:
        if lock.acquire(False):
            lock.release()

    act.append(visit_from_handler)
    workers = [Worker(visit, draw.random()) for _ in range(draw.randint(1, 5))]
    visit(draw.random())
    finish(workers)
    act.clear()
    expected = EACH * (len(workers) + 1)
    assert count == expected, f"{count} visits to the {kind} counted, not {expected}"
    assert lock.acquire(False)


def read_and_write(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads, the main one too, that change two numbers at once or compare them."""
    lock = rooms.threading.RWLock()
    numbers = [0, 0]

    def acquire(acquire: Any, own: random.Random) -> None:
        seconds = timeout(own)
        while not acquire(timeout=-1 if seconds is None else seconds):
            seconds = timeout(own)

    def write(own: random.Random) -> None:
        acquire(lock.acquire_write, own)
        before = numbers[0]
        numbers[0] = before + 1
        # A call, at which the interpreter may switch threads.
        own.random()
        numbers[1] += 1
        assert numbers == [before + 1] * 2, f"{numbers} written by two at once"
        lock.release_write()

    def read(own: random.Random) -> None:
        acquire(lock.acquire_read, own)
        first = numbers[0]
        own.random()
        assert numbers == [first] * 2, f"{numbers} read while they were written"
        lock.release_read()

    def visit(seed: float) -> int:
        own, written = random.Random(seed), 0
        for _ in range(EACH):
            if own.random() < 0.4:
                write(own)
                written += 1
            else:
                read(own)
        return written

    def read_from_handler() -> None:
        if lock.acquire_read(False):
            lock.release_read()

    act.append(read_from_handler)
    workers = [Worker(visit, draw.random()) for _ in range(draw.randint(1, 5))]
    written = visit(draw.random()) + sum(finish(workers))
    act.clear()
    assert numbers == [written] * 2, f"{numbers}, not {written} twice"
    assert (lock.readers, lock.writer, lock.waiting) == (0, False, 0)
