"""Waiting for a child's end: poll, wait, and what ends a wait."""

import ctypes
import errno
import fcntl
import math
import os
import signal
import struct
import sys
import threading as stdlib_threading
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import pytest
from support.signals import handler, sent_while_blocked
from support.threads import Worker, finish, wait_until

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


# The kernel's PIDFD_GET_INFO, and what is asked for: how the process ended.
GET_INFO, INFO_EXIT = 0xC040FF0B, 1 << 3


def told(pidfd):
    """The return code of a process that was reaped, where the kernel tells it; else 0."""
    info = bytearray(struct.pack("Q56x", INFO_EXIT))
    try:
        fcntl.ioctl(pidfd, GET_INFO, info, True)
    except OSError:
        return 0
    mask, status = struct.unpack("Q52xi", info)
    return os.waitstatus_to_exitcode(status) if mask & INFO_EXIT else 0


def stolen(rooms, pidfd):
    """The return code of a child of which another took the status."""
    # DIFFERENCE: A return code that another took may be known
    return told(pidfd) if rooms.native else 0


def test_a_status_that_another_took_is_0_if_the_kernel_does_not_tell_it(rooms):
    child = rooms.subprocess.Popen(["sh", "-c", "exit 3"])
    pidfd = os.pidfd_open(child.pid)
    assert os.waitpid(child.pid, 0)[0] == child.pid
    assert child.wait(60) == stolen(rooms, pidfd)
    assert child.returncode == child.wait()
    os.close(pidfd)


def test_a_status_that_another_takes_during_the_wait_is_0_or_known(rooms):
    command = ["sh", "-c", "read line; exit 3"]
    child = rooms.subprocess.Popen(command, stdin=rooms.subprocess.PIPE)
    pidfd = os.pidfd_open(child.pid)
    thief = Worker(_take, child.pid).blocked()
    waiting = Worker(child.wait, 60)
    child.stdin.close()
    taken = thief.result()
    assert waiting.result() == (stolen(rooms, pidfd) if taken else 3)
    os.close(pidfd)


def _take(pid):
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return False  # The wait was faster.
    return True


def test_a_child_of_a_process_that_ignores_sigchld_ends(rooms):
    command = ["sh", "-c", "read line; exit 3"]
    with handler(signal.SIGCHLD, signal.SIG_IGN):
        child = rooms.subprocess.Popen(command, stdin=rooms.subprocess.PIPE)
        pidfd = os.pidfd_open(child.pid)
        child.stdin.close()
        assert child.wait(60) == stolen(rooms, pidfd)
        os.close(pidfd)


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


# ppoll(2), on the machines that we know.
PPOLL = {"x86_64": 271, "aarch64": 73}


@pytest.mark.threeply_only(reason="before 3.15 the standard one looks every 50 ms")
@pytest.mark.skipif(os.uname().machine not in PPOLL, reason="calls have other numbers")
def test_a_wait_with_a_timeout_sleeps_once(subprocess):
    # The kernel shows what the thread is in, and until when: not until a next look.
    def sleeping_until(thread):
        with open(f"/proc/self/task/{thread.native_id}/syscall") as shown:
            number, *arguments = shown.read().split()
        if number != str(PPOLL[os.uname().machine]):
            return None
        return ctypes.c_long.from_address(int(arguments[2], 16)).value

    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        waiting = Worker(child.wait, 1000)
        wait_until(lambda: sleeping_until(waiting.thread) is not None)
        assert 900 < sleeping_until(waiting.thread) < 1000
        child.stdin.close()
        assert waiting.result() == 0


def test_it_is_waited_for_at_the_end_of_a_block(subprocess):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert child.poll() is None
    assert child.returncode == 0
    assert child.stdin.closed


def test_after_ctrl_c_the_end_of_a_block_waits_a_moment_only(subprocess):
    waits = []

    class Heir(subprocess.Popen):
        def _wait(self, timeout):
            waits.append(timeout)
            return super()._wait(timeout=0)

    child = Heir(FOREVER)
    with pytest.raises(KeyboardInterrupt):
        with child:
            raise KeyboardInterrupt
    assert waits == [0.25]
    assert child.returncode is None
    child.kill()
    while child.poll() is None:
        os.sched_yield()


