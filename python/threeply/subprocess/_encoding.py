"""The encoding of text where the program names none.

Source: CPython Lib/subprocess.py, _text_encoding.
"""

from __future__ import annotations

import locale
import os
import sys
import warnings

_HERE = os.path.dirname(__file__)


def of_text() -> str:
    """Returns the default encoding of text; warns where the interpreter was asked to."""
    if sys.flags.warn_default_encoding:
        message = "'encoding' argument not specified."
        warnings.warn(message, EncodingWarning, _callers_level())
    if sys.flags.utf8_mode:
        return "utf-8"
    return locale.getencoding()


def _callers_level() -> int:
    """Returns the stack level, seen from our caller, of the first frame outside."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and os.path.dirname(frame.f_code.co_filename) == _HERE:
        frame = frame.f_back
        level += 1
    return level
