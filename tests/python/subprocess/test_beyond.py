"""What the standard module does not have: trees, limits of output, tee, usage, await."""

import asyncio
import io
import os
import pickle
import re
import resource
import signal
import sys

import pytest
from support.threads import Worker, wait_until

from threeply import subprocess

# A child with a child in the background, one of that, and one in a session of its own;
# each holds the pipe, and says who it is.
TREE = """
say() { echo $(cut -d ' ' -f 4 /proc/thread-self/stat 2>/dev/null); }
sh -c 'echo $$; exec sleep 1000' &
sh -c 'echo $$; sh -c "echo \\$\\$; exec sleep 1000" & wait' &
setsid sh -c 'echo $$; exec sleep 1000' &
wait
"""


def pids_of_a_tree(child):
    return [int(child.stdout.readline()) for _ in range(4)]


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("own_tree", [False, True])
def test_kill_tree_kills_the_children_of_children(own_tree):
    with subprocess.Popen(
        TREE, shell=True, stdout=subprocess.PIPE, own_tree=own_tree
    ) as child:
        pids = pids_of_a_tree(child)
        child.kill_tree()
        assert child.wait(60) == -signal.SIGKILL
        # The pipe has no end before the last one has one.
        assert child.stdout.read() == b""
        wait_until(lambda: all(map(is_gone, pids)))


def test_a_timeout_of_run_leaves_no_grandchild(monkeypatch):
    pids = []

    def communicate(self, _input, timeout):
        # The time passes when the tree has grown.
        pids.extend(pids_of_a_tree(self))
        raise subprocess.TimeoutExpired(self.args, timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            TREE, shell=True, stdout=subprocess.PIPE, kill_tree=True, timeout=60
        )
    wait_until(lambda: all(map(is_gone, pids)))


def test_kill_tree_of_a_child_that_has_ended_does_nothing():
    child = subprocess.Popen(["true"])
    child.wait()
    child.kill_tree()
    assert child.returncode == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_more_output_than_the_limit_ends_a_run(stream):
    command = {"stdout": "echo err >&2; yes", "stderr": "echo out; yes >&2"}[stream]
    with pytest.raises(subprocess.OutputLimitExceeded) as caught:
        subprocess.run(command, shell=True, capture_output=True, max_output=100_001)
    error = caught.value
    assert (error.cmd, error.limit) == (command, 100_001)
    assert getattr(error, stream) == (b"y\n" * 50_001)[:100_001]
    assert "100001 bytes" in str(error)
    assert isinstance(error, subprocess.SubprocessError)


def test_output_up_to_the_limit_is_no_error():
    done = subprocess.run(["printf", "12345"], capture_output=True, max_output=5)
    assert done.stdout == b"12345"
    with pytest.raises(subprocess.OutputLimitExceeded) as caught:
        subprocess.run(["printf", "12345"], capture_output=True, max_output=4)
    assert caught.value.output == b"1234"


def test_no_output_at_all_may_be_the_limit():
    assert subprocess.run(["true"], capture_output=True, max_output=0).stdout == b""
    with pytest.raises(subprocess.OutputLimitExceeded) as caught:
        subprocess.run(["echo"], capture_output=True, max_output=0)
    assert caught.value.stdout is None


@pytest.mark.parametrize("limit", [-1, "1", 1.5])
def test_a_limit_that_makes_no_sense(limit):
    with pytest.raises((ValueError, TypeError)):
        subprocess.run(["true"], capture_output=True, max_output=limit)


def test_communicate_leaves_the_child_beyond_the_limit_to_the_program():
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as child:
        for _ in range(2):
            with pytest.raises(subprocess.OutputLimitExceeded):
                child.communicate(max_output=10)
        assert child.poll() is None
        child.kill()


def test_an_exceeded_limit_pickles():
    error = subprocess.OutputLimitExceeded(["x"], 3, b"abc", b"d")
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)


