"""A record is as old as the sources of what lies beneath its suite."""

import ast
import os
import subprocess
from pathlib import Path

import pytest
from conform import foundation, suites
from conform.foundation import BENEATH, SHARED, Foundation

LIBRARY = Path(os.__file__).parent

SOURCES = {
    "python/threeply/_room.py": SHARED,
    "python/threeply/queue/_open.py": "queue",
    "python/threeply/concurrent/futures/_pool.py": "concurrent",
    "crates/threeply/src/park/queue.rs": SHARED,
    "crates/threeply/src/lib.rs": SHARED,
    "crates/threeply/src/threading/event.rs": "threading",
    "crates/threeply-python/src/signal.rs": "signal",
    "crates/threeply-python/src/ffi/mod.rs": SHARED,
    "Cargo.lock": SHARED,
    # A floor that is new belongs to all, until it is said whose it is.
    "crates/threeply/src/novelty/mod.rs": SHARED,
}


@pytest.fixture
def checkout(tmp_path):
    for name in SOURCES:
        write(tmp_path / name, "first")
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def changes(checkout, suite, name):
    """Returns what a record of `suite` is stale for, once file `name` has changed."""
    note = Foundation.of(checkout).note(suite)
    write(checkout / name, "second")
    return Foundation.of(checkout).changed(suite, note)


@pytest.mark.parametrize(("name", "owner"), SOURCES.items())
@pytest.mark.parametrize(
    "suite", ["test_queue", "test_signal", "test_asyncio.test_locks"]
)
def test_a_change_makes_stale_what_stands_on_it_and_nothing_else(
    checkout, suite, name, owner
):
    expected = [owner] if owner in foundation.beneath(suite) else []
    assert changes(checkout, suite, name) == expected


def test_the_suites_that_a_change_of_signal_leaves_fresh_are_those_of_queue(checkout):
    kept = {
        room
        for room in BENEATH
        if not changes_of("signal", suites.ROOMS[room][0], checkout)
    }
    assert kept == {"queue"}


def changes_of(room, suite, checkout):
    write(checkout / f"python/threeply/{room}/__init__.py", "first")
    return changes(checkout, suite, f"python/threeply/{room}/__init__.py")


@pytest.mark.parametrize(
    "name",
    [
        "python/threeply/coverage.py",
        "python/threeply/_coverage/judge.py",
        "python/threeply/_threeply/threading.pyi",
        "tests/python/queue/test_queue.py",
        "README.md",
    ],
)
def test_what_only_tells_of_the_rooms_makes_nothing_stale(checkout, name):
    assert changes(checkout, "test_asyncio.test_locks", name) == []


def test_a_file_that_is_new_or_gone_makes_stale(checkout):
    suite = "test_queue"
    assert changes(checkout, suite, "python/threeply/queue/_new.py") == ["queue"]
    note = Foundation.of(checkout).note(suite)
    checkout.joinpath("python/threeply/queue/_new.py").unlink()
    assert Foundation.of(checkout).changed(suite, note) == ["queue"]


def test_a_record_without_a_note_is_stale_for_all_beneath_it(checkout):
    assert Foundation.of(checkout).changed("test_queue", None) == [
        SHARED,
        "queue",
        "threading",
    ]


def test_a_suite_of_no_room_stands_on_every_room():
    assert foundation.beneath("test_ftplib") == [SHARED, *sorted(BENEATH)]


def git(checkout, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments],
        cwd=checkout,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def test_the_commit_is_noted_and_whether_the_sources_differ_from_it(checkout):
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "all")
    commit = Foundation.of(checkout).commit
    assert len(commit) == 12
    write(checkout / "README.md", "no source")
    assert Foundation.of(checkout).commit == commit
    write(checkout / "Cargo.lock", "changed")
    assert Foundation.of(checkout).commit == f"{commit}+"


def test_a_folder_without_git_says_that_its_commit_is_unknown(checkout):
    assert Foundation.of(checkout).commit == "unknown"


class TestTable:
    """The table is read off the standard library, wherever this runs."""

    @pytest.mark.parametrize("room", BENEATH)
    def test_it_has_all_that_the_modules_of_a_room_import(self, room):
        assert beneath(room, {room}) <= {room, *BENEATH[room]}

    @pytest.mark.parametrize("room", BENEATH)
    def test_it_has_all_that_the_suites_of_a_room_import(self, room):
        tests = LIBRARY / "test"
        names = [*suites.ROOMS[room]]
        if room == "multiprocessing":
            names.append("_test_multiprocessing")
        used = set().union(*(imported(tests / name) for name in names))
        assert used <= {room, *BENEATH[room]}


def beneath(room, found):
    """Returns the rooms that a room's modules import, and those that these import."""
    for other in imported(LIBRARY / room) - found:
        found |= beneath(other, found | {other})
    return found


def imported(path):
    """Returns the rooms that a module, or a package's files, import anywhere."""
    files = [*path.rglob("*.py")] if path.is_dir() else [path.with_suffix(".py")]
    return {room for file in files if file.is_file() for room in _rooms(file)}


def _rooms(file):
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            for room in BENEATH:
                wanted = "concurrent.futures" if room == "concurrent" else room
                if f"{name}.".startswith(f"{wanted}."):
                    yield room
