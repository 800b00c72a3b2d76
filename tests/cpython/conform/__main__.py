"""The command line: `run`, `baseline` and `freeze`."""

import argparse
import importlib.util
import sys
from pathlib import Path

from conform import (
    baseline,
    drivers,
    environment,
    freezing,
    frozen,
    known,
    process,
    results,
    suites,
    table,
    verdict,
)
from conform.campaign import Campaign
from conform.interpreter import Interpreter

HERE = Path(__file__).resolve().parents[1]
CHECKOUT = HERE.parents[1]


class Ground:
    """What every verb stands on: the interpreter, its suites, where things are.

    Attributes:
        interpreter: The Interpreter.
        suites: The suites to run.
        absent: The suites asked for that this machine does not have.
        borrowed: Name of a borrowed suite to the version that it came from.
    """

    def __init__(self, arguments):
        self.arguments = arguments
        self.interpreter = Interpreter.ask(arguments.python)
        self.work = CHECKOUT / ".build" / "conform" / self.interpreter.version
        self.further = self.work / "tests"
        self.baseline_path = self._stored("results", "-stdlib.json")
        self.results_path = self._stored("results", ".json")
        self.frozen_path = self._stored("frozen", ".toml")
        self.suites, self.absent, self.borrowed = [], [], {}
        if self.interpreter.tests:
            self._find_suites()

    def campaign(self, place, kind):
        """Returns the Campaign in an environment."""
        place.add_tests(self.further)
        return Campaign(
            place.python,
            self.work / kind,
            self.arguments.jobs,
            self.arguments.seconds,
        )

    def standard(self):
        """Returns the Campaign over the plain standard library."""
        place = environment.of_standard_library(self.interpreter, CHECKOUT)
        return self.campaign(place, "stdlib")

    def rooms(self):
        """Returns the Campaign over the rooms."""
        place = environment.of_rooms(
            self.interpreter, CHECKOUT, self.arguments.package.resolve()
        )
        return self.campaign(place, "rooms")

    def _stored(self, folder, ending):
        return HERE / folder / f"{self.interpreter.version}{ending}"

    def _find_suites(self):
        self.borrowed = drivers.supply(
            self.interpreter, self.further, CHECKOUT / "tools" / "python"
        )
        for name in suites.named(self.arguments.rooms):
            found = suites.expanded(name, [self.interpreter.tests, self.further])
            self.suites += found
            if not found:
                self.absent.append(name)


def main():
    process.heed_signals()
    arguments = _parser().parse_args()
    ground = Ground(arguments)
    version = ground.interpreter.version
    if not ground.interpreter.tests:
        print(f"{version} was installed without its tests: nothing to run, skipped")
        return 0
    print(f"CPython {version}, {len(ground.suites)} suites", flush=True)
    for name in ground.absent:
        print(f"{name}: not on this machine for {version}, skipped")
    for name, donor in ground.borrowed.items():
        if name in ground.suites:
            print(f"{name}: {version} was installed without it; {donor}'s is used")
    return arguments.verb(ground)


def take_baseline(ground):
    """Stores what the plain standard library gives."""
    version = ground.interpreter.version
    stored = baseline.Baseline.load(ground.baseline_path, version)
    stored.borrowed |= ground.borrowed

    def tell(suite, record):
        stored.add(suite, record)
        stored.save(ground.baseline_path)
        print(_baseline_row(suite, stored.suites[suite], record), flush=True)

    records = ground.standard().run(ground.suites, tell)
    failed = sum(len(record.bad) for record in records.values())
    broken = [name for name, record in records.items() if not record.complete]
    for line in ("run", "passed", "skipped"):
        print(f"{line}: {sum(entry[line] for entry in stored.suites.values())}")
    return 1 if failed or broken else 0


