"""What the plugin's lines come to."""

import json

from suites import record
from suites.record import FAILED, PASSED, Outcome


def read(*lines):
    return record.read(json.dumps(line) + "\n" for line in lines)


def test_the_test_that_has_no_end_is_the_one_that_runs():
    told = read(
        {"rooms": True, "threeply": True},
        {"start": "a"},
        {"end": "a", "outcome": "passed", "why": ""},
        {"start": "b"},
    )
    assert told.outcomes == {"a": Outcome(PASSED)}
    assert (told.running, told.finished, told.rooms) == ("b", None, True)


def test_of_tests_with_one_id_a_failure_counts():
    ends = [
        {"end": "a", "outcome": outcome, "why": ""}
        for outcome in ("passed", "failed", "passed")
    ]
    assert read(*ends).outcomes == {"a": Outcome(FAILED)}


def test_a_line_that_was_not_written_to_its_end_is_no_line():
    assert record.read(['{"start": "a"}\n', '{"end": "a", "out']).running == "a"


def test_a_run_that_told_nothing_knows_nothing_of_the_rooms():
    assert read().rooms is None
