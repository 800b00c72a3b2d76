"""What is printed: a line for each suite, and the complaints under them."""

from conform import results

COLUMNS = {
    "run": "run",
    "passed": "passed",
    "skipped": "skip",
    "failed_known": "known",
    "failed_unknown": "unknown",
    "failed_plain": "plain",
    "standard_only": "std-only",
    "native": "native",
}

# Of one suite; all are in the results, and its output is in the log.
MOST_COMPLAINTS = 20

LEGEND = """\
run: all tests; known: failed, as known.toml says; unknown: failed otherwise; plain:
failed here over the plain standard library too; std-only: passed, but only exercise
the standard library's own Python classes (not in `passed`); native: reached native
code."""


def head():
    return _line("suite", COLUMNS.values(), "seconds")


def row(verdict):
    """Returns the line of a suite."""
    line = _line(
        verdict.suite, results.counts(verdict).values(), f"{verdict.record.seconds:.1f}"
    )
    flaky = sum(test.flaky for test in verdict.record.tests.values())
    notes = [f"{flaky} flaky"] if flaky else []
    if verdict.record.status != "done":
        notes.append(f"{verdict.record.status} {verdict.record.why}".strip()[:60])
    return f"{line}  {', '.join(notes)}".rstrip()


def complaints(verdict):
    """Returns the complaints about a suite as they are printed: not too many."""
    lines = verdict.complaints
    shown = lines[:MOST_COMPLAINTS]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more")
    return shown


def total(verdicts):
    """Returns the line under all suites."""
    figures = [results.counts(verdict) for verdict in verdicts]
    sums = [sum(figure[name] for figure in figures) for name in COLUMNS]
    seconds = sum(verdict.record.seconds for verdict in verdicts)
    return _line("total", sums, f"{seconds:.1f}")


def _line(name, figures, seconds):
    cells = "".join(f"{figure:>9}" for figure in figures)
    return f"{name:42}{cells}{seconds:>9}"
