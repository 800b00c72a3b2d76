"""Two sides of a suite, compared test by test."""

from dataclasses import dataclass, field

from suites.record import PASSED, SKIPPED

ABSENT = "absent"


def rank(kind):
    """Orders the ends of a test: passed, then skipped, then all others."""
    return {PASSED: 2, SKIPPED: 1}.get(kind, 0)


def differing(plain, ours):
    """Returns the tests that end otherwise on the two sides, in the order of the first.

    Args:
        plain: Id of a test to its Outcome, under python.
        ours: The same under threeply.
    """
    names = [*plain, *(name for name in ours if name not in plain)]
    return [n for n in names if rank(_kind(plain, n)) != rank(_kind(ours, n))]


@dataclass
class Comparison:
    """What differs between the sides after the reruns.

    Attributes:
        lost: Test to what is said of it: better under python, each time.
        unsteady: The same end under python each time, and now and then a worse one under
            threeply: lost too, unless it was chance.
        gained: Better under threeply, each time.
        flaky: All others: they end otherwise from run to run under python.
    """

    lost: dict = field(default_factory=dict)
    unsteady: dict = field(default_factory=dict)
    gained: dict = field(default_factory=dict)
    flaky: dict = field(default_factory=dict)


def compare(plain, ours):
    """Judges the tests that differ.

    Args:
        plain: Outcomes of the runs under python: the whole one, then the reruns.
        ours: The same under threeply.

    Returns:
        The Comparison.
    """
    result = Comparison()
    for name in differing(plain[0], ours[0]):
        left, right = _ranks(plain, name), _ranks(ours, name)
        if min(left) > max(right):
            result.lost[name] = _line(ours, name)
        elif max(left) < min(right):
            result.gained[name] = _line(plain, name)
        elif len(left) == 1 and min(right) < min(left):
            result.unsteady[name] = _both(plain, ours, name)
        else:
            result.flaky[name] = _both(plain, ours, name)
    return result


def _ranks(runs, name):
    return {rank(_kind(run, name)) for run in runs}


def _kind(outcomes, name):
    return outcomes[name].kind if name in outcomes else ABSENT


def _line(runs, name):
    why = next((run[name].why for run in runs if name in run and run[name].why), "")
    kind = _kind(runs[0], name)
    return f"{kind}: {why}" if why else kind


def _both(plain, ours, name):
    sides = {"python": plain, "threeply": ours}
    kinds = "; ".join(
        f"{side} {', '.join(_kind(run, name) for run in runs)}"
        for side, runs in sides.items()
    )
    bad = next((r for r in (ours, plain) if rank(_kind(r[0], name)) < 2), ours)
    why = next((run[name].why for run in bad if name in run and run[name].why), "")
    return f"{kinds} ({why})" if why else kinds
