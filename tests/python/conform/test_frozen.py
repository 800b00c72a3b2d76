"""The frozen list may only shrink."""

import subprocess
from pathlib import Path

import pytest
from conform import freezing, frozen
from conform.frozen import Frozen

A, B, C = (f"test.test_asyncio.test_x.XTests.test_{name}" for name in "abc")


def listed(*names, ceiling=None):
    return Frozen(
        len(names) if ceiling is None else ceiling, dict.fromkeys(names, "why")
    )


def test_a_list_reads_back_as_it_was_written():
    assert frozen.parse(frozen.text_of(listed(A, B))) == listed(A, B)


def test_a_list_that_shrank_is_no_complaint():
    assert frozen.grown(listed(A, ceiling=2), listed(A, B)) == []


def test_an_id_that_the_first_commit_did_not_have_is_a_complaint():
    swapped = listed(A, C)
    assert frozen.grown(swapped, listed(A, B)) == [f"{C} was added"]


def test_more_ids_than_the_ceiling_are_a_complaint_even_without_git():
    assert frozen.grown(listed(A, B, ceiling=1), None) == [
        "2 ids, where the ceiling is 1"
    ]


def test_a_raised_ceiling_is_a_complaint():
    complaints = frozen.grown(listed(A, ceiling=9), listed(A, B))
    assert complaints == ["its ceiling is 9, and was 2"]


def test_thawed_ids_leave_and_the_ceiling_stays():
    assert listed(A, B).without({A}) == listed(B, ceiling=2)


@pytest.fixture
def checkout(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments],
            cwd=tmp_path,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def commit(*names):
        (tmp_path / "list.toml").write_text(frozen.text_of(listed(*names)))
        git("add", "list.toml")
        git("commit", "-q", "-m", "list")

    git("init", "-q")
    return tmp_path, commit


def test_the_first_commit_decides_not_the_last(checkout):
    folder, commit = checkout
    commit(A, B)
    commit(A)
    commit(A, C)
    first = frozen.first_committed(folder / "list.toml", folder)
    assert first == listed(A, B)


def test_a_list_that_git_does_not_know_has_no_first_commit(checkout):
    folder, _ = checkout
    (folder / "list.toml").write_text(frozen.text_of(listed(A)))
    assert frozen.first_committed(folder / "list.toml", folder) is None


def test_only_classes_with_a_rule_are_frozen():
    owner = next(iter(freezing.RULES))
    made = freezing.freeze({f"test.{owner}.test_a", "test.test_queue.Q.test_b"})
    assert made == Frozen(1, {f"test.{owner}.test_a": freezing.RULES[owner]})


def test_the_lists_of_the_project_have_not_grown():
    checkout = Path(frozen.__file__).parents[3]
    paths = sorted(checkout.joinpath("tests", "cpython", "frozen").glob("*.toml"))
    assert paths
    for path in paths:
        first = frozen.first_committed(path, checkout)
        assert frozen.grown(frozen.load(path), first) == []
