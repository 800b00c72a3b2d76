"""Runs the Rust benches of `threading` in turns and writes their medians as text.

One pass measures everything once, for a moment; the passes follow each other, so that a disturbance of the
machine meets all alike. Run from the checkout: `python benches/rust/measure.py [PASSES]`.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target" / "rust"))
RESULT = ROOT / "benches" / "results" / "rust-threading.md"
PEERS = ("crossbeam-channel", "event-listener", "parking_lot")
BENCH = (
    "cargo",
    "bench",
    "--quiet",
    "--locked",
    "-p",
    "threeply",
    "--bench",
    "threading",
    "--",
)
BRIEFLY = (
    "--noplot",
    "--sample-size",
    "10",
    "--warm-up-time",
    "0.1",
    "--measurement-time",
    "0.3",
)

Medians = dict[str, dict[str, list[float]]]


def measure(passes: int) -> Medians:
    """Returns the median nanoseconds of each pass, by bench and by library."""
    medians: Medians = {}
    found = TARGET / "criterion"
    # What an earlier run left may be of benches that are gone.
    shutil.rmtree(found, ignore_errors=True)
    for _ in range(passes):
        subprocess.run(
            [*BENCH, *BRIEFLY],
            cwd=ROOT,
            env=os.environ | {"CARGO_TARGET_DIR": str(TARGET)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for estimates in sorted(found.glob("*/*/new/estimates.json")):
            names = json.loads(estimates.with_name("benchmark.json").read_text())
            median = json.loads(estimates.read_text())["median"]["point_estimate"]
            bench = medians.setdefault(names["group_id"], {})
            bench.setdefault(names["function_id"], []).append(median)
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


def peer_versions() -> str:
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
    return ", ".join(f"{peer} {found[peer]}" for peer in PEERS)


def table(medians: Medians) -> str:
    """Returns all medians as a table; a ratio over 1 means that threeply is faster."""
    lines = ["| bench | library | median, ns | of threeply's |", "|---|---|---:|---:|"]
    for bench, libraries in medians.items():
        ours = statistics.median(libraries["threeply"])
        for library, passes in sorted(
            libraries.items(), key=lambda item: item[0] != "threeply"
        ):
            median = statistics.median(passes)
            lines.append(
                f"| {bench} | {library} | {median:,.1f} | {median / ours:.2f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measures and writes the result."""
    passes = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    before = os.getloadavg()[0]
    medians = measure(passes)
    RESULT.write_text(f"""# The engine's threading, in Rust

Written by `benches/rust/measure.py`: medians of {passes} passes, each over all benches of
`crates/threeply/benches/threading`. The last column is the median divided by threeply's: over 1, threeply is faster.

- {datetime.now(UTC):%Y-%m-%d}, {processor()}, Linux {platform.release()}
- {line_of("rustc", "--version")}; {peer_versions()}
- load average {before:.1f} before, {os.getloadavg()[0]:.1f} after (the benches themselves make up to 2)

{table(medians)}
""")
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
