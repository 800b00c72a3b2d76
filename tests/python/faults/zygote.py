"""Many short-lived children of one warmed process, each through a real exit.

A child takes the interpreter's whole way out: SystemExit, atexit, finalisation.
Starting an interpreter for each run would cost forty times as much. Half of what was
left was the collector's last looks at what the zygote had made already: most children
are spared them (`FROZEN`).
"""

import argparse
import contextlib
import gc
import os
import random
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.rooms import NAMES, Rooms, open_rooms

# What a child that did its work exits with: neither success nor any usual failure.
DONE = 7
# A child that takes longer is stuck. SIGALRM then ends it.
PATIENCE = 30
# How many of the children take what the zygote made for no garbage, also at their end. The
# others see the modules and classes of the rooms collected as a program of its own does.
FROZEN = 0.75

Scenario = Callable[[Rooms, random.Random], None]
Use = contextlib.AbstractContextManager[Any]


class Child(NamedTuple):
    """One run, and the file that its standard error goes to."""

    kind: str
    run: int
    errors: int


class Zygote:
    """Forks the children, as many at a time as there are processors."""

    def __init__(self, rooms: Rooms, during: Callable[[], Use]) -> None:
        self._rooms = rooms
        self._during = during
        self._room_for = os.cpu_count() or 1
        self._children: dict[int, Child] = {}
        self.failures: list[str] = []

    def start(self, kind: str, scenario: Scenario, run: int) -> None:
        """Forks a child that runs the scenario. Raises SystemExit in the child."""
        while len(self._children) >= self._room_for:
            self._reap()
        errors = os.memfd_create("errors")
        with self._during():
            pid = os.fork()
        if pid == 0:
            signal.alarm(PATIENCE)
            os.dup2(errors, 2)
            if random.Random(f"{kind} {run} frozen").random() >= FROZEN:
                gc.unfreeze()
            scenario(self._rooms, random.Random(f"{kind} {run}"))
            raise SystemExit(DONE)
        self._children[pid] = Child(kind, run, errors)

    def finish(self) -> None:
        while self._children:
            self._reap()

    def _reap(self) -> None:
        pid, status = os.wait()
        child = self._children.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        text = os.pread(child.errors, 10_000, 0).decode(errors="replace")
        os.close(child.errors)
        if code != DONE or text:
            failure = f"{child.kind}, run {child.run}: {_outcome(code)}\n{text}"
            self.failures.append(failure)


def _outcome(code: int) -> str:
    if code == -signal.SIGALRM:
        return f"stuck for {PATIENCE} s"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"status {code}"


def main(
    kinds: dict[str, Scenario],
    around: Callable[[Rooms, str], contextlib.AbstractContextManager[Callable[[], Use]]]
    | None = None,
) -> None:
    """The command line of a script of fault runs.

    Args:
        kinds: The scenarios by name.
        around: Makes a context for all runs of the kind of that name; it yields what
            makes the context of each fork.
    """
    arguments = _arguments()
    rooms = open_rooms(arguments.room)
    # Forking beside threads is what some of these runs are about.
    warnings.filterwarnings("ignore", message=".*multi-threaded", module=".*")
    sys.setswitchinterval(0.0002)
    failures: list[str] = []
    for kind, scenario in kinds.items():
        if not re.search(arguments.only, kind):
            continue
        begun = time.monotonic()
        with around(rooms, kind) if around else _nothing() as during:
            zygote = Zygote(rooms, during)
            gc.collect()
            gc.freeze()
            for run in range(arguments.first, arguments.first + arguments.runs):
                zygote.start(kind, scenario, run)
            zygote.finish()
        failures += zygote.failures
        print(f"{kind}: {arguments.runs} runs, {time.monotonic() - begun:.1f} s")
        sys.stdout.flush()
    for failure in failures[:20]:
        print(failure, file=sys.stderr)
    if failures:
        print(f"{len(failures)} runs failed", file=sys.stderr)
        raise SystemExit(1)


@contextlib.contextmanager
def _nothing() -> Iterator[Callable[[], Use]]:
    yield contextlib.nullcontext


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("room", choices=NAMES)
    parser.add_argument("--runs", type=int, default=500, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--only", default="", help="regular expression for the kinds")
    return parser.parse_args()
