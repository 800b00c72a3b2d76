"""Which tests are said to be lost, gained or flaky."""

import pytest
from suites import comparing
from suites.record import CRASHED, FAILED, HUNG, PASSED, SKIPPED, Outcome


def outcomes(kind):
    return {} if kind == "absent" else {"t": Outcome(kind, f"because {kind}")}


def compared(plain, ours):
    return comparing.compare(
        [outcomes(kind) for kind in plain], [outcomes(kind) for kind in ours]
    )


@pytest.mark.parametrize(
    ("plain", "ours"),
    [
        (PASSED, FAILED),
        (PASSED, HUNG),
        (PASSED, CRASHED),
        (PASSED, SKIPPED),
        (PASSED, "absent"),
        (SKIPPED, FAILED),
        (SKIPPED, "absent"),
    ],
)
def test_what_is_worse_each_time_is_lost_and_the_other_way_round_gained(plain, ours):
    lost = compared([plain] * 4, [ours] * 4)
    assert ([*lost.lost], lost.gained, lost.flaky) == (["t"], {}, {})
    gained = compared([ours] * 4, [plain] * 4)
    assert (gained.lost, [*gained.gained], gained.flaky) == ({}, ["t"], {})


@pytest.mark.parametrize(
    ("plain", "ours"),
    [
        ([PASSED] * 4, [FAILED, PASSED, PASSED, PASSED]),
        ([PASSED] * 4, [FAILED, FAILED, FAILED, PASSED]),
        ([PASSED, PASSED, FAILED, PASSED], [FAILED] * 4),
        ([FAILED, PASSED, PASSED, PASSED], [PASSED] * 4),
    ],
)
def test_what_is_not_so_each_time_is_flaky(plain, ours):
    result = compared(plain, ours)
    assert (result.lost, result.gained, [*result.flaky]) == ({}, {}, ["t"])
    assert result.flaky["t"].startswith(
        f"python {', '.join(plain)}; threeply {', '.join(ours)}"
    )


@pytest.mark.parametrize("kind", [PASSED, SKIPPED, FAILED])
def test_what_ends_alike_is_not_told(kind):
    result = compared([kind], [kind])
    assert (result.lost, result.gained, result.flaky) == ({}, {}, {})


def test_a_failure_and_a_hang_are_no_difference():
    assert comparing.differing(outcomes(FAILED), outcomes(HUNG)) == []


def test_what_runs_on_one_side_only_differs():
    left = {"a": Outcome(PASSED), "b": Outcome(PASSED)}
    right = {"a": Outcome(PASSED), "c": Outcome(PASSED)}
    assert comparing.differing(left, right) == ["b", "c"]


def test_a_lost_test_tells_the_error_of_threeply():
    assert compared([PASSED] * 4, [FAILED] * 4).lost == {"t": "failed: because failed"}
