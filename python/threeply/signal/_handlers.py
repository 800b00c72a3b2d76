"""`signal`: setting handlers.

The table of handlers is the interpreter's, and it runs them. Ours is that a signal which
another thread gets wakes the main thread from a native wait.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def setting(standard: ModuleType, relay: Callable[[int], None]) -> Callable[..., Any]:
    """Makes the function, and relays what has a handler already.

    Args:
        standard: The standard `signal`.
        relay: The extension's.
    """
    for number in standard.valid_signals():
        relay(number)

    def signal(signalnum: int, handler: object) -> object:
        """Sets what happens when the signal comes, and returns what happened until now.

        A Python handler is called as `handler(signalnum, frame)`, in the main thread, within
        a millisecond even where that waits in a native wait and another thread got the
        signal. Only the main thread of the main interpreter may set handlers.

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
        before: object = standard.signal(signalnum, handler)
        relay(signalnum)
        return before

    signal.__module__ = "threeply.signal"
    signal.__qualname__ = "signal"
    return signal
