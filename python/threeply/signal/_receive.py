"""`receive`: signals as they come, to be waited for or iterated over.

The engine's receiver waits and is told; here are iteration and what asyncio needs.
"""

from __future__ import annotations

import os

from threeply._readable import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from signal import struct_siginfo
    from types import ModuleType, TracebackType
    from typing import Any, Self, TypeVar

    T = TypeVar("T")


def receiving(
    native: ModuleType, standard: ModuleType
) -> tuple[type, Callable[..., Any]]:
    """Makes the class `Receiver` and the function `receive`.

    Args:
        native: The extension's room of signals.
        standard: The standard `signal`.
    """
    base = native.receiver(standard)

    class Receiver(base):  # type: ignore[misc, valid-type]
        """Some signals as they come to this process; what `receive` returns.

        It is an iterator, an asynchronous iterator, and a context manager that closes it.
        Each item is a `struct_siginfo`. Any thread may wait, and several may: each signal
        then goes to one of them.
        """

        def __iter__(self) -> Self:
            return self

        def __next__(self) -> struct_siginfo:
            get: Callable[[], struct_siginfo] = self.get
            return _next(get, StopIteration)

        def __aiter__(self) -> Self:
            return self

        async def __anext__(self) -> struct_siginfo:
            get: Callable[[], struct_siginfo | None] = self.get_nowait
            self.renew()
            while True:
                if (info := _next(get, StopAsyncIteration)) is not None:
                    return info
                await readable(os.dup(self.fileno()))

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self,
            exc_type: type[BaseException] | None,
            exc: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            self.close()

        def __repr__(self) -> str:
            names = sorted(getattr(one, "name", str(one)) for one in self.signals)
            state = " closed" if self.closed else ""
            return f"<{type(self).__qualname__} of {', '.join(names)}{state}>"

    def receive(*signals: int) -> Receiver:
        """Receives each of the signals that comes to this process, from now on.

        A handler that a signal has (`signal.signal`) runs as well. Where the signal has a
        default effect, that does not come to pass as long as somebody receives it: a
        program that receives SIGTERM ends when it likes to. Any number of receivers get
        the same signal. A forked child receives nothing, and is ended by the signal.

            >>> import os, signal
            >>> from threeply.signal import receive
            >>> with receive(signal.SIGUSR1) as received:
            ...     os.kill(os.getpid(), signal.SIGUSR1)
            ...     info = received.get(timeout=10)
            >>> info.si_pid == os.getpid()
            True

        Safe to call from any thread.

        Args:
            *signals: The signals, one at least.

        Returns:
            A `Receiver`: `get(timeout)`, `get_nowait()`, `for info in …`, `async for info in
            …`, `fileno()`, `close()`, `missed`.

        Raises:
            ValueError: No signal was named, or a number is of no signal.
            OSError: A signal cannot be handled (SIGKILL, SIGSTOP), or no descriptor is left.
            RuntimeError: The process has 64 receivers already.
        """
        return Receiver(signals)

    for made in (Receiver, receive):
        made.__module__ = "threeply.signal"
        made.__qualname__ = made.__name__
    return Receiver, receive


def _next(get: Callable[[], T], end: type[Exception]) -> T:
    """Calls `get`; where the receiver is closed by now, raises `end`."""
    try:
        return get()
    except ValueError:
        raise end from None
