"""Threads, a signal every millisecond, timeouts and collections, drawn from a seed.

A round makes a few objects and threads, lets them loose for a moment and then
counts: nothing lost, nothing doubled, nobody asleep for good. A round that fails
prints its seed; `--seed` takes up there again.

    python tests/python/faults/stress.py threeply --seconds 600
"""

import argparse
import collections
import contextlib
import faulthandler
import gc
import itertools
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.rooms import NAMES, Rooms, open_rooms
from support.threads import Worker, finish

ROUND_PATIENCE = 60
EACH = 150
# The producer that the signal handler is.
HANDLER = -1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("room", choices=NAMES)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    rooms = open_rooms(arguments.room)
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed
    while time.monotonic() < end:
        # A hang prints every stack and ends the process.
        faulthandler.dump_traceback_later(ROUND_PATIENCE, exit=True)
        try:
            play(rooms, random.Random(seed))
        except BaseException:
            print(f"the round of seed {seed} failed", file=sys.stderr)
            raise
        seed += 1
    faulthandler.cancel_dump_traceback_later()
    print(f"rounds of seeds {arguments.seed} to {seed - 1} went well")


def play(rooms: Rooms, draw: random.Random) -> None:
    """One round."""
    sys.setswitchinterval(draw.choice([0.00005, 0.0005, 0.005]))
    game = draw.choice([pass_items, share_permits, take_turns])
    with collections_now_and_then(draw), signals(rooms, draw) as (handled, act):
        game(rooms, draw, act)
        assert handled[0] >= 0
    gc.collect()


Act = list[Callable[[], Any]]


@contextlib.contextmanager
def signals(rooms: Rooms, draw: random.Random) -> Iterator[tuple[list[int], Act]]:
    """A signal every millisecond for the main thread, whose handler may act."""
    handled, act = [0], Act()

    def handle(_number: int, _frame: FrameType | None) -> None:
        handled[0] += 1
        for call in act:
            call()

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        yield handled, act
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def collections_now_and_then(draw: random.Random) -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(draw.choice([1, 20, 700]))
    try:
        yield
    finally:
        gc.set_threshold(*before)


def timeout(draw: random.Random) -> float | None:
    return draw.choice([None, 0, 0.00005, 0.001, 0.01])


def pass_items(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Producers, consumers and perhaps a handler over one queue."""
    queue = rooms.queue.Queue(draw.choice([0, 0, 1, 2, 7]))
    producers, consumers = draw.randint(1, 4), draw.randint(1, 4)
    numbers, extra = itertools.count(), []

    def put(item: Any, own: random.Random) -> None:
        while True:
            try:
                return queue.put(item, True, timeout(own))
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
            if item is None:
                return got
            got.append(item)

    def put_from_handler() -> None:
        # The next signal may interrupt this handler too.
        number = next(numbers)
        with contextlib.suppress(rooms.queue.Full):
            queue.put_nowait((HANDLER, number))
            extra.append(number)

    # The standard put deadlocks when a handler interrupts it and puts.
    if rooms.native and draw.random() < 0.7:
        act.append(put_from_handler)
    makers = [Worker(produce, me, draw.random()) for me in range(producers)]
    takers = [Worker(consume, draw.random()) for _ in range(consumers)]
    finish(makers)
    act.clear()
    for _ in takers:
        put(None, draw)
    queue.join()
    check_items([worker.result() for worker in takers], producers, extra)
    assert queue.qsize() == queue.unfinished_tasks == 0


def check_items(
    got: list[list[tuple[int, int]]], producers: int, extra: list[int]
) -> None:
    items = sorted(item for part in got for item in part)
    expected = [(HANDLER, number) for number in sorted(extra)]
    expected += [(me, number) for me in range(producers) for number in range(EACH)]
    assert items == expected, "items were lost or doubled"
    for part in got:
        last: dict[int, int] = collections.defaultdict(lambda: -1)
        for me, number in part:
            assert me == HANDLER or number > last[me], f"{me}'s items came out of order"
            last[me] = number


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


def take_turns(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Two threads hand a turn to and fro by events, beside others that watch."""
    ping, pong = rooms.threading.Event(), rooms.threading.Event()
    news = rooms.threading.Event()
    over = threading.Event()

    def patiently(event: Any, own: random.Random) -> None:
        while not event.wait(timeout(own)):
            pass
        event.clear()

    def answer(seed: int) -> int:
        own = random.Random(seed)
        for _ in range(EACH):
            patiently(ping, own)
            pong.set()
        return EACH

    def watch(seed: int) -> int:
        own, seen = random.Random(seed), 0
        while not over.is_set():
            seen += news.wait(own.choice([0.0001, 0.002]))
        return seen

    def flash() -> None:
        news.set()
        news.clear()

    if rooms.native:
        act.append(flash)
    watchers = [Worker(watch, draw.random()) for _ in range(draw.randint(0, 3))]
    worker = Worker(answer, draw.random())
    for _ in range(EACH):
        ping.set()
        patiently(pong, draw)
    assert worker.result() == EACH
    over.set()
    finish(watchers)


if __name__ == "__main__":
    main()
