"""`Pipeline`: programs in a row, each of which reads what the one before it writes."""

from __future__ import annotations

import contextlib
import os
import sys

from threeply.subprocess._child import TimeoutExpired, end, remaining
from threeply.subprocess._handles import PIPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import IO, Any, Self

    from threeply.subprocess._handles import Redirection
    from threeply.subprocess._popen import Path, Popen


class Pipeline:
    r"""Children in a row, each of which reads what the one before it writes.

    The pipes lead from child to child, not through this process. One whose reader has
    ended gets SIGPIPE, as in a shell.

        >>> from threeply.subprocess import PIPE, Pipeline
        >>> with Pipeline(["printf", "b\na\nb\n"], ["sort", "-u"], stdout=PIPE) as row:
        ...     row.communicate(timeout=10)
        (b'a\nb\n', None)
        >>> row.returncodes
        [0, 0]

    Args:
        *commands: The programs, one at least, each as the first argument of `Popen`.
        stdin: Where the first one reads, as of `Popen`.
        stdout: Where the last one writes.
        stderr: Where all of them write errors; PIPE is one pipe for all, STDOUT goes to
            the next one.
        **options: Of each child, as of `Popen`.

    Attributes:
        children: The `Popen` objects, in order.
        stdin: The file that the first child reads from, where that is a pipe.
        stdout: The file of what the last one writes, where that is a pipe.
        stderr: The file of the errors of all, where that is a pipe.

    Raises:
        ValueError: There is no command.
        OSError, SubprocessError, TypeError, OverflowError: As of `Popen`. The children
            that were started by then are killed and reaped.

    Safe to use from several threads, as `Popen` is.

    Source: pipe(7); POSIX Shell Command Language, 2.9.2 Pipelines.
    """

    def __init__(
        self,
        *commands: Path | Sequence[Path],
        stdin: Redirection = None,
        stdout: Redirection = None,
        stderr: Redirection = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        if not commands:
            raise ValueError("a pipeline has one command at least")
        popen: type[Popen] = sys.modules["threeply.subprocess"].Popen
        started: list[Popen] = []
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as failed:
            failed.callback(_end, started)
            errors: int | None = None
            if stderr == PIPE:
                errors, stderr = os.pipe()
                ours.callback(os.close, stderr)
                failed.callback(os.close, errors)
            for command in commands[:-1]:
                reading, writing = os.pipe()
                with contextlib.closing(open(writing, "wb", 0)):
                    # Closed as soon as the next one has it, or does not start.
                    ours.callback(os.close, reading)
                    started.append(
                        popen(
                            command,
                            stdin=stdin,
                            stdout=writing,
                            stderr=stderr,
                            **options,
                        )
                    )
                stdin = reading
            started.append(
                popen(
                    commands[-1], stdin=stdin, stdout=stdout, stderr=stderr, **options
                )
            )
            failed.pop_all()
        self.children = tuple(started)
        first, last = started[0], started[-1]
        # The last one talks for all of them.
        first.stdin, last.stdin = None, first.stdin
        if errors is not None:
            last.stderr = last._mode.to_read(errors)

    @property
    def stdin(self) -> IO[Any] | None:
        """The file that the first child reads from."""
        return self.children[-1].stdin

    @property
    def stdout(self) -> IO[Any] | None:
        """The file of what the last child writes."""
        return self.children[-1].stdout

    @property
    def stderr(self) -> IO[Any] | None:
        """The file of the errors of all."""
        return self.children[-1].stderr

    @property
    def returncodes(self) -> list[int | None]:
        """The return codes of the children, in order; None where it is not known."""
        return [child.returncode for child in self.children]

    @property
    def returncode(self) -> int | None:
        """None until all are known; then that of the last one that failed, or 0."""
        codes = self.returncodes
        if None in codes:
            return None
        return next((code for code in reversed(codes) if code), 0)

    def __repr__(self) -> str:
        """Returns a short description: the return codes and the commands."""
        commands = " | ".join(repr(child.args) for child in self.children)
        return f"<{type(self).__name__}: returncodes: {self.returncodes} {commands}>"

    def __enter__(self) -> Self:
        """Returns the object itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the pipes and waits for the children, the last one first."""
        for child in reversed(self.children):
            child.__exit__(exc_type, value, traceback)

    def poll(self) -> int | None:
        """Looks whether all have ended; returns `returncode`. Never waits."""
        for child in self.children:
            child.poll()
        return self.returncode

    def wait(self, timeout: float | None = None) -> list[int]:
        """Waits until all children have ended.

        The wait ends as that of `Popen` does.

        Args:
            timeout: The most seconds to wait for all together; None waits for ever.

        Returns:
            The return codes, in order.

        Raises:
            TimeoutExpired: The time has passed. The children run on.
            ValueError: `timeout` is NaN.
        """
        return self._wait_until(end(timeout), timeout)

    def communicate(
        self,
        input: Any = None,  # noqa: A002, ANN401
        timeout: float | None = None,
        **beyond: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Sends `input` to the first child, reads from the last, and waits for all.

        Args:
            input: Bytes, or a string in text mode; None for nothing.
            timeout: The most seconds to wait; None waits for ever.
            **beyond: `max_output` and `tee`, as of `Popen.communicate`.

        Returns:
            What came from standard output of the last and standard error of all, None
            where that is no pipe.

        Raises:
            TimeoutExpired, OutputLimitExceeded, ValueError, OSError: As of
                `Popen.communicate`.
        """
        endtime = end(timeout)
        said = self.children[-1].communicate(input, timeout, **beyond)
        self._wait_until(endtime, timeout)
        return said

    def terminate(self) -> None:
        """Asks all children to end: sends them SIGTERM."""
        for child in self.children:
            child.terminate()

    def kill(self) -> None:
        """Ends all children: sends them SIGKILL."""
        for child in self.children:
            child.kill()

    def kill_tree(self) -> None:
        """Kills all children and what they started, as `Popen.kill_tree` does."""
        for child in self.children:
            child.kill_tree()

    def _wait_until(self, endtime: float | None, timeout: float | None) -> list[int]:
        """Waits; where the time passes, the exception tells the timeout as it was given."""
        try:
            return [child.wait(remaining(endtime)) for child in self.children]
        except TimeoutExpired as expired:
            expired.timeout = timeout  # type: ignore[assignment]
            raise


def _end(children: list[Popen]) -> None:
    for child in children:
        child._end()
        child.__exit__(None, None, None)
