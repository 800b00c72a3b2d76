"""Runs suites over the rooms and judges them, one after the other as they end."""

from conform import flaky, ground, known, table, verdict
from conform.baseline import Baseline
from conform.results import Results


class Trial:
    """A run of the suites of a Ground over the rooms.

    Attributes:
        verdicts: The Verdicts so far.
        complaints: What makes the run fail; with another patch release, what is new there.
        flakes: Comparisons of flaky tests that the rooms make so.
    """

    def __init__(self, on):
        self.ground = on
        self.accepted = accepted(on.measure)
        self.baseline = Baseline.load(ground.baseline_path(on.measure), on.measure)
        self.rooms, self.standard = on.rooms(self.accepted), on.standard()
        self.prefix = f"new with {on.version}: " if on.moved else ""
        self.verdicts, self.complaints, self.flakes = [], [], []

    def run(self):
        """Runs the suites, the slowest first, and prints what comes of each."""
        print(table.head())
        self.rooms.run(self.baseline.plan(self.ground.suites), self._tell)
        print(table.total(self.verdicts))
        print(table.LEGEND)

    def repeat_flaky(self, runs):
        """Compares flaky tests, of this run and of the kept results, on both sides."""
        kept = Results.load(
            ground.results_path(self.ground.measure), self.ground.measure
        )
        for judged in self.verdicts:
            for name in sorted({*judged.flaky, *kept.flaky(judged.suite)}):
                if name not in judged.record.tests:
                    continue
                found = flaky.compare(
                    self.rooms, self.standard, judged.suite, name, runs
                )
                whose = "flaky, ours" if found.ours else "flaky"
                print(f"{whose}: {found}", flush=True)
                self.flakes += [found] if found.ours else []

    def _tell(self, suite, record):
        judged = self._judged(suite, record)
        self.verdicts.append(judged)
        self.complaints += judged.complaints
        print(table.row(judged), flush=True)
        for line in table.remarks(judged, self.prefix):
            print(f"    {line}", flush=True)

    def _judged(self, suite, record):
        ran = self.baseline.ran(suite)
        judged = verdict.judge(suite, record, ran or set(), self.accepted)
        if ran is None or verdict.doubtful(judged):
            plain = self.standard.run_suite(suite)
            ran = {name for name, test in plain.tests.items() if test.ran}
            judged = verdict.judge(suite, record, ran, self.accepted)
            verdict.confirm(judged, plain)
        return judged


def accepted(version):
    """Returns the ids whose failure is accepted on a version."""
    entries = known.load(ground.HERE / "known.toml", ground.CHECKOUT / "DIFFERENCES.md")
    return {entry.id for entry in entries if entry.holds_for(version)}
