"""What is kept of a run, and the table of it."""

import json

from suites import comparing, project, results
from suites.environment import CHECKOUT
from suites.record import FAILED, HUNG, PASSED, SKIPPED, Outcome
from suites.side import Ran

PROJECT = project.read(
    """
[one]
version = "1"
sha256 = "00"
rooms = ["queue"]
not_run = [
    { tests = ["net.py"], why = "needs a network" },
    { tests = ["gone.py"], why = "needs a moon" },
]
"""
)["one"]
ORIGIN = {"commit": "abc", "date": "2026-11-29"}
PLAIN = {
    "a": Outcome(PASSED),
    "b": Outcome(PASSED),
    "c": Outcome(FAILED, "no `tool`"),
    "d": Outcome(SKIPPED),
}
OURS = PLAIN | {"b": Outcome(HUNG)}


def entry(**changes):
    left = {"net.py::test_a": "net.py", "net.py::test_b": "net.py"}
    plain = Ran(PLAIN, left, seconds=1.0)
    ours = Ran(OURS, left, seconds=2.0, **changes)
    comparison = comparing.compare([PLAIN] * 4, [OURS] * 4)
    return results.entry(PROJECT, plain, ours, comparison, ORIGIN)


def test_an_entry_has_the_figures_of_both_sides_and_what_differs():
    kept = entry()
    assert kept["python"] | {"seconds": 0} == {
        "run": 4,
        "passed": 2,
        "failed": 1,
        "skipped": 1,
        "seconds": 0,
    }
    assert (kept["threeply"]["passed"], kept["threeply"]["failed"]) == (1, 2)
    assert kept["lost"] == {"b": "hung"}
    assert kept["fails_on_both"] == {"c": "no `tool`"}
    assert kept["not_run"] == {
        "net.py": {"left_out": 2, "why": "needs a network"},
        "gone.py": {"left_out": 0, "why": "needs a moon"},
    }


def test_the_table_has_a_row_for_each_project_and_their_sum(tmp_path):
    path = tmp_path / "3.11.7.json"
    none = {"version": "2", "rooms": [], "none": "it has no tests", **ORIGIN}
    results.update(path, "3.11.7", {"one": entry(), "two": none})
    table = path.with_suffix(".md").read_text()
    assert "| one | 1 | 4 | 2 / 1 / 1 | 1 / 2 / 1 | 1 | 0 | 0 | 0 | 2 |" in table
    assert "| two | 2 | | | | | | | | it has no tests |" in table
    assert "| **all** | | 4 | 2 / 1 / 1 | 1 / 2 / 1 | 1 | 0 | 0 | 0 | 2 |" in table
    assert "Lost:\n\n- `b`: hung\n" in table
    assert "- `c`: no 'tool'" in table
    assert "threeply at abc on 2026-11-29." in table


def test_a_project_that_was_not_run_keeps_its_entry(tmp_path):
    path = tmp_path / "3.11.7.json"
    results.update(path, "3.11.7", {"one": entry(), "two": entry()})
    later = entry() | {"commit": "def"}
    results.update(path, "3.11.7", {"two": later})
    kept = json.loads(path.read_text())["projects"]
    assert (kept["one"]["commit"], kept["two"]["commit"]) == ("abc", "def")


def test_paths_are_told_as_they_are_in_the_source_distribution(tmp_path):
    path = tmp_path / "3.11.7.json"
    here = f"{CHECKOUT}/.build/suites/3.11.7/one/work/one-1/tests/a.py, {CHECKOUT}/b"
    results.update(path, "3.11.7", {"one": entry() | {"lost": {"b": here}}})
    kept = json.loads(path.read_text())["projects"]["one"]["lost"]
    assert kept == {"b": "one-1/tests/a.py, b"}


def test_a_side_that_did_not_come_to_its_end_is_marked():
    kept = entry(incomplete="out of time in x")
    assert kept["incomplete"] == {"threeply": "out of time in x"}
    assert "1 / 2 / 1 (incomplete)" in results.summary("one", kept)


def test_many_tests_that_are_absent_are_one_line():
    tests = {f"t{number}": "absent" for number in range(11)} | {"u": "hung"}
    assert results.listed(tests) == ["`u`: hung", "11 tests that are absent"]
