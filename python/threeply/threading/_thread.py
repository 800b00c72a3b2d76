"""`Thread`: the standard class with a native start, end, result and interruption.

The thread is the interpreter's, in the standard module's registry; what it waits for, and
what waits for it, is native.

Source: CPython Lib/threading.py, class Thread.
"""

from __future__ import annotations

import sys
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading as stdlib_threading
    from collections.abc import Callable, Iterable, Mapping
    from contextvars import Context
    from types import ModuleType
    from typing import Any

    from threeply._threeply import threading as native


class Interrupted(Exception):
    """Raised in a thread's native wait by `Thread.interrupt()`."""


class Course:
    """What is ours of one thread, in one attribute: subclasses may use any other name."""

    context: Context | None = None
    """What `run` is called in, where the standard class does not see to it."""
    waits: native.wait_slot | None = None
    """What ends its waits, from its beginning on."""
    gone: native.wait_slot | None = None
    """The same, of a thread that ours started: what its end is waited for by."""
    run: native.Outcome | None = None
    """What an overridden `run` came to."""
    target: native.Outcome | None = None
    """What the target came to that the standard `run` called."""

    def value(self) -> object:
        """Returns what the thread came to, or raises it."""
        if self.gone is None:
            raise RuntimeError("the thread never came to its run")
        # The standard run returns nothing of what its target does.
        value = None if self.run is None else self.run.value()
        return self.target.value() if value is None and self.target else value


