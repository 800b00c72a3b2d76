"""What makes a conformance run fail, and what does not."""

import pytest
from conform import verdict
from conform.record import Case, Record

SUITE = "test_queue"
ONE = "test.test_queue.QueueTest.test_one"
TWO = "test.test_queue.QueueTest.test_two"


def judged(tests, *, ran=(), known=(), status="done"):
    record = Record(status=status, tests=tests)
    return verdict.judge(SUITE, record, set(ran), set(known))


def test_passes_and_skips_that_the_standard_library_has_too_are_no_complaint():
    found = judged({ONE: Case("pass"), TWO: Case("skip")}, ran=[ONE])
    assert found.complaints == []
    assert (found.passed, found.skipped) == (1, 1)


@pytest.mark.parametrize("outcome", ["fail", "error", "lost", "xpass"])
def test_an_unknown_failure_is_a_complaint_with_its_reason(outcome):
    found = judged({ONE: Case(outcome, "a reason")}, ran=[ONE])
    assert found.complaints == [f"failed: {ONE}: a reason"]
    assert found.failed_unknown == [ONE]


def test_an_expected_failure_of_the_suite_itself_is_a_pass():
    found = judged({ONE: Case("xfail")}, ran=[ONE])
    assert (found.passed, found.complaints) == (1, [])


def test_a_known_failure_is_no_complaint_and_is_counted_apart():
    found = judged({ONE: Case("fail"), TWO: Case("pass")}, ran=[ONE, TWO], known=[ONE])
    assert found.complaints == []
    assert (found.passed, found.failed_known) == (1, [ONE])


def test_a_known_failure_that_passes_is_a_complaint():
    found = judged({ONE: Case("pass")}, ran=[ONE], known=[ONE])
    assert found.complaints == [f"known, but passes: {ONE}"]


def test_a_known_failure_that_is_no_longer_run_is_a_complaint():
    found = judged({TWO: Case("pass")}, known=[ONE])
    assert found.complaints == [f"known, but not in the suite: {ONE}"]


def test_a_known_failure_of_another_suite_is_left_alone():
    found = judged({ONE: Case("pass")}, known=["test.test_queue2.T.test_one"])
    assert found.complaints == []


@pytest.mark.parametrize("tests", [{}, {ONE: Case("skip", "no room for it")}])
def test_a_test_that_only_the_standard_library_runs_is_a_complaint(tests):
    found = judged({TWO: Case("pass")} | tests, ran=[ONE, TWO])
    assert found.complaints == [f"not run, standard library runs it: {ONE}"]


@pytest.mark.parametrize("status", ["crash", "timeout", "load-error", "aborted"])
def test_a_suite_that_did_not_end_is_a_complaint(status):
    found = judged({ONE: Case("pass")}, ran=[ONE], status=status)
    assert found.complaints == [f"ended: {SUITE}: {status}"]


def test_native_counts_the_passed_tests_that_made_a_native_object():
    tests = {ONE: Case("pass", native=True), TWO: Case("fail", native=True)}
    found = judged(tests | {f"{ONE}b": Case("pass")}, known=[TWO])
    assert (found.passed, found.native) == (2, 1)


def test_a_flaky_test_is_neither_passed_nor_failed_nor_missed():
    found = judged({ONE: Case("fail", "late", flaky=True)}, ran=[ONE])
    assert found.complaints == []
    assert (found.passed, found.flaky) == (0, [ONE])
    assert not verdict.doubtful(found)


class TestConfirm:
    """The standard library is asked on this machine before anyone complains."""

    def test_a_failure_of_ours_alone_stays_a_complaint(self):
        found = judged({ONE: Case("fail", "a reason")}, ran=[ONE])
        assert verdict.doubtful(found)
        verdict.confirm(found, Record("done", tests={ONE: Case("pass")}))
        assert found.complaints == [f"failed: {ONE}: a reason"]

    def test_a_failure_that_the_standard_library_shows_too_is_counted_apart(self):
        found = judged({ONE: Case("fail", "no network")}, ran=[ONE])
        verdict.confirm(found, Record("done", tests={ONE: Case("fail")}))
        assert found.complaints == []
        assert found.failed_plain == [ONE]

    def test_a_test_that_neither_runs_here_is_no_complaint(self):
        found = judged({ONE: Case("skip")}, ran=[ONE])
        assert verdict.doubtful(found)
        verdict.confirm(found, Record("done", tests={ONE: Case("skip")}))
        assert found.complaints == []

    def test_a_test_that_only_the_standard_library_runs_here_stays(self):
        found = judged({ONE: Case("skip")}, ran=[ONE])
        verdict.confirm(found, Record("done", tests={ONE: Case("pass")}))
        assert found.complaints == [f"not run, standard library runs it: {ONE}"]
