"""Sending signals and what they are called, over both sides."""

import ctypes
import os
import signal as stdlib_signal
import struct
import subprocess
import sys
import threading as stdlib_threading

import pytest
from support.signals import handler

SA_RESTART = 0x10000000


class Stop(Exception):
    pass


def stop(*_):
    raise Stop


def test_what_the_handler_raises_comes_out_of_raise_signal(signal):
    with handler(stdlib_signal.SIGUSR1, stop), pytest.raises(Stop):
        signal.raise_signal(signal.SIGUSR1)


def test_what_the_handler_raises_comes_out_of_pthread_kill(signal):
    with handler(stdlib_signal.SIGUSR1, stop), pytest.raises(Stop):
        signal.pthread_kill(stdlib_threading.get_ident(), signal.SIGUSR1)


@pytest.mark.parametrize("number", [65, -1])
def test_what_is_no_signal_cannot_be_sent(signal, number):
    with pytest.raises(OSError, match="Invalid argument"):
        signal.raise_signal(number)
    with pytest.raises(OSError, match="Invalid argument"):
        signal.pthread_kill(stdlib_threading.get_ident(), number)


def test_nothing_is_sent_to_ask_whether_it_could_be(signal):
    assert signal.pthread_kill(stdlib_threading.get_ident(), 0) is None


def test_a_thread_is_named_by_an_int(signal):
    with pytest.raises(TypeError, match="must be int, not float"):
        signal.pthread_kill(1.0, 0)


def test_pthread_kill_is_audited(signal):
    # A hook stays for good, so it is a child's.
    program = f"""
import sys, threading
from {signal.__name__} import pthread_kill
sys.addaudithook(lambda event, args: event == "signal.pthread_kill" and print(args[1]))
pthread_kill(threading.get_ident(), 0)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "0\n"


@pytest.fixture
def child():
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as made:
        yield made
        made.kill()


def test_a_process_is_sent_a_signal_by_its_descriptor(signal, child):
    descriptor = os.pidfd_open(child.pid)
    try:
        assert signal.pidfd_send_signal(descriptor, 0) is None
        signal.pidfd_send_signal(descriptor, signal.SIGTERM, None, 0)
        assert child.wait() == -signal.SIGTERM
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
    finally:
        os.close(descriptor)


def test_a_descriptor_of_no_process_is_refused(signal):
    with pytest.raises(OSError, match="Bad file descriptor"):
        signal.pidfd_send_signal(-1, signal.SIGTERM)
    with pytest.raises(TypeError, match="siginfo must be None"):
        signal.pidfd_send_signal(-1, signal.SIGTERM, 1)


def test_a_signal_has_a_name(signal):
    assert signal.strsignal(signal.SIGINT) == "Interrupt"
    assert signal.strsignal(32) is None
    for number in (0, 65):
        with pytest.raises(ValueError, match="signal number out of range"):
            signal.strsignal(number)


def calls_go_on_after(number):
    """Asks the C library, since Python makes every interrupted call again."""
    action = ctypes.create_string_buffer(256)
    assert ctypes.CDLL(None).sigaction(int(number), None, action) == 0
    # A `struct sigaction`: the handler, a mask of 1024 bits, and the flags.
    (flags,) = struct.unpack_from("@P128xi", action)[1:]
    return bool(flags & SA_RESTART)


def test_a_signal_may_interrupt_calls_or_not(signal):
    with handler(stdlib_signal.SIGUSR1, lambda *_: None):
        signal.siginterrupt(signal.SIGUSR1, False)
        assert calls_go_on_after(signal.SIGUSR1)
        signal.siginterrupt(signal.SIGUSR1, True)
        assert not calls_go_on_after(signal.SIGUSR1)
    for number in (0, 65):
        with pytest.raises(ValueError, match="signal number out of range"):
            signal.siginterrupt(number, True)
    with pytest.raises(OSError, match="Invalid argument"):
        signal.siginterrupt(signal.SIGKILL, True)


def test_the_functions_are_the_module_s(signal):
    import pickle

    assert signal.alarm.__module__.endswith("signal")
    assert pickle.loads(pickle.dumps(signal.strsignal))(2) == "Interrupt"
