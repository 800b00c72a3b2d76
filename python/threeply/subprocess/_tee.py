"""Where a child's output is shown while it is captured: this program's own streams."""

from __future__ import annotations

import codecs
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    Show = int | Callable[[bytes], object] | None


def shows(encoding: str | None) -> tuple[Show, Show]:
    """Returns where standard output and standard error of a child are shown.

    A stream of this program that has a descriptor is named by that; the engine writes to
    it. Any other one (a notebook's, a `StringIO`) is called with each piece.

    Args:
        encoding: The child's encoding; None for this program's.
    """
    return _show(sys.stdout, encoding), _show(sys.stderr, encoding)


def _show(stream: TextIO | None, encoding: str | None) -> Show:
    if stream is None:
        return None
    stream.flush()
    try:
        return stream.fileno()
    except (AttributeError, OSError, ValueError):
        return _writer(stream, encoding)


def _writer(stream: TextIO, encoding: str | None) -> Callable[[bytes], object]:
    """Returns a function that decodes pieces and writes them.

    What cannot be decoded is shown as such: it must not end the capture.
    """
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")("backslashreplace")

    def write(piece: bytes) -> None:
        stream.write(decoder.decode(piece))
        stream.flush()

    return write
