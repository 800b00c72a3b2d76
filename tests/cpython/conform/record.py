"""What one run of a suite said, read from the events that `inside/_conform_suite.py` wrote."""

import json
from dataclasses import dataclass, field

GOOD = frozenset({"pass", "xfail"})
# `lost`: the process ended while the test was running.
BAD = frozenset({"fail", "error", "xpass", "lost"})
SKIP = "skip"


@dataclass
class Case:
    """The outcome of one test.

    Attributes:
        outcome: pass, xfail, fail, error, xpass, lost or skip, in its suite.
        why: The error, or the reason of the skip.
        native: Whether native objects were made while it ran.
        flaky: Whether it failed at first, and passed whenever it was run again alone.
    """

    outcome: str
    why: str = ""
    native: bool = False
    flaky: bool = False

    @property
    def bad(self):
        """Whether it failed, and not only now and then."""
        return self.outcome in BAD and not self.flaky

    @property
    def good(self):
        return self.outcome in GOOD

    @property
    def ran(self):
        return self.outcome != SKIP


@dataclass
class Record:
    """One run of a suite.

    Attributes:
        status: done, skip, load-error, aborted, timeout or crash.
        why: The reason of any but `done`.
        seconds: What it took, its parts added up.
        tests: Id to Case.
    """

    status: str = "crash"
    why: str = ""
    seconds: float = 0.0
    tests: dict[str, Case] = field(default_factory=dict)

    @property
    def complete(self):
        """Whether every test of the suite had its turn."""
        return self.status in {"done", "skip"}

    @property
    def bad(self):
        """The ids of the tests that failed."""
        return [name for name, test in self.tests.items() if test.bad]


def merged(records):
    """Returns the Record of a suite whose parts ran in processes of their own."""
    worst = next((one for one in records if not one.complete), None)
    told = worst or next((one for one in records if one.status == "done"), records[0])
    return Record(
        told.status,
        told.why,
        seconds=sum(one.seconds for one in records),
        tests={name: test for one in records for name, test in one.tests.items()},
    )


def read(lines, ending):
    """Returns the Record of the events in `lines`.

    Args:
        lines: The lines that it wrote; a last one may be cut off.
        ending: How the process ended, for tests that were running then.
    """
    record = Record(why=ending)
    running = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        kind = event["event"]
        if kind == "end":
            record.status, record.why = event["status"], event.get("why", "")
        elif kind == "start":
            running.append(event["id"])
        elif kind == "outcome":
            _note(record, event)
        elif kind == "stop":
            # CPython 3.12.1 stops a skipped test that it has not started.
            if event["id"] in running:
                running.remove(event["id"])
            if event["id"] in record.tests:
                record.tests[event["id"]].native = event["native"]
    for name in running:
        if name not in record.tests or not record.tests[name].bad:
            record.tests[name] = Case("lost", ending)
    return record


def _note(record, event):
    known = record.tests.get(event["id"])
    # The first failing subtest is the one to tell of.
    if known is None or not known.bad:
        record.tests[event["id"]] = Case(event["outcome"], event.get("why", ""))
