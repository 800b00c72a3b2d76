"""Waiting for a child's end: poll, wait, and what ends a wait."""

import math
import os
import signal
import threading as stdlib_threading
import time

import pytest
from support.signals import handler, sent_while_blocked
from support.threads import Worker, finish

FOREVER = ["sleep", "1000"]


@pytest.fixture
def sleeping(subprocess):
    """A child that does not end by itself, and is ended after the test."""
    child = subprocess.Popen(FOREVER)
    yield child
    child.kill()
    child.wait()


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", -15)],
)
def test_the_return_code_is_the_status_or_the_signal(subprocess, command, code):
    child = subprocess.Popen(command, shell=True)
    assert child.wait() == code
    assert (child.returncode, child.poll(), child.wait(0)) == (code, code, code)


def test_poll_does_not_wait(sleeping):
    assert sleeping.poll() is None
    assert sleeping.returncode is None


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
def test_a_timeout_ends_a_wait(subprocess, sleeping, timeout):
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        sleeping.wait(timeout)
    assert caught.value.cmd == FOREVER
    assert caught.value.timeout == timeout
    assert sleeping.returncode is None


@pytest.mark.parametrize("timeout", [math.inf, 1e9, 10**12, None])
def test_no_timeout_is_too_long(subprocess, timeout):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        waiting = Worker(child.wait, timeout).blocked() if timeout is None else None
        child.stdin.close()
        assert child.wait(timeout) == 0
        if waiting:
            assert waiting.result() == 0


@pytest.mark.threeply_only(reason="the standard one takes NaN for any time")
def test_a_timeout_of_nan_is_an_error(sleeping):
    with pytest.raises(ValueError, match="NaN"):
        sleeping.wait(math.nan)


def test_the_end_of_a_child_ends_the_waits_of_all_threads(subprocess):
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    waiting = [Worker(child.wait, 60) for _ in range(4)]
    child.stdin.close()
    assert finish(waiting) == [0] * 4


def test_ctrl_c_ends_a_wait(subprocess, sleeping):
    child = sleeping
    with handler(signal.SIGINT, signal.default_int_handler):
        with pytest.raises(KeyboardInterrupt), sent_while_blocked(signal.SIGINT):
            child.wait()
    assert child.poll() is None


def test_what_a_handler_raises_ends_a_wait(sleeping):
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    with handler(signal.SIGUSR1, stop):
        with pytest.raises(Stop), sent_while_blocked(signal.SIGUSR1):
            sleeping.wait()


def test_a_handler_that_returns_lets_the_wait_go_on(subprocess):
    ran = []
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)

    def end(*_):
        ran.append(1)
        child.stdin.close()

    with handler(signal.SIGUSR1, end), sent_while_blocked(signal.SIGUSR1):
        assert child.wait() == 0
    assert ran == [1]


@pytest.mark.threeply_only(reason="the standard wait cannot be interrupted")
def test_an_interruption_ends_a_wait(rooms, sleeping):
    class Stop(Exception):
        pass

    thread = rooms.threading.Thread(target=sleeping.wait, daemon=True)
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
    assert seen == [Stop]


def test_a_status_that_another_took_is_0_if_the_kernel_does_not_tell_it(rooms):
    child = rooms.subprocess.Popen(["sh", "-c", "exit 3"])
    assert os.waitpid(child.pid, 0)[0] == child.pid
    # DIFFERENCE: A return code that another took may be known
    assert child.wait(60) in ({0, 3} if rooms.native else {0})
    assert child.returncode == child.wait()


def test_a_status_that_another_takes_during_the_wait_is_0_or_known(subprocess):
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    thief = Worker(_take, child.pid)
    waiting = Worker(child.wait, 60)
    child.stdin.close()
    thief.result()
    assert waiting.result() == 0


def _take(pid):
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        # The wait was faster.
        return


def test_a_child_of_a_process_that_ignores_sigchld_ends(rooms):
    with handler(signal.SIGCHLD, signal.SIG_IGN):
        child = rooms.subprocess.Popen(["sh", "-c", "exit 3"])
        assert child.wait(60) in ({0, 3} if rooms.native else {0})


def test_handling_sigchld_disturbs_nothing(subprocess):
    ended = stdlib_threading.Event()
    with handler(signal.SIGCHLD, lambda *_: ended.set()):
        child = subprocess.Popen(["sh", "-c", "exit 3"])
        assert child.wait(60) == 3
        assert ended.wait(60)


def test_a_wait_in_a_forked_child_ends(subprocess):
    # The child is not its own; it may only wait for the end, and has no status.
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    pid = os.fork()
    if pid == 0:
        child.stdin.close()
        code = child.wait(60) if hasattr(child, "kill_tree") else 0
        os._exit(code)
    child.stdin.close()
    assert child.wait() == 0
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.threeply_only(reason="the standard one sleeps for up to 50 ms")
def test_a_wait_with_a_timeout_sleeps_once(subprocess):
    # A wait that polls gives up the processor again and again.
    def switches():
        with open("/proc/thread-self/status") as status:
            fields = dict(line.split(":", 1) for line in status)
        return int(fields["voluntary_ctxt_switches"])

    child = subprocess.Popen(["sleep", "0.3"])
    before = switches()
    assert child.wait(60) == 0
    assert switches() - before < 5


def test_it_is_waited_for_at_the_end_of_a_block(subprocess):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert child.poll() is None
    assert child.returncode == 0
    assert child.stdin.closed


def test_after_ctrl_c_the_end_of_a_block_waits_a_moment_only(subprocess, sleeping):
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        with sleeping:
            raise KeyboardInterrupt
    assert sleeping.poll() is None
    assert time.monotonic() - begin < 30
