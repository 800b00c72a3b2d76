"""`wait` and `as_completed`: waiting for several futures at once.

Ours are waited for natively. Where one is open, or is another library's, the standard
functions do it, which know nothing but `_condition` and `_waiters`.

Source: CPython Lib/concurrent/futures/_base.py.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import ModuleType
    from typing import Any

EACH = 3
"""The round that tells of each future; those before it are in the order of `untils`."""


def functions(
    base: ModuleType, round_type: Callable[..., Any]
) -> dict[str, Callable[..., Any]]:
    """Makes the functions.

    Args:
        base: The standard `concurrent.futures._base`.
        round_type: The extension's.
    """
    # Once installed, the module has ours under these names.
    standard_wait, standard_as_completed = base.wait, base.as_completed
    results = base.DoneAndNotDoneFutures
    untils = {
        base.ALL_COMPLETED: 0,
        base.FIRST_COMPLETED: 1,
        base.FIRST_EXCEPTION: 2,
    }

    def wait(
        fs: Iterable[Future[Any]],
        timeout: float | None = None,
        return_when: str = base.ALL_COMPLETED,
    ) -> Any:  # noqa: ANN401
        """Waits for several futures.

        The wait ends when what `return_when` says has come, when `timeout` has passed, by
        Ctrl-C or another handler that raises (in the main thread), and by
        `Thread.interrupt`.

            >>> from threeply.concurrent.futures import ThreadPoolExecutor, wait
            >>> with ThreadPoolExecutor() as pool:
            ...     done, not_done = wait([pool.submit(pow, 2, n) for n in range(3)])
            >>> sorted(future.result() for future in done)
            [1, 2, 4]

        Args:
            fs: The futures; one that is named twice counts once.
            timeout: The most seconds to wait; None waits for ever.
            return_when: ALL_COMPLETED, FIRST_COMPLETED, or FIRST_EXCEPTION, which is the
                first that raises, or else all.

        Returns:
            A named tuple of two sets: `done`, those that have ended or were cancelled (and
            their executor knows), and `not_done`.

        Raises:
            ValueError: `return_when` is none of these.

        Source: CPython Lib/concurrent/futures/_base.py, wait.
        """
        futures = set(fs)
        until = untils.get(return_when)
        # What is no future, and a wrong word, are the standard function's to refuse.
        if until is None:
            return standard_wait(futures, timeout, return_when)
        waited = round_type(tuple(futures), until, timeout)
        done: set[Future[Any]] = set()
        not_done: set[Future[Any]] = set()
        is_over = waited.is_over()
        if is_over is None:
            return results(futures, not_done)
        if not is_over and not waited.attach():
            return standard_wait(futures, timeout, return_when)
        try:
            if not is_over:
                waited.wait()
            waited.split(done, not_done)
        finally:
            waited.detach()
        return results(done, not_done)

    def as_completed(
        fs: Iterable[Future[Any]], timeout: float | None = None
    ) -> Iterator[Future[Any]]:
        """Iterates over several futures as they are done.

        Each step waits; the wait ends as that of `wait`. The iterator refers no more to a
        future that it gave.

            >>> from threeply.concurrent.futures import ThreadPoolExecutor, as_completed
            >>> with ThreadPoolExecutor(1) as pool:
            ...     futures = [pool.submit(pow, 2, n) for n in range(3)]
            ...     sorted(future.result() for future in as_completed(futures))
            [1, 2, 4]

        Args:
            fs: The futures; one that is named twice is given once.
            timeout: The most seconds until the last one, from the first step on; None for
                any time.

        Raises:
            TimeoutError: The time has passed.

        Source: CPython Lib/concurrent/futures/_base.py, as_completed.
        """
        futures = tuple(set(fs))
        waited = round_type(futures, EACH, timeout)
        if not waited.attach():
            otherwise = standard_as_completed(futures, timeout)
            del fs, futures, waited
            yield from otherwise
            return
        total = left = len(futures)
        del fs, futures
        try:
            while left:
                taken = waited.take()
                if taken is None:
                    message = f"{left} (of {total}) futures unfinished"
                    raise base.TimeoutError(message)
                left -= len(taken)
                while taken:
                    # Nothing here refers to it while it is away.
                    yield taken.pop()
        finally:
            waited.detach()

    for function in (wait, as_completed):
        function.__module__ = "threeply.concurrent.futures"
        function.__qualname__ = function.__name__
    return {"wait": wait, "as_completed": as_completed}
