"""Measures the same work on several sides, and writes down what came of it.

Each side is measured in a process of its own. The processes take turns, and every
other round in the opposite order, so that what else the machine does falls on all
of them alike. A figure is the median of the rounds; a ratio is one of medians.

What one thread does alone is measured in the thread's CPU time, which other
programs do not lengthen. What threads do together is measured on the wall.
"""

import argparse
import dataclasses
import datetime
import gc
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
STANDARD = "standard"
PEERS = {
    "subprocess": ("plumbum", "sh", "asyncio", "uvloop"),
    "threading": ("aiologic", "culsans", "fastrlock"),
}
SIDES = (STANDARD, "threeply", *(peer for peers in PEERS.values() for peer in peers))

# A sample of one thread's work lasts about this long.
SAMPLE_NS = 10_000_000
SAMPLES = 7


@dataclasses.dataclass(frozen=True)
class Bench:
    """One measurement.

    Attributes:
        needs: The names that a side must have.
        unit: `ns`, `us`, `B` (smaller is better) or `k/s` (greater is better).
        clock: `cpu` or `wall`, or what else measured it.
        aim: The least ratio to the standard library that is promised, if any.
        most: The most that is promised, if anything.
        measure: Takes the side; returns the figure.
    """

    name: str
    says: str
    needs: tuple[str, ...]
    unit: str
    clock: str
    aim: float | None
    most: float | None
    measure: Callable[[Any], float]

    @property
    def more_is_better(self) -> bool:
        return self.unit.endswith("/s")

    def ratio(self, standard: float, other: float) -> float:
        return other / standard if self.more_is_better else standard / other


_benches: dict[str, Bench] = {}


def bench(
    says: str,
    needs: str,
    unit: str,
    *,
    clock: str = "wall",
    aim: float | None = None,
    most: float | None = None,
) -> Callable[[Callable[[Any], float]], Callable[[Any], float]]:
    """Makes the function a benchmark of this room."""

    def register(measure: Callable[[Any], float]) -> Callable[[Any], float]:
        name = measure.__name__
        _benches[name] = Bench(
            name, says, tuple(needs.split()), unit, clock, aim, most, measure
        )
        return measure

    return register


def alone(
    name: str,
    says: str,
    needs: str,
    code: str,
    setup: Callable[[Any], dict[str, Any]],
    *,
    aim: float | None = None,
) -> None:
    """A benchmark of what one thread does alone: nanoseconds for `code`.

    Args:
        setup: Takes the side; returns the names that `code` uses.
    """

    def measure(side: Any) -> float:
        return _nanoseconds(code, setup(side))

    measure.__name__ = name
    bench(says, needs, "ns", clock="cpu", aim=aim)(measure)


def _nanoseconds(code: str, names: dict[str, Any]) -> float:
    """The best of several samples; the cost of the loop itself is taken off."""
    work, empty = _loop(code, list(names)), _loop("pass", [])
    times = 1000
    while (spent := work(times, **names)) < SAMPLE_NS:
        times = max(times * 2, int(times * SAMPLE_NS / max(spent, 1) * 1.1))
    best = min(work(times, **names) for _ in range(SAMPLES))
    idle = min(empty(times) for _ in range(SAMPLES))
    return (best - idle) / times


def _loop(code: str, names: list[str]) -> Callable[..., int]:
    """The code in a loop, in a function, so that its names are locals."""
    lines = "\n  ".join(code.splitlines())
    source = (
        f"def work({', '.join(['times_', *names])}):\n"
        " range_ = range(times_)\n"
        " start_ = clock_()\n"
        f" for _ in range_:\n  {lines}\n"
        " return clock_() - start_\n"
    )
    namespace: dict[str, Any] = {"clock_": time.thread_time_ns}
    exec(source, namespace)
    made: Callable[..., int] = namespace["work"]
    return made


# The process that measures one side


def measure(room: str, side_name: str, only: str) -> None:
    """Prints one line of JSON for each benchmark that the side has the names for."""
    _load_room(room)
    sides = _load("sides")
    side, standard = sides.open_side(side_name), sides.open_side(STANDARD)
    gc.collect()
    for one in _benches.values():
        if re.search(only, one.name) and all(hasattr(side, name) for name in one.needs):
            same = all(
                getattr(side, name) is getattr(standard, name, None)
                for name in one.needs
            )
            print(json.dumps([one.name, one.measure(side), same]), flush=True)


