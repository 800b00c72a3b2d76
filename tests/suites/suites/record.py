"""What a run of pytest has told, line by line."""

import json
from dataclasses import dataclass, field

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
HUNG, CRASHED = "hung", "crashed"


@dataclass(frozen=True)
class Outcome:
    """How a test ended.

    Attributes:
        kind: PASSED, SKIPPED, FAILED, HUNG or CRASHED.
        why: The error or the reason, in a line.
    """

    kind: str
    why: str = ""


@dataclass
class Record:
    """The tests of a run, or of a part of it.

    Attributes:
        outcomes: Id of a test to its Outcome.
        running: The test that has started and not ended.
        finished: pytest's exit status, or None while it has not come to its end.
        rooms: Whether the rooms were in place, or None if nothing was told.
        threeply: Whether threeply was loaded at all.
        not_run: Id of a test or a file left out to the pattern that did it.
    """

    outcomes: dict = field(default_factory=dict)
    running: str | None = None
    finished: int | None = None
    rooms: bool | None = None
    threeply: bool | None = None
    not_run: dict = field(default_factory=dict)


def read(lines):
    """Returns the Record that the plugin's lines tell."""
    record = Record()
    for text in lines:
        if not text.endswith("\n"):
            # The process was killed while it wrote.
            break
        line = json.loads(text)
        if "rooms" in line:
            record.rooms, record.threeply = line["rooms"], line["threeply"]
        elif "not_run" in line:
            record.not_run[line["not_run"]] = line["pattern"]
        elif "start" in line:
            record.running = line["start"]
        elif "end" in line:
            _end(record, line["end"], Outcome(line["outcome"], line["why"]))
        elif "finished" in line:
            record.finished = line["finished"]
    return record


def _end(record, name, outcome):
    # An id may come twice, where parameters differ by their address alone.
    before = record.outcomes.get(name)
    if before is None or before.kind != FAILED:
        record.outcomes[name] = outcome
    record.running = None