def _baseline_row(suite, entry, record):
    figures = "  ".join(
        f"{name} {entry[name]}" for name in ("run", "passed", "skipped")
    )
    bad = "".join(f"\n    {name}: {record.tests[name].why}" for name in record.bad)
    return f"{suite:42} {figures}  {record.seconds:.1f} s  {record.status}{bad}"


def run_rooms(ground):
    """Runs the suites over the rooms and judges them."""
    version = ground.interpreter.version
    accepted = known.load(HERE / "known.toml", CHECKOUT / "DIFFERENCES.md")
    accepted = {entry.id for entry in accepted if entry.holds_for(version)}
    listed = frozen.load(ground.frozen_path)
    first = frozen.first_committed(ground.frozen_path, CHECKOUT)
    complaints = [f"frozen list: {line}" for line in frozen.grown(listed, first)]
    stored = baseline.Baseline.load(ground.baseline_path, version)
    rooms, standard = ground.rooms(), ground.standard()
    verdicts = []

    def tell(suite, record):
        ran = stored.ran(suite)
        judged = verdict.judge(suite, record, ran or set(), accepted, listed)
        if ran is None or verdict.doubtful(judged):
            plain = standard.run_suite(suite)
            ran = {name for name, test in plain.tests.items() if test.ran}
            judged = verdict.judge(suite, record, ran, accepted, listed)
            verdict.confirm(judged, plain)
        verdicts.append(judged)
        print(table.row(judged), flush=True)
        for line in table.complaints(judged):
            print(f"    {line}", flush=True)

    print(table.head())
    rooms.run(ground.suites, tell)
    print(table.total(verdicts))
    print(table.LEGEND)
    if ground.arguments.thaw:
        gone = {name for judged in verdicts for name in judged.thawed}
        ground.frozen_path.write_text(frozen.text_of(listed.without(gone)))
    if ground.arguments.save:
        results.update(ground.results_path, version, ground.borrowed, verdicts)
    complaints += [line for judged in verdicts for line in judged.complaints]
    print(f"{len(complaints)} complaints" if complaints else "conform: as it must be")
    return 1 if complaints else 0


def freeze(ground):
    """Makes the frozen list of a version that has none."""
    if ground.frozen_path.exists():
        print(f"{ground.frozen_path} exists, and may only shrink (run --thaw)")
        return 1
    version = ground.interpreter.version
    stored = baseline.Baseline.load(ground.baseline_path, version)
    ran = {name for suite in stored.suites for name in stored.ran(suite)}
    listed = freezing.freeze(ran)
    ground.frozen_path.parent.mkdir(exist_ok=True)
    ground.frozen_path.write_text(frozen.text_of(listed))
    print(f"{listed.ceiling} ids in {ground.frozen_path}")
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m conform", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    for name, verb in (
        ("run", run_rooms),
        ("baseline", take_baseline),
        ("freeze", freeze),
    ):
        one = verbs.add_parser(name, help=verb.__doc__)
        one.set_defaults(verb=verb)
        one.add_argument("--python", default=sys.executable, help="whose tests to run")
        one.add_argument("--jobs", type=int, default=2, help="suites at a time")
        one.add_argument(
            "--seconds", type=float, default=1200, help="time limit of a suite"
        )
        one.add_argument(
            "rooms", nargs="*", metavar="ROOM", help=", ".join(suites.ROOMS)
        )
        if verb is run_rooms:
            _add_run_arguments(one)
    return parser


def _add_run_arguments(parser):
    parser.add_argument(
        "--package",
        type=Path,
        default=_package(),
        help="the folder that holds the threeply package",
    )
    parser.add_argument(
        "--save", action="store_true", help="keep the results in results/"
    )
    parser.add_argument(
        "--thaw",
        action="store_true",
        help="take out of the frozen list what no longer belongs there",
    )


def _package():
    """Returns where this interpreter has threeply installed, else the checkout's."""
    found = importlib.util.find_spec("threeply")
    return Path(found.origin).parents[1] if found else CHECKOUT / "python"


if __name__ == "__main__":
    sys.exit(main())
