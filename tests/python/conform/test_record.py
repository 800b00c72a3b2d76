"""What a suite's events come to."""

import json

from conform import record
from conform.baseline import Baseline
from conform.record import Case, Record

ONE = "test.test_queue.QueueTest.test_one"


def events(*items):
    return [json.dumps(item) for item in items]


def outcome(what, why=""):
    return {"event": "outcome", "id": ONE, "outcome": what, "why": why}


START = {"event": "start", "id": ONE}
STOP = {"event": "stop", "id": ONE, "native": True}
END = {"event": "end", "status": "done"}


def test_a_test_that_ended_has_its_outcome_and_whether_it_was_native():
    found = record.read(events(START, outcome("pass"), STOP, END), "status 0")
    assert found.status == "done"
    assert found.tests == {ONE: Case("pass", native=True)}


def test_the_test_that_a_dying_process_was_in_is_lost():
    found = record.read([*events(START), '{"event": "outc'], "status -6")
    assert found.status == "crash"
    assert found.tests == {ONE: Case("lost", "status -6")}


def test_a_test_that_passed_but_whose_clean_up_killed_the_process_is_lost():
    found = record.read(events(START, outcome("pass")), "status -11")
    assert found.tests[ONE].outcome == "lost"


def test_a_skipped_test_may_end_without_having_begun():
    # As on CPython 3.12.1, where no suite with a skipped class could be read.
    lines = events(outcome("skip", "not today"), STOP | {"native": False}, END)
    assert record.read(lines, "status 0").tests == {ONE: Case("skip", "not today")}


def test_the_first_failing_subtest_is_told():
    lines = events(START, outcome("fail", "first"), outcome("fail", "second"), STOP)
    found = record.read(lines, "status 0")
    assert found.tests[ONE].why == "first"


def test_a_suite_that_has_no_end_is_not_complete():
    assert not record.read(events(START, outcome("pass"), STOP), "status 1").complete


def test_a_baseline_reads_back_the_ids_that_ran(tmp_path):
    tests = {
        ONE: Case("pass"),
        f"{ONE}b": Case("skip", "needs a friend"),
        f"{ONE}c": Case("xfail"),
        f"{ONE}d": Case("fail", "flat"),
        "setUpClass (test.test_queue.QueueTest)": Case("skip"),
    }
    made = Baseline("3.11.7", {"test_x": "3.10.13"})
    made.add("test_queue", Record("done", tests=tests))
    made.save(tmp_path / "results" / "b.json")
    read = Baseline.load(tmp_path / "results" / "b.json", "3.11.7")
    assert read.ran("test_queue") == {ONE, f"{ONE}c", f"{ONE}d"}
    assert read.ran("test_sched") is None
    assert read.borrowed == {"test_x": "3.10.13"}
