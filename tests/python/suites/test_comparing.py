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


def told(comparison):
    """Returns the tests under each heading that has any."""
    return {key: [*tests] for key, tests in vars(comparison).items() if tests}


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
    assert told(lost) == {"lost": ["t"]}
    gained = compared([ours] * 4, [plain] * 4)
    assert told(gained) == {"gained": ["t"]}


@pytest.mark.parametrize(
    "ours",
    [
        [FAILED, PASSED, PASSED, PASSED],
        [FAILED, FAILED, FAILED, PASSED],
        [HUNG, PASSED, SKIPPED, PASSED],
    ],
)
def test_what_is_worse_now_and_then_under_threeply_alone_is_unsteady(ours):
    result = compared([PASSED] * 4, ours)
    assert told(result) == {"unsteady": ["t"]}
    line = f"python passed, passed, passed, passed; threeply {', '.join(ours)}"
    assert result.unsteady["t"].startswith(line)


@pytest.mark.parametrize(
    ("plain", "ours"),
    [
        ([PASSED, PASSED, FAILED, PASSED], [FAILED] * 4),
        ([FAILED, PASSED, PASSED, PASSED], [PASSED] * 4),
        ([FAILED] * 4, [PASSED, FAILED, PASSED, PASSED]),
    ],
)
def test_what_varies_otherwise_is_flaky(plain, ours):
    assert told(compared(plain, ours)) == {"flaky": ["t"]}


@pytest.mark.parametrize("kind", [PASSED, SKIPPED, FAILED])
def test_what_ends_alike_is_not_told(kind):
    assert told(compared([kind], [kind])) == {}


def test_a_failure_and_a_hang_are_no_difference():
    assert comparing.differing(outcomes(FAILED), outcomes(HUNG)) == []


def test_what_runs_on_one_side_only_differs():
    left = {"a": Outcome(PASSED), "b": Outcome(PASSED)}
    right = {"a": Outcome(PASSED), "c": Outcome(PASSED)}
    assert comparing.differing(left, right) == ["b", "c"]


def test_a_lost_test_tells_the_error_of_threeply():
    assert compared([PASSED] * 4, [FAILED] * 4).lost == {"t": "failed: because failed"}
