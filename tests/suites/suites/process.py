"""Runs a suite's process, and sees to it that it ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_LOOKS_A_SECOND = 20
# How long pytest may take to find the tests, or to end, without a word.
_BETWEEN_TESTS = 90.0
# What pytest's faulthandler gets for printing every stack.
_LAST_WORDS = 5.0


def prepare():
    """Makes this process a fit parent for suites.

    A background job of a shell has SIGINT ignored, which an exec passes on; a signal
    with a handler has its default again after an exec. What a test leaves behind becomes
    a child of this process, which ends it.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _leave)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _leave(number, frame):
    raise KeyboardInterrupt


def run(command, *, cwd, environment, log, record, seconds, test_seconds):
    """Runs a suite's command until it ends or has to be ended.

    Args:
        command: The command.
        cwd: Its current folder.
        environment: Its environment.
        log: The file that its output is added to.
        record: The file in which it tells of its tests.
        seconds: How long it may take.
        test_seconds: How long a test may take.

    Returns:
        How it ended: `status 0`, `signal 11`, `silent` or `out of time`.
    """
    began = heard = time.monotonic()
    size = -1
    with open(log, "ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )
        try:
            while (ended := _reaped(child.pid)) is None:
                now = time.monotonic()
                if (told := _size(record)) != size:
                    heard, size = now, told
                silence = test_seconds if _in_a_test(record) else _BETWEEN_TESTS
                if now - began > seconds or now - heard > silence:
                    _end(child.pid)
                    ended = "out of time" if now - began > seconds else "silent"
                    break
                time.sleep(1 / _LOOKS_A_SECOND)
        finally:
            child.returncode = 0  # reaped here, not by Popen
            end_children()
    return ended


def _size(path):
    return Path(path).stat().st_size


def _in_a_test(record):
    """Tells whether the last that was told is that a test has started."""
    with open(record, "rb") as file:
        file.seek(max(0, _size(record) - 4096))
        lines = file.read().splitlines()
    return bool(lines) and lines[-1].startswith(b'{"start"')


def _reaped(leader):
    """Reaps what has ended, and returns how the leader did, or None if it lives.

    Orphans are waited for as well: a test may wait until the one that it made is gone.
    """
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == leader:
                code = os.waitstatus_to_exitcode(status)
                return f"status {code}" if code >= 0 else f"signal {-code}"
            if pid == 0:
                return None
    return "lost"


def _end(leader):
    """Lets a process print its stacks, and ends it and its group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(leader, signal.SIGABRT)
    deadline = time.monotonic() + _LAST_WORDS
    while _reaped(leader) is None:
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(leader, signal.SIGKILL)
        time.sleep(1 / _LOOKS_A_SECOND)


def end_children():
    """Ends all children of this process, and theirs, which become its own."""
    while children := _children():
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children():
    """Returns the children of all threads of this process."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += map(int, task.joinpath("children").read_text().split())
    return found
