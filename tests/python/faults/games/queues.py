"""Games over queues."""

import collections
import contextlib
import itertools
import random
from typing import Any

from support.rooms import Rooms
from support.threads import Worker, finish

from games.rules import EACH, Act, timeout

# The producer that the signal handler is, and one whose items come after all others.
HANDLER = -1
END = 1000

# Whether the items of one producer come out in the order in which they went in. An item
# with a higher number is of a lower priority.
KINDS = {"Queue": True, "LifoQueue": False, "PriorityQueue": True}


class Item(tuple[int, int]):
    """A producer and a number, compared in Python: anything may come between."""

    __slots__ = ()

    def __lt__(self, other: tuple[int, int]) -> bool:
        return tuple(self) < tuple(other)


def pass_items(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Producers, consumers and perhaps a handler over one queue."""
    kind = draw.choice(list(KINDS))
    queue = getattr(rooms.queue, kind)(draw.choice([0, 0, 1, 2, 7]))
    producers, consumers = draw.randint(1, 4), draw.randint(1, 4)
    make = draw.choice([Item, tuple])
    numbers, extra = itertools.count(), []

    def put(item: Any, own: random.Random) -> None:
        while True:
            try:
                return queue.put(make(item), True, timeout(own))
            except rooms.queue.Full:
                continue

    def produce(me: int, seed: int) -> None:
        own = random.Random(seed)
        for number in range(EACH):
            put((me, number), own)

    def consume(seed: int) -> list[tuple[int, int]]:
        own, got = random.Random(seed), []
        while True:
            try:
                item = queue.get(True, timeout(own))
            except rooms.queue.Empty:
                continue
            queue.task_done()
            if item[0] == END:
                return got
            got.append(tuple(item))

    def put_from_handler() -> None:
        # The next signal may interrupt this handler too.
        number = next(numbers)
        with contextlib.suppress(rooms.queue.Full):
            queue.put_nowait(make((HANDLER, number)))
            extra.append(number)

    # The standard put deadlocks when a handler interrupts it and puts.
    if rooms.native and draw.random() < 0.7:
        act.append(put_from_handler)
    makers = [Worker(produce, me, draw.random()) for me in range(producers)]
    takers = [Worker(consume, draw.random()) for _ in range(consumers)]
    finish(makers)
    act.clear()
    # The last in would be the first out.
    queue.join()
    for number in range(consumers):
        put((END, number), draw)
    queue.join()
    check_items(finish(takers), producers, extra, in_order=KINDS[kind])
    assert queue.qsize() == queue.unfinished_tasks == 0


def check_items(
    got: list[list[tuple[int, int]]],
    producers: int,
    extra: list[int],
    *,
    in_order: bool,
) -> None:
    items = sorted(item for part in got for item in part)
    expected = [(HANDLER, number) for number in sorted(extra)]
    expected += [(me, number) for me in range(producers) for number in range(EACH)]
    assert items == expected, "items were lost or doubled"
    for part in got if in_order else []:
        last: dict[int, int] = collections.defaultdict(lambda: -1)
        for me, number in part:
            assert me == HANDLER or number > last[me], f"{me}'s items came out of order"
            last[me] = number
