"""Futures: alone, and ten thousand at once."""

from harness import alone, bench
from together import median, now

MANY = 10_000


def _done(side):
    future = side.Future()
    future.set_result(1)
    return {"result": future.result, "done": future.done}


alone(
    "future_life",
    "Future: make, set_result, result",
    "Future",
    "future = new()\nfuture.set_result(1)\nfuture.result()",
    lambda side: {"new": side.Future},
    aim=9,
)
alone("future_result", "Future: result when done", "Future", "result()", _done, aim=13)
alone("future_done", "Future: done", "Future", "done()", _done)
alone(
    "future_callback",
    "Future: make, add_done_callback, set_result",
    "Future",
    "future = new()\nfuture.add_done_callback(call)\nfuture.set_result(1)",
    lambda side: {"new": side.Future, "call": id},
)


def _each(spent):
    return spent / MANY / 1e3


def _finished(side):
    futures = [side.Future() for _ in range(MANY)]
    for future in futures:
        future.set_result(1)
    return futures


@bench("wait: 10,000 that are done, each", "Future wait_for_all", "us", aim=13)
def wait_done(side):
    futures = _finished(side)

    def once():
        start = now()
        side.wait_for_all(futures)
        return _each(now() - start)

    return median(once)


@bench("as_completed: 10,000 that are done, each", "Future as_completed", "us", aim=13)
def as_completed_done(side):
    futures = _finished(side)

    def once():
        start = now()
        for _ in side.as_completed(futures):
            pass
        return _each(now() - start)

    return median(once)


def _submitted(side, gather):
    """Calls of a pool that run while they are gathered."""

    def once():
        with side.ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(int) for _ in range(MANY)]
            start = now()
            gather(futures)
            return _each(now() - start)

    return median(once)


@bench("wait: 10,000 calls of a pool, each", "ThreadPoolExecutor wait_for_all", "us")
def wait_running(side):
    return _submitted(side, side.wait_for_all)


@bench(
    "as_completed: 10,000 calls of a pool, each",
    "ThreadPoolExecutor as_completed",
    "us",
)
def as_completed_running(side):
    return _submitted(side, lambda futures: list(side.as_completed(futures)))
