"""What projects.toml may say, and that ours says it."""

from pathlib import Path

import pytest
from suites import project

HARNESS = Path(__file__).parents[2] / "suites"
TEXT = """
[one]
version = "1"
sha256 = "00"
rooms = ["queue", "threading"]
requires = ["pytest"]
run = ["tests"]
not_run = [{ tests = ["tests/a.py", "tests/b.py::test_c"], why = "needs a network" }]

[two]
version = "2"
sha256 = "01"
rooms = ["signal"]
no_tests = "its source distribution has none"
"""


def names(**chosen):
    projects = project.read(TEXT)
    found = project.chosen(projects, chosen.get("names", []), chosen.get("rooms", []))
    return [each.name for each in found]


def test_all_are_chosen_or_those_named_or_those_of_a_room():
    assert names() == ["one", "two"]
    assert names(names=["two"]) == ["two"]
    assert names(rooms=["queue", "asyncio"]) == ["one"]
    assert names(names=["two"], rooms=["queue"]) == []


@pytest.mark.parametrize("wrong", [{"names": ["three"]}, {"rooms": ["cellar"]}])
def test_a_name_that_is_none_is_an_error_and_not_an_empty_run(wrong):
    with pytest.raises(project.UnknownError, match=r"three|cellar"):
        names(**wrong)


@pytest.mark.parametrize("line", ['cellar = "x"', 'rooms = ["cellar"]'])
def test_a_key_or_a_room_that_is_none_is_an_error(line):
    text = f'[one]\nversion = "1"\nsha256 = "00"\n{line}\n'
    text += "" if "rooms" in line else 'rooms = ["queue"]\n'
    with pytest.raises(project.UnknownError, match="cellar"):
        project.read(text)


def test_each_pattern_of_what_is_not_run_has_its_reason():
    assert project.read(TEXT)["one"].not_run == {
        "tests/a.py": "needs a network",
        "tests/b.py::test_c": "needs a network",
    }


def test_each_project_of_ours_is_pinned_or_says_why_it_has_no_tests():
    projects = project.read((HARNESS / "projects.toml").read_text())
    pins = {path.stem for path in (HARNESS / "pins").glob("*.txt")}
    assert pins == {each.name for each in projects.values() if not each.no_tests}
    for each in projects.values():
        assert len(each.sha256) == 64
        if not each.no_tests:
            lines = (HARNESS / "pins" / f"{each.name}.txt").read_text().splitlines()
            assert all("==" in line for line in lines)
            assert f"{each.name}=={each.version}".lower() in map(str.lower, lines)
