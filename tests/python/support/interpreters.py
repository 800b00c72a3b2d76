"""Programs run by another interpreter of the same kind."""

import os
import subprocess
import sys
import textwrap

from support.rooms import STANDARD
from support.threads import PATIENCE

_OPENING = {
    STANDARD: "import threading, queue\n",
    "threeply": "from threeply import threading, queue\n",
    "installed": "import threeply; threeply.install(); import threading, queue\n",
}


def run(
    room: str, program: str, *args: str, timeout: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Runs the program with `threading` and `queue` of the room."""
    return subprocess.run(
        [sys.executable, "-c", _OPENING[room] + textwrap.dedent(program), *args],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PYTHONFAULTHANDLER": "1"},
    )


def output(room: str, program: str, *args: str) -> str:
    """What the program prints; it must end well and print no error."""
    done = run(room, program, *args)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout
