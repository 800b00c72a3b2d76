"""Runs one suite in an interpreter and a process group of its own."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from conform import record


def run(python, suite, seconds, log, part="1/1", names=()):
    """Runs a suite, or only a part of it.

    Args:
        python: The interpreter.
        suite: The suite, as `test_queue`.
        seconds: The time limit; the group is killed then.
        log: The file that its output is added to.
        part: `2/3`: the second third of its classes.
        names: `Class.test_method` of the tests to run; all when empty.

    Returns:
        The Record.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(
        prefix="conform_", ignore_cleanup_errors=True
    ) as folder:
        events = Path(folder, "events.jsonl")
        events.touch()
        # The suite's own current folder: empty, as regrtest has it.
        current = Path(folder, "run")
        current.mkdir()
        with open(log, "ab") as output:
            ending = _supervise(
                [
                    *(python, "-m", "_conform_suite"),
                    *(events, str(seconds), part, suite, *names),
                ],
                seconds,
                cwd=current,
                output=output,
            )
        with open(events, encoding="utf-8", errors="replace") as lines:
            result = record.read(lines, ending)
    if ending == "timeout":
        result.status = "timeout"
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _supervise(command, seconds, cwd, output):
    """Returns how the process ended: `timeout`, or its exit status in words."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=_environ(),
        start_new_session=True,
        cwd=cwd,
    )
    try:
        child.wait(seconds)
        ending = f"process ended with status {child.returncode}"
    except subprocess.TimeoutExpired:
        ending = "timeout"
    # A test may leave children behind: the group ends with its leader.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return ending


def _environ():
    """Returns the environment without what would change an interpreter's doing."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "THREEPLY")) and key != "MAKEFLAGS"
    }


def heed_signals():
    """Undoes signals that this process inherited as ignored.

    A background job of a shell has SIGINT ignored, which an exec passes on: the
    KeyboardInterrupt tests would fail.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
