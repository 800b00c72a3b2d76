"""Talking with a child: communicate, and what ends it."""

import io
import math
import os
import signal
import threading as stdlib_threading

import pytest
from support.descriptors import all_descriptors_but
from support.signals import handler, sent_while_blocked
from support.threads import Worker

LARGE = 3_000_000

# Both streams at once, each more than a pipe holds.
BOTH = "head -c 300000 /dev/zero & head -c 200000 /dev/zero >&2; wait"


def pipes(subprocess, *names):
    return dict.fromkeys(names or ("stdin", "stdout", "stderr"), subprocess.PIPE)


@pytest.fixture
def cat(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        yield child
        child.kill()


@pytest.mark.parametrize("timeout", [None, 60, 1e6])
def test_much_goes_through_a_child(subprocess, timeout):
    data = os.urandom(LARGE)
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        assert child.communicate(data, timeout) == (data, b"")
        assert child.returncode == 0
        assert all(file.closed for file in (child.stdin, child.stdout, child.stderr))


@pytest.mark.threeply_only(reason="the standard one cannot count so far")
@pytest.mark.parametrize("timeout", [math.inf, 1e18])
def test_no_timeout_is_too_long(subprocess, timeout):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        assert child.communicate(b"x", timeout) == (b"x", b"")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_input_is_anything_with_a_buffer(subprocess, kind):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        assert child.communicate(kind(b"plies"))[0] == b"plies"


def test_both_outputs_are_read_together(subprocess):
    with subprocess.Popen(
        BOTH, shell=True, **pipes(subprocess, "stdout", "stderr")
    ) as child:
        stdout, stderr = child.communicate()
    assert (len(stdout), len(stderr)) == (300000, 200000)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("timeout", [None, 60])
def test_one_output(subprocess, name, timeout):
    command = "echo out; echo err >&2"
    other = {"stdout": "stderr", "stderr": "stdout"}[name]
    options = {name: subprocess.PIPE, other: subprocess.DEVNULL}
    with subprocess.Popen(command, shell=True, **options) as child:
        said = child.communicate(timeout=timeout)
    assert said == ((b"out\n", None) if name == "stdout" else (None, b"err\n"))


def test_no_pipe_at_all(subprocess):
    with subprocess.Popen(["true"]) as child:
        assert child.communicate() == (None, None)
    with subprocess.Popen(["true"]) as child:
        assert child.communicate(timeout=60) == (None, None)


def test_input_alone(subprocess, tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file) as child:
            assert child.communicate(b"x" * LARGE) == (None, None)
    assert path.stat().st_size == LARGE


@pytest.mark.parametrize("timeout", [None, 60])
def test_a_child_that_reads_no_input(subprocess, timeout):
    with subprocess.Popen(["true"], **pipes(subprocess)) as child:
        assert child.communicate(b"x" * LARGE, timeout) == (b"", b"")
        assert child.returncode == 0


def test_empty_input_is_the_end_of_input(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        assert child.communicate(b"") == (b"", b"")
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        assert child.communicate() == (b"", b"")


def test_it_goes_on_after_a_timeout(subprocess):
    # It says one thing, waits for all input, and says the rest.
    program = "echo begin; cat; echo end"
    with subprocess.Popen(program, shell=True, **pipes(subprocess)) as child:
        held = os.dup(child.stdin.fileno())
        # The pipe's other holder keeps the child waiting.
        with pytest.raises(subprocess.TimeoutExpired) as caught:
            child.communicate(timeout=0.01)
        assert caught.value.output in (b"begin\n", None)
        assert caught.value.stderr is None
        os.write(held, b"late\n")
        os.close(held)
        assert child.communicate(timeout=60) == (b"begin\nlate\nend\n", b"")


@pytest.mark.threeply_only(reason="the standard one sends no more after a timeout")
def test_input_goes_on_after_a_timeout(subprocess):
    # The child begins to read when a file appears.
    reading, writing = os.pipe()
    program = f"read go </dev/fd/{reading}; cat"
    data = os.urandom(LARGE)
    with subprocess.Popen(
        program, shell=True, pass_fds=[reading], **pipes(subprocess)
    ) as child:
        with pytest.raises(subprocess.TimeoutExpired):
            child.communicate(data, timeout=0.01)
        with pytest.raises(ValueError, match="after starting"):
            child.communicate(data)
        os.write(writing, b"go\n")
        assert child.communicate(timeout=60) == (data, b"")
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_time_at_all(subprocess, cat, timeout):
    held = os.dup(cat.stdin.fileno())
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        cat.communicate(b"data", timeout=timeout)
    os.close(held)
    assert caught.value.cmd == ["cat"]


@pytest.mark.threeply_only(reason="the standard one loses what was said before")
def test_what_was_said_is_said_again(subprocess):
    with subprocess.Popen(["echo", "x"], stdout=subprocess.PIPE) as child:
        assert child.communicate() == (b"x\n", None)
        assert child.communicate() == (b"x\n", None)
        assert child.communicate(timeout=1) == (b"x\n", None)


def test_what_was_read_before_is_not_read_again(subprocess):
    with subprocess.Popen(["printf", "one\ntwo\n"], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"one\n"
        assert child.communicate() == (b"two\n", None)


def test_text_that_was_read_ahead_is_not_lost(subprocess):
    with subprocess.Popen(
        ["printf", "one\ntwo\n"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "one\n"
        assert child.communicate() == ("two\n", None)


@pytest.mark.threeply_only(reason="the standard one loses what was read ahead")
def test_bytes_that_were_read_ahead_are_not_lost_beside_another_pipe(subprocess):
    reading, writing = os.pipe()
    with subprocess.Popen(
        f"printf 'one\ntwo\n'; read go </dev/fd/{reading}; printf three",
        shell=True,
        pass_fds=[reading],
        **pipes(subprocess, "stdout", "stderr"),
    ) as child:
        assert child.stdout.readline() == b"one\n"
        os.write(writing, b"go\n")
        assert child.communicate() == (b"two\nthree", b"")
    os.close(reading)
    os.close(writing)


def test_what_was_written_before_comes_first(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        child.stdin.write(b"first ")
        assert child.communicate(b"second") == (b"first second", b"")


def test_a_file_of_the_program_s_own_is_read(subprocess):
    class Upper(io.RawIOBase):
        def __init__(self, file):
            self.file = file

        def read(self, size=-1):
            return self.file.read(size).upper()

        def close(self):
            self.file.close()
            super().close()

    with subprocess.Popen(["echo", "x"], stdout=subprocess.PIPE) as child:
        child.stdout = Upper(child.stdout)
        assert child.communicate() == (b"X\n", None)


def test_files_that_were_closed(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        child.stdout.close()
        assert child.communicate(timeout=60) == (b"", b"")


def test_input_of_the_wrong_type(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        with pytest.raises((TypeError, AttributeError)):
            child.communicate("text")
    with subprocess.Popen(["cat"], **pipes(subprocess), text=True) as child:
        with pytest.raises((TypeError, AttributeError)):
            child.communicate(b"bytes")


@pytest.mark.threeply_only(reason="the standard one has begun by then")
@pytest.mark.usefixtures("few_descriptors")
def test_a_talk_that_could_not_begin_can_be_begun_again(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        with pytest.raises(TypeError, match="input must be bytes, not str"):
            child.communicate("text")
        with all_descriptors_but(0):
            with pytest.raises(OSError, match="Too many open files"):
                child.communicate(b"x")
        assert child.communicate(b"x") == (b"x", b"")


@pytest.mark.threeply_only(reason="the standard one says 'flush of closed file'")
def test_input_for_a_file_that_was_closed(subprocess):
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        child.stdin.close()
        with pytest.raises(ValueError, match="stdin is closed"):
            child.communicate(b"data")
        assert child.communicate() == (b"", b"")


def test_a_grandchild_that_holds_the_pipe_keeps_the_talk_going(subprocess):
    reading, writing = os.pipe()
    program = f"echo early; (read go </dev/fd/{reading}; echo late) &"
    options = {"pass_fds": [reading], **pipes(subprocess, "stdout")}
    with subprocess.Popen(program, shell=True, **options) as child:
        with pytest.raises(subprocess.TimeoutExpired):
            child.communicate(timeout=0.01)
        os.write(writing, b"go\n")
        assert child.communicate(timeout=60)[0] == b"early\nlate\n"
    os.close(reading)
    os.close(writing)


def test_ctrl_c_ends_a_talk(subprocess, cat):
    held = os.dup(cat.stdin.fileno())
    with handler(signal.SIGINT, signal.default_int_handler):
        with pytest.raises(KeyboardInterrupt), sent_while_blocked(signal.SIGINT):
            cat.communicate(b"x")
    os.close(held)
    assert cat.communicate(timeout=60) == (b"x", b"")


def test_a_handler_that_returns_lets_the_talk_go_on(subprocess, cat):
    held = os.dup(cat.stdin.fileno())
    with handler(signal.SIGUSR1, lambda *_: os.close(held)):
        with sent_while_blocked(signal.SIGUSR1):
            assert cat.communicate(b"x") == (b"x", b"")


@pytest.mark.threeply_only(reason="the standard talk cannot be interrupted")
def test_an_interruption_ends_a_talk(rooms, cat):
    class Stop(Exception):
        pass

    held = os.dup(cat.stdin.fileno())
    thread = rooms.threading.Thread(target=cat.communicate, daemon=True)
    seen = []
    hook = rooms.threading.excepthook
    rooms.threading.excepthook = lambda args: seen.append(args.exc_type)
    try:
        thread.start()
        while thread.is_alive():
            thread.interrupt(Stop)
            thread.join(0.01)
    finally:
        rooms.threading.excepthook = hook
        os.close(held)
    assert seen == [Stop]


@pytest.mark.threeply_only(reason="the standard one mixes the talks of two threads")
def test_two_threads_do_not_talk_at_once(subprocess, cat):
    held = os.dup(cat.stdin.fileno())
    talking = Worker(cat.communicate, b"x").blocked()
    with pytest.raises(RuntimeError, match="another thread"):
        cat.communicate()
    os.close(held)
    assert talking.result() == (b"x", b"")


def test_a_descriptor_that_is_closed_meanwhile_is_not_mistaken(subprocess):
    # Its number may be another file's by then.
    start = stdlib_threading.Event()
    with subprocess.Popen(["cat"], **pipes(subprocess)) as child:
        held = os.dup(child.stdin.fileno())
        talking = Worker(lambda: (start.set(), child.communicate(b"x"))[1])
        start.wait()
        os.close(held)
        assert talking.result() == (b"x", b"")
