"""The command line: `run` and `pin`."""

import argparse
import datetime
import signal
import subprocess
import sys
from pathlib import Path

from suites import comparing, process, project, results
from suites.environment import CHECKOUT, HERE, Environment, UnavailableError
from suites.side import PYTHON, THREEPLY, Side, VoidError

RERUNS = 3


def main():
    """Runs the verb."""
    arguments = _parser().parse_args()
    projects = project.read((HERE / "projects.toml").read_text())
    try:
        chosen = project.chosen(projects, arguments.name, arguments.room)
    except project.UnknownError as error:
        sys.exit(str(error))
    told = subprocess.check_output(
        [arguments.python, "-c", "import platform; print(platform.python_version())"],
        text=True,
    )
    try:
        return arguments.verb(arguments, chosen, told.strip())
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def run(arguments, chosen, version):
    """Runs the suites on both sides and keeps what differs."""
    process.prepare()
    origin = {"commit": commit(), "date": f"{datetime.date.today():%Y-%m-%d}"}
    path = HERE / "results" / f"{version}.json"
    print(results.HEAD, flush=True)
    faults = 0
    for each in chosen:
        environment = _environment(arguments, each, version)
        entry = suite(environment, arguments.wheel, origin)
        print(results.summary(each.name, entry), flush=True)
        faults += complain(entry)
        if arguments.save:
            results.update(path, version, {each.name: entry})
    print(f"{faults} complaints" if faults else "suites: nothing is lost")
    return 1 if faults else 0


def suite(environment, wheel, origin):
    """Returns the entry of a project, run on both sides."""
    project = environment.project
    nothing = {"version": project.version, "rooms": list(project.rooms), **origin}
    if project.no_tests:
        return nothing | {"none": project.no_tests}
    try:
        environment.prepare(wheel)
        environment.unpack()
    except UnavailableError as error:
        return nothing | {"none": f"not run: {error}", "fault": True}
    sides = [Side(name, environment) for name in (PYTHON, THREEPLY)]
    try:
        plain, ours = (side.run() for side in sides)
        comparison = compared(sides, plain, ours)
    except VoidError as error:
        return nothing | {"none": f"void: {error}", "fault": True}
    return results.entry(project, plain, ours, comparison, origin)


def compared(sides, plain, ours):
    """Returns the Comparison, after the reruns of what differs."""
    names = comparing.differing(plain.outcomes, ours.outcomes)
    runs = [[plain.outcomes], [ours.outcomes]]
    for _ in range(RERUNS if names else 0):
        for side, outcomes in zip(sides, runs, strict=True):
            outcomes.append(side.run(only=names).outcomes)
    return comparing.compare(*runs)


def complain(entry):
    """Prints what is not as it must be, and returns how much that is.

    What is unsteady is printed and not counted: it may be chance.
    """
    for line in results.listed(entry.get("unsteady", {})):
        print(f"    unsteady: {line}", flush=True)
    lines = [f"lost: {line}" for line in results.listed(entry.get("lost", {}))]
    lines += [
        f"incomplete under {side}: {why}"
        for side, why in entry.get("incomplete", {}).items()
    ]
    lines += [
        f"not_run pattern that names nothing: {pattern}"
        for pattern, left in entry.get("not_run", {}).items()
        if not left["left_out"]
    ]
    for line in lines:
        print(f"    {line}", flush=True)
    return len(lines) + ("fault" in entry)


def pin(arguments, chosen, version):
    """Writes down the versions that pip finds today, for the requirements of suites."""
    for each in chosen:
        environment = _environment(arguments, each, version)
        try:
            environment.pin()
        except UnavailableError as error:
            print(f"{each.name}: {error} ({environment.log})", flush=True)
            continue
        print(f"{each.name}: {environment.pins}", flush=True)
    return 0


def commit():
    """Returns the last commit of what threeply is built from; with a `+` if it is changed."""
    git = ["git", "-C", CHECKOUT]
    built = ["--", "Cargo.lock", "crates", "python", "wheel"]
    last = subprocess.check_output(
        [*git, "log", "-1", "--format=%h", "--abbrev=10", *built], text=True
    )
    changed = subprocess.check_output([*git, "status", "--porcelain", *built])
    return last.strip() + ("+" if changed else "")


def _environment(arguments, each, version):
    cache = CHECKOUT / ".build" / "suites"
    return Environment(each, arguments.python, version, cache)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m suites", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    for verb in (run, pin):
        one = verbs.add_parser(verb.__name__, help=verb.__doc__)
        one.set_defaults(verb=verb)
        one.add_argument("--python", default=sys.executable, help="run with this one")
        one.add_argument("--name", nargs="*", default=[], help="these projects only")
        one.add_argument("--room", nargs="*", default=[], help="those that lean on it")
        if verb is run:
            one.add_argument("--wheel", type=Path, required=True, help="of threeply")
            one.add_argument("--save", action="store_true", help="keep the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
