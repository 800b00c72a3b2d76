"""Signals, at every stage: statistics on SIGUSR1, a clean end on SIGINT and SIGTERM.

No stage is met by chance. Each is held: the processes that it waits for are stopped
(SIGSTOP), or what it reads does not come, or it has more to do than it will ever
have the time for.
"""

import contextlib
import os
import re
import signal
from pathlib import Path

import pytest
from demo.conftest import WAYS

pytestmark = pytest.mark.slow


class Case:
    """The demo, and the means to hold it at a stage."""

    def __init__(self, start, way, tree, gate, tmp_path):
        self._start = start
        self._way = way
        self._tree = tree
        self._gate = gate
        self._folder = tmp_path / "held"

    def hold(self, stage):
        """Starts it and brings it to the stage, where it stays."""
        return getattr(self, f"_hold_{stage}")()

    def _run(self, *arguments, **environment):
        return self._start(self._way, self._tree, "-v", *arguments, **environment)

    def _gated(self):
        program = self._run(PATH=self._gate.path)
        counting = program.processes("counting")
        merging = program.processes("merging")
        program.line("list: begins")
        return program, counting, merging

    def _hold_start(self):
        # A process that is spawned opens this FIFO before it does anything else.
        self._folder.mkdir()
        os.mkfifo(self._folder / "fifo")
        (self._folder / "sitecustomize.py").write_text(
            "import os, sys\n"
            "if '--multiprocessing-fork' in sys.orig_argv:\n"
            f"    open({str(self._folder / 'fifo')!r}).read()\n"
        )
        program = self._run("--start-method", "spawn", PYTHONPATH=str(self._folder))
        program.processes("merging")
        return program

    def _hold_list(self):
        return self._gated()[0]

    def _hold_read(self):
        # The same small file so often that it takes seconds.
        program, *_ = self._gated()
        self._gate.list(*["part0/file00.txt"] * 300_000)
        program.line("read: begins")
        return program

    def _hold_count(self):
        return self._hold_processes("count", 0)

    def _hold_merge(self):
        return self._hold_processes("merge", 1)

    def _hold_processes(self, stage, which):
        program, *processes = self._gated()
        for pid in processes[which]:
            os.kill(pid, signal.SIGSTOP)
        self._gate.list("part0/file00.txt", "part1/file01.txt")
        program.line(f"{stage}: begins")
        return program

    def _hold_query(self):
        program = self._run("--queries", 10**8)
        program.line("query: begins")
        return program

    def _hold_serve(self):
        program = self._run("--queries", 8, "--serve", 0)
        program.line("listening on")
        return program


@pytest.fixture
def case(start, way, tree, gate, tmp_path):
    return Case(start, way, tree, gate, tmp_path)


STAGES = ["start", "list", "read", "count", "merge", "query", "serve"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("stage", STAGES)
def test_reports_and_then_stops_with_nothing_left(case, stage, number):
    program = case.hold(stage)
    program.signal(signal.SIGUSR1)
    line = program.line("statistics:")
    assert f"stage={stage} " in line
    assert re.search(r" listed=\d+ read=\d+ .* words=\d+ answered=\d+", line)
    program.signal(number)
    assert program.end() == -number
    assert program.lines[-1] == f"index: stopped by {number.name}"
    if stage == "serve":
        assert "queries answered" in program.output
    else:
        assert program.output == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_signal_to_the_whole_group_stops_it_as_well(case, number):
    # This is what a terminal does on Ctrl-C, and what `timeout` does.
    program = case.hold("query")
    os.killpg(program.pid, number)
    assert program.end() == -number
    assert program.lines[-1] == f"index: stopped by {number.name}"


def is_pending(pid, number):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    if "State:\tZ" in status:
        return False
    pending = re.search(r"^ShdPnd:\s*(\w+)", status, re.MULTILINE)
    return pending is not None and bool(int(pending[1], 16) & 1 << (number - 1))


def test_the_first_of_many_signals_is_the_one_it_dies_by(case):
    program = case.hold("count")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        # A zombie takes a signal, a process that was waited for does not.
        with contextlib.suppress(ProcessLookupError):
            program.signal(number)
        # Of several pending signals the kernel delivers the lowest number first.
        while is_pending(program.pid, number):
            pass
    assert program.end() == -signal.SIGTERM
    assert program.output == ""


@pytest.mark.parametrize("way", WAYS)
def test_an_ignored_interrupt_stays_ignored(start, way, tree):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program = start(way, tree, "--queries", 8, "--serve", 0)
    finally:
        signal.signal(signal.SIGINT, before)
    program.line("listening on")
    program.signal(signal.SIGINT)
    program.signal(signal.SIGUSR1)
    assert "stage=serve" in program.line("statistics:")
    program.signal(signal.SIGTERM)
    assert program.end() == -signal.SIGTERM
