"""run, call, check_call, check_output, getoutput, getstatusoutput."""

import os
import signal
import subprocess as stdlib_subprocess

import pytest
from support.signals import handler, sent_while_blocked


def test_run_returns_what_became_of_the_child(subprocess):
    done = subprocess.run(
        ["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True
    )
    assert isinstance(done, stdlib_subprocess.CompletedProcess)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert done.args == ["sh", "-c", "echo out; echo err >&2; exit 3"]


def test_run_sends_input(subprocess):
    assert subprocess.run(["cat"], input=b"x", stdout=subprocess.PIPE).stdout == b"x"
    done = subprocess.run(["cat"], input="ü", stdout=subprocess.PIPE, encoding="utf-8")
    assert done.stdout == "ü"


def test_run_checks(subprocess):
    with pytest.raises(stdlib_subprocess.CalledProcessError) as caught:
        subprocess.run("echo x; exit 2", shell=True, check=True, capture_output=True)
    error = caught.value
    assert (error.returncode, error.output, error.stderr) == (2, b"x\n", b"")
    assert error.cmd == "echo x; exit 2"


@pytest.mark.parametrize(
    "options",
    [
        {"capture_output": True, "stdout": stdlib_subprocess.PIPE},
        {"capture_output": True, "stderr": stdlib_subprocess.PIPE},
        {"input": b"", "stdin": stdlib_subprocess.PIPE},
    ],
)
def test_run_refuses_what_excludes_each_other(subprocess, options):
    with pytest.raises(ValueError, match="may not"):
        subprocess.run(["true"], **options)


@pytest.mark.parametrize("name", ["run", "call", "check_call", "check_output"])
def test_a_timeout_kills_the_child(subprocess, name):
    reading, writing = os.pipe()
    options = {"timeout": 0.005, "pass_fds": [writing]}
    with pytest.raises(stdlib_subprocess.TimeoutExpired):
        getattr(subprocess, name)(["sleep", "1000"], **options)
    os.close(writing)
    # The pipe has an end, since the child is dead.
    assert os.read(reading, 1) == b""
    os.close(reading)


@pytest.mark.threeply_only(reason="the standard one leaves a zombie and a warning")
@pytest.mark.parametrize("name", ["run", "call", "check_output"])
def test_ctrl_c_kills_the_child(subprocess, name):
    with handler(signal.SIGINT, signal.default_int_handler):
        with pytest.raises(KeyboardInterrupt), sent_while_blocked(signal.SIGINT):
            getattr(subprocess, name)(["sleep", "1000"])


def test_call(subprocess):
    assert subprocess.call("exit 5", shell=True) == 5
    assert subprocess.call(args=["true"]) == 0


def test_check_call(subprocess):
    assert subprocess.check_call(["true"]) == 0
    with pytest.raises(stdlib_subprocess.CalledProcessError) as caught:
        subprocess.check_call(["false"])
    assert (caught.value.cmd, caught.value.returncode) == (["false"], 1)
    with pytest.raises(stdlib_subprocess.CalledProcessError) as caught:
        subprocess.check_call(args=["false"])
    assert caught.value.cmd == ["false"]


def test_check_output(subprocess):
    assert subprocess.check_output(["echo", "x"]) == b"x\n"
    assert subprocess.check_output(["cat"], input=None) == b""
    assert subprocess.check_output(["cat"], input=None, text=True) == ""
    with pytest.raises(stdlib_subprocess.CalledProcessError) as caught:
        subprocess.check_output("echo x; false", shell=True)
    assert caught.value.output == b"x\n"


@pytest.mark.parametrize("name", ["stdout", "check"])
def test_check_output_refuses_what_it_sets_itself(subprocess, name):
    with pytest.raises(ValueError, match=name):
        subprocess.check_output(["true"], **{name: None})


def test_getoutput(subprocess):
    assert subprocess.getoutput("echo a; echo b >&2; exit 1") == "a\nb"
    assert subprocess.getstatusoutput("printf 'a\n\n'; exit 3") == (3, "a\n")
    assert subprocess.getstatusoutput("kill -9 $$") == (-9, "")
    assert subprocess.getoutput("printf '\\344'", encoding="latin-1") == "ä"
    assert (
        subprocess.getoutput("printf '\\344'", encoding="ascii", errors="replace")
        == "�"
    )


def test_they_use_what_the_program_put_in_the_place_of_popen(subprocess, monkeypatch):
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            started.append(args)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    subprocess.run(["true"])
    subprocess.check_call(["true"])
    subprocess.getoutput("true")
    assert len(started) == 3