def _expire(subprocess, waits, timeout):
    if waits not in ("wait", "communicate"):
        getattr(subprocess, waits)(FOREVER, timeout=timeout)
        return
    with subprocess.Popen(FOREVER) as child:
        try:
            getattr(child, waits)(timeout=timeout)
        finally:
            child.kill()


@pytest.mark.parametrize("timeout", [-1, 0, 0.002, Fraction(1, 500), Decimal("0.002")])
@pytest.mark.parametrize(
    "waits", ["wait", "communicate", "call", "run", "check_output"]
)
def test_an_expired_timeout_is_told_as_it_was_given(rooms, waits, timeout):
    if isinstance(timeout, Decimal) and not rooms.native:
        pytest.skip("the standard one adds it to a float")
    if (
        not rooms.native
        and sys.version_info < (3, 14)
        and waits in ("communicate", "run")
    ):
        pytest.skip("the standard one tells what was left of it")
    subprocess = rooms.subprocess
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        _expire(subprocess, waits, timeout)
    assert caught.value.timeout is timeout
    assert str(caught.value) == f"Command '{FOREVER}' timed out after {timeout} seconds"


@pytest.mark.parametrize(
    "timeout", [60, Fraction(60), Decimal(60), Decimal("Infinity")]
)
def test_a_timeout_may_be_any_real_number(rooms, timeout):
    if isinstance(timeout, Decimal) and not rooms.native:
        pytest.skip("the standard one adds it to a float")
    subprocess = rooms.subprocess
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert child.communicate(timeout=timeout) == (None, None)
        assert child.wait(timeout) == 0
    assert subprocess.check_output(["echo", "x"], timeout=timeout) == b"x\n"


@pytest.mark.parametrize("timeout", ["1", b"1", [1]])
def test_a_timeout_that_is_no_number(subprocess, timeout):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        with pytest.raises(TypeError):
            child.wait(timeout)
        with pytest.raises(TypeError):
            child.communicate(timeout=timeout)


# What programs patch: names that are private to the running version.


def test_a_patched_clock_of_communicate_is_asked(subprocess, sleeping):
    if hasattr(subprocess.Popen, "_remaining_time"):
        patch = mock.patch.object(subprocess.Popen, "_remaining_time", return_value=-1)
    else:
        patch = mock.patch.object(subprocess, "_deadline_remaining", return_value=-1)
    with patch, pytest.raises(subprocess.TimeoutExpired):
        sleeping.communicate(timeout=1000)


new_in_315 = pytest.mark.skipif(sys.version_info < (3, 15), reason="new in Python 3.15")


@new_in_315
@pytest.mark.parametrize("answer", [True, False])
def test_a_patched_wait_for_a_pidfd_is_asked(subprocess, answer):
    asked = []

    class Heir(subprocess.Popen):
        def _wait_pidfd(self, timeout):
            asked.append(timeout)
            self.stdin.close()
            return answer and super()._wait_pidfd(timeout)

    with Heir(["cat"], stdin=subprocess.PIPE) as child:
        assert child.wait(60) == 0
    assert asked == [60]


@new_in_315
def test_a_patched_wait_for_a_pidfd_is_not_believed(subprocess):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        with mock.patch.object(
            subprocess.Popen, "_wait_pidfd", return_value=True
        ) as wait:
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.002)
        wait.assert_called_once_with(0.002)


@new_in_315
def test_a_child_keeps_the_handle_it_was_born_with(rooms):
    # DIFFERENCE: Popen calls neither _fork_exec nor os.waitpid
    subprocess = rooms.subprocess
    full = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        with (
            mock.patch("os.pidfd_open", side_effect=full) as opened,
            mock.patch("time.sleep") as slept,
            mock.patch.object(subprocess, "_MAXIMUM_WAIT_TIMEOUT", 0.001),
        ):
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.002)
        # The standard wait goes by looking every now and then.
        assert opened.called is slept.called is not rooms.native


@new_in_315
@pytest.mark.parametrize("name", ["_CAN_USE_PIDFD_OPEN", "_MAXIMUM_WAIT_TIMEOUT"])
def test_private_names_can_be_patched(subprocess, name):
    with mock.patch.object(subprocess, name, 0):
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.002)
            child.stdin.close()
            assert child.wait(60) == 0
