"""Games in which threads wait for one another: events, conditions and barriers."""

import collections
import random
import threading
from collections.abc import Callable
from typing import Any

from support.rooms import Rooms
from support.threads import Worker, finish

from games.queues import check_items
from games.rules import EACH, PATIENCE, Act, timeout


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
    check_items(got, pairs, [], in_order=True)
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
            places.append(barrier.wait(own.choice([None, PATIENCE])))
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


def fall_out(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """A barrier that timeouts and aborts break, and resets mend, all the time."""
    parties = draw.randint(2, 4)
    rounds = [0]

    def count() -> None:
        rounds[0] += 1

    barrier = rooms.threading.Barrier(parties, count)

    def come(seed: float) -> list[int]:
        own, places = random.Random(seed), []
        for _ in range(EACH):
            try:
                places.append(barrier.wait(timeout(own)))
            except threading.BrokenBarrierError:
                own.choice([barrier.reset, barrier.reset, barrier.abort, int])()
        return places

    # The standard barrier's lock may be held under the handler.
    if rooms.native:
        act.append(draw.choice([barrier.abort, barrier.reset, lambda: barrier.broken]))
    # One more than must come: somebody is outside or early.
    workers = [Worker(come, draw.random()) for _ in range(parties + 1)]
    for worker in workers:
        while worker.running:
            # Who waits for ever waits for threads that have left.
            barrier.abort()
            worker.thread.join(0.002)
    act.clear()
    places = collections.Counter(place for each in finish(workers) for place in each)
    # Of a round fewer may go than came, never more, and nobody twice.
    assert set(places) <= set(range(parties)), places
    assert max(places.values(), default=0) <= rounds[0], (places, rounds)
    barrier.reset()
    last = [Worker(barrier.wait) for _ in range(parties)]
    assert sorted(finish(last)) == list(range(parties))
    assert (barrier.n_waiting, barrier.broken) == (0, False)
