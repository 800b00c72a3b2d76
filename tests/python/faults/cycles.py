"""Collects garbage all the time while threads use objects that sit in cycles.

A collection runs wherever Python allocates: inside put and get, on any thread,
while another is asleep in the very object that is being looked at. Every item must
come out or be freed exactly once, and every finalizer run once.
"""

import gc
import random
import threading
from typing import Any

import zygote
from support.rooms import Rooms
from support.threads import Worker, finish

EACH = 15


def main() -> None:
    zygote.main({"collection during use": use})


class Tally:
    """Counts finalizers, which run on any thread and inside any call."""

    def __init__(self) -> None:
        self.made = 0
        # An append is atomic; `count += 1` in a finalizer is not.
        self.freed: list[int] = []


class Item:
    """An item that refers to itself and to the objects it travels through."""

    def __init__(self, tally: Tally, rank: int, *homes: Any) -> None:
        tally.made += 1
        self.tally = tally
        self.rank = rank
        self.cycle = [self, homes]

    def __lt__(self, other: "Item") -> bool:
        return self.rank < other.rank

    def __del__(self) -> None:
        self.tally.freed.append(self.rank)


class Waking(Item):
    """An item whose finalizer uses the objects."""

    def __del__(self) -> None:
        super().__del__()
        _items, (queue, event, semaphore, locks) = self.cycle
        event.set()
        semaphore.release()
        queue.put(None)
        for lock in locks:
            # Without waiting: the thread under the finalizer may hold it.
            if lock.acquire(False):
                lock.release()


def use(rooms: Rooms, draw: random.Random) -> None:
    gc.set_threshold(draw.choice([1, 2, 10]))
    tally = Tally()
    _pass_items(rooms, draw, tally)
    gc.collect()
    assert len(tally.freed) == tally.made, (len(tally.freed), tally.made)


def _pass_items(rooms: Rooms, draw: random.Random, tally: Tally) -> None:
    kind = draw.choice(["Queue", "LifoQueue", "PriorityQueue"])
    queue = getattr(rooms.queue, kind)(draw.choice([0, 1, 3]))
    event = rooms.threading.Event()
    semaphore = rooms.threading.Semaphore(1)
    lock, condition, barrier = _cyclic_locks(rooms, tally)
    event.me = [event, queue, lock, condition, barrier]
    semaphore.me = [semaphore, queue]
    over = threading.Event()
    # A finalizer that puts finds the mutex of a standard queue held.
    waking = rooms.native and draw.random() < 0.5
    returns = rooms.queue.Queue()

    def make(rank: int) -> Item:
        if waking:
            locks = [lock, condition, rooms.threading.Lock()]
            return Waking(tally, rank, returns, event, semaphore, locks)
        return Item(tally, rank, queue, event, semaphore, lock, condition, barrier)

    def produce() -> None:
        for rank in range(EACH):
            queue.put(make(rank))

    def consume() -> None:
        for _ in range(EACH):
            item = queue.get()
            assert item.cycle[0] is item
            queue.task_done()
            event.wait(0.0001)
            event.clear()

    def visit() -> None:
        for _ in range(EACH):
            with lock, condition:
                condition.wait(0.0001)
                condition.notify()
            try:
                barrier.wait(0.0001)
            except threading.BrokenBarrierError:
                barrier.reset()

    def collect() -> None:
        while not over.is_set():
            gc.collect()

    sleepers = [Worker(event.wait, 0.01), Worker(semaphore.acquire, True, 0.01)]
    collector = Worker(collect)
    pairs = draw.randint(1, 2)
    workers = [Worker(call) for call in [produce, consume, visit] for _ in range(pairs)]
    finish(workers)
    over.set()
    finish([collector, *sleepers])
    queue.join()
    # What is left in a queue dies with it.
    queue.put(make(0))
    leftover = rooms.queue.Queue()
    leftover.put((make(1), leftover))


def _cyclic_locks(rooms: Rooms, tally: Tally) -> tuple[Any, Any, Any]:
    """A lock, a condition over one and a barrier, each with an item in its cycle."""

    class Cyclic(type(rooms.threading.RLock())):  # type: ignore[misc]
        pass

    lock, inner = Cyclic(), Cyclic()
    lock.me = [lock, Item(tally, 0)]
    condition = rooms.threading.Condition(inner)
    inner.me = [condition, Item(tally, 0)]
    item = Item(tally, 0)
    barrier = rooms.threading.Barrier(2, lambda: (barrier, item))
    return lock, condition, barrier


if __name__ == "__main__":
    main()
