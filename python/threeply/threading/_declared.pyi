# What a type checker is told of the classes that `thread_type` and `timer_type` make.
import threading as stdlib_threading
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from typing import Any

from threeply.threading._thread import Interrupted as Interrupted

class Thread(stdlib_threading.Thread):
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
    ) -> None: ...
    # What an overridden run returns is for the caller of result to know.
    def result(self, timeout: float | None = None) -> Any: ...  # noqa: ANN401
    def interrupt(self, exc: BaseException | type[BaseException] = ...) -> bool: ...

class Timer(Thread, stdlib_threading.Timer):
    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None: ...