def thread_type(
    standard: ModuleType,
    parts: ModuleType,
    room: Mapping[str, Any],
) -> type[stdlib_threading.Thread]:
    """Makes the class.

    Args:
        standard: The standard module, whose `Thread` ours is a subclass of.
        parts: The extension's room of threading.
        room: The names of our room, whose `Event` may be patched.
    """
    base: type[stdlib_threading.Thread] = standard.Thread
    standard_run, standard_join = base.run, base.join
    has_handle = sys.version_info >= (3, 14)
    get_ident = standard.get_ident
    knows_context = "context" in (base.__init__.__kwdefaults__ or ())

    # The base's methods are called by its name, not by super(): in Timer, which has the
    # standard Timer among its bases, super() would find that one.
    class Thread(base):  # type: ignore[misc, valid-type]
        """A thread of control.

        It runs `target(*args, **kwargs)`, or what a subclass overrides `run` with. It is the
        interpreter's thread, known to the standard `threading` as well.

        Args:
            group: None; reserved.
            target: What `run` calls; None for nothing.
            name: The thread's name; None for one of the form "Thread-N (target)".
            args: The positional arguments of `target`.
            kwargs: The keyword arguments of `target`.
            daemon: Whether the program may end while the thread runs; None for as the
                creating thread.
            context: The `contextvars.Context` in which `run` is called; None for one of its
                own. On every Python version.

        Raises:
            AssertionError: `group` is not None.

        Source: CPython Lib/threading.py, class Thread.
        """

        _threeply = Course()

        def __init__(
            self,
            group: None = None,
            target: Callable[..., object] | None = None,
            name: str | None = None,
            args: Iterable[Any] = (),
            kwargs: Mapping[str, Any] | None = None,
            *,
            daemon: bool | None = None,
            context: Context | None = None,
        ) -> None:
            # Spelled out: a dictionary of keywords costs a microsecond a thread.
            if knows_context:
                base.__init__(  # type: ignore[call-arg]
                    self,
                    group,
                    target,
                    name,
                    args,
                    kwargs,
                    daemon=daemon,
                    context=context,
                )
                self._threeply = Course()
            else:
                base.__init__(self, group, target, name, args, kwargs, daemon=daemon)
                self._threeply = Course()
                if context is not None:
                    self._threeply.context = context
            self._started = room["Event"]()

        def _bootstrap_inner(self) -> None:
            # DIFFERENCE: A thread's stack has a frame more.
            course = self._threeply
            waits = course.waits = course.gone = parts.wait_slot()
            run = self.run
            try:
                if (
                    getattr(run, "__func__", None) is standard_run
                    and run.__self__ is self
                    and course.context is None
                ):
                    del run
                    keep_target(self, course)
                    base._bootstrap_inner(self)  # type: ignore[attr-defined]
                else:
                    begin_wrapped(self, course, run)
            finally:
                # What nobody raised would keep alive what it refers to: the thread, say.
                waits.end()

        def join(self, timeout: float | None = None) -> None:
            """Waits until the thread has ended.

            The wait ends when the thread does, when `timeout` has passed, when a signal
            handler that runs in the main thread meanwhile raises (Ctrl-C), or when the
            waiting thread is interrupted. `is_alive()` says which.

            Args:
                timeout: The most seconds to wait; None waits for ever, zero or less not at
                    all.

            Raises:
                RuntimeError: The thread was not started, or is the calling one.
                PythonFinalizationError: The interpreter ends, and the thread never will
                    (Python 3.13 and newer).
                TypeError: `timeout` is not a number.
                ValueError: `timeout` is NaN.
                OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.
            """
            # A thread that was not started or is the calling one the standard join refuses.
            # The thread's last step ends the native wait, so that whoever waits is woken
            # once, and finds the interpreter's lock free.
            gone = self._threeply.gone
            if gone is not None:
                timeout = gone.join(timeout)
                if (
                    has_handle
                    and self._ident != get_ident()
                    and base.join is standard_join
                ):
                    # What is left of the standard join.
                    self._os_thread_handle.join(timeout)
                    return
            base.join(self, timeout)

        def result(self, timeout: float | None = None) -> object:
            """Waits until the thread has ended, and returns what its `run` returned.

            An exception that ended `run` is raised here too; `threading.excepthook` has been
            called with it all the same. Ends as `join` does.

            Args:
                timeout: The most seconds to wait; None waits for ever.

            Returns:
                What `run` returned; unless overridden, that is what `target` returned.

            Raises:
                BaseException: What `run` raised, the same object.
                TimeoutError: The thread has not ended before the timeout.
                RuntimeError: The thread was not started, or is the calling one, or did
                    not survive a fork.
            """
            self.join(timeout)
            course = self._threeply
            if course.gone is not None and not course.gone.is_ended():
                raise TimeoutError(f"{self.name} has not ended before the timeout")
            return course.value()

        def interrupt(
            self, exc: BaseException | type[BaseException] = Interrupted
        ) -> bool:
            """Raises an exception in the thread's native wait, or else in its next one.

            It ends any wait of threeply's primitives, queues and joins. A thread that waits
            elsewhere (in I/O, in `time.sleep`) or computes goes on until it comes to one. A
            second interruption takes the place of one that was not raised yet.

            Safe to call from any thread and from signal handlers.

            Args:
                exc: An exception class or instance.

            Returns:
                Whether the thread was alive to be interrupted.

            Raises:
                RuntimeError: The thread was not started.
                TypeError: `exc` is no exception.
            """
            if not self._started.is_set():
                raise RuntimeError("cannot interrupt a thread before it is started")
            waits = self._threeply.waits
            return waits is not None and waits.interrupt(exc)

        # After a fork, in the child: a thread that stayed in the parent has ended here.

        def _reset_internal_locks(self, is_alive: bool) -> None:
            base._reset_internal_locks(self, is_alive)  # type: ignore[attr-defined]
            if not is_alive:
                lose(self)

        def _after_fork(self, new_ident: int | None = None) -> None:
            base._after_fork(self, new_ident)  # type: ignore[attr-defined]
            if new_ident is None:
                lose(self)

    # DIFFERENCE: A thread's `run` and target are wrapped while it runs.

    def keep_target(thread: Thread, course: Course) -> None:
        """Has the result of a thread's target kept."""
        # DIFFERENCE: A thread that failed is freed by the collector.
        target = thread._target
        if target is not None:
            course.target = parts.Outcome(target)
            thread._target = course.target.run

    def begin_wrapped(
        thread: Thread, course: Course, run: Callable[[], object]
    ) -> None:
        """Runs a thread whose `run` is not the standard one, and keeps what it comes to."""
        keep_target(thread, course)
        own = thread.__dict__
        run_before = own.get("run")
        if course.context is not None:
            run = partial(course.context.run, run)
        course.run = parts.Outcome(run)
        own["run"] = course.run.run
        del run
        try:
            base._bootstrap_inner(thread)  # type: ignore[attr-defined]
        finally:
            del own["run"]
            if run_before is not None:
                own["run"] = run_before

    def lose(thread: Thread) -> None:
        """Notes in a forked child that a thread stayed in the parent."""
        if thread._threeply.waits is not None:
            thread._threeply.waits.lose()

    Thread.__module__ = "threeply.threading"
    Thread.__qualname__ = "Thread"
    return Thread
