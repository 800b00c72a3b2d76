"""RWLock, which the standard library lacks."""

from harness import alone, bench
from together import contended, median


def _reading(side):
    lock = side.RWLock()
    return {"acquire": lock.acquire_read, "release": lock.release_read}


def _writing(side):
    lock = side.RWLock()
    return {"acquire": lock.acquire_write, "release": lock.release_write}


TAKE = "acquire()\nrelease()"

alone("rwlock_read", "RWLock: acquire and release, reading", "RWLock", TAKE, _reading)
alone("rwlock_write", "RWLock: acquire and release, writing", "RWLock", TAKE, _writing)
alone(
    "rwlock_with_read",
    "RWLock: `with lock.read`",
    "RWLock",
    "with lock.read: pass",
    lambda side: {"lock": side.RWLock()},
)
alone(
    "rwlock_new",
    "RWLock: make one",
    "RWLock",
    "new()",
    lambda side: {"new": side.RWLock},
)


@bench("RWLock: eight threads read", "RWLock", "k/s")
def rwlock_8_readers(side):
    def measure():
        lock = side.RWLock()
        return contended(lock.acquire_read, lock.release_read)

    return median(measure)


@bench("RWLock: eight threads write", "RWLock", "k/s")
def rwlock_8_writers(side):
    def measure():
        lock = side.RWLock()
        return contended(lock.acquire_write, lock.release_write)

    return median(measure)
