"""Ways to measure what threads do together, on the wall."""

import contextlib
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

Call = Callable[[], Any]
now = time.perf_counter_ns


def median(measure: Callable[[], float], times: int = 5) -> float:
    return statistics.median(measure() for _ in range(times))


def started(target: Call) -> threading.Thread:
    thread = threading.Thread(target=target)
    thread.start()
    return thread


@contextlib.contextmanager
def busy_thread() -> Iterator[None]:
    """Another thread computes inside the block, and wants the interpreter's lock all the time."""
    over = threading.Event()

    def burn():
        while not over.is_set():
            sum(range(1_000))

    burner = started(burn)
    try:
        yield
    finally:
        over.set()
        burner.join()


def contended(acquire: Call, release: Call, threads: int = 8) -> float:
    """Thousands of acquisitions a second while several threads want the same."""
    each, ready = 2_000, threading.Barrier(threads + 1)

    def visit():
        ready.wait()
        for _ in range(each):
            acquire()
            release()

    visitors = [started(visit) for _ in range(threads)]
    ready.wait()
    start = now()
    for visitor in visitors:
        visitor.join()
    return threads * each / (now() - start) * 1e6


def round_trip(
    signal_one: Call,
    wait_one: Call,
    signal_two: Call,
    wait_two: Call,
    rounds: int = 3_000,
):
    """Microseconds for a turn to the other thread and back."""

    def answer():
        for _ in range(rounds):
            wait_one()
            signal_two()

    thread = started(answer)
    start = now()
    for _ in range(rounds):
        signal_one()
        wait_two()
    spent = now() - start
    thread.join()
    return spent / rounds / 1e3


def wake_up(wake: Call, wait: Call):
    """Microseconds from the call that wakes until the woken thread runs."""
    rounds, spent, called = 200, [], [0]
    back = threading.Semaphore(0)

    def sleeper():
        for _ in range(rounds):
            wait()
            spent.append(now() - called[0])
            back.release()

    thread = started(sleeper)
    for _ in range(rounds):
        time.sleep(0.0005)
        called[0] = now()
        wake()
        back.acquire()
    thread.join()
    return statistics.median(spent) / 1e3


def lateness(wait: Callable[[float], Any]):
    """By how many microseconds a timeout of one millisecond is late."""
    late = []
    for _ in range(150):
        start = now()
        wait(0.001)
        late.append((now() - start - 1_000_000) / 1e3)
    return statistics.median(late)
