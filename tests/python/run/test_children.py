"""Other interpreters that a program starts, and sub-interpreters."""

import sys

import pytest
from run import runner
from run.corpus import Program

TELL = "import sys, threading; print(type(threading).__name__, flush=True)"
ASK = f"""\
import subprocess, sys
{TELL}
subprocess.run([sys.executable, "-c", {TELL!r}], check=True)
"""
# A grandchild.
ASK_TWICE = f"""\
import subprocess, sys
subprocess.run([sys.executable, "-c", {ASK!r}], check=True)
"""
ROOM, PLAIN = "Room", "module"


def said(folder, *command, interpreter=runner.PLAIN, **variables):
    """Runs a command that must end well and print no error, and returns its words."""
    program = Program("", command, environment=variables)
    seen = runner.run(program, folder / "run", interpreter)
    assert (seen.status, seen.stderr) == (0, b""), seen
    return seen.stdout.decode().split()


def test_another_interpreter_is_plain_unless_asked(tmp_path):
    assert said(tmp_path, "-c", ASK, interpreter=runner.OURS) == [ROOM, PLAIN]


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_variable_asks_for_nothing(value, tmp_path):
    assert said(tmp_path, "-c", ASK, THREEPLY_CHILDREN=value) == [PLAIN, PLAIN]


def test_the_variable_reaches_children_of_children(tmp_path):
    words = said(tmp_path, "-c", ASK_TWICE, THREEPLY_CHILDREN="1")
    assert words == [ROOM, ROOM]


def test_the_option_reaches_children_of_children(tmp_path):
    command = ("--children", "-c", ASK_TWICE)
    assert said(tmp_path, *command, interpreter=runner.OURS) == [ROOM, ROOM]


def test_the_option_of_the_interpreter_is_for_itself(tmp_path):
    assert said(tmp_path, "-X", "threeply", "-c", ASK) == [ROOM, PLAIN]


def test_a_child_without_site_is_plain(tmp_path):
    assert said(tmp_path, "-S", "-c", TELL, THREEPLY_CHILDREN="1") == [PLAIN]


def test_the_option_is_refused_where_it_cannot_reach(tmp_path):
    program = Program("", ("--children", "-S", "-c", TELL))
    seen = runner.run(program, tmp_path / "run", runner.OURS)
    assert (seen.stdout, seen.status) == (b"", 2)
    assert b"--children needs threeply_startup.pth" in seen.stderr


def test_nothing_leaks_into_the_environment(tmp_path):
    show = "import os; print(*[n for n in os.environ if n.startswith('THREEPLY')])"
    child = f"import os; {show}; os.system('env | grep ^THREEPLY; true')"
    assert said(tmp_path, "-c", child, interpreter=runner.OURS) == []
    twice = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert said(tmp_path, "-c", twice, interpreter=runner.OURS) == []


def test_the_pid_of_another_process_asks_for_nothing(tmp_path):
    assert said(tmp_path, "-c", TELL, THREEPLY_RUN="1") == [PLAIN]


@pytest.mark.parametrize(
    ("command", "variables"),
    [(("-X", "threeply"), {}), ((), {"THREEPLY_CHILDREN": "1"})],
    ids=["-X threeply", "THREEPLY_CHILDREN"],
)
def test_a_sub_interpreter_works_on_the_standard_objects(command, variables, tmp_path):
    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    inner = (
        "import queue, threading; event = threading.Event(); event.set(); "
        "print(event.wait(), queue.Queue().qsize(), flush=True)"
    )
    text = (
        f"import {name} as i; run = getattr(i, 'exec', None) or i.run_string; "
        f"n = i.create(); print(run(n, {inner!r}), flush=True); i.destroy(n)"
    )
    assert said(tmp_path, *command, "-c", text, **variables) == ["True", "0", "None"]
