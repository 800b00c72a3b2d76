"""What the plain standard library gives: which tests run, suite by suite.

Stored with the ids that ran, since the rooms must run every one of them. The ids of
a class are listed under it, so that the file stays small and its diffs plain.
"""

import json
import math

from conform.record import SKIP

PREFIX = "test."

# A suite that takes longer runs in parts, side by side: most of the time it sleeps.
PART_SECONDS = 45
MOST_PARTS = 4


class Baseline:
    """The suites of one version over the plain standard library.

    Attributes:
        borrowed: Name of a borrowed suite to the version that it came from.
        absent: Names of suites that this version does not have.
        suites: Suite to its entry, as it is stored.
    """

    def __init__(self, version, borrowed=None, absent=None, suites=None):
        self.version = version
        self.borrowed = dict(borrowed or {})
        self.absent = list(absent or ())
        self.suites = dict(suites or {})

    @classmethod
    def load(cls, path, version):
        """Returns the stored baseline; one without suites if there is none."""
        if not path.is_file():
            return cls(version)
        stored = json.loads(path.read_text())
        return cls(version, stored["borrowed"], stored.get("absent"), stored["suites"])

    def save(self, path):
        stored = {
            "python": self.version,
            "borrowed": self.borrowed,
            "absent": sorted(self.absent),
            "suites": dict(sorted(self.suites.items())),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stored, indent=1) + "\n")

    def add(self, suite, record):
        """Stores what a run of `suite` said."""
        self.suites[suite] = entry(suite, record)

    def plan(self, suites):
        """Returns how to run suites: the slowest first, and in how many parts each.

        One that was never timed begins, in one part.
        """
        seconds = {
            name: self.suites.get(name, {}).get("seconds", math.inf) for name in suites
        }
        return {
            name: min(MOST_PARTS, 1 + int(took // PART_SECONDS))
            if took < math.inf
            else 1
            for name, took in sorted(seconds.items(), key=lambda one: -one[1])
        }

    def ran(self, suite):
        """Returns the ids that ran, or None where the suite is not known."""
        if suite not in self.suites:
            return None
        stored = self.suites[suite]
        return {
            f"{PREFIX}{suite}.{name}.{method}"
            for name, methods in stored["passed_ids"].items()
            for method in methods
        } | {name for name, why in stored["others"].items() if not _skipped(why)}


def entry(suite, record):
    """Returns a Record as it is stored: passes by class, the others with reasons."""
    passed, others = {}, {}
    for name, test in sorted(record.tests.items()):
        owner, _, method = name.rpartition(".")
        if test.outcome == "pass" and owner.startswith(f"{PREFIX}{suite}."):
            passed.setdefault(owner[len(PREFIX) + len(suite) + 1 :], []).append(method)
        else:
            others[name] = told(test)
    counts = {
        "run": len(record.tests),
        "passed": sum(test.outcome == "pass" for test in record.tests.values()),
        "skipped": sum(test.outcome == SKIP for test in record.tests.values()),
        "seconds": round(record.seconds),
    }
    if not record.complete:
        counts["status"] = f"{record.status}: {record.why}"
    return counts | {"passed_ids": passed, "others": others}


def told(test):
    """Returns an outcome in a line: `skip: needs root`."""
    outcome = "flaky" if test.flaky else test.outcome
    return f"{outcome}: {test.why}" if test.why else outcome


def _skipped(line):
    return line == SKIP or line.startswith(f"{SKIP}: ")
