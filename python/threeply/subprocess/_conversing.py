"""`Conversing`: what `Popen` has to do with the pipes of its child.

Source: CPython Lib/subprocess.py, class Popen.
"""

from __future__ import annotations

import contextlib
import sys

from threeply import _stdlib
from threeply.subprocess import _files, _tee
from threeply.subprocess._child import Child, end
from threeply.subprocess._limit import OutputLimitExceeded
from threeply.subprocess._talk import Talk, close_quietly, translate

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from types import TracebackType
    from typing import Any, Self

    from threeply._threeply import subprocess as native
    from threeply.subprocess._talk import Said
    from threeply.subprocess._tee import Show
else:
    stdlib_subprocess = _stdlib.module("subprocess")

TimeoutExpired = stdlib_subprocess.TimeoutExpired

REMAINS_BY_METHOD = hasattr(stdlib_subprocess.Popen, "_remaining_time")
"""Whether this is before Python 3.15, which has a function of the module instead."""


class Conversing(Child):
    """A child with pipes: `communicate`, and the end of a `with` block."""

    _communication: type[native.Communication]

    encoding: str | None
    text_mode: Any
    _communication_started = False
    _max_output: int | None = None
    _talk: Talk | None = None
    _said: Said | None = None

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
            TypeError: `input` is bytes in text mode, or a string in another.
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
        endtime = end(timeout)
        if beyond and self._talk is None:
            shows = _tee.shows(self.encoding) if tee else (None, None)
            self._talk = self._begin_talk(input, max_output, shows)
        try:
            said = self._communicate(input, endtime, timeout)
        except KeyboardInterrupt:
            self._wait_after_ctrl_c(endtime)
            raise
        self._wait_until(endtime, timeout)
        return said

    # Hooks: programs and tests override them, in the standard shape.

    def _communicate(
        self,
        input: Any,  # noqa: A002, ANN401
        endtime: float | None,
        orig_timeout: float | None,
    ) -> Said:
        """Talks until all is said and the child has ended."""
        if self._talk is None:
            self._talk = self._begin_talk(input, None, (None, None))
        over = self._talk.go_on(self._seconds_left(endtime))
        if not over:
            stdout, stderr = self._talk.so_far()
            if over is None:
                raise OutputLimitExceeded(self.args, self._max_output, stdout, stderr)
            raise TimeoutExpired(self.args, orig_timeout, output=stdout, stderr=stderr)  # type: ignore[arg-type]
        self._wait_until(endtime, orig_timeout)
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

    def _seconds_left(self, endtime: float | None) -> Any:  # noqa: ANN401
        """Asks what the running version has for that, since programs patch it."""
        if endtime is None:
            return None
        if REMAINS_BY_METHOD:
            return self._remaining_time(endtime)  # type: ignore[attr-defined]
        return sys.modules["threeply.subprocess"]._deadline_remaining(endtime)

    def _wait_until(self, endtime: float | None, timeout: float | None) -> None:
        """Waits; where the time passes, the exception tells the timeout as it was given."""
        try:
            self.wait(timeout=self._seconds_left(endtime))
        except TimeoutExpired as expired:
            expired.timeout = timeout  # type: ignore[assignment]
            raise

    def _begin_talk(
        self,
        input: Any,  # noqa: A002, ANN401
        max_output: int | None,
        shows: tuple[Show, Show],
    ) -> Talk:
        files = (self.stdin, self.stdout, self.stderr)
        talk = Talk(self._communication, files, input, max_output, shows)
        self._communication_started = True
        self._max_output = max_output
        return talk

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
