"""`Executor`: what can be asked to call something.

Source: CPython Lib/concurrent/futures/_base.py, class Executor.
"""

from __future__ import annotations

import weakref
from collections import deque
from itertools import islice, repeat
from time import monotonic

from threeply._threeply import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import ModuleType, TracebackType
    from typing import Any, Self


def executor_type(base: ModuleType, own: Any) -> type:  # noqa: ANN401
    """Makes the class.

    Args:
        base: The standard `concurrent.futures._base`.
        own: Our class of futures.
    """
    # Once installed, the module has ours under this name.
    standard = base.Executor

    class ExecutorType(type):
        """The class of `Executor`, to which standard executors belong as well."""

        def __instancecheck__(cls, instance: object) -> bool:
            if cls is Executor:
                return isinstance(instance, standard)
            return super().__instancecheck__(instance)

        def __subclasscheck__(cls, subclass: type) -> bool:
            if cls is Executor:
                return issubclass(subclass, standard)
            return super().__subclasscheck__(subclass)

    class Executor(standard, metaclass=ExecutorType):  # type: ignore[misc, valid-type]
        """What can be asked to call something, and gives a future for it.

        An executor of one's own needs `submit`; `shutdown` is called at the end of a
        `with` block.

        Source: CPython Lib/concurrent/futures/_base.py, class Executor.
        """

        def submit(
            self,
            fn: Callable[..., Any],
            /,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Future[Any]:
            """Has `fn(*args, **kwargs)` called, and returns its future.

            Raises:
                NotImplementedError: This executor does not say how.
            """
            raise NotImplementedError

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            """Takes no more calls. This one has nothing else to do.

            Args:
                wait: Whether to wait until all calls have been made.
                cancel_futures: Whether to cancel the calls that nobody has begun.
            """

        def __enter__(self) -> Self:
            """Returns the executor itself."""
            return self

        def __exit__(
            self,
            exc_type: type[BaseException] | None,
            exc_val: BaseException | None,
            exc_tb: TracebackType | None,
        ) -> None:
            """Shuts down and waits."""
            self.shutdown(wait=True)

        def map(
            self,
            fn: Callable[..., Any],
            *iterables: Iterable[Any],
            timeout: float | None = None,
            chunksize: int = 1,
            buffersize: int | None = None,
        ) -> Iterator[Any]:
            """Calls `fn` with each item, several at once, and gives the results in order.

            Each step of the iterator waits as `Future.result` does. What was not begun when
            the iterator ends or dies is cancelled.

                >>> from threeply.concurrent.futures import ThreadPoolExecutor
                >>> with ThreadPoolExecutor() as pool:
                ...     list(pool.map(pow, [2, 3], [5, 2]))
                [32, 9]

            Args:
                fn: A callable that takes one item of each iterable.
                *iterables: The items; the shortest ends it.
                timeout: The most seconds from this call to the last result; None for any
                    time.
                chunksize: How many items a process is sent at once. Threads make nothing
                    of it.
                buffersize: The most calls that are submitted and whose results were not
                    taken. None submits all of them at once, and so reads the iterables to
                    their end.

            Raises:
                TypeError: `buffersize` is neither an integer nor None.
                ValueError: It is less than 1.
                TimeoutError: (of the iterator) The time has passed.
                BaseException: (of the iterator) What a call raised.

            Source: CPython 3.14 Lib/concurrent/futures/_base.py, Executor.map.
            """
            if buffersize is not None and not isinstance(buffersize, int):
                raise TypeError("buffersize must be an integer or None")
            if buffersize is not None and buffersize < 1:
                raise ValueError("buffersize must be None or > 0")
            endtime = None if timeout is None else monotonic() + seconds(timeout)
            if buffersize is None:
                # Of no iterables there is no shortest.
                every = map(self.submit, repeat(fn), *iterables) if iterables else ()
                futures = deque(every)
                are_own = set(map(type, futures)) <= {own}
                take = own._result_or_cancel if are_own else _result_or_cancel
                return _results(futures, endtime, take)
            items = zip(*iterables)  # noqa: B905
            futures = deque(
                self.submit(fn, *args) for args in islice(items, buffersize)
            )

            # The iterator does not keep the executor.
            executor = weakref.ref(self)

            def submit_next() -> None:
                alive = executor()
                if alive is not None and (args := next(items, None)):
                    futures.append(alive.submit(fn, *args))

            return _results(futures, endtime, _result_or_cancel, submit_next)

    Executor.__module__ = "threeply.concurrent.futures"
    Executor.__qualname__ = "Executor"
    return Executor


def _results(
    futures: deque[Any],
    endtime: float | None,
    take: Callable[[Any, float | None], Any],
    go_on: Callable[[], None] | None = None,
) -> Iterator[Any]:
    try:
        while futures:
            if go_on is not None:
                go_on()
            left = None if endtime is None else endtime - monotonic()
            # Nothing here refers to a future that was taken, or to its result.
            yield take(futures.popleft(), left)
    finally:
        for future in futures:
            future.cancel()


def _result_or_cancel(future: Future[Any], timeout: float | None) -> Any:  # noqa: ANN401
    try:
        try:
            return future.result(timeout)
        finally:
            future.cancel()
    finally:
        # Else the exception's traceback would refer to it, and it to the exception.
        del future
