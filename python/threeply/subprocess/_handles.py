"""The descriptors between a parent and its child, before there is one.

Source: CPython Lib/subprocess.py, Popen._get_handles.
"""

from __future__ import annotations

import fcntl
import os

from threeply import _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from typing import IO

    Redirection = int | IO[bytes] | IO[str] | None
else:
    stdlib_subprocess = _stdlib.module("subprocess")

PIPE, DEVNULL, STDOUT = (
    stdlib_subprocess.PIPE,
    stdlib_subprocess.DEVNULL,
    stdlib_subprocess.STDOUT,
)
NOTHING = -1
"""No descriptor: the child inherits the stream, or there is no pipe."""


class Handles:
    """The ends of three standard streams: the child's and ours.

    `opened` are descriptors that are open here for the child's sake only.
    """

    def __init__(self, pipesize: int) -> None:
        self.theirs = [NOTHING, NOTHING, NOTHING]
        self.ours = [NOTHING, NOTHING, NOTHING]
        self.opened: list[int] = []
        self._pipesize = pipesize
        self._null: int | None = None

    def open(
        self, stdin: Redirection, stdout: Redirection, stderr: Redirection
    ) -> None:
        """Opens what the redirections ask for.

        Raises:
            OSError: It could not be opened; then nothing is.
            AttributeError: A redirection is no file.
        """
        try:
            for stream, redirection in enumerate((stdin, stdout, stderr)):
                self._redirect(stream, redirection)
        except BaseException:
            self.close_all()
            raise

    def close_theirs(self) -> None:
        """Closes what only the child needs, which has it by now."""
        while self.opened:
            os.close(self.opened.pop())

    def take_ours(self, stream: int) -> int:
        """Hands over our end of a stream, which is the caller's to close from now on."""
        fd, self.ours[stream] = self.ours[stream], NOTHING
        return fd

    def close_all(self) -> None:
        """Closes everything that was opened here and not handed over."""
        self.close_theirs()
        for stream in range(3):
            if (fd := self.take_ours(stream)) != NOTHING:
                os.close(fd)

    def _redirect(self, stream: int, redirection: Redirection) -> None:
        if redirection is None:
            return
        if redirection == PIPE:
            self._pipe(stream)
        elif redirection == DEVNULL:
            self.theirs[stream] = self._devnull()
        elif redirection == STDOUT and stream == 2:
            # Where the child's output goes, or else ours.
            self.theirs[stream] = 1 if self.theirs[1] == NOTHING else self.theirs[1]
        elif isinstance(redirection, int):
            self.theirs[stream] = redirection
        else:
            self.theirs[stream] = redirection.fileno()

    def _pipe(self, stream: int) -> None:
        reading, writing = os.pipe()
        theirs, ours = (reading, writing) if stream == 0 else (writing, reading)
        self.theirs[stream], self.ours[stream] = theirs, ours
        self.opened.append(theirs)
        if self._pipesize > 0:
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, self._pipesize)

    def _devnull(self) -> int:
        if self._null is None:
            self._null = os.open(os.devnull, os.O_RDWR)
            self.opened.append(self._null)
        return self._null
