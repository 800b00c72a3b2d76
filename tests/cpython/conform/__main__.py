"""The command line: `run`, `baseline`, `rebase` and `status`."""

import argparse
import importlib.util
import sys
from pathlib import Path

from conform import ground, process, recorded, status, suites, table
from conform.baseline import Baseline
from conform.foundation import Foundation
from conform.results import Results
from conform.trial import Trial


def main():
    process.heed_signals()
    arguments = _parser().parse_args()
    if arguments.verb is tell_status:
        return tell_status()
    on = ground.Ground(arguments)
    if not on.interpreter.tests:
        print(f"not run: CPython {on.version} was installed without its tests")
        return 0
    print(f"CPython {on.version}, {len(on.suites)} suites", flush=True)
    for name in on.absent:
        print(f"{name}: not on this machine for {on.version}, not run")
    for name, donor in on.borrowed.items():
        if name in on.suites:
            print(f"{name}: {on.version} was installed without it; {donor}'s is used")
    return arguments.verb(on)


def take_baseline(on):
    """Stores what the plain standard library gives."""
    path = ground.baseline_path(on.version)
    stored = Baseline.load(path, on.version)
    stored.borrowed |= on.borrowed
    stored.absent = sorted({*stored.absent, *on.absent} - stored.suites.keys())

    def tell(suite, record):
        stored.add(suite, record)
        stored.save(path)
        print(_baseline_row(suite, stored.suites[suite], record), flush=True)

    records = on.standard().run(stored.plan(on.suites), tell)
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


def run_rooms(on):
    """Runs the suites over the rooms and judges them."""
    trial = _tried(on)
    if on.arguments.repeats:
        trial.repeat_flaky(on.arguments.repeats)
    return _close(trial)


def rebase(on):
    """Makes a record of this very version: its baseline and its results."""
    take_baseline(on)
    on.measure, on.arguments.save = on.version, True
    return _close(_tried(on))


def _tried(on):
    """Returns the Trial, its results kept where that was asked for."""
    if on.moved:
        print(f"{on.version} has no record; {on.measure}'s is what it is measured by")
    foundation = _foundation(on) if on.arguments.save else None
    trial = Trial(on)
    trial.run()
    if foundation and on.moved:
        print(f"not kept: {on.version} has no record (make conform-rebase)")
    elif foundation:
        _keep(trial, foundation)
    return trial


def _foundation(on):
    """Returns what the run stands on, as it is before the run."""
    package = ground.CHECKOUT / "python"
    if on.arguments.package.resolve() != package:
        sys.exit(f"results are kept of the rooms in {package} only")
    return Foundation.of(ground.CHECKOUT)


def _keep(trial, foundation):
    on = trial.ground
    path = ground.results_path(on.version)
    kept = Results.load(path, on.version)
    kept.borrowed |= on.borrowed
    for judged in trial.verdicts:
        kept.add(judged, foundation)
    kept.save(path, foundation)


def _close(trial):
    """Says what came of it, and returns the exit status."""
    on, new = trial.ground, len(trial.complaints)
    print(f"CPython {on.version}: {table.passed(trial.verdicts)}")
    if new and on.moved:
        print(
            f"conform: {new} new with {on.version}, which does not count: the record "
            f"is of {on.measure} (make conform-rebase)"
        )
        new = 0
    if new or trial.flakes:
        print(f"conform: {new} complaints, {len(trial.flakes)} flaky tests of ours")
        return 1
    print("conform: as it must be")
    return 0


def tell_status():
    """Tells how much of the kept results is fresh, stale, or was never made."""
    foundation = Foundation.of(ground.CHECKOUT)
    for version in recorded.versions(ground.RESULTS):
        print(status.told(ground.RESULTS, version, foundation))
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m conform", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    verbs.add_parser("status", help=tell_status.__doc__).set_defaults(verb=tell_status)
    for name, verb in (
        ("run", run_rooms),
        ("baseline", take_baseline),
        ("rebase", rebase),
    ):
        one = verbs.add_parser(name, help=verb.__doc__)
        one.set_defaults(verb=verb, save=False)
        one.add_argument("--python", default=sys.executable, help="whose tests to run")
        one.add_argument("--jobs", type=int, default=2, help="suites at a time")
        one.add_argument(
            "--seconds", type=float, default=600, help="time limit of a suite"
        )
        one.add_argument(
            "rooms", nargs="*", metavar="ROOM", help=", ".join(suites.ROOMS)
        )
        if verb is not take_baseline:
            one.add_argument(
                "--package",
                type=Path,
                default=_package(),
                help="the folder that holds the threeply package",
            )
        if verb is run_rooms:
            _add_run_arguments(one)
    return parser


def _add_run_arguments(parser):
    parser.add_argument(
        "--save", action="store_true", help="keep the results in results/"
    )
    parser.add_argument(
        "--repeats",
        type=int,
        default=0,
        help="how often flaky tests are repeated on each side, to compare them",
    )


def _package():
    """Returns where this interpreter has threeply installed, else the checkout's."""
    found = importlib.util.find_spec("threeply")
    return Path(found.origin).parents[1] if found else ground.CHECKOUT / "python"


if __name__ == "__main__":
    sys.exit(main())
