"""One side of a suite: its tests under python, or under threeply."""

import json
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from suites import process, record
from suites.record import CRASHED, HUNG, Outcome

PYTHON, THREEPLY = "python", "threeply"
# A suite in which as many tests hang or crash is given up.
_FAULTS = 8
# pytest's exit status where all tests ran: they passed, some failed, there was none.
_WHOLE = (0, 1, 5)


class VoidError(RuntimeError):
    """The rooms were not where they had to be: nothing can be compared."""


@dataclass
class Ran:
    """What a side has come to.

    Attributes:
        outcomes: Id of a test to its Outcome.
        not_run: Id of a test or a file that was left out to the pattern.
        incomplete: Why not all tests ran, or empty.
        seconds: How long it took.
    """

    outcomes: dict = field(default_factory=dict)
    not_run: dict = field(default_factory=dict)
    incomplete: str = ""
    seconds: float = 0.0


class Side:
    """Runs a project's tests on one side.

    Attributes:
        name: PYTHON or THREEPLY.
    """

    def __init__(self, name, environment):
        self.name = name
        self.environment = environment
        self.project = environment.project
        self.log = environment.records / f"{name}.log"
        self.log.write_text("")
        self._parts = 0

    def run(self, only=None):
        """Runs the tests, all or those named in `only`.

        A test that hangs or takes the process with it is noted, and the others go on in
        a new process.

        Raises:
            VoidError: The rooms are missing under threeply, or there under python.
        """
        began = time.monotonic()
        ran = Ran()
        for _ in range(_FAULTS):
            left = self.project.seconds - (time.monotonic() - began)
            part, ended = self._part(only, ran.outcomes, left)
            ran.not_run |= part.not_run
            ran.outcomes |= part.outcomes
            if not self._note_fault(ran, part, ended):
                break
        else:
            ran.incomplete = f"given up after {_FAULTS} tests that hang or crash"
        ran.seconds = round(time.monotonic() - began, 1)
        return ran

    def _note_fault(self, ran, part, ended):
        """Notes how a part ended, and tells whether another one has to go on."""
        if part.rooms is None:
            ran.incomplete = f"pytest did not start ({ended}): {self._last_error()}"
            return False
        # 2: interrupted; what the test that ran then did is not an end of its own.
        if part.running is None or part.finished not in (None, 2):
            if part.finished not in _WHOLE:
                ran.incomplete = f"{ended}, between tests"
            elif not ended.startswith("status"):
                # A thread that never ends, or a crash of the interpreter on its way out.
                ran.incomplete = f"{ended}, after all tests"
            return False
        if ended == "out of time":
            ran.incomplete = f"out of time in {part.running}"
            return False
        kind = HUNG if ended == "silent" else CRASHED
        ran.outcomes[part.running] = Outcome(kind, "" if kind == HUNG else ended)
        return True

    def _last_error(self):
        """Returns the error that pytest has printed last, or the last line."""
        lines = self.log.read_text(errors="replace").splitlines()
        errors = [line[1:].strip() for line in lines if line.startswith("E  ")]
        return (errors or lines or ["no output"])[-1]

    def _part(self, only, done, seconds):
        """Runs what is not done yet, in one process."""
        self._parts += 1
        folder = self.environment.unpack()
        told = self.environment.records / f"{self.name}-{self._parts}.jsonl"
        told.write_text("")
        orders = told.with_suffix(".orders.json")
        orders.write_text(
            json.dumps(
                {
                    "record": str(told),
                    "rooms": self.name == THREEPLY,
                    "not_run": [*self.project.not_run],
                    "only": only and [*only],
                    "done": [*done],
                }
            )
        )
        with tempfile.TemporaryDirectory(
            prefix="suites-", ignore_cleanup_errors=True
        ) as home:
            ended = process.run(
                self._command(orders),
                cwd=folder,
                environment=self._variables(home),
                log=self.log,
                record=told,
                seconds=seconds,
                test_seconds=self.project.test_seconds,
            )
        with open(told, encoding="utf-8") as lines:
            part = record.read(lines)
        self._check(part)
        return part, ended

    def _check(self, part):
        if part.rooms is None:
            return
        wanted = self.name == THREEPLY
        if part.rooms != wanted or (part.threeply and not wanted):
            msg = f"{self.project.name}: the rooms are not as {self.name} has them"
            raise VoidError(msg)

    def _command(self, orders):
        by = ["-m", "threeply"] if self.name == THREEPLY else []
        ours = ["-p", "_suites_record", f"--suites-orders={orders}"]
        further = ["--rootdir=.", "--continue-on-collection-errors"]
        python = str(self.environment.python)
        return [python, *by, "-m", "pytest", *ours, *further, *self.project.run]

    def _variables(self, home):
        """Returns the environment: without what would change Python's or pytest's doing."""
        prefixes = ("PYTHON", "PYTEST", "THREEPLY", "MAKE", "COV", "MFLAGS")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
        path = f"{self.environment.python.parent}{os.pathsep}{os.environ['PATH']}"
        temporary = Path(home, "tmp")
        temporary.mkdir()
        ours = {"HOME": home, "TMPDIR": str(temporary), "PATH": path}
        # As a user's terminal has them; a suite that wants others declares it.
        locale = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        return kept | ours | locale | self.project.environment
