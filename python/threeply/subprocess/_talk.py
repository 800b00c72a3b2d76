"""`Talk`: what `Popen.communicate` does, until both sides have said all.

Source: CPython Lib/subprocess.py, Popen._communicate.
"""

from __future__ import annotations

import contextlib

from threeply.subprocess import _files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from threeply._threeply import subprocess as native
    from threeply.subprocess._tee import Show

    Output = bytes | None
    Said = tuple[Any, Any]


class Talk:
    """A talk over the files of a child's pipes, which it closes when all is said.

    Args:
        communication: The extension's class.
        files: Standard input, output and error; None is no pipe.
        data: What is sent to the child: text for a file of text.
        max_output: The most bytes that are kept of each output; None for all.
        shows: Where each output is shown as it comes.

    Raises:
        ValueError: There is something to send, and standard input is closed.
        TypeError: It is a string for a file of bytes, or bytes for one of text.
        OSError: No descriptor is left. Nothing is lost: it can be begun again.
    """

    def __init__(
        self,
        communication: type[native.Communication],
        files: tuple[IO[Any] | None, IO[Any] | None, IO[Any] | None],
        data: Any,  # noqa: ANN401
        max_output: int | None = None,
        shows: tuple[Show, Show] = (None, None),
    ) -> None:
        stdin, self._stdout, self._stderr = files
        if data and stdin is not None and _is_closed(stdin):
            raise ValueError("there is input, and the child's stdin is closed")
        if data and stdin is not None:
            data = _encoded(stdin, data)
        if stdin is not None and not _is_closed(stdin):
            _flush(stdin)
        self._kept: tuple[Output, Output] | None = None
        self._native = communication(
            _number(stdin) if data else None,
            data or None,
            _number(self._stdout),
            _ahead(self._stdout),
            _number(self._stderr),
            _ahead(self._stderr),
            max_output,
            *shows,
        )
        if stdin is not None:
            close_quietly(stdin)

    def go_on(self, timeout: float | None) -> bool | None:
        """Sends and receives until all is said, or `timeout` seconds have passed.

        Returns:
            Whether all is said; None if there was more than `max_output`.
        """
        if self._kept is not None:
            return True
        over = self._native.go_on(timeout)
        if over:
            for file in (self._stdout, self._stderr):
                if file is not None:
                    file.close()
        return over

    def so_far(self) -> tuple[Output, Output]:
        """Returns what the child has written so far; None for nothing."""
        stdout, stderr = self._native.so_far()
        return stdout or None, stderr or None

    def close(self) -> None:
        """Breaks the talk off and closes its ends of the pipes; what came is kept.

        Not one that a thread is in: that ends by itself.
        """
        with contextlib.suppress(RuntimeError):
            self._kept = self._native.finish()

    def finish(self, text_mode: object) -> Said:
        """Returns what the child has written, as text in text mode."""
        if self._kept is None:
            self._kept = self._native.finish()
        stdout, stderr = self._kept
        return (
            _said(self._stdout, stdout, text_mode),
            _said(self._stderr, stderr, text_mode),
        )


def translate(data: bytes, encoding: str, errors: str) -> str:
    """Decodes what a child wrote, with line ends as Python's."""
    text = data.decode(encoding, errors)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def close_quietly(file: IO[Any]) -> None:
    """Closes a file that a child reads from; it may be gone, which is no error here."""
    with contextlib.suppress(BrokenPipeError):
        file.close()


def _flush(file: IO[Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        file.flush()


def _encoded(file: IO[Any], data: Any) -> Any:  # noqa: ANN401
    encoding = getattr(file, "encoding", None)
    is_text = isinstance(encoding, str)
    if isinstance(data, str) != is_text:
        kind = type(data).__name__
        wanted = "a string, since stdin is of text" if is_text else "bytes"
        raise TypeError(f"input must be {wanted}, not {kind}")
    return data.encode(encoding, file.errors) if is_text else data  # type: ignore[attr-defined]


def _is_closed(file: IO[Any]) -> bool:
    # A program's own file need not know.
    return getattr(file, "closed", False) is True


def _number(file: IO[Any] | None) -> int | None:
    return None if file is None or _is_closed(file) else file.fileno()


def _ahead(file: IO[Any] | None) -> bytes:
    return b"" if file is None or _is_closed(file) else _files.read_ahead(file)


def _said(file: IO[Any] | None, data: Output, text_mode: object) -> str | Output:
    if file is None:
        return None
    if data is None:
        # The program had closed the file.
        data = b""
    if not text_mode:
        return data
    return translate(data, file.encoding, file.errors)  # type: ignore[attr-defined]
