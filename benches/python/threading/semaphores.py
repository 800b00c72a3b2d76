"""Semaphore and BoundedSemaphore."""

from harness import alone, bench
from together import contended, lateness, median, round_trip


def _semaphore(side):
    semaphore = side.Semaphore(5)
    return {"acquire": semaphore.acquire, "release": semaphore.release}


def _bounded(side):
    semaphore = side.BoundedSemaphore(5)
    return {"acquire": semaphore.acquire, "release": semaphore.release}


alone(
    "semaphore_acquire_release",
    "Semaphore: acquire and release",
    "Semaphore",
    "acquire()\nrelease()",
    _semaphore,
    aim=12,
)
alone(
    "semaphore_with",
    "Semaphore: `with`",
    "Semaphore",
    "with semaphore: pass",
    lambda side: {"semaphore": side.Semaphore(5)},
)
alone(
    "bounded_acquire_release",
    "BoundedSemaphore: acquire and release",
    "BoundedSemaphore",
    "acquire()\nrelease()",
    _bounded,
)
alone(
    "semaphore_new",
    "Semaphore: make one",
    "Semaphore",
    "new(1)",
    lambda side: {"new": side.Semaphore},
)


@bench("Semaphore(1): eight threads acquire and release", "Semaphore", "k/s", aim=5)
def semaphore_8_threads(side):
    def measure():
        semaphore = side.Semaphore(1)
        return contended(semaphore.acquire, semaphore.release)

    return median(measure)


@bench("Semaphore: a turn to and fro", "Semaphore", "us", aim=1)
def ping_pong_semaphore(side):
    def measure():
        ping, pong = side.Semaphore(0), side.Semaphore(0)
        return round_trip(ping.release, ping.acquire, pong.release, pong.acquire)

    return median(measure)


@bench("Semaphore: lateness of a 1 ms timeout", "Semaphore", "us", most=40)
def late_semaphore(side):
    semaphore = side.Semaphore(0)
    return lateness(lambda seconds: semaphore.acquire(timeout=seconds))
