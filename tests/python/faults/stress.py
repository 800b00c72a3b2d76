"""Threads, a signal every millisecond, timeouts and collections, drawn from a seed.

A round makes a few objects and threads, lets them loose for a moment and then
counts: nothing lost, nothing doubled, nobody asleep for good. A round that fails or
hangs prints its seed; `--seed` takes up there again, and `--rounds 1` plays that one.

    python tests/python/faults/stress.py threeply --seconds 600
    python tests/python/faults/stress.py threeply --seed 1790000000 --rounds 1
    python tests/python/faults/stress.py threeply --only hold_locks
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
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=[game.__name__ for game in GAMES])
    arguments = parser.parse_args()
    rooms = open_rooms(arguments.room)
    games = [game for game in GAMES if arguments.only in (None, game.__name__)]
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed
    while seed - arguments.seed != arguments.rounds and time.monotonic() < end:
        with watched(seed):
            play(rooms, random.Random(seed), games)
        seed += 1
    print(f"rounds of seeds {arguments.seed} to {seed - 1} went well")


@contextlib.contextmanager
def watched(seed: int) -> Iterator[None]:
    """Says which seed failed; a hang prints it and every stack and ends the process."""
    over = threading.Event()

    def watch() -> None:
        if not over.wait(ROUND_PATIENCE):
            print(f"the round of seed {seed} hangs", file=sys.stderr, flush=True)

    # Where nobody lets go of the interpreter's lock the watcher cannot speak.
    faulthandler.dump_traceback_later(ROUND_PATIENCE + 1, exit=True)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except BaseException:
        print(f"the round of seed {seed} failed", file=sys.stderr)
        raise
    finally:
        over.set()
        watcher.join()
        faulthandler.cancel_dump_traceback_later()


def play(rooms: Rooms, draw: random.Random, games: "list[Game]") -> None:
    """One round."""
    sys.setswitchinterval(draw.choice([0.00005, 0.0005, 0.005]))
    game = draw.choice(games)
    with collections_now_and_then(draw), signals() as act:
        game(rooms, draw, act)
    gc.collect()


Act = list[Callable[[], Any]]
Game = Callable[[Rooms, random.Random, Act], None]


@contextlib.contextmanager
def signals() -> Iterator[Act]:
    """A signal every millisecond for the main thread, whose handler may act."""
    act = Act()

    def handle(_number: int, _frame: FrameType | None) -> None:
        for call in act:
            call()

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        yield act
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


def pass_by_conditions(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """A buffer with a condition for either end, each change of which wakes one."""
    make = draw.choice(
        [rooms.threading.Lock, rooms.threading.RLock, threading.Lock, threading.RLock]
    )
    lock, room, pairs = make(), draw.randint(1, 4), draw.randint(1, 3)
    filled, freed = rooms.threading.Condition(lock), rooms.threading.Condition(lock)
    buffer: collections.deque[tuple[int, int]] = collections.deque()

    def wait(condition: Any, ready: Callable[[], bool], own: random.Random) -> None:
        if own.random() < 0.5:
            while not condition.wait_for(ready, timeout(own)):
                pass
        while not ready():
            condition.wait(timeout(own))

    def produce(me: int, seed: float) -> None:
        own = random.Random(seed)
        for number in range(EACH):
            with freed:
                wait(freed, lambda: len(buffer) < room, own)
                buffer.append((me, number))
                filled.notify()

    def consume(seed: float) -> list[tuple[int, int]]:
        own, got = random.Random(seed), []
        for _ in range(EACH):
            with filled:
                wait(filled, lambda: bool(buffer), own)
                got.append(buffer.popleft())
                freed.notify()
        return got

    def notify_from_handler() -> None:
        # More wake-ups than there are changes must do no harm.
        if filled.acquire(False):
            try:
                filled.notify()
                freed.notify_all()
            finally:
                filled.release()

    # The standard notify changes its list of waiters under the handler.
    if rooms.native and draw.random() < 0.7:
        act.append(notify_from_handler)
    makers = [Worker(produce, me, draw.random()) for me in range(pairs)]
    takers = [Worker(consume, draw.random()) for _ in range(pairs - 1)]
    got = [consume(draw.random()), *finish(takers)]
    finish(makers)
    act.clear()
    check_items(got, pairs, [])
    assert not buffer
    assert not filled._waiters
    assert not freed._waiters


def meet(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads, the main one too, that meet at a barrier again and again."""
    parties = draw.randint(2, 5)
    turns = []
    barrier = rooms.threading.Barrier(parties, lambda: turns.append(list(arrived)))
    arrived = [0] * parties

    def come(me: int, seed: float) -> list[int]:
        own, places = random.Random(seed), []
        for _ in range(EACH):
            arrived[me] += 1
            places.append(barrier.wait(own.choice([None, ROUND_PATIENCE])))
        return places

    if rooms.native:
        act.append(lambda: barrier.n_waiting)
    workers = [Worker(come, me, draw.random()) for me in range(1, parties)]
    places = [come(0, draw.random()), *finish(workers)]
    act.clear()
    assert turns == [[turn] * parties for turn in range(1, EACH + 1)]
    for turn in zip(*places, strict=True):
        assert sorted(turn) == list(range(parties)), f"places {turn} of {parties}"
    assert not barrier.broken
    assert barrier.n_waiting == 0


GAMES: list[Game] = [
    pass_items,
    share_permits,
    take_turns,
    hold_locks,
    pass_by_conditions,
    meet,
]


if __name__ == "__main__":
    main()
