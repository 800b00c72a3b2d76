"""`Popen`: a child process and this side of its pipes.

The engine starts it; here is what Python programs say of it, and the files that they read
and write. What becomes of the child is `_child`'s, the talk with it `_conversing`'s.

Source: CPython Lib/subprocess.py, class Popen.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import warnings
from abc import ABCMeta

from threeply import _stdlib
from threeply._install import installed
from threeply.subprocess import _encoding, _files, _identity
from threeply.subprocess._child import SECONDS_AFTER_CTRL_C
from threeply.subprocess._conversing import Conversing
from threeply.subprocess._handles import NOTHING, STDOUT, Handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any

    from threeply.subprocess._handles import Redirection

    Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]
else:
    stdlib_subprocess = _stdlib.module("subprocess")

SubprocessError = stdlib_subprocess.SubprocessError
FinalizationError = getattr(builtins, "PythonFinalizationError", RuntimeError)


class PopenType(ABCMeta):
    """The class of `Popen`, which knows the standard children of before the install.

    It is abstract classes' own, so that a program may derive a class from `Popen` and one
    of those.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        """Says of a standard child that it is one, once the rooms are installed."""
        return super().__instancecheck__(instance) or (
            cls is Popen
            and installed()
            and isinstance(instance, stdlib_subprocess.Popen)
        )


