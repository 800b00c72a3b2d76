"""The main job, run under Python's own modules and under threeply, side by side.

`make demo` builds threeply and runs this. It runs `examples/python/index.py`, which
knows nothing of threeply, by turns under `python` and under `python -m threeply`,
compares what they print, and shows how long each stage took and what of it is
native so far. That last is threeply's own coverage report on the names that
`index.py` says its stages use; nothing about it is written here.

The exit status is 1 if a run fails or prints something else than the others.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PROGRAM = Path(__file__).resolve().parents[1] / "examples/python/index.py"
WAYS = {"python": (), "threeply": ("-m", "threeply")}
NATIVE = "native"
UNFINISHED = ("not yet", "missing")


class Failure(Exception):
    """A run failed, or did not print what the others printed."""


@dataclass(frozen=True)
class Run:
    """One run of the program: what it printed, and how long it took."""

    way: str
    output: str
    seconds: float
    cpu: float
    stages: dict[str, float]
    uses: dict[str, list[str]]


def run(way: str, arguments: Sequence[str]) -> Run:
    """Runs the program one of the two ways.

    Raises:
        Failure: It did not end with status 0.
    """
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        timings = Path(folder, "timings.json")
        command = [sys.executable, *WAYS[way], str(PROGRAM), *arguments]
        command += ["--timings", str(timings)]
        # On a terminal the program shows how far it has come.
        stderr = None if sys.stderr.isatty() else subprocess.PIPE
        before = _cpu()
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
        try:
            output, errors = process.communicate()
        except KeyboardInterrupt:
            # The terminal has told the program as well; it ends its own processes.
            process.wait()
            raise
        seconds, cpu = time.perf_counter() - began, _cpu() - before
        if process.returncode:
            message = f"{way}: status {process.returncode}\n{errors or ''}{output}"
            raise Failure(message)
        record = json.loads(timings.read_text())
    stages = {stage["name"]: stage["seconds"] for stage in record["stages"]}
    parts = [*record["stages"], record["throughout"]]
    uses = {part["name"]: part["uses"] for part in parts}
    return Run(way, output, seconds, cpu, stages, uses)


def _cpu() -> float:
    """Returns the processor time of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(runs: Sequence[Run]) -> None:
    """Checks that all runs printed the same.

    Raises:
        Failure: One did not; the message shows where.
    """
    first = runs[0]
    for other in runs[1:]:
        if other.output != first.output:
            difference = difflib.unified_diff(
                first.output.splitlines(), other.output.splitlines(),
                first.way, other.way, lineterm="",
            )  # fmt: skip
            raise Failure("the outputs differ:\n" + "\n".join(difference))


def verdicts() -> dict[str, str]:
    """Asks threeply what it has of every public name.

    Raises:
        Failure: It cannot say.
    """
    command = [sys.executable, "-m", "threeply.coverage", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Failure(f"threeply.coverage failed:\n{answer.stderr}")
    rooms = json.loads(answer.stdout)["rooms"].values()
    return {
        item["name"]: item["verdict"]
        for room in rooms
        for item in room["items"]
        if item["kind"] == "name"
    }


def standing(uses: Iterable[str], known: dict[str, str]) -> str:
    """Says which of the names that a stage uses are native, and which are not yet.

    Raises:
        Failure: A name is not in the coverage report.
    """
    by_verdict: dict[str, list[str]] = {}
    for name in uses:
        if name not in known:
            raise Failure(f"threeply.coverage does not know {name}")
        by_verdict.setdefault(known[name], []).append(name)
    total = sum(map(len, by_verdict.values()))
    native = by_verdict.get(NATIVE, [])
    unfinished = [name for v in UNFINISHED for name in by_verdict.get(v, [])]
    if not unfinished:
        rest = total - len(native)
        return "all native" if not rest else f"native, and {rest} shared or Python"
    listed = f": {', '.join(native)}" if native else ""
    return f"{len(native)} of {total}{listed}"


def table(runs: Sequence[Run], known: dict[str, str]) -> Iterator[str]:
    """Yields the table of the stages: medians, ratio, and what is native."""
    yield f"{'seconds':<12}{'python':>8}{'threeply':>10}{'ratio':>8}  native so far"
    uses = runs[0].uses
    for stage in runs[0].stages:
        values = {
            way: [one.stages[stage] for one in runs if one.way == way] for way in WAYS
        }
        yield f"{_row(stage, values)}  {standing(uses[stage], known)}"
    names = sorted(set().union(*uses.values()))
    whole = {way: [one.seconds for one in runs if one.way == way] for way in WAYS}
    yield f"{_row('whole run', whole)}  {standing(names, known)}"
    cpu = {way: [one.cpu for one in runs if one.way == way] for way in WAYS}
    yield f"{_row('... CPU', cpu)}  of all its processes"


def _row(name: str, values: dict[str, list[float]]) -> str:
    plain, ours = (statistics.median(values[way]) for way in WAYS)
    return f"{name:<12}{plain:>8.3f}{ours:>10.3f}{plain / ours:>7.2f}x"


def demonstrate(pairs: int, arguments: Sequence[str]) -> None:
    """Runs the pairs and prints everything.

    Raises:
        Failure: Something is not as it should be.
    """
    known = verdicts()
    runs: list[Run] = []
    for pair in range(pairs):
        # By turns, so that neither has the warmer machine.
        for way in list(WAYS)[:: -1 if pair % 2 else 1]:
            runs.append(run(way, arguments))
            line = f"{PROGRAM.name} under {way}: {runs[-1].seconds:.2f} s"
            print(f"[{len(runs)} of {2 * pairs}] {line}", flush=True)
    compare(runs)
    digest = hashlib.sha256(runs[0].output.encode()).hexdigest()
    print(f"\n{runs[0].output}")
    print(f"All {len(runs)} outputs are identical: sha256 {digest[:16]}\n")
    print("\n".join(table(runs, known)))
    print(
        f"\nMedians of {pairs}; {platform.python_implementation()} "
        f"{platform.python_version()}, threeply {version('threeply')}, "
        f"{len(os.sched_getaffinity(0))} CPUs. What is not native is the standard "
        "module's own\ncode, and differs by chance."
    )


def main() -> int:
    """Runs the command, and returns its exit status."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog=f"Other arguments are for {PROGRAM.name}: see {PROGRAM.name} --help.",
    )
    parser.add_argument("--pairs", type=int, default=3, help="default: %(default)s")
    options, arguments = parser.parse_known_args()
    if options.pairs < 1:
        parser.error(f"--pairs: not a number from 1 up: {options.pairs}")
    try:
        demonstrate(options.pairs, arguments)
    except Failure as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
