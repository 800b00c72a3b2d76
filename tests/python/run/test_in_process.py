"""A program that runs in the process that `-m threeply` began in.

Two ways lead there: an interpreter whose `site` does not read our .pth, and another
tool that runs us.
"""

import dataclasses
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from run import corpus, runner
from run.corpus import Program

import threeply

ROOT = {"PYTHONPATH": str(Path(threeply.__file__).resolve().parent.parent)}
PROGRAMS = {program.name: program for program in corpus.all_programs()}
# What the corpus holds of each form, each end and each kind of error. Not in it:
# what counts frames (ours are below the program's), and an encoding error in the
# program's first file (the interpreter's file reader words it differently), and a
# spawn child that fails in its first line (3.13 shows the line: ours is longer).
SLICE = shlex.split(
    """
    sees_itself.py zero_division.py chained.py context.py group.py notes.py
    neighbour_fails.py syntax_error.py indentation_error.py imports_syntax_error.py
    missing_module.py custom_exception.py base_exception.py exit_three.py
    exit_text.py exit_none.py exit_huge.py exit_raised.py exit_hard.py aborted.py
    killed_kill.py killed_term.py killed_int.py interrupt_caught.py at_exit_order.py
    at_exit_fails.py at_exit_after_error.py hook_set.py hook_fails.py hook_exits.py
    hook_missing.py hook_threading.py warnings_error.py optimised.py safe_path.py
    threads_not_daemon.py threads_daemon.py queues.py fork.py fork_with_threads.py
    processes_spawn.py processes_forkserver.py pickles_of_main.py reads_input.py
    empty.py latin_1.py carriage_returns.py asyncio_interrupted.py prints_and_fails.py
    '-c namespace' '-c fails' '-c exits' '-c syntax error' '-c indented' '-c -i'
    '-c interrupted' '-m package' '-m package.inner' '-m package.failing'
    '-m package.interrupted' '-m no_such_module_anywhere' '-m package.spawning'
    '-m timeit' '-m json.tool' folder 'folder, safe path' 'empty folder' failing.zip
    'missing file' 'after --' 'compiled file' 'through a link' - '- globals'
    '- reads on' '- exits' '-i after an error' '-i -m' PYTHONINSPECT 'output closed'
    'errors closed' '-W without argument'
    """
)
WITHOUT_SITE = (sys.executable, "-S")


@pytest.mark.slow
@pytest.mark.parametrize("name", SLICE)
def test_without_our_pth_a_program_runs_the_same(name, tmp_path):
    program = PROGRAMS[name]
    program = dataclasses.replace(program, environment={**ROOT, **program.environment})
    plain = runner.run(program, tmp_path / "run", WITHOUT_SITE)
    ours = runner.run(program, tmp_path / "run", (*WITHOUT_SITE, "-m", "threeply"))
    assert ours == plain


def test_a_checkout_on_the_path_is_enough(tmp_path):
    # The interpreter under a virtual environment knows nothing of its packages.
    base = getattr(sys, "_base_executable", sys.executable)
    tell = "import sys, threading; print(type(threading).__name__, sys.orig_argv[1:])"
    command = ("-O", "-W", "error", "-c", tell, "a")
    program = Program("", command, environment=ROOT)
    plain = runner.run(program, tmp_path / "run", (base,))
    ours = runner.run(program, tmp_path / "run", (base, "-m", "threeply"))
    assert ours.stdout == plain.stdout.replace(b"module", b"Room", 1)
    assert (ours.stderr, ours.status) == (b"", 0)


PROGRAM = """\
import pickle
import sys
import threading


class Mine:
    pass


def f():
    return 1 / divisor


divisor = int(sys.argv[1])
assert sys.modules["__main__"].__dict__ is globals()
assert type(pickle.loads(pickle.dumps(Mine()))) is Mine
print(type(threading).__name__, sys.argv, __name__, __spec__, sys.path[0], sorted(globals()))
f()
"""