def test_tee_shows_what_it_captures(capfd):
    sys.stdout.write("before\n")
    done = subprocess.run("echo out; echo err >&2", shell=True, tee=True)
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("before\nout\n", "err\n")


def test_tee_shows_pieces_as_they_come(monkeypatch):
    pieces = []

    class Stream(io.StringIO):
        def write(self, text):
            pieces.append(text)
            if text == "one\n":
                os.write(writing, b"go\n")
            return len(text)

    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdout", Stream())
    # The second line comes only when the first has been shown.
    done = subprocess.run(
        f"echo one; read go </dev/fd/{reading}; echo two",
        shell=True,
        tee=True,
        text=True,
        stdout=subprocess.PIPE,
        pass_fds=[reading],
        timeout=60,
    )
    monkeypatch.undo()
    os.close(reading)
    os.close(writing)
    assert pieces == ["one\n", "two\n"]
    assert done.stdout == "one\ntwo\n"


def test_tee_shows_what_cannot_be_decoded(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    done = subprocess.run(["printf", "\\377\\303\\244"], tee=True)
    monkeypatch.undo()
    assert (stream.getvalue(), done.stdout) == ("\\xffä", b"\xff\xc3\xa4")


def test_what_showing_raises_ends_the_run(monkeypatch):
    class Broken(io.StringIO):
        def write(self, text):
            raise RuntimeError("no more room")

    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(RuntimeError, match="no more room"):
        subprocess.run(["yes"], tee=True)


def test_tee_of_a_program_without_streams(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert subprocess.run(["echo", "x"], tee=True).stdout == b"x\n"


def test_tee_and_the_limit(capfd):
    with pytest.raises(subprocess.OutputLimitExceeded):
        subprocess.run(["yes"], tee=True, max_output=4)
    assert capfd.readouterr().out == "y\ny\n"


def test_the_kernel_tells_what_a_child_used():
    burn = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"
    child = subprocess.Popen(burn, shell=True)
    assert child.resource_usage() is None or child.poll() == 0
    child.wait()
    usage = child.resource_usage()
    assert isinstance(usage, resource.struct_rusage)
    assert 0 < usage.ru_utime + usage.ru_stime < 60
    assert usage.ru_maxrss > 0
    assert child.resource_usage() == usage


def test_a_status_that_another_took_has_no_usage():
    child = subprocess.Popen(["true"])
    os.waitpid(child.pid, 0)
    child.wait()
    assert child.resource_usage() is None


def test_a_child_is_awaited():
    async def main():
        child = subprocess.Popen(["sh", "-c", "exit 3"])
        assert await child == 3
        assert await child == 3
        return child.returncode

    assert asyncio.run(asyncio.wait_for(main(), 60)) == 3


def test_the_loop_goes_on_while_a_child_is_awaited():
    async def main():
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        tasks = [asyncio.ensure_future(child) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in tasks)
        child.stdin.close()
        return await asyncio.gather(*tasks)

    assert asyncio.run(asyncio.wait_for(main(), 60)) == [0, 0, 0]


def test_cancelling_the_await_leaves_the_child_alone():
    async def main():
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(child, 0.01)
        assert child.poll() is None
        child.stdin.close()
        return await child

    assert asyncio.run(asyncio.wait_for(main(), 60)) == 0


def test_ended_children_hold_no_descriptors():
    before = len(os.listdir("/proc/self/fd"))
    children = [subprocess.Popen(["true"]) for _ in range(30)]
    assert [child.wait() for child in children] == [0] * 30
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_wait_ends_with_the_child_however_far_its_deadline_is():
    # How soon is measured in the benches; here it is only seen that nobody sleeps on.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        waiting = Worker(child.wait, 1000).blocked()
        child.stdin.close()
        assert waiting.result() == 0


def test_the_traceback_of_an_error_names_the_program():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from threeply.subprocess import run; run(['no/thing'])",
        ],
        capture_output=True,
        text=True,
    )
    assert re.search(r"FileNotFoundError: .*'no/thing'$", done.stderr.strip())
