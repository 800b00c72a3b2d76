"""What runs in the threads of a pool.

Source: CPython 3.14 Lib/concurrent/futures/thread.py.
"""

from __future__ import annotations

import threading as stdlib_threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from typing import Any
    from weakref import ref

    Task = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class WorkerContext:
    """What a worker is initialised with, and how it runs a task.

    Pools whose workers are to run tasks otherwise derive from it, and say so by
    `prepare_context`.

    Args:
        initializer: Called by each worker before its first task; None for nothing.
        initargs: What it is called with.

    Source: CPython 3.14 Lib/concurrent/futures/thread.py, class WorkerContext.
    """

    @classmethod
    def prepare(
        cls, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
    ) -> tuple[Callable[[], WorkerContext], Callable[..., Any]]:
        """Returns what makes a worker's context, and what makes a task of a call.

        Raises:
            TypeError: `initializer` cannot be called.
        """
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")

        def create_context() -> WorkerContext:
            return cls(initializer, initargs)

        def resolve_task(
            fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Task:
            return fn, args, kwargs

        return create_context, resolve_task

    def __init__(
        self, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
    ) -> None:
        self.initializer = initializer
        self.initargs = initargs

    def initialize(self) -> None:
        """Begins: the worker's thread calls this first."""
        if self.initializer is not None:
            self.initializer(*self.initargs)

    def finalize(self) -> None:
        """Ends: the worker's thread calls this last."""

    def run(self, task: Task) -> Any:  # noqa: ANN401
        """Runs a task, and returns or raises what it does."""
        fn, args, kwargs = task
        return fn(*args, **kwargs)


_own = stdlib_threading.local()


def run_in_context(task: Any) -> Any:  # noqa: ANN401
    """Runs a task as the context of the worker that this is called by says."""
    return _own.context.run(task)


def work(
    pool: ref[Any],
    context: WorkerContext,
    crew: Any,  # noqa: ANN401
    logger: Logger,
) -> None:
    """Works for a pool, until there is no more to do.

    Args:
        pool: The pool; it may go while its workers finish what they have.
        context: What the worker is initialised with.
        crew: What it works on.
        logger: Who is told what no future tells.
    """
    try:
        context.initialize()
    except BaseException:
        logger.critical("Exception in initializer:", exc_info=True)
        crew.not_started()
        alive = pool()
        if alive is not None:
            alive._initializer_failed()
        return

    def log(exception: BaseException) -> None:
        logger.critical("Exception in worker", exc_info=exception)

    _own.context = context
    try:
        crew.work(log)
    finally:
        context.finalize()
