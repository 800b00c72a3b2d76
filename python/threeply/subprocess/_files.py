"""Our ends of a child's pipes, as the file objects that Python programs use.

Source: CPython Lib/subprocess.py, Popen.__init__.
"""

from __future__ import annotations

import io
import os
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

NO_LINES = (
    "line buffering (buffering=1) isn't supported in binary mode, "
    "the default buffer size will be used"
)


class Pipe(io.FileIO):
    """A pipe that a child writes to, and whether the program has read from it."""

    was_read = False

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401
        """Reads into a buffer, as `io.FileIO` does."""
        self.was_read = True
        return super().readinto(buffer)

    def readall(self) -> bytes:
        """Reads to the end, as `io.FileIO` does."""
        self.was_read = True
        return super().readall()

    def read(self, size: int | None = -1) -> bytes:
        """Reads once, as `io.FileIO` does."""
        self.was_read = True
        return super().read(size)


class Mode:
    """How the files of one child are read and written.

    Args:
        bufsize: As of `open`; 1 is by lines in text mode.
        encoding: The encoding of text; None for bytes.
        errors: What happens to what cannot be decoded or encoded.
    """

    def __init__(self, bufsize: int, encoding: str | None, errors: str | None) -> None:
        self._by_lines = encoding is not None and bufsize == 1
        # The binary files below know no lines.
        self._bufsize = -1 if self._by_lines else bufsize
        self._encoding = encoding
        self._errors = errors

    def to_write(self, fd: int) -> IO[Any]:
        """Makes the file of a pipe that the child reads from."""
        file = open(fd, "wb", self._bufsize)  # noqa: SIM115
        if self._encoding is None:
            return file
        return io.TextIOWrapper(
            file,
            write_through=True,
            line_buffering=self._by_lines,
            encoding=self._encoding,
            errors=self._errors,
        )

    def to_read(self, fd: int) -> IO[Any]:
        """Makes the file of a pipe that the child writes to, as `open` does."""
        pipe = Pipe(fd, "rb")
        if self._bufsize == 0:
            file: IO[bytes] = pipe
        else:
            size = self._bufsize
            if size == 1:
                warnings.warn(NO_LINES, RuntimeWarning, stacklevel=4)
            size = size if size > 1 else pipe._blksize  # type: ignore[attr-defined]
            file = io.BufferedReader(pipe, size)
        if self._encoding is None:
            return file
        return io.TextIOWrapper(file, encoding=self._encoding, errors=self._errors)


def is_as_made(file: object) -> bool:
    """Tells whether a file is one that was made here, with nothing in it but bytes.

    Text that a program's reading has decoded cannot be had from outside.
    """
    if type(file) is not io.TextIOWrapper:
        return _is_binary(file)
    pipe = _pipe(file)
    return _is_binary(file.buffer) and not (pipe is not None and pipe.was_read)


def read_ahead(file: object) -> bytes:
    """Returns what a file has read of its pipe and the program has not.

    It may read once more, but it does not wait. The file keeps it: who reads the pipe from
    here on reads the file no more.
    """
    reader = file.buffer if type(file) is io.TextIOWrapper else file
    pipe = _pipe(reader)
    if type(reader) is not io.BufferedReader or pipe is None or not pipe.was_read:
        return b""
    was_blocking = os.get_blocking(pipe.fileno())
    os.set_blocking(pipe.fileno(), False)
    try:
        return reader.peek()
    finally:
        os.set_blocking(pipe.fileno(), was_blocking)


def _pipe(file: object) -> Pipe | None:
    while not isinstance(file, Pipe):
        if type(file) is io.TextIOWrapper:
            file = file.buffer
        elif type(file) is io.BufferedReader:
            file = file.raw
        else:
            return None
    return file


def _is_binary(file: object) -> bool:
    if type(file) is io.BufferedReader:
        file = file.raw
    return type(file) in (Pipe, io.BufferedWriter, io.FileIO)
