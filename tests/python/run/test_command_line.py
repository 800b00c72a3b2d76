"""`python -m threeply` and `threeply run`: options, usage, and what is executed."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from run import runner

import threeply
from threeply import _options

SCRIPT = str(Path(sysconfig.get_path("scripts"), "threeply"))
SEES = "import sys; print(sys.orig_argv, sys.flags, sys.argv, sys.warnoptions)"


def invoke(*command, **variables):
    return subprocess.run(
        command,
        env=runner.environment("/", **variables),
        capture_output=True,
        text=True,
        timeout=runner.PATIENCE,
        check=False,
    )


def python(*words, **variables):
    return invoke(sys.executable, *words, **variables)


@pytest.mark.parametrize(
    ("before", "plain"),
    [
        ((), ()),
        (("-O", "-B"), ("-O", "-B")),
        (("-OB",), ("-OB",)),
        (("-W", "error", "-X", "dev"), ("-W", "error", "-X", "dev")),
        (("-Werror", "-Xdev"), ("-Werror", "-Xdev")),
        (("--check-hash-based-pycs", "always"), ("--check-hash-based-pycs", "always")),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "threeply_by", [("-m", "threeply"), ("-mthreeply",)], ids="".join
)
def test_options_before_us_stay_in_front(before, plain, threeply_by):
    ours = python(*before, *threeply_by, "-c", SEES, "a")
    assert ours.stdout == python(*plain, "-c", SEES, "a").stdout
    assert (ours.stderr, ours.returncode) == ("", 0)


@pytest.mark.parametrize("cluster", ["-Im", "-OBIm"])
def test_options_in_one_word_with_our_name_stay_in_front(cluster):
    ours = python(cluster, "threeply", "-c", SEES)
    assert ours.stdout == python(cluster[:-1], "-c", SEES).stdout
    assert python(cluster + "threeply", "-c", SEES).stdout == ours.stdout


def test_options_after_us_come_after_those_before():
    ours = python(
        "-O", "-m", "threeply", "-W", "error", "--children", "-Bc", SEES, "-x"
    )
    plain = python("-O", "-W", "error", "-Bc", SEES, "-x")
    assert (ours.stdout, ours.stderr) == (plain.stdout, "")


def test_the_program_is_the_very_process_that_was_started():
    command = [sys.executable, "-m", "threeply", "-c", "import os; print(os.getpid())"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert int(process.communicate()[0]) == process.pid


def test_no_program_is_answered_with_usage():
    for words in ((), ("-O",), ("-X", "dev"), ("--children",)):
        done = python("-m", "threeply", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("usage: python -m threeply ")


def test_help_is_usage_on_standard_output():
    for words in (("--help",), ("-h",), ("-O", "--help")):
        done = python("-m", "threeply", *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert "--children" in done.stdout


def test_version_names_threeply_and_the_interpreter():
    done = python("-m", "threeply", "--version")
    version = sys.version.split()[0]
    assert done.stdout == f"threeply {threeply.__version__} (Python {version})\n"


def test_own_options_behind_the_program_are_the_program_s():
    done = python("-m", "threeply", "-c", "import sys; print(sys.argv)", "--version")
    assert done.stdout == "['-c', '--version']\n"


def test_the_console_script_runs_a_program():
    done = invoke(SCRIPT, "run", "-O", "-c", SEES, "a")
    assert done.stdout == python("-O", "-c", SEES, "a").stdout
    tell = "import threading; print(type(threading).__name__); raise SystemExit(3)"
    done = invoke(SCRIPT, "run", "-c", tell)
    assert (done.stdout, done.stderr, done.returncode) == ("Room\n", "", 3)


def test_the_console_script_keeps_the_options_of_its_interpreter():
    done = python("-O", SCRIPT, "run", "-B", "-c", SEES)
    assert done.stdout == python("-O", "-B", "-c", SEES).stdout


def test_the_console_script_refuses_an_unknown_verb():
    done = invoke(SCRIPT, "walk", "prog.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("threeply: unknown verb 'walk'")
    done = invoke(SCRIPT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: threeply run ")


def test_a_command_line_is_taken_apart_as_the_interpreter_does():
    words = ["-OBW", "error", "--children", "-Xdev", "-Im", "mod", "-c", "--children"]
    line = _options.CommandLine(words, ("--children",))
    assert (line.kind, line.target) == (_options.MODULE, "mod")
    assert line.options == ["-OBW", "error", "-Xdev", "-I"]
    assert line.letters == set("OBI")
    assert line.own == ["--children"]
    assert line.words == ["-OBW", "error", "-Xdev", "-Im", "mod", "-c", "--children"]
    assert line.rest == ["-c", "--children"]


def test_an_option_s_argument_is_not_taken_for_an_option_of_ours():
    line = _options.CommandLine(["-W", "--children", "prog.py"], ("--children",))
    assert (line.own, line.options) == ([], ["-W", "--children"])
    assert line.target == "prog.py"


def test_an_option_without_its_argument_is_left_to_the_interpreter():
    for word in ("-W", "-X", "-c", "-m", "-Om", "--check-hash-based-pycs"):
        assert _options.CommandLine([word]).kind == _options.UNFINISHED


def test_the_interpreter_s_own_environment_is_unchanged():
    show = "import os; print(sorted(os.environ.items()))"
    # PEP 538: in the C locale the interpreter sets LC_CTYPE, once.
    for variables in ({}, {"LANG": "C"}, {"LC_CTYPE": "C"}):
        ours = python("-m", "threeply", "-c", show, **variables)
        assert ours.stdout == python("-c", show, **variables).stdout
        assert "THREEPLY" not in ours.stdout


def test_a_plain_start_loads_nothing_of_threeply():
    loaded = "import sys; print([name for name in sys.modules if 'threeply' in name])"
    assert python("-c", loaded).stdout == "[]\n"
    assert os.path.exists(Path(sysconfig.get_path("platlib"), "threeply_startup.pth"))
