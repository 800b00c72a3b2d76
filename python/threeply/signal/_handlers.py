"""Handlers: what Python calls when a signal comes.

The table of handlers is the interpreter's, one for each signal, and it runs them. Ours is
that a signal which another thread gets wakes the main thread from a native wait, and that
a program can add handlers to the one that is set.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

    Handler = Callable[[int, FrameType | None], object]


class Added:
    """A signal's handler, and those that were added: the interpreter calls it as one.

    Args:
        first: What `signal` has set: a callable, SIG_IGN or SIG_DFL.
        more: The handlers that were added, in their order.
    """

    __slots__ = ("first", "more")

    def __init__(self, first: object, more: tuple[Handler, ...]) -> None:
        self.first = first
        self.more = more

    def __call__(self, signalnum: int, frame: FrameType | None) -> None:
        """Calls each of them, whatever one raises; what is raised last goes on."""
        rest = iter((self.first, *self.more) if callable(self.first) else self.more)
        self._call(rest, signalnum, frame)

    def _call(self, rest: Any, signalnum: int, frame: FrameType | None) -> None:  # noqa: ANN401
        for handler in rest:
            try:
                handler(signalnum, frame)
            finally:
                self._call(rest, signalnum, frame)


def functions(
    standard: ModuleType, relay: Callable[[int], None]
) -> dict[str, Callable[..., Any]]:
    """Makes the functions, and relays what has a handler already.

    Args:
        standard: The standard `signal`.
        relay: The extension's.
    """
    for number in standard.valid_signals():
        relay(number)
    extended: set[int] = set()

    def change(signalnum: int, make: Callable[[object], object]) -> object:
        """Sets what `make` makes of what is set, and returns that.

        A signal's handler may run in between and set another: that is not lost.
        """
        before = expected = standard.getsignal(signalnum)
        made = make(before)
        while (found := standard.signal(signalnum, made)) is not expected:
            before, expected = found, made
            made = make(before)
        relay(signalnum)
        return before

    def signal(signalnum: int, handler: object) -> object:
        """Sets what happens when the signal comes, and returns what happened until now.

        A Python handler is called as `handler(signalnum, frame)`, in the main thread, within
        a millisecond even where that waits in a native wait and another thread got the
        signal. Only the main thread of the main interpreter may set handlers. Those that
        `add_handler` added stay.

        Args:
            signalnum: The signal.
            handler: A callable, SIG_IGN, or SIG_DFL.

        Returns:
            A callable, SIG_IGN, SIG_DFL, or None where something else than Python set it.

        Raises:
            ValueError: This is not the main thread, or there is no such signal.
            TypeError: `handler` is none of these.
            OSError: The signal cannot be handled.

        Source: CPython signal.signal; sigaction(2).
        """

        def make(before: object) -> object:
            acts = (standard.SIG_DFL, standard.SIG_IGN)
            if isinstance(before, Added) and (callable(handler) or handler in acts):
                return Added(handler, before.more)
            return handler

        if signalnum in extended:
            return _first(change(signalnum, make))
        before: object = standard.signal(signalnum, handler)
        relay(signalnum)
        return _first(before)

    def getsignal(signalnum: int) -> object:
        """Returns what `signal` has set for the signal, whatever was added.

        Safe to call from any thread.

        Args:
            signalnum: The signal.

        Returns:
            A callable, SIG_IGN, SIG_DFL, or None where something else than Python set it.

        Raises:
            ValueError: There is no such signal.

        Source: CPython signal.getsignal.
        """
        return _first(standard.getsignal(signalnum))

    def add_handler(signalnum: int, handler: Handler) -> None:
        """Has `handler(signalnum, frame)` called as well when the signal comes.

        It is called in the main thread, after the handler that `signal` sets, now or later,
        and after those that were added before; each is called, whatever another raises.
        A default effect does not come to pass while there is a handler. Whoever sets a
        handler by the standard module's own `signal` takes the place of all of them.
        Only the main thread of the main interpreter may add handlers.

            >>> import signal
            >>> from threeply.signal import add_handler, raise_signal, remove_handler
            >>> def goodbye(signalnum, frame):
            ...     print("goodbye")
            >>> add_handler(signal.SIGUSR1, goodbye)
            >>> raise_signal(signal.SIGUSR1)
            goodbye
            >>> remove_handler(signal.SIGUSR1, goodbye)
            True

        Args:
            signalnum: The signal.
            handler: A callable.

        Raises:
            ValueError: This is not the main thread, there is no such signal, or it has a
                handler that is not Python's and would be lost.
            TypeError: `handler` cannot be called.
            OSError: The signal cannot be handled.
        """
        if not callable(handler):
            raise TypeError(f"handler must be callable, not {type(handler).__name__}")

        def make(before: object) -> Added:
            if before is None:
                raise ValueError(
                    f"signal {signalnum} has a handler that is not Python's"
                )
            if isinstance(before, Added):
                return Added(before.first, (*before.more, handler))
            return Added(before, (handler,))

        extended.add(signalnum)
        change(signalnum, make)

    def remove_handler(signalnum: int, handler: Handler) -> bool:
        """Takes back one `add_handler`, the last with this handler.

        Only the main thread of the main interpreter may.

        Args:
            signalnum: The signal.
            handler: What was added, or something equal.

        Returns:
            Whether there was one. What `signal` set is not taken away.

        Raises:
            ValueError: This is not the main thread, or there is no such signal.
        """
        found = False

        def make(before: object) -> object:
            nonlocal found
            if not isinstance(before, Added):
                return before
            more = _without_last(handler, before.more)
            found = len(more) < len(before.more)
            return Added(before.first, more) if more else before.first

        if isinstance(standard.getsignal(signalnum), Added):
            change(signalnum, make)
        return found

    made = (signal, getsignal, add_handler, remove_handler)
    for function in made:
        function.__module__ = "threeply.signal"
        function.__qualname__ = function.__name__
    return {function.__name__: function for function in made}


def _first(handler: object) -> object:
    return handler.first if isinstance(handler, Added) else handler


def _without_last(handler: Handler, added: tuple[Handler, ...]) -> tuple[Handler, ...]:
    for at in reversed(range(len(added))):
        if added[at] == handler:
            return (*added[:at], *added[at + 1 :])
    return added
