"""`Timer`: a thread that calls a function after some seconds.

Source: CPython Lib/threading.py, class Timer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading as stdlib_threading
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType
    from typing import Any


def timer_type(
    standard: ModuleType,
    thread: type[stdlib_threading.Thread],
    room: Mapping[str, Any],
) -> type[stdlib_threading.Timer]:
    """Makes the class.

    Args:
        standard: The standard module, whose `Timer` ours is a subclass of.
        thread: Our `Thread`, whose subclass it is too.
        room: The names of our room, whose `Event` may be patched.
    """

    class Timer(thread, standard.Timer):  # type: ignore[misc, valid-type, name-defined]
        """Calls a function after some seconds, in a thread of its own, unless cancelled.

        Args:
            interval: The seconds to wait, an int or a float.
            function: What is called.
            args: Its positional arguments.
            kwargs: Its keyword arguments.

        Source: CPython Lib/threading.py, class Timer.
        """

        def __init__(
            self,
            interval: float,
            function: Callable[..., object],
            args: Iterable[Any] | None = None,
            kwargs: Mapping[str, Any] | None = None,
        ) -> None:
            thread.__init__(self)
            self.interval = interval
            self.function = function
            self.args = args if args is not None else []
            self.kwargs = kwargs if kwargs is not None else {}
            self.finished = room["Event"]()

        def cancel(self) -> None:
            """Stops the timer if it still waits. Never blocks."""
            self.finished.set()

        def run(self) -> object:
            """Waits, and calls the function unless cancelled meanwhile.

            Returns:
                What the function returned, for `result`; None when cancelled.
            """
            self.finished.wait(self.interval)
            try:
                if not self.finished.is_set():
                    return self.function(*self.args, **self.kwargs)
            finally:
                self.finished.set()
            return None

    Timer.__module__ = "threeply.threading"
    Timer.__qualname__ = "Timer"
    return Timer
