"""`python -m threeply.coverage`."""

import json
import re
import subprocess
import sys

import pytest

from threeply import _native, coverage
from threeply._coverage import api
from threeply._coverage.judge import Item, Kind, Ruling, Verdict


def run(*arguments):
    command = [sys.executable, "-m", "threeply.coverage", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def count(names):
    """Counts what the data has: names, members and keywords."""
    for entry in names.values():
        yield 1 + len(entry.keywords)
        yield sum(1 + len(member.keywords) for member in entry.members.values())


@pytest.mark.parametrize("room", coverage.ROOMS)
def test_every_entry_of_the_data_gets_one_verdict(room):
    items = coverage.measure(room)
    names = [item.name for item in items]
    assert len(names) == len(set(names))
    assert len(names) == sum(sum(count(m)) for m in api.load().rooms[room].values())


def test_each_table_has_a_line_for_every_room_and_their_sum():
    out = run()
    assert out.returncode == 0
    tables = []
    for line in out.stdout.splitlines():
        if line.startswith(("names ", "with members ")):
            tables.append({})
        elif row := re.fullmatch(r"(\S.*?) +((?: *\d+){7})", line):
            tables[-1][row[1]] = [int(number) for number in row[2].split()]
    for table in tables:
        assert list(table) == [*coverage.ROOMS, "all rooms"]
        *rooms, total = table.values()
        assert [sum(column) for column in zip(*rooms, strict=True)] == total
        assert all(sum(row[:-1]) == row[-1] for row in table.values())
    names, everything = (table["queue"] for table in tables)
    assert names[-1] == len(api.load().rooms["queue"]["queue"])
    assert (
        f"queue: {names[0]} of {names[-1]} names native, "
        f"{everything[0]} of {everything[-1]} with members and keywords"
    ) in out.stdout.splitlines()


def test_totals_are_those_of_the_items(capsys):
    coverage.main(["--totals"])
    rooms = json.loads(capsys.readouterr().out)["rooms"]
    assert list(rooms) == list(coverage.ROOMS)
    items = coverage.measure("queue")
    names = [item for item in items if item.kind is Kind.NAME]
    for counts, counted in zip(rooms["queue"].values(), (names, items), strict=True):
        assert counts.pop("total") == len(counted)
        assert counts == {
            str(verdict): sum(item.ruling.verdict is verdict for item in counted)
            for verdict in Verdict
        }


def test_json_has_every_item_and_totals_that_add_up():
    document = json.loads(run("--json").stdout)
    assert list(document["rooms"]) == list(coverage.ROOMS)
    for room in document["rooms"].values():
        assert sum(room["totals"].values()) == len(room["items"])
        for verdict, total in room["totals"].items():
            assert sum(item["verdict"] == verdict for item in room["items"]) == total


def test_one_room_is_listed_item_by_item():
    out = run("queue")
    assert [
        line for line in out.stdout.splitlines() if line.startswith("queue.Queue.put(")
    ]


def test_an_unknown_room_is_refused_by_name():
    out = run("thread")
    assert out.returncode == 2
    assert "'thread'" in out.stderr
    with pytest.raises(ValueError, match=r"room: 'thread' is none of threading, queue"):
        coverage.measure("thread")


@pytest.mark.parametrize("verdict", Verdict)
def test_check_fails_while_anything_is_missing_or_not_yet(monkeypatch, capsys, verdict):
    item = Item("threading.Event", Kind.NAME, Ruling(verdict))
    monkeypatch.setattr(coverage, "measure", lambda room: [item])
    unfinished = verdict in (Verdict.MISSING, Verdict.NOT_YET)
    assert coverage.main(["threading", "--check"]) == unfinished
    assert coverage.main(["threading"]) == 0
    assert ("1 are missing or not yet." in capsys.readouterr().out) == unfinished


def test_without_the_extension_it_says_so_at_the_top(monkeypatch, capsys):
    monkeypatch.setattr(_native, "extension", None)
    monkeypatch.setattr(_native, "reason", "built for another Python")
    coverage.main(["queue"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "extension not loaded: built for another Python"
    assert lines[2].startswith("Without the extension nothing is native")
    assert not any(
        item.ruling.verdict == "native" for item in coverage.measure("queue")
    )


def test_a_closed_pipe_ends_it_quietly():
    command = f"{sys.executable} -m threeply.coverage asyncio --json | head -n 1"
    out = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False
    )
    assert out.stdout == "{\n"
    assert out.stderr == ""


IN_A_SUB_INTERPRETER = """
import sys
from threeply import _native
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    execute = interpreters.exec
else:
    import _xxsubinterpreters as interpreters
    execute = interpreters.run_string
sub = interpreters.create()
failed = execute(sub, "from threeply import coverage; coverage.main(['queue'])")
interpreters.destroy(sub)
sys.exit(str(failed) if failed else 0)
"""


@pytest.mark.skipif(_native.extension is None, reason=str(_native.reason))
def test_in_a_sub_interpreter_it_says_that_the_extension_did_not_load():
    command = [sys.executable, "-c", IN_A_SUB_INTERPRETER]
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (out.returncode, out.stderr) == (0, "")
    assert out.stdout.splitlines()[1].startswith("extension not loaded: ")
    assert re.search(r"^queue +0 +0 ", out.stdout, re.MULTILINE)


def verdicts(*command):
    out = subprocess.run(
        [sys.executable, "-m", *command, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = json.loads(out.stdout)["rooms"].values()
    return {item["name"]: item["verdict"] for room in rooms for item in room["items"]}


def test_installed_rooms_get_the_same_verdicts_but_where_one_uses_another():
    imported = verdicts("threeply.coverage")
    installed = verdicts("threeply", "-m", "threeply.coverage")
    assert imported.keys() == installed.keys()
    differ = {name for name in imported if imported[name] != installed[name]}
    # The standard `multiprocessing.dummy` is made of what `threading` and `queue` have.
    assert {
        name for name in differ if not name.startswith("multiprocessing.dummy.")
    } == set()
