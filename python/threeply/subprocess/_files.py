"""Our ends of a child's pipes, as the file objects that Python programs use.

Source: CPython Lib/subprocess.py, Popen.__init__.
"""

from __future__ import annotations

import io
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

_OURS = (io.BufferedReader, io.FileIO, io.BufferedWriter)


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
        """Makes the file of a pipe that the child writes to."""
        file = open(fd, "rb", self._bufsize)  # noqa: SIM115
        if self._encoding is None:
            return file
        return io.TextIOWrapper(file, encoding=self._encoding, errors=self._errors)


def is_ours(file: object) -> bool:
    """Tells whether a file is as we made it, and nothing is left in it but bytes.

    Text that a program's reading has decoded cannot be had from outside.
    """
    if type(file) is io.TextIOWrapper:
        return not _was_read(file) and type(file.buffer) in _OURS
    return type(file) in _OURS


def read_ahead(file: object) -> bytes:
    """Takes from a file what it has read of its pipe and the program has not.

    It may read once more, but it does not wait.
    """
    reader = file.buffer if type(file) is io.TextIOWrapper else file
    if type(reader) is not io.BufferedReader:
        return b""
    fd = reader.fileno()
    was_blocking = os.get_blocking(fd)
    os.set_blocking(fd, False)
    try:
        return reader.read(len(reader.peek()))
    finally:
        os.set_blocking(fd, was_blocking)


def _was_read(file: io.TextIOWrapper) -> bool:
    """Tells whether text was decoded: the encoding cannot be set from then on."""
    if not file.readable():
        return False
    try:
        file.reconfigure(encoding=file.encoding, errors=file.errors)
    except io.UnsupportedOperation:
        return True
    return False
