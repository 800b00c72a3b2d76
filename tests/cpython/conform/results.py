"""The results of one version, as they are kept: counts, and all that is no pass."""

import json
import re

from conform.baseline import told

# Addresses differ from run to run.
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def update(path, version, borrowed, verdicts):
    """Writes the results of `verdicts`; suites that were not run keep theirs."""
    suites = json.loads(path.read_text())["suites"] if path.is_file() else {}
    suites |= {verdict.suite: entry(verdict) for verdict in verdicts}
    stored = {
        "python": version,
        "borrowed": borrowed,
        "totals": _totals(suites.values()),
        "suites": dict(sorted(suites.items())),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, indent=1) + "\n")


def counts(verdict):
    """Returns the figures of a suite, in the order in which they are told."""
    return {
        "run": len(verdict.record.tests),
        "passed": verdict.passed,
        "skipped": verdict.skipped,
        "failed_known": len(verdict.failed_known),
        "failed_unknown": len(verdict.failed_unknown),
        "failed_plain": len(verdict.failed_plain),
        "standard_only": verdict.frozen,
        "native": verdict.native,
    }


def entry(verdict):
    """Returns a Verdict as it is stored."""
    stored = counts(verdict)
    if not verdict.record.complete:
        stored["status"] = f"{verdict.record.status}: {verdict.record.why}"
    others = {
        name: _ADDRESS.sub("0x...", ("flaky, " if test.flaky else "") + told(test))
        for name, test in sorted(verdict.record.tests.items())
        if test.flaky or test.outcome != "pass"
    }
    return stored | {"not_run": verdict.not_run, "others": others}


def _totals(entries):
    entries = list(entries)
    names = [
        "run",
        "passed",
        "skipped",
        "failed_known",
        "failed_unknown",
        "failed_plain",
        "standard_only",
        "native",
    ]
    return {name: sum(entry[name] for entry in entries) for name in names}
