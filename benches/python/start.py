"""What a start costs: `python prog.py` against `python -m threeply prog.py`.

A start of an interpreter each, taken in turn, so that whatever else the machine does
meets all of them alike. CPU is user and system time of the process, from `wait4`;
wall is from before the start to after the end. Printed are medians, and the medians
of the differences to the plain start of the same round, in milliseconds.

`install()` may cost at most 10 ms of CPU over a bare start-up; the benchmark says
whether it does, and ends with status 1 if it does not.

    python benches/python/start.py [rounds]
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 10.0
"""Milliseconds of CPU that `install()` may cost over a bare start-up."""

SIX = (
    "asyncio, concurrent.futures, multiprocessing, queue, signal, subprocess, threading"
)
PROGRAMS = {
    "does nothing": "pass\n",
    "imports the six": f"import {SIX}\nimport concurrent.futures.thread\n",
}
STARTS = {
    "python prog.py": (),
    "python -X threeply prog.py": ("-X", "threeply"),
    "python -m threeply prog.py": ("-m", "threeply"),
}
INSTALL = "import threeply; threeply.install()\n"


def start(words):
    """Starts an interpreter and returns its CPU and wall time in milliseconds."""
    began = time.perf_counter()
    pid = os.posix_spawn(sys.executable, [sys.executable, *words], os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{words} ended with wait status {status}")
    return 1e3 * (usage.ru_utime + usage.ru_stime), 1e3 * wall


def measure(commands, rounds):
    """Runs each command once a round; the first of them is what others are held to."""
    taken = {name: [] for name in commands}
    for words in commands.values():
        start(words)  # Writes the bytecode, warms the page cache.
    for _ in range(rounds):
        for name, words in commands.items():
            taken[name].append(start(words))
    return taken


def summary(taken):
    """Returns the medians, and the medians of the differences to the first."""
    first = next(iter(taken.values()))
    rows = {}
    for name, times in taken.items():
        pairs = list(zip(times, first, strict=True))
        rows[name] = {
            "cpu": statistics.median(cpu for cpu, _ in times),
            "wall": statistics.median(wall for _, wall in times),
            "more cpu": statistics.median(mine[0] - plain[0] for mine, plain in pairs),
            "more wall": statistics.median(mine[1] - plain[1] for mine, plain in pairs),
        }
    return rows


def show(title, rows):
    print(f"\n{title}")
    print(f"{'':34}{'cpu':>8}{'wall':>8}{'+cpu':>8}{'+wall':>8}")
    for name, row in rows.items():
        print(f"{name:34}" + "".join(f"{value:8.1f}" for value in row.values()))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    results = {}
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {rounds} rounds, ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        for title, text in PROGRAMS.items():
            script = Path(folder, "prog.py")
            script.write_text(text)
            commands = {n: (*words, str(script)) for n, words in STARTS.items()}
            # With the call as its own first line: what install() itself costs.
            with_install = Path(folder, "install.py")
            with_install.write_text(INSTALL + text)
            commands["install() as the first line"] = (str(with_install),)
            results[title] = summary(measure(commands, rounds))
            show(f"A program that {title}:", results[title])
    cost = results["does nothing"]["install() as the first line"]["more cpu"]
    verdict = "within" if cost <= LIMIT else "OVER"
    print(
        f"\ninstall(): {cost:.1f} ms of CPU over a bare start-up, {verdict} {LIMIT:g} ms"
    )
    return cost > LIMIT


if __name__ == "__main__":
    sys.exit(main())
