from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any, type_check_only

from typing_extensions import Buffer

__all__ = ["types"]

# Makes the classes by their names, over the exceptions of the standard module.
def types(standard: ModuleType) -> dict[str, type[Any]]: ...

# A child that `Popen` has started.
@type_check_only
class Process:
    def __init__(
        self,
        program: object,
        arguments: Sequence[object],
        /,
        *,
        environment: Iterable[tuple[object, object]] | None = None,
        directory: object = None,
        streams: tuple[int, int, int] | None = None,
        pass_fds: Iterable[int] | None = None,
        close_fds: bool | None = None,
        restore_signals: bool | None = None,
        session: bool | None = None,
        process_group: int | None = None,
        gid: int | None = None,
        groups: Iterable[int] | None = None,
        uid: int | None = None,
        umask: int | None = None,
        hook: object = None,
        nice: int | None = None,
        rlimits: Iterable[tuple[int, tuple[int, int]]] | None = None,
        sigmask: Iterable[int] | None = None,
        parent_death_signal: int | None = None,
        own_tree: bool | None = None,
    ) -> None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int | None: ...
    def send_signal(self, sig: int) -> None: ...
    def open_pidfd(self) -> int | None: ...
    def kill_tree(self) -> None: ...
    def resource_usage(self) -> list[float] | None: ...
    @property
    def pid(self) -> int: ...

# A talk with a child over its pipes.
@type_check_only
class Communication:
    def __init__(
        self,
        stdin: int | None,
        input: Buffer | None,  # noqa: A002
        stdout: int | None,
        stdout_before: Buffer,
        stderr: int | None,
        stderr_before: Buffer,
        max_output: int | None = None,
        show_stdout: int | Callable[[bytes], object] | None = None,
        show_stderr: int | Callable[[bytes], object] | None = None,
    ) -> None: ...
    def go_on(self, timeout: float | None = None) -> bool | None: ...
    def so_far(self) -> tuple[bytes | None, bytes | None]: ...
    def finish(self) -> tuple[bytes | None, bytes | None]: ...
