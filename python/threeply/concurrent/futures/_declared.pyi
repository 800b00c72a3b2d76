# What a type checker is told of `Executor` and `ThreadPoolExecutor`: as typeshed tells it of
# the standard ones, and what is beyond.
import concurrent.futures as stdlib_futures
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

from threeply.concurrent.futures._pool import Statistics
from threeply.concurrent.futures._worker import WorkerContext as WorkerContext

_P = ParamSpec("_P")
_T = TypeVar("_T")

class Executor(stdlib_futures.Executor):
    def map(
        self,
        fn: Callable[..., _T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[_T]: ...

class ThreadPoolExecutor(Executor, stdlib_futures.ThreadPoolExecutor):
    BROKEN: type[stdlib_futures.BrokenExecutor]
    @classmethod
    def prepare_context(
        cls, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
    ) -> tuple[Callable[[], WorkerContext], Callable[..., Any]]: ...
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
    ) -> None: ...
    def submit_nowait(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_T]: ...
    def submit_within(
        self,
        timeout: float,
        fn: Callable[_P, _T],
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Future[_T]: ...
    def submit_priority(
        self,
        priority: int,
        fn: Callable[_P, _T],
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Future[_T]: ...
    def statistics(self) -> Statistics: ...
