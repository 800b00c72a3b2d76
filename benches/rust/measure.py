"""Runs the Rust benches of a room in turns and writes their medians as text.

One pass measures everything once, for a moment; the passes follow each other, so that a disturbance of the
machine meets all alike. Run from the checkout: `python benches/rust/measure.py ROOM [PASSES]`.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target" / "rust"))
RESULTS = ROOT / "benches" / "results"

# A bench, a library, a median in nanoseconds.
Measured = tuple[str, str, float]
Medians = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Room:
    """What is measured of one room, and how it is written."""

    name: str
    arguments: tuple[str, ...]
    passes: int
    peers: tuple[str, ...]
    read: Callable[[str], Iterator[Measured]]
    """What one pass measured, out of what it printed and left."""
    unit: str
    nanoseconds: float
    """In one unit."""

    @property
    def target(self) -> str:
        """Names the room's bench, as cargo and the file system have it."""
        return self.name.replace(".", "_")


def from_criterion(_printed: str) -> Iterator[Measured]:
    """Yields what criterion left of a pass."""
    for estimates in sorted((TARGET / "criterion").glob("*/*/new/estimates.json")):
        names = json.loads(estimates.with_name("benchmark.json").read_text())
        median = json.loads(estimates.read_text())["median"]["point_estimate"]
        yield names["group_id"], names["function_id"], median


def from_lines(printed: str) -> Iterator[Measured]:
    """Yields what a bench printed: a line for each, of three fields."""
    for line in printed.splitlines():
        bench, library, median = line.split("\t")
        yield bench, library, float(median)


ROOMS = {
    room.name: room
    for room in (
        Room(
            "threading",
            (
                "--noplot",
                "--sample-size",
                "10",
                "--warm-up-time",
                "0.1",
                "--measurement-time",
                "0.3",
            ),
            7,
            ("crossbeam-channel", "event-listener", "parking_lot"),
            from_criterion,
            "ns",
            1,
        ),
        Room("subprocess", ("30",), 3, ("duct", "subprocess"), from_lines, "us", 1000),
        Room(
            "concurrent.futures",
            ("30",),
            3,
            ("rayon", "threadpool", "tokio"),
            from_lines,
            "ns",
            1,
        ),
    )
}


def measure(room: Room, passes: int) -> Medians:
    """Returns the median nanoseconds of each pass, by bench and by library."""
    medians: Medians = {}
    # What an earlier run left may be of benches that are gone.
    shutil.rmtree(TARGET / "criterion", ignore_errors=True)
    cargo = ("cargo", "bench", "--quiet", "--locked", "-p", "threeply")
    for _ in range(passes):
        run = subprocess.run(
            [*cargo, "--bench", room.target, "--", *room.arguments],
            cwd=ROOT,
            env=os.environ | {"CARGO_TARGET_DIR": str(TARGET)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        for bench, library, median in room.read(run.stdout):
            medians.setdefault(bench, {}).setdefault(library, []).append(median)
    return medians


def line_of(*command: str) -> str:
    """Returns the first line that a command prints."""
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return run.stdout.splitlines()[0]


def processor() -> str:
    """Returns the processor's name as the kernel has it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [
        line.partition(":")[2].strip()
        for line in lines
        if line.startswith("model name")
    ]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def versions(peers: tuple[str, ...]) -> str:
    """Returns the versions of the crates beside which threeply is measured."""
    packages = (ROOT / "Cargo.lock").read_text().split("[[package]]")
    fields = [
        dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
        for text in packages
    ]
    found = {
        field["name"].strip('"'): field["version"].strip('"')
        for field in fields
        if "name" in field
    }
    return ", ".join(f"{peer} {found[peer]}" for peer in peers)


def table(room: Room, medians: Medians) -> str:
    """Returns all medians as a table; a ratio over 1 means that threeply is faster."""
    lines = [
        f"| bench | library | median, {room.unit} | of threeply's |",
        "|---|---|---:|---:|",
    ]
    for bench, libraries in medians.items():
        ours = statistics.median(libraries["threeply"])
        for library, passes in sorted(
            libraries.items(), key=lambda item: item[0] != "threeply"
        ):
            median = statistics.median(passes)
            shown = median / room.nanoseconds
            lines.append(
                f"| {bench} | {library} | {shown:,.1f} | {median / ours:.2f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measures and writes the result."""
    room = ROOMS[sys.argv[1]]
    passes = int(sys.argv[2]) if len(sys.argv) > 2 else room.passes
    before = os.getloadavg()[0]
    medians = measure(room, passes)
    result = RESULTS / f"rust-{room.name}.md"
    result.write_text(f"""# The engine's {room.name}, in Rust

Written by `benches/rust/measure.py`: medians of {passes} passes, each over all benches of
`crates/threeply/benches/{room.target}`. The last column is the median divided by threeply's: over 1, threeply is faster.

- {datetime.now(UTC):%Y-%m-%d}, {processor()}, Linux {platform.release()}
- {line_of("rustc", "--version")}; {versions(room.peers)}
- load average {before:.1f} before, {os.getloadavg()[0]:.1f} after (the benches themselves make up to 2)

{table(room, medians)}
""")
    print(result.read_text())


if __name__ == "__main__":
    main()
