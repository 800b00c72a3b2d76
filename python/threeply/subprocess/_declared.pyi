# What a type checker is told of `Popen` and of the functions that take its options: as
# typeshed tells it of the standard ones, and what is beyond.
import subprocess as stdlib_subprocess
from collections.abc import (
    Callable,
    Collection,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from os import PathLike
from resource import struct_rusage
from typing import IO, Any, AnyStr, Literal, TypeAlias, TypedDict, Unpack, overload

from typing_extensions import Buffer

Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
Command: TypeAlias = Path | Sequence[Path]
Redirection: TypeAlias = int | IO[Any] | None

class Options(TypedDict, total=False):
    stdin: Redirection
    stderr: Redirection
    preexec_fn: Callable[[], object] | None
    close_fds: bool
    shell: bool
    cwd: Path | None
    env: Mapping[bytes, Path] | Mapping[str, Path] | None
    startupinfo: None
    creationflags: int
    restore_signals: bool
    start_new_session: bool
    pass_fds: Collection[int]
    user: str | int | None
    group: str | int | None
    extra_groups: Iterable[str | int] | None
    umask: int
    pipesize: int
    process_group: int | None
    nice: int | None
    rlimits: Mapping[int, tuple[int, int]] | None
    sigmask: Iterable[int] | None
    parent_death_signal: int | None
    own_tree: bool

class PopenOptions(Options, total=False):
    stdout: Redirection

class CallOptions(PopenOptions, total=False):
    text: bool | None
    encoding: str | None
    errors: str | None
    universal_newlines: bool | None

# `kill_tree` says `own_tree` itself.
class OutputOptions(Options, total=False):
    timeout: float | None
    kill_tree: bool
    max_output: int | None
    tee: bool

class RunOptions(OutputOptions, total=False):
    stdout: Redirection
    capture_output: bool
    check: bool

class Popen(stdlib_subprocess.Popen[AnyStr]):
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: bool | None = None,
        encoding: str,
        errors: str | None = None,
        universal_newlines: bool | None = None,
        **options: Unpack[PopenOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: bool | None = None,
        encoding: str | None = None,
        errors: str,
        universal_newlines: bool | None = None,
        **options: Unpack[PopenOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: Literal[True],
        encoding: str | None = None,
        errors: str | None = None,
        universal_newlines: bool | None = None,
        **options: Unpack[PopenOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: bool | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        universal_newlines: Literal[True],
        **options: Unpack[PopenOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[bytes],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: Literal[False] | None = None,
        encoding: None = None,
        errors: None = None,
        universal_newlines: Literal[False] | None = None,
        **options: Unpack[PopenOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[Any],
        args: Command,
        bufsize: int = -1,
        executable: Path | None = None,
        *,
        text: bool | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        universal_newlines: bool | None = None,
        **options: Unpack[PopenOptions],
    ) -> None: ...
    def communicate(
        self,
        input: AnyStr | None = None,  # noqa: A002
        timeout: float | None = None,
        *,
        max_output: int | None = None,
        tee: bool = False,
    ) -> tuple[AnyStr, AnyStr]: ...
    def kill_tree(self) -> None: ...
    def resource_usage(self) -> struct_rusage | None: ...
    def __await__(self) -> Generator[Any, None, int]: ...

@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str,
    universal_newlines: bool | None = None,
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: Literal[True],
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: Literal[True],
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: Buffer | None = None,
    text: Literal[False] | None = None,
    encoding: None = None,
    errors: None = None,
    universal_newlines: Literal[False] | None = None,
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[bytes]: ...
@overload
def run(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | Buffer | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[RunOptions],
) -> stdlib_subprocess.CompletedProcess[Any]: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[OutputOptions],
) -> str: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str,
    universal_newlines: bool | None = None,
    **options: Unpack[OutputOptions],
) -> str: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: Literal[True],
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[OutputOptions],
) -> str: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: Literal[True],
    **options: Unpack[OutputOptions],
) -> str: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: Buffer | None = None,
    text: Literal[False] | None = None,
    encoding: None = None,
    errors: None = None,
    universal_newlines: Literal[False] | None = None,
    **options: Unpack[OutputOptions],
) -> bytes: ...
@overload
def check_output(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    input: str | Buffer | None = None,
    text: bool | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    universal_newlines: bool | None = None,
    **options: Unpack[OutputOptions],
) -> Any: ...  # noqa: ANN401
def call(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    timeout: float | None = None,
    **options: Unpack[CallOptions],
) -> int: ...
def check_call(
    args: Command,
    bufsize: int = -1,
    executable: Path | None = None,
    *,
    timeout: float | None = None,
    **options: Unpack[CallOptions],
) -> int: ...
