"""`Popen`: a child process and this side of its pipes.

The engine starts it, waits for it, signals it and talks with it; here are the files that
Python programs read and write, and the standard class's attributes and hooks.

Source: CPython Lib/subprocess.py, class Popen.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import types
import warnings
from abc import ABCMeta
from time import monotonic

from threeply import _stdlib
from threeply._install import installed
from threeply.subprocess import _awaiting, _encoding, _files, _identity, _tee
from threeply.subprocess._handles import NOTHING, STDOUT, Handles
from threeply.subprocess._limit import OutputLimitExceeded
from threeply.subprocess._talk import Talk, close_quietly, translate

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from collections.abc import (
        Callable,
        Collection,
        Generator,
        Iterable,
        Mapping,
        Sequence,
    )
    from resource import struct_rusage
    from types import TracebackType
    from typing import Any, Self

    from threeply._threeply import subprocess as native
    from threeply.subprocess._handles import Redirection
    from threeply.subprocess._talk import Said
    from threeply.subprocess._tee import Show

    Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]
    Standard = stdlib_subprocess.Popen[Any]
else:
    stdlib_subprocess = _stdlib.module("subprocess")
    Standard = stdlib_subprocess.Popen

SubprocessError = stdlib_subprocess.SubprocessError
TimeoutExpired = stdlib_subprocess.TimeoutExpired
signal = stdlib_subprocess.signal  # type: ignore[attr-defined]

FinalizationError = getattr(builtins, "PythonFinalizationError", RuntimeError)

SECONDS_TO_DIE = 1.0
"""How long a child that was killed is waited for: it may be deep in the kernel."""

SECONDS_AFTER_CTRL_C = 0.25
"""How long an interrupted wait goes on, since the child got the Ctrl-C as well."""


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


class Popen(Standard, metaclass=PopenType):
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

    _native: type[native.Process]
    _communication: type[native.Communication]

    _child_created = False
    _communication_started = False
    _process: native.Process | None = None
    _talk: Talk | None = None
    _said: Said | None = None

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
        mode = _files.Mode(bufsize, encoding if self.text_mode else None, errors)
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

    def __repr__(self) -> str:
        """Returns a short description: the return code, and the start of the arguments."""
        text = (
            f"<{self.__class__.__name__}: "
            f"returncode: {self.returncode} args: {self.args!r}>"
        )
        return text if len(text) <= 80 else text[:76] + "...>"

    def __class_getitem__(cls, item: object) -> types.GenericAlias:
        """Returns the generic alias `Popen[item]`, for annotations."""
        return types.GenericAlias(cls, item)

    @property
    def universal_newlines(self) -> Any:  # noqa: ANN401
        """The older name of `text_mode`."""
        return self.text_mode

    @universal_newlines.setter
    def universal_newlines(self, universal_newlines: Any) -> None:  # noqa: ANN401
        self.text_mode = bool(universal_newlines)

    def __enter__(self) -> Self:
        """Returns the object itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the pipes and waits for the child, without end.

        After a Ctrl-C it waits a quarter of a second: the child got it as well.
        """
        if self._talk is not None:
            self._talk.close()
        for file in (self.stdout, self.stderr):
            if file:
                file.close()
        try:
            if self.stdin:
                self.stdin.close()
        finally:
            if exc_type is KeyboardInterrupt:
                self._wait_after_ctrl_c()
            else:
                self.wait()

    def __del__(
        self,
        _maxsize: int = sys.maxsize,
        _warn: Callable[..., None] = warnings.warn,
        _standard: Any = stdlib_subprocess,  # noqa: ANN401
    ) -> None:
        """Warns of a child that may run on, and sees to it that it is reaped some day."""
        if not self._child_created:
            return
        if self.returncode is None:
            message = f"subprocess {self.pid} is still running"
            _warn(message, ResourceWarning, source=self)
        self._internal_poll(_deadstate=_maxsize)
        if self.returncode is None and _standard._active is not None:
            _standard._active.append(self)

    def poll(self) -> int | None:
        """Returns the return code if the child has ended, else None. Never waits."""
        return self._internal_poll()

    def wait(self, timeout: float | None = None) -> int:
        """Waits until the child has ended.

        The wait ends then, when `timeout` has passed, by Ctrl-C or another handler that
        raises (in the main thread), and by `Thread.interrupt`. Nothing polls: it returns
        as soon as the child has ended. A child that fills a pipe that nobody reads does
        not end; `communicate` reads them.

        Args:
            timeout: The most seconds to wait; None waits for ever.

        Returns:
            The return code.

        Raises:
            TimeoutExpired: The time has passed. The child runs on.
            ValueError: `timeout` is NaN.

        Source: CPython Lib/subprocess.py, Popen.wait; pidfd_open(2).
        """
        endtime = _end(timeout)
        try:
            return self._wait(timeout=timeout)
        except KeyboardInterrupt:
            self._wait_after_ctrl_c(endtime)
            raise

    def communicate(
        self,
        input: Any = None,  # noqa: A002, ANN401
        timeout: float | None = None,
        *,
        max_output: int | None = None,
        tee: bool = False,
    ) -> Any:  # noqa: ANN401
        """Sends `input` to the child, reads what it writes, and waits for its end.

        The wait ends then, when `timeout` has passed, by Ctrl-C or another handler that
        raises (in the main thread), and by `Thread.interrupt`. After `TimeoutExpired`
        another call goes on where this one stopped: nothing is lost.

        What the program has read from the files itself is not read again; what they hold
        read ahead is, but for text that was decoded already, if there are several pipes.

        Args:
            input: Bytes, or a string in text mode; None for nothing.
            timeout: The most seconds to wait; None waits for ever.
            max_output: The most bytes that are kept of each output; None for all. What
                counts is what the first call says, as of `tee`.
            tee: Whether what comes is shown on `sys.stdout` and `sys.stderr` as well, as
                it comes.

        Returns:
            What came from standard output and standard error, None where that is no pipe.

        Raises:
            TimeoutExpired: The time has passed. The child runs on. What came so far is in
                `output` and `stderr`, as bytes.
            OutputLimitExceeded: There was more than `max_output`. The child runs on, but
                nobody reads what it writes. What came up to the limit is in `output` and
                `stderr`, as bytes.
            ValueError: `input` was given to a call that goes on, or `timeout` is NaN.
            OSError: A pipe could not be read or written. That the child does not read
                its input is no error.

        Source: CPython Lib/subprocess.py, Popen.communicate.
        """
        if self._communication_started and input:
            raise ValueError("Cannot send input after starting communication")
        if self._said is not None:
            return self._said
        beyond = max_output is not None or tee
        if timeout is None and not beyond and self._is_for_files():
            said = self._communicate_by_files(input)
            self.wait()
            return said
        endtime = _end(timeout)
        if beyond and self._talk is None:
            shows = _tee.shows(self.encoding) if tee else (None, None)
            self._talk = self._begin_talk(input, max_output, shows)
        try:
            said = self._communicate(input, endtime, timeout)
        except KeyboardInterrupt:
            self._wait_after_ctrl_c(endtime)
            raise
        finally:
            self._communication_started = True
        self.wait(timeout=_remaining(endtime))
        return said

    def send_signal(self, sig: int) -> None:
        """Sends a signal to the child. Does nothing if it has ended.

        It never hits another process, whoever has the child's number by now.

        Raises:
            OSError: There is no such signal, or the child may not be signalled.
        """
        self.poll()
        if self.returncode is None and self._process is not None:
            self._process.send_signal(sig)

    def terminate(self) -> None:
        """Asks the child to end: sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the child: sends SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def kill_tree(self) -> None:
        """Kills the child and everything that it started.

        Of a child with `own_tree` that is all that is in its cgroup, or else in its
        session's processes and their children; of another one its process group, if it
        leads one, and its children's children. What has left all of these (a daemon)
        escapes. Each process is stopped before its children are listed, and named by a
        handle: no other process is hit.

        It returns when all of them have ended, but for the child itself, which is to be
        waited for; or after a second.

        Raises:
            OSError: Something could not be killed; everything else was.

        Source: cgroups(7), proc_pid_stat(5), pidfd_open(2).
        """
        if self._process is not None:
            self._process.kill_tree()

    def resource_usage(self) -> struct_rusage | None:
        """Returns what the child used of the processor, memory and disks.

        It is what the kernel told with the child's status: of the child, and of those of
        its own children that it had waited for. `ru_maxrss` is in KiB, and never less
        than what this process had when it started the child.

            >>> from threeply.subprocess import Popen
            >>> child = Popen(["true"])
            >>> child.wait()
            0
            >>> child.resource_usage().ru_utime < 10
            True

        Returns:
            A `resource.struct_rusage`, with times in seconds; None before the child's end
            is known, and where somebody else took its status.

        Source: getrusage(2).
        """
        usage = None if self._process is None else self._process.resource_usage()
        if usage is None:
            return None
        from resource import struct_rusage

        return struct_rusage(usage)

    def __await__(self) -> Generator[Any, None, int]:
        """Waits for the child's end in a coroutine: `await child` is the return code.

        The event loop goes on meanwhile; it watches the child's pidfd. Cancelling the
        wait leaves the child alone.

            >>> import asyncio
            >>> from threeply.subprocess import Popen
            >>> async def main():
            ...     return await asyncio.wait_for(Popen(["sh", "-c", "exit 3"]), timeout=10)
            >>> asyncio.run(main())
            3

        Raises:
            RuntimeError: No event loop runs.
        """
        return _awaiting.ended(self).__await__()

    # What follows are hooks: programs and tests override them, in the standard shape.

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

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        """Looks whether the child has ended. Uses no global name: `__del__` calls it."""
        if self.returncode is None and self._process is not None:
            self.returncode = self._process.poll()
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        """Waits, whatever Ctrl-C means."""
        if self.returncode is None:
            if self._process is None:
                raise RuntimeError("the child was not started")
            code = self._process.wait(timeout)
            if code is None:
                raise TimeoutExpired(self.args, timeout)  # type: ignore[arg-type]
            self.returncode = code
        return self.returncode

    def _communicate(
        self,
        input: Any,  # noqa: A002, ANN401
        endtime: float | None,
        orig_timeout: float | None,
    ) -> Said:
        """Talks until all is said and the child has ended."""
        if self._talk is None:
            self._talk = self._begin_talk(input, None, (None, None))
        over = self._talk.go_on(_remaining(endtime))
        if not over:
            stdout, stderr = self._talk.so_far()
            if over is None:
                raise OutputLimitExceeded(self.args, self._max_output, stdout, stderr)
            raise TimeoutExpired(self.args, orig_timeout, output=stdout, stderr=stderr)  # type: ignore[arg-type]
        self.wait(timeout=_remaining(endtime))
        self._said = self._talk.finish(self.text_mode)
        return self._said

    def _stdin_write(self, input: Any) -> None:  # noqa: A002, ANN401
        """Writes to the file of standard input and closes it."""
        assert self.stdin is not None
        if input:
            with contextlib.suppress(BrokenPipeError):
                self.stdin.write(input)
        close_quietly(self.stdin)

    def _translate_newlines(self, data: bytes, encoding: str, errors: str) -> str:
        return translate(data, encoding, errors)

    # The rest is for nobody else.

    def _end(self, tree: bool = False) -> None:
        """Kills the child and sees it dead, unless the kernel cannot end it at once."""
        if tree:
            self.kill_tree()
        else:
            self.kill()
        if self.returncode is None and self._process is not None:
            self.returncode = self._process.wait(SECONDS_TO_DIE)

    def _begin_talk(
        self,
        input: Any,  # noqa: A002, ANN401
        max_output: int | None,
        shows: tuple[Show, Show],
    ) -> Talk:
        self._communication_started = True
        self._max_output = max_output
        files = (self.stdin, self.stdout, self.stderr)
        return Talk(self._communication, files, input, max_output, shows)

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

    def _is_for_files(self) -> bool:
        """Tells whether the talk goes through the files themselves.

        So it is where there is one pipe at most and its file is a program's own, or has
        decoded text that cannot be had otherwise.
        """
        files = [file for file in (self.stdin, self.stdout, self.stderr) if file]
        return not self._communication_started and (
            not files or (len(files) == 1 and not _files.is_as_made(files[0]))
        )

    def _communicate_by_files(self, input: Any) -> Said:  # noqa: A002, ANN401
        stdout = stderr = None
        if self.stdin:
            self._stdin_write(input)
        elif self.stdout:
            stdout = self.stdout.read()
            self.stdout.close()
        elif self.stderr:
            stderr = self.stderr.read()
            self.stderr.close()
        return stdout, stderr

    def _wait_after_ctrl_c(self, endtime: float | None = None) -> None:
        """Gives a child that got the Ctrl-C as well a moment to end, once."""
        seconds, self._sigint_wait_secs = self._sigint_wait_secs, 0
        if endtime is not None:
            seconds = min(seconds, endtime - monotonic())
        if seconds > 0:
            with contextlib.suppress(TimeoutExpired):
                self._wait(timeout=seconds)


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


def _end(timeout: float | None) -> float | None:
    return None if timeout is None else monotonic() + timeout


def _remaining(endtime: float | None) -> float | None:
    return None if endtime is None else endtime - monotonic()
