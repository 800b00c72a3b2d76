"""The results of one version, as they are kept: counts, and all that is no pass.

Each suite's entry notes what it stood on (see `foundation`). An entry that is older than a
room beneath it is stale: it tells of other sources, and counts as not run.
"""

import json
import re

from conform.baseline import told

# Addresses differ from run to run.
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_FLAKY = "flaky"

COUNTS = (
    "run",
    "passed",
    "native",
    "skipped",
    "flaky",
    "failed_known",
    "failed_unknown",
    "failed_plain",
)


class Results:
    """The kept results of one version.

    Attributes:
        version: The version.
        borrowed: Name of a borrowed suite to the version that it came from.
        suites: Suite to its entry, as it is stored.
    """

    def __init__(self, version, borrowed=None, suites=None):
        self.version = version
        self.borrowed = dict(borrowed or {})
        self.suites = dict(suites or {})

    @classmethod
    def load(cls, path, version):
        """Returns the stored results; some without suites if there are none."""
        if not path.is_file():
            return cls(version)
        stored = json.loads(path.read_text())
        return cls(version, stored["borrowed"], stored["suites"])

    def save(self, path, foundation):
        """Writes them; the totals are of what is fresh over `foundation`."""
        stale = self.stale(foundation)
        stored = {
            "python": self.version,
            "borrowed": self.borrowed,
            "totals": self.totals(foundation) | {"stale_suites": len(stale)},
            "suites": dict(sorted(self.suites.items())),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stored, indent=1) + "\n")

    def add(self, verdict, foundation):
        """Stores what a run over `foundation` said of a suite."""
        note = {
            "commit": foundation.commit,
            "stood_on": foundation.note(verdict.suite),
        }
        self.suites[verdict.suite] = note | entry(verdict)

    def stale(self, foundation):
        """Returns stale suites, each to what changed beneath it."""
        changes = {
            suite: foundation.changed(suite, stored.get("stood_on"))
            for suite, stored in self.suites.items()
        }
        return {suite: changed for suite, changed in changes.items() if changed}

    def totals(self, foundation):
        """Returns how many suites are fresh, and their counts added up."""
        fresh = [
            self.suites[suite] for suite in self.suites.keys() - self.stale(foundation)
        ]
        counts = {name: sum(stored[name] for stored in fresh) for name in COUNTS}
        return {"suites": len(fresh)} | counts

    def flaky(self, suite):
        """Returns the ids of a suite's flaky tests."""
        others = self.suites.get(suite, {}).get("others", {})
        return [name for name, why in others.items() if why.startswith(_FLAKY)]


def counts(verdict):
    """Returns the figures of a suite, in the order in which they are told."""
    return {
        "run": len(verdict.record.tests),
        "passed": verdict.passed,
        "native": verdict.native,
        "skipped": verdict.skipped,
        "flaky": len(verdict.flaky),
        "failed_known": len(verdict.failed_known),
        "failed_unknown": len(verdict.failed_unknown),
        "failed_plain": len(verdict.failed_plain),
    }


def entry(verdict):
    """Returns a Verdict as it is stored."""
    stored = counts(verdict)
    if not verdict.record.complete:
        stored["status"] = f"{verdict.record.status}: {verdict.record.why}"
    others = {
        name: _ADDRESS.sub("0x...", told(test))
        for name, test in sorted(verdict.record.tests.items())
        if test.outcome != "pass"
    }
    return stored | {"not_run": verdict.not_run, "others": others}
