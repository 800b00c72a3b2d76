"""Lock and RLock."""

from harness import alone, bench
from together import contended, lateness, median, round_trip


def _lock(side):
    lock = side.Lock()
    return {"acquire": lock.acquire, "release": lock.release}


def _rlock(side):
    lock = side.RLock()
    return {"acquire": lock.acquire, "release": lock.release}


def _held_rlock(side):
    names = _rlock(side)
    names["acquire"]()
    return names


def _called_on_the_lock(code):
    """The same with the methods looked up each time, as programs mostly do."""
    return "\n".join(f"lock.{line}" for line in code.splitlines())


TAKE = "acquire()\nrelease()"

alone("lock_acquire_release", "Lock: acquire, release", "Lock", TAKE, _lock, aim=2)
alone(
    "lock_attribute",
    "Lock: lock.acquire, lock.release",
    "Lock",
    _called_on_the_lock(TAKE),
    lambda side: {"lock": side.Lock()},
)
alone(
    "lock_with",
    "Lock: `with`",
    "Lock",
    "with lock: pass",
    lambda side: {"lock": side.Lock()},
    aim=1.7,
)
alone(
    "lock_try",
    "Lock: acquire(False) of a held one",
    "SharedLock",
    "acquire(blocking=False)",
    lambda side: {"acquire": _held(side.SharedLock()).acquire},
)
alone("lock_new", "Lock: make one", "Lock", "new()", lambda side: {"new": side.Lock})
alone("rlock_acquire_release", "RLock: acquire, release", "RLock", TAKE, _rlock, aim=2)
alone(
    "rlock_again",
    "RLock: acquire and release once more",
    "RLock",
    TAKE,
    _held_rlock,
)
alone(
    "rlock_with",
    "RLock: `with`",
    "RLock",
    "with lock: pass",
    lambda side: {"lock": side.RLock()},
    aim=1.7,
)
alone(
    "rlock_new", "RLock: make one", "RLock", "new()", lambda side: {"new": side.RLock}
)


def _held(lock):
    lock.acquire()
    return lock


@bench("Lock: eight threads acquire and release", "Lock", "k/s")
def lock_8_threads(side):
    def measure():
        lock = side.Lock()
        return contended(lock.acquire, lock.release)

    return median(measure)


@bench("RLock: eight threads acquire and release", "RLock", "k/s")
def rlock_8_threads(side):
    def measure():
        lock = side.RLock()
        return contended(lock.acquire, lock.release)

    return median(measure)


@bench("Lock: a turn to and fro", "SharedLock", "us", aim=1)
def ping_pong_lock(side):
    def measure():
        ping, pong = _held(side.SharedLock()), _held(side.SharedLock())
        return round_trip(ping.release, ping.acquire, pong.release, pong.acquire)

    return median(measure)


@bench("Lock: lateness of a 1 ms timeout", "SharedLock", "us", most=40)
def late_lock(side):
    lock = _held(side.SharedLock())
    return lateness(lambda seconds: lock.acquire(timeout=seconds))
