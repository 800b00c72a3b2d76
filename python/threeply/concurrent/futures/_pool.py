"""`ThreadPoolExecutor`: calls made by a number of threads.

Calls and futures are native; here are the threads, which are the interpreter's, and what
is asked of a pool seldom.

Source: CPython 3.14 Lib/concurrent/futures/thread.py, class ThreadPoolExecutor.
"""

from __future__ import annotations

import itertools
import os
import sys
import weakref
from contextvars import copy_context
from time import monotonic
from typing import NamedTuple

# Not `from … import`: that asks the parent by its `__name__`, which the parent has
# changed when it is installed.
import threeply.concurrent.futures._unmade as unmade
import threeply.concurrent.futures._worker as worker
from threeply._threeply import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, TracebackType
    from typing import Any

BROKEN = "A thread initializer failed, the thread pool is not usable anymore"


class Statistics(NamedTuple):
    """What a pool has to do at one moment, and has done."""

    workers: int
    """Threads."""
    idle: int
    """Those of them that wait for work."""
    queued: int
    """Calls that nobody has begun."""
    running: int
    """Calls that run."""
    finished: int
    """Calls that are done with; of those that were cancelled, the ones that a worker met."""


def pool_type(
    standard: ModuleType, native: ModuleType, parents: tuple[type, type], future: type
) -> type:
    """Makes the class.

    Args:
        standard: The standard `concurrent.futures.thread`.
        native: The extension's room.
        parents: The native part of a pool, and `Executor`.
        future: The class of futures.
    """
    from threeply import threading

    base = standard._base
    alive: weakref.WeakSet[Any] = weakref.WeakSet()

    class ThreadPoolExecutor(*parents):  # type: ignore[misc]
        """A number of threads that make the calls that are submitted.

        Threads are started when there is a call and none is idle. At the end of a `with`
        block, and of the program, all calls have been made.

            >>> from threeply.concurrent.futures import ThreadPoolExecutor
            >>> with ThreadPoolExecutor(max_workers=2) as pool:
            ...     pool.submit(pow, 2, 10).result()
            1024

        A call that waits for the result of another one of the same pool, which nobody has
        begun, makes it itself: no number of nested calls is a deadlock. (With a `timeout` it
        waits.)

        Args:
            max_workers: The most threads; None for four more than the processors that this
                process may use, by affinity and by control group, 32 at most.
            thread_name_prefix: What their names begin with.
            initializer: Called by each thread before its first call.
            initargs: What it is called with.
            max_queue: The most calls that nobody has begun; None for any number. `submit`
                waits while there are so many.
            daemon: Whether the end of the program does not wait for the pool: calls that
                run are abandoned, those that wait are dropped.
            context: Whether each call runs in a copy of the context variables of who
                submitted it.
            cancel_on_error: Whether a `with` block that an exception leaves cancels what
                nobody has begun.
            **ctxkwargs: Further arguments of `prepare_context`, of heirs that have one.

        Raises:
            ValueError: `max_workers` or `max_queue` is less than 1.
            TypeError: `initializer` cannot be called.

        All methods may be called from any thread; `submit` without a `max_queue` also
        from signal handlers and `__del__`.

        Source: CPython 3.14 Lib/concurrent/futures/thread.py, class ThreadPoolExecutor.
        """

        BROKEN = standard.BrokenThreadPool
        _counter = itertools.count().__next__

        @classmethod
        def prepare_context(
            cls, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
        ) -> tuple[Callable[[], worker.WorkerContext], Callable[..., Any]]:
            """Returns what makes a worker's context, and what makes a task of a call."""
            return worker.WorkerContext.prepare(initializer, initargs)

        def __init__(
            self,
            max_workers: int | None = None,
            thread_name_prefix: str = "",
            initializer: Callable[..., object] | None = None,
            initargs: tuple[Any, ...] = (),
            *,
            max_queue: int | None = None,
            daemon: bool = False,
            context: bool = False,
            cancel_on_error: bool = False,
            **ctxkwargs: Any,  # noqa: ANN401
        ) -> None:
            if max_workers is None:
                max_workers = min(32, _processors(native.usable_processors) + 4)
            if max_workers <= 0:
                raise ValueError("max_workers must be greater than 0")
            if max_queue is not None and max_queue <= 0:
                raise ValueError("max_queue must be greater than 0")
            kind = type(self)
            self._create_worker_context, self._resolve_work_item_task = (
                kind.prepare_context(initializer, initargs, **ctxkwargs)
            )
            is_own = getattr(kind.prepare_context, "__func__", None) is prepare
            self._max_workers = max_workers
            # DIFFERENCE: A pool's queue is native
            self._work_queue = native.Crew(max_workers, future, max_queue)
            self._threads: set[threading.Thread] = set()
            self._parents: list[Any] = []
            self._broken: str | bool = False
            self._shutdown = False
            # A handler of a signal may submit while its thread starts a worker.
            self._shutdown_lock = threading.RLock()
            self._thread_name_prefix = (
                thread_name_prefix or f"ThreadPoolExecutor-{self._counter()}"
            )
            self._initializer = initializer
            self._initargs = initargs
            self._daemon = daemon
            self._context = context
            self._cancel_on_error = cancel_on_error
            self._begin(self._work_queue, is_own and not context and max_queue is None)
            self._resolves = not is_own
            alive.add(self)

        def submit_nowait(
            self,
            fn: Callable[..., Any],
            /,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            """Submits a call as `submit` does, but does not wait.

            Raises:
                queue.Full: `max_queue` calls wait.
                RuntimeError, BrokenThreadPool: As of `submit`.
            """
            return self._add(0, 0.0, fn, args, kwargs)

        def submit_within(
            self,
            timeout: float,
            fn: Callable[..., Any],
            /,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            """Submits a call as `submit` does, but waits so many seconds at most.

            Raises:
                queue.Full: `max_queue` calls wait, and the time has passed.
                RuntimeError, BrokenThreadPool: As of `submit`.
            """
            return self._add(0, timeout, fn, args, kwargs)

        def submit_priority(
            self,
            priority: int,
            fn: Callable[..., Any],
            /,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            """Submits a call that comes before those of a greater number.

            Of the same number the first comes first; `submit` gives 0.

            Raises:
                OverflowError: `priority` does not fit into 64 bits.
                RuntimeError, BrokenThreadPool: As of `submit`.
            """
            return self._add(priority, None, fn, args, kwargs)

        def statistics(self) -> Statistics:
            """Returns what the pool has to do at this moment, and has done.

            >>> from threeply.concurrent.futures import ThreadPoolExecutor
            >>> with ThreadPoolExecutor() as pool:
            ...     pool.statistics().queued
            0
            """
            return Statistics(*self._work_queue.counts())

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            """Takes no more calls.

            The wait ends when all threads have ended, by Ctrl-C or another handler that
            raises (in the main thread), and by `Thread.interrupt`.

            Args:
                wait: Whether to wait until all calls have been made. Without it they still
                    are.
                cancel_futures: Whether to cancel the calls that nobody has begun.

            Source: CPython Lib/concurrent/futures/thread.py, ThreadPoolExecutor.shutdown.
            """
            self._cancel_parents()
            with self._shutdown_lock:
                self._shutdown = True
                cancelled = self._work_queue.drain() if cancel_futures else ()
                self._work_queue.shut_down()
            unmade.cancel(cancelled)
            if wait:
                for thread in tuple(self._threads):
                    thread.join()

        def __exit__(
            self,
            exc_type: type[BaseException] | None,
            exc_val: BaseException | None,
            exc_tb: TracebackType | None,
        ) -> None:
            """Shuts down and waits."""
            if self._cancel_on_error and exc_type is not None:
                self.shutdown(wait=True, cancel_futures=True)
            else:
                self.shutdown(wait=True)

        # Hooks: programs override them, in the standard shape.

        def _adjust_thread_count(self) -> None:
            """Starts a thread, which a call wants."""
            crew = self._work_queue
            with self._shutdown_lock:
                if standard._shutdown and not self._daemon:
                    crew.not_started()
                    self._refuse()
                thread = threading.Thread(
                    name=f"{self._thread_name_prefix}_{len(self._threads)}",
                    target=worker.work,
                    args=(
                        weakref.ref(self),
                        self._create_worker_context(),
                        crew,
                        base.LOGGER,
                    ),
                    daemon=self._daemon or None,
                )
                try:
                    thread.start()
                except BaseException:
                    crew.not_started()
                    raise
                self._threads.add(thread)
                if not self._daemon:
                    # The end of the program shuts these down, and waits for the threads;
                    # one that came too late for it is shut down here.
                    standard._threads_queues[thread] = crew
                    if standard._shutdown:
                        crew.shut_down()
            self._cancel_parents()

        def _initializer_failed(self) -> None:
            with self._shutdown_lock:
                self._broken = BROKEN
                self._work_queue.shut_down()
                unstarted = self._work_queue.drain()
            unmade.fail(unstarted, lambda: self.BROKEN(self._broken))

        # The rest is for nobody else.

        def _leave_to_parent(self) -> None:
            """Begins anew in a forked child, where no thread of the pool is."""
            self._work_queue.forget_workers()
            self._parents += self._work_queue.drain()
            self._threads = set()
            self._shutdown_lock = threading.RLock()

        def _cancel_parents(self) -> None:
            """Cancels what waited at a fork: it is the parent that makes those calls.

            Not in the fork itself, where nobody expects the futures' callbacks.
            """
            # DIFFERENCE: A forked child does not make its parent's calls
            parents, self._parents = self._parents, []
            unmade.cancel(parents)

        def _refuse(self) -> None:
            """Raises the reason why no more calls are taken."""
            if self._broken:
                raise self.BROKEN(self._broken)
            if standard._shutdown and not self._shutdown:
                message = "cannot schedule new futures after interpreter shutdown"
                raise RuntimeError(message)
            raise RuntimeError("cannot schedule new futures after shutdown")

        def _submit_with(
            self,
            fn: Callable[..., Any],
            /,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            return self._add(0, None, fn, args, kwargs)

        def _add(
            self,
            priority: int,
            timeout: float | None,
            fn: Callable[..., Any],
            args: tuple[Any, ...],
            kwargs: dict[str, Any],
        ) -> Any:  # noqa: ANN401
            endtime = None if timeout is None else monotonic() + seconds(timeout)
            if self._resolves:
                task = self._resolve_work_item_task(fn, args, kwargs)
                fn, args, kwargs = worker.run_in_context, (task,), {}
            if self._context:
                fn, args = copy_context().run, (fn, *args)
            crew = self._work_queue
            while (added := crew.add(fn, args, kwargs or None, priority)) is True:
                # A worker that waits for room would hold up those who make it.
                if crew.run_one():
                    continue
                left = None if endtime is None else endtime - monotonic()
                if not crew.wait_for_room(left):
                    from queue import Full

                    raise Full
            if added is False:
                self._refuse()
            submitted, is_wanted = added
            if is_wanted:
                try:
                    self._adjust_thread_count()
                except BaseException:
                    submitted.cancel()
                    raise
            return submitted

    prepare = vars(ThreadPoolExecutor)["prepare_context"].__func__

    def leave_to_parent() -> None:
        for pool in alive:
            pool._leave_to_parent()

    os.register_at_fork(after_in_child=leave_to_parent)
    ThreadPoolExecutor.__module__ = "threeply.concurrent.futures.thread"
    ThreadPoolExecutor.__qualname__ = "ThreadPoolExecutor"
    return ThreadPoolExecutor


def _processors(usable: Callable[[], int]) -> int:
    """Returns the number that the user has set (`-X cpu_count`), or else counts."""
    # DIFFERENCE: A pool counts the processors of its control group
    count: Callable[[], int | None] | None = getattr(os, "process_cpu_count", None)
    if count is None:
        return usable()
    if sys._get_cpu_count_config() > 0:  # type: ignore[attr-defined]
        return count() or 1
    return min(count() or 1, usable())
