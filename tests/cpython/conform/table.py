"""What is printed of a run: a line for each suite, and what is to be said under it."""

from conform import results

COLUMNS = {
    "run": "run",
    "passed": "passed",
    "native": "native",
    "skipped": "skip",
    "flaky": "flaky",
    "failed_known": "known",
    "failed_unknown": "unknown",
    "failed_plain": "plain",
}

# Of one suite; all are in the results, and its output is in the log.
MOST_COMPLAINTS = 20

LEGEND = """\
run: all tests; native: passed, and reached native code; flaky: failed, and passed each
time it ran again alone; known: failed, as known.toml says; unknown: failed otherwise;
plain: failed here over the plain standard library too."""


def head():
    return _line("suite", COLUMNS.values(), "seconds")


def row(verdict):
    """Returns the line of a suite."""
    line = _line(
        verdict.suite, results.counts(verdict).values(), f"{verdict.record.seconds:.1f}"
    )
    if verdict.record.status == "done":
        return line
    return f"{line}  {verdict.record.status} {verdict.record.why}"[:160].rstrip()


def remarks(verdict, prefix=""):
    """Returns the lines under a suite's: flaky tests, and not too many complaints.

    Args:
        verdict: The Verdict.
        prefix: What each complaint begins with.
    """
    flaky = [
        f"flaky: {name}: {verdict.record.tests[name].why}" for name in verdict.flaky
    ]
    lines = [prefix + line for line in verdict.complaints]
    shown = lines[:MOST_COMPLAINTS]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more")
    return flaky + shown


def total(verdicts):
    """Returns the line under all suites."""
    figures = [results.counts(verdict) for verdict in verdicts]
    sums = [sum(figure[name] for figure in figures) for name in COLUMNS]
    seconds = sum(verdict.record.seconds for verdict in verdicts)
    return _line("total", sums, f"{seconds:.1f}")


def passed(verdicts):
    """Returns what is quoted of a run."""
    passed = sum(verdict.passed for verdict in verdicts)
    native = sum(verdict.native for verdict in verdicts)
    return f"{passed:,} passed, {native:,} of them reaching native code"


def _line(name, figures, seconds):
    cells = "".join(f"{figure:>8}" for figure in figures)
    return f"{name:42}{cells}{seconds:>9}"