def rooms() -> list[str]:
    """The folders here, which hold a room's benchmarks."""
    return sorted({path.parent.name for path in HERE.glob("*/*.py")})


def _load_room(room: str) -> None:
    sys.modules["together"] = _load("together")
    for path in sorted(HERE.glob(f"{room}/*.py")):
        _load(f"{room}/{path.stem}")


def _load(name: str) -> ModuleType:
    """Loads a file of this folder by path: its name may be a standard module's."""
    module_name = f"bench_{name.replace('/', '_')}"
    spec = importlib.util.spec_from_file_location(module_name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The process that compares


def compare(room: str, *, only: str, rounds: int) -> None:
    """Measures all sides in turns; prints, and writes unless it is only a part."""
    _load_room(room)
    peers = [peer for peer in PEERS.get(room, ()) if _installed(peer)]
    sides = [STANDARD, "threeply", *peers]
    samples: dict[str, dict[str, list[float]]] = {}
    same: dict[str, set[str]] = {}
    load_before = os.getloadavg()[0]
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            for name, value, is_standard in _ask(room, side, only):
                samples.setdefault(name, {}).setdefault(side, []).append(value)
                if is_standard and side != STANDARD:
                    same.setdefault(name, set()).add(side)
            print(f"round {number + 1} of {rounds}: {side}", file=sys.stderr)
    result = {
        "python": platform.python_version(),
        "build": build(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "load": [load_before, os.getloadavg()[0]],
        "rounds": rounds,
        "versions": {side: _version(side) for side in sides},
        # In the order of the files: not every side is asked for every one.
        "benches": [
            _row(one, samples[name], same.get(name, set()))
            for name, one in _benches.items()
            if name in samples
        ],
    }
    report = _load("report")
    print(report.table(result))
    if not only:
        report.write(RESULTS, room, result)


def _ask(room: str, side: str, only: str) -> list[tuple[str, float, bool]]:
    # -P keeps this folder, with its threading.py, off the path of the process.
    command = [sys.executable, "-P", __file__, room, side, "--only", only]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def _row(one: Bench, by_side: dict[str, list[float]], same: set[str]) -> dict[str, Any]:
    medians = {side: statistics.median(values) for side, values in by_side.items()}
    standard = medians.get(STANDARD)
    return {
        "name": one.name,
        "says": one.says,
        "unit": one.unit,
        "clock": one.clock,
        "aim": one.aim,
        "most": one.most,
        "same": sorted(same),
        "sides": {
            side: {
                "median": round(medians[side], 3),
                "least": round(min(values), 3),
                "most": round(max(values), 3),
            }
            for side, values in by_side.items()
        },
        "ratios": {
            side: round(one.ratio(standard, median), 2)
            for side, median in medians.items()
            if standard and side != STANDARD
        },
    }


def _installed(side: str) -> bool:
    return importlib.util.find_spec(side) is not None


def _version(side: str) -> str:
    if side == STANDARD or side in sys.stdlib_module_names:
        return platform.python_version()
    return importlib.metadata.version(side)


def build() -> dict[str, Any]:
    """How the interpreter was built: figures of one that is not optimised mislead."""
    # Debian builds its interpreters by profile and at link time; its sysconfig tells of
    # another build, the shared one, and does not say so.
    debian = "deb_system" in sysconfig.get_scheme_names()
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    optimised = debian or "--enable-optimizations" in arguments
    return {
        "by": "Debian" if debian else "not Debian",
        "compiler": platform.python_compiler(),
        "optimised": optimised,
    }


def _commit() -> str:
    """The commit that was measured; a `+` says that files were changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def _machine() -> dict[str, Any]:
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("room")
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    measure(arguments.room, arguments.side, arguments.only)


if __name__ == "__main__":
    # The benchmarks import this file by its name.
    sys.modules["harness"] = sys.modules["__main__"]
    main()