@pytest.fixture
def tool(tmp_path):
    """Runs PROGRAM with an argument, by `-m threeply` under another tool."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "prog.py").write_text(PROGRAM)

    def run(*words, stdin=""):
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=runner.environment(tmp_path),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=runner.PATIENCE,
            check=False,
        )

    return run


TOOLS = {
    "cProfile": ("-m", "cProfile", "-m"),
    "runpy": ("-m", "runpy"),
    "trace": ("-m", "trace", "--trackcalls", "--module"),
}


def said(tmp_path, argument):
    folder = tmp_path / "programs"
    names = "'__annotations__', " if sys.version_info < (3, 14) else ""
    cached = "'__cached__', " if sys.version_info < (3, 15) else ""
    return (
        f"Room ['programs/prog.py', '{argument}'] __main__ None {folder} "
        f"['Mine', {names}'__builtins__', {cached}'__doc__', '__file__', "
        "'__loader__', '__name__', '__package__', '__spec__', 'divisor', 'f', "
        "'pickle', 'sys', 'threading']\n"
    )


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_runs_us_runs_the_program(name, tool, tmp_path):
    done = tool(*TOOLS[name], "threeply", "programs/prog.py", "1")
    assert done.returncode == 0, done.stderr
    assert said(tmp_path, 1) in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", TOOLS)
def test_under_a_tool_an_error_is_shown_without_frames_of_ours(name, tool, tmp_path):
    done = tool(*TOOLS[name], "threeply", "programs/prog.py", "0")
    plain = tool("programs/prog.py", "0")
    assert said(tmp_path, 0) in done.stdout
    assert (done.stderr, done.returncode) == (plain.stderr, 1)


def test_a_profile_is_of_the_program(tool):
    done = tool("-m", "cProfile", "-m", "threeply", "programs/prog.py", "1")
    assert "prog.py:10(f)" in done.stdout


def test_a_debugger_stops_in_the_program(tool):
    commands = "b programs/prog.py:11\nc\np divisor + 41\nq\n"
    words = ("-m", "pdb", "-m", "threeply", "programs/prog.py", "1")
    done = tool(*words, stdin=commands)
    assert "-> return 1 / divisor\n(Pdb) 42\n" in done.stdout


@pytest.mark.parametrize("tool_name", TOOLS)
def test_under_a_tool_an_option_of_the_interpreter_is_refused(tool_name, tool):
    done = tool(*TOOLS[tool_name], "threeply", "-O", "programs/prog.py", "1")
    # The status is the tool's: cProfile and trace end well whatever the program does.
    assert "Room" not in done.stdout
    assert "threeply: '-O' is too late" in done.stderr


BY_RUNPY = """\
import runpy, sys
main = sys.modules["__main__"]
sys.argv[1:] = ["programs/prog.py", "0"]
try:
    runpy.run_module("threeply", run_name="__main__", alter_sys={alter_sys})
except ZeroDivisionError:
    print("caught")
assert sys.modules["__main__"] is main
assert "divisor" not in globals()
def later():
    raise KeyError("later")
later()
"""


@pytest.mark.parametrize("alter_sys", [False, True])
def test_a_program_can_run_another_and_catch_its_error(alter_sys, tool, tmp_path):
    text = BY_RUNPY.format(alter_sys=alter_sys)
    done = tool("-c", text)
    assert done.stdout == said(tmp_path, 0) + "caught\n"
    # Its own error is shown whole.
    plain = tool("-c", "\n" * 9 + text[text.index("def later") :])
    assert (done.stderr, done.returncode) == (plain.stderr, 1)


@pytest.mark.parametrize("last", ["last_value", "last_exc"])
def test_what_is_kept_of_the_last_error_has_no_frame_of_ours(last, tool):
    if last == "last_exc" and sys.version_info < (3, 12):
        pytest.skip("sys.last_exc is new in Python 3.12")
    ask = f"import sys, traceback; traceback.print_tb(sys.{last}.__traceback__)\n"
    ask += "traceback.print_tb(sys.last_traceback)\n"
    done = tool("-i", "-m", "runpy", "threeply", "programs/prog.py", "0", stdin=ask)
    shown = done.stderr.partition("ZeroDivisionError")[2]
    assert shown.count("prog.py") == 4
    assert "threeply" not in shown
