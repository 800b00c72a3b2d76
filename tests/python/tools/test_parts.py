"""What `make test` makes of the output of its parts: tools/parts.py."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tools" / "parts.py"


@pytest.fixture(scope="module")
def parts():
    spec = importlib.util.spec_from_file_location("parts", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ended(parts):
    """Returns a part that has printed lines and ended with a status."""

    def ended(*lines, status=0):
        part = parts.Part("a title", "a-target")
        for line in lines:
            part.read(line)
        part.end(status, 1.0)
        return part

    return ended


def test_the_closing_lines_of_pytest_and_cargo_are_added_up(ended):
    part = ended(
        "====== 12 passed, 3 skipped in 1.02s ======",
        "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured",
    )
    assert (part.state, part.passed, part.failed, part.skipped) == ("ok", 17, 0, 4)


def test_a_part_that_counts_nothing_is_one_check(ended):
    assert (ended("built").state, ended("built").passed) == ("ok", 1)


def test_a_part_that_counts_nothing_and_fails_is_one_failure(ended):
    part = ended("built", status=2)
    assert (part.state, part.failed) == ("FAILED", 1)


def test_a_part_that_says_skipped_is_listed_with_the_reason(ended):
    part = ended("skipped: no miri")
    assert (part.state, part.notes) == ("skipped", ["no miri"])


@pytest.mark.parametrize("status", [0, 2])
def test_a_part_that_says_not_run_is_neither_passed_nor_failed(ended, status):
    part = ended("not run: no python3.15 on this machine", status=status)
    assert (part.state, part.passed, part.failed) == ("not run", 0, 0)
    assert part.notes == ["no python3.15 on this machine"]


def test_not_run_hides_no_failure(ended):
    part = ended("not run: a suite", "1 failed, 2 passed in 0.10s", status=1)
    assert (part.state, part.failed) == ("FAILED", 1)
    assert ended("not run: a suite", "2 passed in 0.10s", status=1).state == "FAILED"
