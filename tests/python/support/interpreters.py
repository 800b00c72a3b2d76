"""Programs run by another interpreter of the same kind."""

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

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
        _command(room, program, args),
        capture_output=True,
        text=True,
        timeout=timeout,
        env=_environment(),
    )


def output(room: str, program: str, *args: str) -> str:
    """What the program prints; it must end well and print no error."""
    done = run(room, program, *args)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@contextlib.contextmanager
def started(room: str, program: str, *args: str) -> Iterator["subprocess.Popen[str]"]:
    """The program while it runs; it is killed at the end if need be."""
    with subprocess.Popen(
        _command(room, program, args),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _command(room: str, program: str, args: Sequence[str]) -> list[str]:
    text = _OPENING[room] + textwrap.dedent(program)
    return [sys.executable, "-c", text, *args]


def _environment() -> dict[str, str]:
    """The child finds `support` too."""
    tests = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), tests]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONFAULTHANDLER": "1"}