class Popen(Conversing, metaclass=PopenType):
    """A child process that executes a program.

    Every option that is named here is carried out by the child itself, between its birth
    and its program. Only `preexec_fn` needs a copy of this process's memory.

        >>> from threeply.subprocess import PIPE, Popen
        >>> with Popen(["tr", "a-z", "A-Z"], stdin=PIPE, stdout=PIPE, text=True) as child:
        ...     child.communicate("three plies", timeout=10)
        ('THREE PLIES', None)

    Args:
        args: The program and its arguments, or one string; with `shell`, the command.
        bufsize: The buffering of the pipes' files, as of `open`.
        executable: The program to execute, where `args` is to name another.
        stdin, stdout, stderr: Each None (inherited), PIPE, DEVNULL, a descriptor, or a
            file; STDOUT for stderr.
        preexec_fn: Called in the child right before its program. The child is then a
            fork, whose cost grows with this process's memory.
        close_fds: Whether the child has only the descriptors it is given.
        shell: Whether `/bin/sh` executes `args`.
        cwd: The directory in which the program starts.
        env: The variables of the program; None for those of this process.
        universal_newlines: The same as `text`.
        startupinfo, creationflags: None and 0; they mean something on Windows only.
        restore_signals: Whether the child gets the default effect of SIGPIPE and SIGXFSZ.
        start_new_session: Whether the child leads a session of its own.
        pass_fds: The descriptors that the child has beside its standard streams.
        user, group, extra_groups: Whom the program runs as, by names or numbers.
        encoding, errors: The encoding of the pipes' text, and what happens to errors.
        text: Whether the pipes' files are of text.
        umask: The child's file mode creation mask; -1 for this process's.
        pipesize: The capacity of the pipes in bytes; -1 for the system's.
        process_group: The child's process group, 0 for its own; None for this process's.
        nice: How much nicer than this thread the child is.
        rlimits: The child's limits: pairs (soft, hard) by `resource.RLIMIT_...`.
        sigmask: The signals that the child blocks; None for those of this thread.
        parent_death_signal: What the child is sent when the thread that starts it ends.
        own_tree: Whether the child is prepared so that `kill_tree` finds everything that
            it starts: in a session and, where this process may make one, a cgroup of its
            own. A terminal's Ctrl-C does not reach it then.

    Attributes:
        args: As given.
        stdin, stdout, stderr: The pipes' files, or None.
        pid: The child's process number.
        returncode: None until the child's end is known by `poll`, `wait` or
            `communicate`; then its exit status, or the number of the signal that ended
            it, negated; 0 where somebody else took the status.

    Raises:
        OSError: The child could not be started; `filename` is the program or `cwd`.
        SubprocessError: `preexec_fn` raised; or `text` and `universal_newlines` differ.
        RuntimeError: There is a `preexec_fn`, and the interpreter ends.
        ValueError: A string holds a NUL, or an argument makes no sense.
        TypeError: An argument is of the wrong type.
        OverflowError: A number is out of the kernel's range.

    A child is never left half made: where one of these is raised, no process and no
    descriptor remains. Safe to use from several threads, and from signal handlers.

    Source: CPython Lib/subprocess.py, class Popen; clone(2), pidfd_open(2).
    """

    def __init__(
        self,
        args: Path | Sequence[Path],
        bufsize: int = -1,
        executable: Path | None = None,
        stdin: Redirection = None,
        stdout: Redirection = None,
        stderr: Redirection = None,
        preexec_fn: Callable[[], object] | None = None,
        close_fds: bool = True,
        shell: bool = False,
        cwd: Path | None = None,
        env: Mapping[Any, Any] | None = None,
        universal_newlines: bool | None = None,
        startupinfo: None = None,
        creationflags: int = 0,
        restore_signals: bool = True,
        start_new_session: bool = False,
        pass_fds: Collection[int] = (),
        *,
        user: str | int | None = None,
        group: str | int | None = None,
        extra_groups: Iterable[str | int] | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        text: bool | None = None,
        umask: int = -1,
        pipesize: int = -1,
        process_group: int | None = None,
        nice: int | None = None,
        rlimits: Mapping[int, tuple[int, int]] | None = None,
        sigmask: Iterable[int] | None = None,
        parent_death_signal: int | None = None,
        own_tree: bool = False,
    ) -> None:
        # Children whose objects died while they ran may have ended.
        stdlib_subprocess._cleanup()  # type: ignore[attr-defined]
        bufsize = _integer("bufsize", bufsize)
        if stdout is STDOUT:
            raise ValueError("STDOUT can only be used for stderr")
        self.pipesize = _integer("pipesize", pipesize)
        if pass_fds and not close_fds:
            message = "pass_fds overriding close_fds."
            warnings.warn(message, RuntimeWarning, stacklevel=2)
            close_fds = True
        _refuse_windows(startupinfo, creationflags)
        self.args = args
        self.stdin = self.stdout = self.stderr = None
        self.pid = None  # type: ignore[assignment]
        self.returncode = None
        self.encoding = encoding
        self.errors = errors
        if None not in (text, universal_newlines) and bool(text) != bool(
            universal_newlines
        ):
            message = (
                "Cannot disambiguate when both text and universal_newlines are "
                "supplied but different. Pass one or the other."
            )
            raise SubprocessError(message)
        self.text_mode = encoding or errors or text or universal_newlines
        if self.text_mode and encoding is None:
            self.encoding = encoding = _encoding.of_text()
        self._sigint_wait_secs = SECONDS_AFTER_CTRL_C
        self._beyond: dict[str, Any] = {
            "nice": nice,
            "rlimits": None if rlimits is None else tuple(rlimits.items()),
            "sigmask": sigmask,
            "parent_death_signal": parent_death_signal,
            "own_tree": own_tree,
        }
        gid = _identity.group_id(group)
        gids = _identity.group_ids(extra_groups)
        uid = _identity.user_id(user)
        encoded = encoding if self.text_mode else None
        self._mode = mode = _files.Mode(bufsize, encoded, errors)
        ends = self._get_handles(stdin, stdout, stderr)
        try:
            self._open_files(mode)
            self._execute_child(
                args,
                executable,
                preexec_fn,
                close_fds,
                pass_fds,
                cwd,
                env,
                startupinfo,
                creationflags,
                shell,
                *ends,
                restore_signals,
                gid,
                gids,
                uid,
                umask,
                start_new_session,
                -1 if process_group is None else process_group,
            )
        except BaseException:
            self._close_files()
            self._handles.close_all()
            raise

    # Hooks: programs and tests override them, in the standard shape.

    def _get_handles(
        self, stdin: Redirection, stdout: Redirection, stderr: Redirection
    ) -> tuple[int, int, int, int, int, int]:
        """Opens what the redirections ask for: pairs of ends, the child's first but in output."""
        self._handles = handles = Handles(self.pipesize)
        handles.open(stdin, stdout, stderr)
        (read, out, err), (write, from_out, from_err) = handles.theirs, handles.ours
        return read, write, from_out, out, from_err, err

    def _execute_child(
        self,
        args: Any,  # noqa: ANN401
        executable: Any,  # noqa: ANN401
        preexec_fn: Callable[[], object] | None,
        close_fds: bool,
        pass_fds: Collection[int],
        cwd: Path | None,
        env: Mapping[Any, Any] | None,
        startupinfo: None,
        creationflags: int,
        shell: bool,
        p2cread: int,
        p2cwrite: int,
        c2pread: int,
        c2pwrite: int,
        errread: int,
        errwrite: int,
        restore_signals: bool,
        gid: int | None,
        gids: Sequence[int] | None,
        uid: int | None,
        umask: int,
        start_new_session: bool,
        process_group: int,
    ) -> None:
        """Starts the child."""
        if preexec_fn is not None and sys.is_finalizing():
            raise FinalizationError("preexec_fn not supported at interpreter shutdown")
        args, executable = _command(args, executable, shell)
        sys.audit("subprocess.Popen", executable, args, cwd, env)
        # DIFFERENCE: Popen calls neither _fork_exec nor os.waitpid
        self._process = self._native(
            executable,
            args,
            environment=None if env is None else tuple(env.items()),
            directory=cwd,
            streams=(p2cread, c2pwrite, errwrite),
            pass_fds=pass_fds,
            close_fds=close_fds,
            restore_signals=restore_signals,
            session=start_new_session,
            process_group=None if process_group == -1 else process_group,
            gid=gid,
            groups=gids,
            uid=uid,
            umask=None if umask < 0 else umask,
            hook=preexec_fn,
            **self._beyond,
        )
        self.pid = self._process.pid
        self._child_created = True
        self._handles.close_theirs()

    # The rest is for nobody else.

    def _open_files(self, mode: _files.Mode) -> None:
        take, ours = self._handles.take_ours, self._handles.ours
        if ours[0] != NOTHING:
            self.stdin = mode.to_write(take(0))
        if ours[1] != NOTHING:
            self.stdout = mode.to_read(take(1))
        if ours[2] != NOTHING:
            self.stderr = mode.to_read(take(2))

    def _close_files(self) -> None:
        for file in (self.stdin, self.stdout, self.stderr):
            if file:
                with contextlib.suppress(OSError):
                    file.close()


def _command(args: Any, executable: Any, shell: bool) -> tuple[list[Any], Any]:  # noqa: ANN401
    """Returns the arguments as a list, and the file that is executed."""
    if isinstance(args, str | bytes):
        args = [args]
    elif isinstance(args, os.PathLike):
        if shell:
            raise TypeError("path-like args is not allowed when shell is true")
        args = [args]
    else:
        args = list(args)
    if shell:
        args = [executable or "/bin/sh", "-c", *args]
    return args, args[0] if executable is None else executable


def _integer(name: str, value: int | None) -> int:
    if value is None:
        return -1
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an integer")
    return value


def _refuse_windows(startupinfo: object, creationflags: object) -> None:
    if startupinfo is not None:
        raise ValueError("startupinfo is only supported on Windows platforms")
    if creationflags != 0:
        raise ValueError("creationflags is only supported on Windows platforms")
