"""What the demo prints: the same under python and under threeply."""

import json
import multiprocessing
import os
import pty
import re
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from demo.conftest import INDEX, WAYS

pytestmark = pytest.mark.slow

LIBRARY = Path(sysconfig.get_path("stdlib"))


def both(start, *arguments):
    """Runs it both ways, and returns what they print if it is the same."""
    outputs = []
    for way in WAYS:
        program = start(way, "--quiet", *arguments)
        assert (program.end(), program.lines) == (0, [])
        outputs.append(program.output)
    assert outputs[0] == outputs[1]
    return outputs[0]


def value(output, name):
    return re.search(rf"^{name}  +(.*)$", output, re.MULTILINE)[1]


def test_counts_a_small_tree_as_it_is(start, tree):
    output = both(start, tree, "--max-size", 1, "--top", 2, "--queries", 40)
    assert value(output, "files listed") == "47"
    assert value(output, "files indexed") == "45"
    assert value(output, "files binary") == "1"
    assert value(output, "files too large") == "1"
    assert value(output, "files unreadable") == "0"
    # Of the numbered files, then of the one in German and the three other odd ones.
    words = 40 * 41 // 2 + 39 * 40 // 2 + 5 + 3 * 2
    assert value(output, "words") == f"{words:,}"
    assert output.endswith(
        f"{39 * 40 // 2:>12} {39:>8}  common\n{39 + 4:>12} {43:>8}  word1\n"
    )


def test_indexes_a_package_of_the_library(start):
    output = both(start, LIBRARY / "asyncio", "--name", "*.py", "--queries", 1000)
    files = len(list((LIBRARY / "asyncio").glob("*.py")))
    assert value(output, "files indexed") == f"{files}"
    assert value(output, "queries answered") == "1,000, all as in the index"


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_prints_the_same_with_every_start_method_and_number_of_processes(
    start, tree, method
):
    few = ("--queries", 40)
    usual = start("python", tree, "-q", *few)
    assert usual.end() == 0
    other = ("--start-method", method, "--workers", 3, "--readers", 1, "--ahead", 1)
    assert both(start, tree, *few, *other) == usual.output


def test_takes_a_large_tree_block_by_block(start, tmp_path, way):
    folder = tmp_path / "blocks"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_bytes(b"some words " * (60 << 10))
    program = start(way, folder, "--memory", 1, "--queries", 40)
    assert program.end() == 0
    assert value(program.output, "words") == f"{6 * 2 * (60 << 10):,}"


def test_answers_are_those_of_grep(start, tree, way):
    program = start(way, tree, "--serve", 0, "--queries", 40)
    port = int(program.line("listening on").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = connection.makefile("rw")
        for query in ("common", "word39 COMMON", "word3 word30", "nowhere", "ärger"):
            lines.write(query + "\n")
            lines.flush()
            assert json.loads(lines.readline())["files"] == _grep(tree, query.split())
    program.signal(15)
    assert program.end() == -15


def _grep(folder, words):
    found = []
    for word in words:
        command = ["grep", "-rilwI", "--exclude-dir=__pycache__", word, folder]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, env=environment)
        found.append(set(done.stdout.splitlines()))
    return len(set.intersection(*found))


def test_writes_times_and_what_each_stage_stands_on(start, tree, way, tmp_path):
    file = tmp_path / "timings.json"
    program = start(way, tree, "--timings", file, "--queries", 40)
    assert program.end() == 0
    stages = json.loads(file.read_text())["stages"]
    names = ["start", "list", "read", "count", "merge", "check", "query"]
    assert [stage["name"] for stage in stages] == names
    assert all(stage["seconds"] > 0 and stage["uses"] for stage in stages)
    assert program.lines[-1].startswith("index: seconds: start ")


@pytest.mark.parametrize("way", WAYS)
def test_draws_a_bar_on_a_terminal_and_takes_it_away(way, tree):
    terminal, stderr = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        command = [sys.executable, *WAYS[way], INDEX, tree, "--queries", "40"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr) as run:
            os.close(stderr)
            shown = _all_of(screen)
    assert run.returncode == 0
    # One file is binary, and has no words to count.
    for stage, total in (("read", 47), ("count", 46), ("query", 40)):
        assert re.search(rf"{stage} +\[#+\.*\] \d+ of {total}\b", shown)
    assert shown.rpartition("\x1b[K")[2].startswith("index: seconds:")


def _all_of(screen):
    data = b""
    try:
        while more := screen.read(4096):
            data += more
    except OSError:  # A terminal that nobody holds any more ends so.
        pass
    return data.decode()


def test_the_default_folder_is_the_library():
    program = "import runpy, sys; m = runpy.run_path(sys.argv[1]); o = m['parse']([]); "
    program += "print(o.folder, o.name)"
    done = subprocess.run(
        [sys.executable, "-c", program, INDEX], capture_output=True, text=True
    )
    assert done.stdout == f"{LIBRARY} ['*.py']\n"


def test_digest_changes_with_the_files(start, tmp_path):
    digests = set()
    for text in ("one word", "one words", "one word word"):
        (tmp_path / "text").mkdir(exist_ok=True)
        (tmp_path / "text" / "file").write_text(text)
        program = start("python", tmp_path / "text", "-q", "--queries", 8)
        assert program.end() == 0
        digests.add(value(program.output, "index sha256"))
    assert len(digests) == 3
