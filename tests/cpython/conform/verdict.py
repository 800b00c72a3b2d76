"""Judges a suite: what it gave over the rooms against what it must give."""

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """What is to be said of a suite. The fields of ids are lists, sorted.

    Attributes:
        suite: Its name.
        record: Its Record over the rooms.
        passed: How many passed, and not only when they were run again.
        native: How many of these reached native code.
        skipped: How many were skipped.
        flaky: Those that failed, and passed whenever they were run again alone.
        failed_known: Failures that known.toml has.
        failed_unknown: Failures that it does not have.
        failed_plain: Failures that the standard library shows here as well.
        passed_known: Tests that known.toml has, and that pass.
        absent_known: Tests that known.toml has, and the suite does not.
        not_run: Tests that only the standard library runs.
    """

    suite: str
    record: object
    passed: int = 0
    native: int = 0
    skipped: int = 0
    flaky: list = field(default_factory=list)
    failed_known: list = field(default_factory=list)
    failed_unknown: list = field(default_factory=list)
    failed_plain: list = field(default_factory=list)
    passed_known: list = field(default_factory=list)
    absent_known: list = field(default_factory=list)
    not_run: list = field(default_factory=list)

    @property
    def complaints(self):
        """A line for everything that makes the run fail."""
        failed = [
            f"failed: {name}: {self.record.tests[name].why}"
            for name in self.failed_unknown
        ]
        ended = f"ended: {self.suite}: {self.record.status} {self.record.why}".rstrip()
        return [
            *([] if self.record.complete else [ended]),
            *failed,
            *(f"known, but passes: {name}" for name in self.passed_known),
            *(f"known, but not in the suite: {name}" for name in self.absent_known),
            *(f"not run, standard library runs it: {name}" for name in self.not_run),
        ]


def judge(suite, record, ran, known):
    """Judges one suite.

    Args:
        suite: Its name.
        record: Its Record over the rooms.
        ran: The ids that the plain standard library ran.
        known: The ids whose failure is accepted on this version.

    Returns:
        The Verdict.
    """
    tests = record.tests
    bad = {name for name, test in tests.items() if test.bad}
    good = {name for name, test in tests.items() if test.good}
    skipped = {name for name, test in tests.items() if not test.ran}
    flaky = {name for name, test in tests.items() if test.flaky}
    mine = {name for name in known if name.startswith(f"test.{suite}.")}
    return Verdict(
        suite,
        record,
        passed=len(good),
        native=sum(tests[name].native for name in good),
        skipped=len(skipped),
        flaky=sorted(flaky),
        failed_known=sorted(bad & mine),
        failed_unknown=sorted(bad - mine),
        passed_known=sorted(good & mine),
        absent_known=sorted(mine - tests.keys() | mine & skipped)
        if record.complete
        else [],
        not_run=sorted(ran - bad - good - flaky),
    )


def doubtful(verdict):
    """Whether the plain standard library should be asked here and now."""
    return bool(verdict.failed_unknown or verdict.not_run)


def confirm(verdict, plain):
    """Takes back what the plain standard library does on this machine as well.

    A machine may lack what a test needs, where the baseline was made on another.

    Args:
        verdict: The Verdict, which is changed.
        plain: The Record of the suite over the standard library, made just now.
    """
    bad = set(plain.bad)
    ran = {name for name, test in plain.tests.items() if test.ran}
    verdict.failed_plain = [name for name in verdict.failed_unknown if name in bad]
    verdict.failed_unknown = [
        name for name in verdict.failed_unknown if name not in bad
    ]
    verdict.not_run = [name for name in verdict.not_run if name in ran]
