"""`Thread`: the standard class with a native start, end, result and interruption.

The thread is the interpreter's, in the standard module's registry; what it waits for, and
what waits for it, is native.

Source: CPython Lib/threading.py, class Thread.
"""

from __future__ import annotations

from functools import partial
from time import monotonic

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

    __slots__ = ("context", "ended", "run", "target", "waits")

    def __init__(
        self, ended: stdlib_threading.Event | None, context: Context | None
    ) -> None:
        # None for a thread that ours did not start.
        self.ended = ended
        self.context = context
        self.run: native.Outcome | None = None
        self.target: native.Outcome | None = None
        self.waits: native.wait_slot | None = None

    def value(self) -> object:
        """Returns what the thread came to, or raises it."""
        if self.run is None:
            raise RuntimeError("the thread never came to its run")
        value = self.run.value()
        # The standard run returns nothing of what its target does.
        return self.target.value() if value is None and self.target else value


def thread_type(
    standard: ModuleType,
    parts: ModuleType,
    event: type[stdlib_threading.Event],
    room: Mapping[str, Any],
) -> type[stdlib_threading.Thread]:
    """Makes the class.

    Args:
        standard: The standard module, whose `Thread` ours is a subclass of.
        parts: The extension's room of threading.
        event: Our `Event`.
        room: The names of our room, whose `Event` may be patched.
    """
    base: type[stdlib_threading.Thread] = standard.Thread
    knows_context = "context" in (base.__init__.__kwdefaults__ or ())
    current_thread = standard.current_thread

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

        _threeply = Course(None, None)

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
            if knows_context:
                in_context = {"context": context}
                context = None
            else:
                in_context = {}
            base.__init__(
                self, group, target, name, args, kwargs, daemon=daemon, **in_context
            )
            self._started = room["Event"]()
            self._threeply = Course(event(), context)

        def _bootstrap_inner(self) -> None:
            # DIFFERENCE: A thread's stack has a frame more.
            # DIFFERENCE: A thread's `run` and target are wrapped while it runs.
            # DIFFERENCE: A thread that failed is freed by the collector.
            course, own = self._threeply, self.__dict__
            ended = course.ended
            waits = course.waits = parts.wait_slot()
            if own["_target"] is not None:
                course.target = parts.Outcome(own["_target"])
                own["_target"] = course.target.run
            run_before = own.get("run")
            run: Callable[[], object] = self.run
            if course.context is not None:
                run = partial(course.context.run, run)
            course.run = parts.Outcome(run)
            own["run"] = course.run.run
            del run
            try:
                base._bootstrap_inner(self)  # type: ignore[attr-defined]
            finally:
                del own["run"]
                if run_before is not None:
                    own["run"] = run_before
                # What nobody raised would keep alive what it refers to: the thread, say.
                waits.end()
                if ended is not None:
                    ended.set()

        def join(self, timeout: float | None = None) -> None:
            """Waits until the thread has ended.

            The wait ends when the thread does, when `timeout` has passed, when a signal
            handler that runs in the main thread meanwhile raises (Ctrl-C), or when the
            waiting thread is interrupted. `is_alive()` says which.

            Args:
                timeout: The most seconds to wait, an int or a float; None waits for ever,
                    zero or less not at all.

            Raises:
                RuntimeError: The thread was not started, or is the calling one.
                TypeError: `timeout` is not a number.
                ValueError: `timeout` is NaN.
                OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.
            """
            # Any other thread than these is refused by the standard join.
            ended = self._threeply.ended
            if (
                ended is not None
                and self._started.is_set()
                and self is not current_thread()
            ):
                # The native wait, and then the few steps in which the interpreter ends a
                # thread that is through.
                if timeout is None:
                    ended.wait()
                else:
                    end = monotonic() + timeout
                    if not ended.wait(timeout):
                        return
                    timeout = max(end - monotonic(), 0.0)
            base.join(self, timeout)

        def result(self, timeout: float | None = None) -> object:
            """Waits until the thread has ended, and returns what its `run` returned.

            An exception that ended `run` is raised here too; `threading.excepthook` has been
            called with it all the same. Ends as `join` does.

            Args:
                timeout: The most seconds to wait, an int or a float; None waits for ever.

            Returns:
                What `run` returned; unless overridden, that is what `target` returned.

            Raises:
                BaseException: What `run` raised, the same object.
                TimeoutError: The thread has not ended before the timeout.
                RuntimeError: The thread was not started, or is the calling one, or did
                    not survive a fork.
            """
            self.join(timeout)
            ended = self._threeply.ended
            if ended is not None and not ended.is_set():
                raise TimeoutError(f"{self.name} has not ended before the timeout")
            return self._threeply.value()

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
            course = self._threeply
            if course.waits is None or (course.ended and course.ended.is_set()):
                return False
            return course.waits.interrupt(exc)

        # After a fork, in the child: a thread that stayed in the parent has ended here.

        def _reset_internal_locks(self, is_alive: bool) -> None:
            base._reset_internal_locks(self, is_alive)  # type: ignore[attr-defined]
            if not is_alive and self._threeply.ended:
                self._threeply.ended.set()

        def _after_fork(self, new_ident: int | None = None) -> None:
            base._after_fork(self, new_ident)  # type: ignore[attr-defined]
            if new_ident is None and self._threeply.ended:
                self._threeply.ended.set()

    Thread.__module__ = "threeply.threading"
    Thread.__qualname__ = "Thread"
    return Thread
