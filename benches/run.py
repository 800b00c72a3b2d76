#!/usr/bin/env python3
"""Runs the benchmarks of a room, or of all: what `make bench ROOM=…` calls.

    python benches/run.py [threading …] [--only REGEX] [--rounds N]

The whole of a room is written to `benches/results/<room>.json` and `.md`, beside
the results of other Pythons. A part, chosen by `--only` (or the variable ONLY), is
only printed.
"""

import argparse
import importlib.util
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    harness = _load_harness()
    rooms = harness.rooms()
    parser = argparse.ArgumentParser()
    parser.add_argument("rooms", nargs="*", choices=[[], *rooms], default=rooms)
    parser.add_argument("--only", default=os.environ.get("ONLY", ""))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    # A shell's background job ignores SIGINT, and so would what is measured.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for room in arguments.rooms:
        harness.compare(room, only=arguments.only, rounds=arguments.rounds)


def _load_harness():
    path = HERE / "python" / "harness.py"
    spec = importlib.util.spec_from_file_location("harness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness"] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
