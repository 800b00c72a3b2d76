"""Runs the parts of `make test`, one after the other, and adds up what they say.

Usage: parts.py "title=make target" ...

Every part runs, also after one that failed. The closing lines of cargo test and of
pytest are counted; a part without one counts as a single check. A part that says
`skipped: reason` is listed with the reason. One that says `not run: reason`, and counts
no test, is *not run*: what it needs cannot be had here. The exit status is 1 if any part
failed.
"""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

# The slowest part of `make test` takes a few minutes on two cores; one that takes this
# long hangs. `make nightly` has longer ones.
LIMIT_SECONDS = int(os.environ.get("PARTS_SECONDS", 20 * 60))

CARGO_CLOSING = re.compile(r"^test result: ")
PYTEST_CLOSING = re.compile(r"^(=+ )?(\d+ [a-z]+, )*\d+ [a-z]+( in [\d.]+s.*)?$")
COUNT = re.compile(r"(\d+) (passed|failed|error|skipped|ignored)")
SKIPPED_PART = re.compile(r"^skipped: (.*)")
NOT_RUN = re.compile(r"^not run: (.*)")


@dataclasses.dataclass
class Part:
    """One part: its title, the make target that runs it, and what came of it."""

    title: str
    target: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    not_run: bool = False
    notes: list[str] = dataclasses.field(default_factory=list)

    def read(self, line: str) -> None:
        """Takes the counts out of one line of the part's output."""
        line = re.sub(r"\x1b\[[0-9;]*m", "", line.strip())
        if skip := SKIPPED_PART.match(line):
            self.notes.append(skip[1])
        elif missing := NOT_RUN.match(line):
            self.not_run = True
            self.notes.append(missing[1])
        elif CARGO_CLOSING.match(line) or PYTEST_CLOSING.match(line):
            for number, what in COUNT.findall(line):
                self._count(int(number), what)

    def _count(self, number: int, what: str) -> None:
        if what == "passed":
            self.passed += number
        elif what in ("failed", "error"):
            self.failed += number
        else:
            self.skipped += number

    def end(self, status: int, seconds: float) -> None:
        """Notes the exit status; a part that counted nothing is one check."""
        self.seconds = seconds
        self.not_run = self.not_run and not (self.passed or self.failed)
        if self.not_run:
            return
        if status:
            self.failed = max(self.failed, 1)
            self.notes.append(f"make {self.target} exited with {status}")
        elif not (self.passed or self.failed or self.notes):
            self.passed = 1

    @property
    def state(self) -> str:
        """What the table says of the part in a word or two."""
        if self.failed:
            return "FAILED"
        if self.not_run:
            return "not run"
        return "ok" if self.passed else "skipped"

    def __str__(self) -> str:
        """Gives the part's line in the closing table."""
        counts = (
            f"{self.passed:5} passed {self.failed:3} failed {self.skipped:4} skipped"
        )
        line = f"{self.title:28} {self.state:7} {self.seconds:6.1f} s {counts}"
        return "\n".join([line, *(f"    {note}" for note in self.notes)])


def run(part: Part) -> None:
    """Runs one part with its output shown, and ends all of it at the limit."""
    print(f"\n=== {part.title} (make {part.target}) ===", flush=True)
    start = time.monotonic()
    process = subprocess.Popen(
        [os.environ.get("MAKE", "make"), "--no-print-directory", part.target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

    def end_all() -> None:
        part.notes.append(f"ended after {LIMIT_SECONDS} s")
        os.killpg(process.pid, signal.SIGKILL)

    limit = threading.Timer(LIMIT_SECONDS, end_all)
    limit.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            part.read(line)
        status = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGTERM)
        raise
    finally:
        limit.cancel()
    part.end(status, time.monotonic() - start)


def main(arguments: Sequence[str]) -> int:
    """Runs the parts and prints the table and the closing line."""
    parts = []
    for argument in arguments:
        title, _, target = argument.partition("=")
        parts.append(Part(title, target))
    # A shell's background job ignores SIGINT; what is tested here must not inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for part in parts:
        run(part)
    print("\n=== parts ===")
    for part in parts:
        print(part)
    passed, failed, skipped = (
        sum(getattr(part, what) for part in parts)
        for what in ("passed", "failed", "skipped")
    )
    seconds = sum(part.seconds for part in parts)
    if absent := [part.title for part in parts if part.state == "not run"]:
        print(f"not run: {', '.join(absent)}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped in {seconds:.2f}s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
