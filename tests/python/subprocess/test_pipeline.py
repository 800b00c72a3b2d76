"""Pipelines, which only threeply has."""

import os
import signal

import pytest

from threeply import subprocess
from threeply.subprocess import PIPE, Pipeline


def test_each_reads_what_the_one_before_it_writes():
    with Pipeline(
        ["cat"], ["tr", "a-z", "A-Z"], ["rev"], stdin=PIPE, stdout=PIPE
    ) as row:
        assert row.communicate(b"abc\n") == (b"CBA\n", None)
    assert row.returncodes == [0, 0, 0]
    assert row.returncode == 0


def test_one_command_is_a_pipeline():
    with Pipeline(["cat"], stdin=PIPE, stdout=PIPE, text=True) as row:
        assert row.communicate("x", timeout=60) == ("x", None)


def test_much_goes_through():
    data = os.urandom(3_000_000)
    with Pipeline(*[["cat"]] * 4, stdin=PIPE, stdout=PIPE) as row:
        assert row.communicate(data)[0] == data


def test_a_writer_without_a_reader_ends_by_sigpipe():
    with Pipeline(["yes"], ["head", "-n", "1"], stdout=PIPE) as row:
        assert row.communicate(timeout=60) == (b"y\n", None)
    assert row.returncodes == [-signal.SIGPIPE, 0]
    assert row.returncode == -signal.SIGPIPE


def test_the_return_code_is_that_of_the_last_one_that_failed():
    codes = [f"exit {code}" for code in (3, 4, 0)]
    with Pipeline(*codes, shell=True) as row:
        assert row.wait(60) == [3, 4, 0]
    assert row.returncode == 4


def test_nobody_knows_before_all_have_ended():
    with Pipeline(["true"], ["cat"], ["cat"], stdin=None, stdout=PIPE) as row:
        assert row.returncodes == [None] * 3
        assert row.returncode is None
        assert row.communicate() == (b"", None)
        assert row.poll() == 0


def test_the_errors_of_all_go_to_one_pipe():
    with Pipeline(
        "echo one >&2", "echo two >&2", shell=True, stderr=PIPE, stdout=PIPE
    ) as row:
        stdout, stderr = row.communicate()
    assert (stdout, sorted(stderr.split())) == (b"", [b"one", b"two"])


def test_errors_go_to_the_next_one():
    with Pipeline(
        "echo out; echo err >&2",
        "sort",
        shell=True,
        stdout=PIPE,
        stderr=subprocess.STDOUT,
    ) as row:
        assert row.communicate() == (b"err\nout\n", None)


def test_a_start_that_fails_leaves_nobody():
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        Pipeline(
            ["yes"], ["cat"], ["no-such-program"], ["cat"], stdin=PIPE, stderr=PIPE
        )


def test_no_command_at_all():
    with pytest.raises(ValueError, match="one command"):
        Pipeline()


def test_a_timeout_leaves_the_children_to_the_program():
    with Pipeline(["sleep", "1000"], ["cat"], stdout=PIPE) as row:
        with pytest.raises(subprocess.TimeoutExpired):
            row.communicate(timeout=0.01)
        with pytest.raises(subprocess.TimeoutExpired):
            row.wait(0.01)
        assert row.poll() is None
        row.terminate()
        assert row.communicate(timeout=60) == (b"", None)
    assert row.returncodes[0] == -signal.SIGTERM


def test_kill_tree_kills_what_they_started():
    with Pipeline("sleep 1000 & sleep 1000", "cat", shell=True, stdout=PIPE) as row:
        row.kill_tree()
        # It ends only when nobody holds a pipe any more.
        assert row.communicate(timeout=60) == (b"", None)


def test_output_can_be_bounded():
    with Pipeline(["yes"], ["cat"], stdout=PIPE) as row:
        with pytest.raises(subprocess.OutputLimitExceeded):
            row.communicate(max_output=4)
        row.kill()


def test_the_representation():
    with Pipeline(["true"], ["true"]) as row:
        row.wait()
    assert repr(row) == "<Pipeline: returncodes: [0, 0] ['true'] | ['true']>"
