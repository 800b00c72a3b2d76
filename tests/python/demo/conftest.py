"""The demo as a process that is watched: its lines, its signals, what it leaves."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INDEX = ROOT / "examples/python/index.py"
WAYS = {"python": [], "threeply": ["-m", "threeply"]}

# Seconds for what takes milliseconds on an idle machine.
PATIENCE = 20

PR_SET_CHILD_SUBREAPER = 36


class Program:
    """A run of the demo, in a process group of its own."""

    def __init__(self, way, arguments, output, environment):
        self._output = output
        with output.open("wb") as stdout:
            self._process = subprocess.Popen(
                [sys.executable, *WAYS[way], INDEX, *arguments],
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self.lines = []

    @property
    def output(self):
        return self._output.read_text()

    def line(self, text):
        """Reads its messages up to the one with the text."""
        for line in self._process.stderr:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"no {text!r} in {self.lines}")

    def processes(self, kind):
        """Reads on to the numbers of its processes."""
        return [int(pid) for pid in re.findall(r"\d+", self.line(f"{kind} processes:"))]

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self):
        """Waits until nothing of it is left, and returns its status."""
        # Every process that it starts has its standard error, to the last of them.
        self.lines += self._process.stderr.read().splitlines()
        status = self._process.wait()
        self._reap()
        return status

    def _reap(self):
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(ChildProcessError):
            while time.monotonic() < deadline:
                if os.waitpid(-self.pid, os.WNOHANG)[0] == 0:
                    time.sleep(0.005)
        with pytest.raises(ProcessLookupError):
            os.killpg(self.pid, 0)

    def destroy(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stderr.close()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-self.pid, 0)


@pytest.fixture
def start(tmp_path):
    """Starts the demo. What it leaves behind becomes ours, so that we see it."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    with contextlib.ExitStack() as stack:

        def start(way, *arguments, **environment):
            output = tmp_path / f"output-{way}"
            variables = {**os.environ, **environment, "TMPDIR": str(tmp_path)}
            program = Program(way, map(str, arguments), output, variables)
            stack.callback(program.destroy)
            return program

        yield start
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    # Its own folder for postings is gone with it.
    assert not list(tmp_path.glob("index-*"))


@pytest.fixture(params=WAYS)
def way(request):
    return request.param


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A small tree of text files, with what a real one has in it."""
    folder = tmp_path_factory.mktemp("tree")
    for number in range(40):
        file = folder / f"part{number % 4}" / f"file{number:02}.txt"
        file.parent.mkdir(exist_ok=True)
        words = [f"word{n}" for n in range(number + 1)] + ["common"] * number
        file.write_text(" ".join(words) + "\n")
    (folder / "überall.txt").write_text("Ärger ÄRGER ärger über word1\n")
    (folder / "latin1.txt").write_bytes(b"caf\xe9 word1\n")
    (folder / "new\nline.txt").write_text("newline word1\n")
    (folder / os.fsdecode(b"not-utf8-\xff.txt")).write_text("undecodable word1\n")
    (folder / "binary.bin").write_bytes(b"\x7fELF\0\0word1")
    (folder / "large.txt").write_bytes(b"word1 " * (200 << 10))
    (folder / "empty.txt").touch()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "skipped.txt").write_text("skipped\n")
    (folder / "link").symlink_to(folder / "part0")
    return folder


class Gate:
    """A ``find`` that lists only when it is told to."""

    def __init__(self, folder):
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        self._fifo = folder / "gate"
        os.mkfifo(self._fifo)
        find = folder / "find"
        find.write_text(f"#!/bin/sh\nexec cat '{self._fifo}'\n")
        find.chmod(0o755)

    def list(self, *paths):
        """Has it list these paths, and end."""
        self._fifo.write_bytes(b"".join(b"./" + os.fsencode(p) + b"\0" for p in paths))


@pytest.fixture
def gate(tmp_path):
    folder = tmp_path / "gate"
    folder.mkdir()
    return Gate(folder)
