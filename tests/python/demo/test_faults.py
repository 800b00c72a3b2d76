"""What goes wrong is said, ends with a status of its own, and leaves nothing."""

import os
import re
import signal
import socket

import pytest

pytestmark = pytest.mark.slow

FEW = ("--queries", 8)


@pytest.mark.parametrize("kind", ["counting", "merging"])
@pytest.mark.parametrize("when", ["idle", "busy"])
def test_a_killed_process_is_reported(start, way, tree, gate, kind, when):
    # One of each, since another might finish the work before anybody notices.
    program = start(way, tree, "-v", "--workers", 1, *FEW, PATH=gate.path)
    processes = {name: program.processes(name) for name in ("counting", "merging")}
    program.line("list: begins")
    (victim,) = processes[kind]
    if when == "busy":
        os.kill(victim, signal.SIGSTOP)
        gate.list("part0/file00.txt", "part1/file01.txt")
        program.line({"counting": "count: begins", "merging": "merge: begins"}[kind])
        os.kill(victim, signal.SIGKILL)
    else:
        os.kill(victim, signal.SIGKILL)
        gate.list("part0/file00.txt", "part1/file01.txt")
    assert program.end() == 2
    expected = f"index: a {kind} process died: process {victim} was killed by SIGKILL"
    assert program.lines[-1] == expected
    assert program.output == ""


def test_a_file_that_cannot_be_read_is_named_and_counted(start, way, tree, gate):
    program = start(way, tree, *FEW, PATH=gate.path)
    missing = [f"gone{number:02}" for number in range(12)]
    gate.list("part0/file00.txt", "part0", *missing)
    assert program.end() == 1
    named = [line for line in program.lines if line.startswith("index: cannot read")]
    assert len(named) == 10
    reason = r"index: cannot read gone\d\d: No such file or directory"
    assert sum(bool(re.fullmatch(reason, line)) for line in named) >= 9
    assert "index: 13 files could not be read" in program.lines
    assert re.search("^files unreadable +13$", program.output, re.MULTILINE)
    assert re.search("^files indexed +1$", program.output, re.MULTILINE)


def test_a_folder_that_find_cannot_read_is_named_and_counted(
    start, way, tree, tmp_path
):
    find = tmp_path / "bin" / "find"
    find.parent.mkdir()
    find.write_text(
        "#!/bin/sh\nprintf './part0/file00.txt\\0'\n"
        "echo 'find: ./secret: Permission denied' >&2\nexit 1\n"
    )
    find.chmod(0o755)
    path = f"{find.parent}{os.pathsep}{os.environ['PATH']}"
    program = start(way, tree, *FEW, PATH=path)
    assert program.end() == 1
    assert program.lines[0] == "index: find: ./secret: Permission denied"
    assert re.search("^folders unreadable +1$", program.output, re.MULTILINE)


def fails(start, way, *arguments, **environment):
    """Runs it, and returns the message with which it fails."""
    program = start(way, *arguments, **environment)
    assert (program.end(), program.output) == (2, "")
    return program.lines[-1]


def test_a_missing_folder(start, way, tmp_path):
    folder = tmp_path / "nowhere"
    message = f"index: {folder}: No such file or directory"
    assert fails(start, way, folder) == message


def test_a_folder_that_is_a_file(start, way, tree):
    file = tree / "latin1.txt"
    assert fails(start, way, file) == f"index: {file}: Not a directory"


def test_a_folder_without_files(start, way, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    message = f"index: {folder}: no file named *.txt or *.md in it"
    names = ("--name", "*.txt", "--name", "*.md")
    assert fails(start, way, folder, *names) == message


def test_files_without_words(start, way, tmp_path):
    folder = tmp_path / "wordless"
    folder.mkdir()
    (folder / "numbers").write_text("1 2 3")
    message = f"index: {folder}: no words in its 1 files"
    assert fails(start, way, folder) == message


def test_no_find_on_the_path(start, way, tree, tmp_path):
    message = "index: the command 'find' is not on the PATH"
    assert fails(start, way, tree, PATH=str(tmp_path)) == message


def test_a_find_that_fails(start, way, tree, tmp_path):
    find = tmp_path / "bin" / "find"
    find.parent.mkdir()
    find.write_text("#!/bin/sh\necho 'no idea' >&2\nexit 3\n")
    find.chmod(0o755)
    path = f"{find.parent}{os.pathsep}{os.environ['PATH']}"
    message = "index: find ended with status 3: no idea"
    assert fails(start, way, tree, PATH=path) == message


def test_a_port_that_is_taken(start, way, tree):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = start(way, tree, *FEW, "--serve", port)
        assert program.end() == 2
    reason = os.strerror(98).lower()
    assert (
        program.lines[-1]
        .lower()
        .startswith(f"index: cannot listen on 127.0.0.1:{port}")
    )
    assert reason in program.lines[-1].lower()


def test_a_result_that_cannot_be_written(start, way, tree, tmp_path):
    (tmp_path / f"output-{way}").symlink_to("/dev/full")
    program = start(way, tree, *FEW)
    assert program.end() == 2
    assert program.lines == ["index: cannot write the result: No space left on device"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "0"], "argument --workers: not a whole number from 1 up: '0'"),
        (["--serve", "70000"], "argument --serve: not a port, which is 0 to 65535"),
        (["--clients", "9", "--queries", "8"], "--clients: there are fewer --queries"),
    ],
)
def test_an_argument_that_makes_no_sense(start, way, arguments, message):
    assert message in fails(start, way, *arguments)
