"""What a type checker makes of `threeply.concurrent.futures`. Nobody runs this; mypy reads it."""

import concurrent.futures as stdlib_futures
from typing import assert_type

from threeply.concurrent import futures
from threeply.concurrent.futures import ThreadPoolExecutor


def double(number: int, *, times: int = 1) -> str:
    """A call."""
    return str(number * 2) * times


def pools() -> None:
    with ThreadPoolExecutor(2, max_queue=3, daemon=True, context=True) as pool:
        assert_type(pool.submit(double, 1).result(), str)
        assert_type(pool.submit_within(1.5, double, 1, times=2).result(), str)
        assert_type(pool.submit_priority(-1, double, 1).result(), str)
        assert_type(list(pool.map(double, [1, 2], buffersize=2)), list[str])
        assert_type(pool.statistics().idle, int)
        pool.submit_nowait(double, "one")  # type: ignore[arg-type]


def functions(of: list[stdlib_futures.Future[int]]) -> None:
    assert_type(futures.wait(of, timeout=1.5).done, set[stdlib_futures.Future[int]])
    for future in futures.as_completed(of):
        assert_type(future.result(), int)


def takes_standard() -> stdlib_futures.Executor:
    return ThreadPoolExecutor()
