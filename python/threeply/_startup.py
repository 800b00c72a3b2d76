"""What the wheel's `threeply_startup.pth` calls before a program starts.

The line in the .pth is all that an interpreter pays which is not asked for threeply.
It comes here if `python -m threeply` has executed this very process anew
(`THREEPLY_RUN` is our pid), if `THREEPLY_CHILDREN` is set, or for `-X threeply`.

`site` prints an error of a .pth and goes on, which would run the program on the
standard modules: so an error ends the process here.
"""

from __future__ import annotations

import os
import sys


def start() -> None:
    """Installs threeply, or ends the process with status 1 and says why."""
    # Never for the program or its children to see.
    os.environ.pop("THREEPLY_RUN", None)
    try:
        import threeply

        threeply.install()
    except Exception as error:
        from threeply import _native

        if not _native.in_main_interpreter():
            # The process is not ours to end: `site` prints the error.
            raise
        _refuse(error)


def _refuse(error: Exception) -> None:
    """Says why threeply cannot be installed and ends the process."""
    if not isinstance(error, RuntimeError):
        sys.__excepthook__(type(error), error, error.__traceback__)
    sys.stderr.write(f"threeply: the program was not started: {error}\n")
    sys.stderr.flush()
    os._exit(1)
