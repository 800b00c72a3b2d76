"""sigwait, sigwaitinfo, sigtimedwait and pause, over both sides."""

import os
import signal as stdlib_signal
import threading as stdlib_threading
import time

import pytest
from support.signals import handler, sent_while_blocked
from support.threads import Worker

TWO = (stdlib_signal.SIGUSR1, stdlib_signal.SIGUSR2)


@pytest.fixture(autouse=True)
def _blocked():
    """Both signals are kept from all threads: workers inherit the mask."""
    before = stdlib_signal.pthread_sigmask(stdlib_signal.SIG_BLOCK, TWO)
    yield
    stdlib_signal.sigtimedwait(TWO, 0)
    stdlib_signal.pthread_sigmask(stdlib_signal.SIG_SETMASK, before)


def send(worker, number):
    stdlib_signal.pthread_kill(worker.thread.ident, number)


@pytest.mark.parametrize("name", ["sigwait", "sigwaitinfo"])
def test_a_signal_ends_a_wait(signal, name):
    worker = Worker(getattr(signal, name), TWO).blocked()
    send(worker, signal.SIGUSR2)
    found = worker.result()
    assert getattr(found, "si_signo", found) == signal.SIGUSR2


def test_sigwait_gives_a_member(signal):
    signal.raise_signal(signal.SIGUSR1)
    assert signal.sigwait(sigset=TWO) is signal.SIGUSR1
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN + 1])
    signal.raise_signal(signal.SIGRTMIN + 1)
    assert type(signal.sigwait([signal.SIGRTMIN + 1])) is int


@pytest.mark.parametrize("name", ["sigwaitinfo", "sigtimedwait"])
def test_the_structure_tells_of_the_sender(signal, name):
    signal.raise_signal(signal.SIGUSR1)
    args = (TWO, 60) if name == "sigtimedwait" else (TWO,)
    info = getattr(signal, name)(*args)
    assert type(info) is stdlib_signal.struct_siginfo
    assert info.si_signo == signal.SIGUSR1
    assert (info.si_pid, info.si_uid) == (os.getpid(), os.getuid())


def test_a_wait_ends_by_its_timeout(signal):
    begin = time.monotonic()
    assert signal.sigtimedwait(TWO, 0.01) is None
    assert time.monotonic() - begin >= 0.01
    assert signal.sigtimedwait(TWO, 0) is None
    assert signal.sigtimedwait([], 0) is None


def test_what_is_pending_is_taken_though_no_time_is_given(signal):
    signal.raise_signal(signal.SIGUSR1)
    assert signal.sigtimedwait(TWO, 0).si_signo == signal.SIGUSR1


@pytest.mark.parametrize(
    ("timeout", "error"),
    [(-1, ValueError), (float("nan"), ValueError), (1e30, OverflowError)],
)
def test_a_timeout_that_is_none_is_refused(signal, timeout, error):
    with pytest.raises(error):
        signal.sigtimedwait(TWO, timeout)


@pytest.mark.parametrize("timeout", ["1", None])
def test_a_timeout_of_another_type_is_a_type_error(signal, timeout):
    with pytest.raises(TypeError):
        signal.sigtimedwait(TWO, timeout)


@pytest.mark.parametrize("name", ["sigwait", "sigwaitinfo"])
def test_a_number_of_no_signal_is_a_value_error(signal, name):
    with pytest.raises(ValueError, match="out of range"):
        getattr(signal, name)([0])


def knock_until(told):
    """Sends SIGALRM to the main thread until it was told to stop."""
    main = stdlib_threading.main_thread().ident
    while not told.wait(0.001):
        stdlib_signal.pthread_kill(main, stdlib_signal.SIGALRM)


@pytest.fixture
def knocks():
    told = stdlib_threading.Event()
    with handler(stdlib_signal.SIGALRM, lambda *_: None):
        worker = Worker(knock_until, told)
        yield
        told.set()
        worker.result()


@pytest.mark.threeply_only(
    reason="interrupted as the time passes, the standard one returns an empty structure"
)
@pytest.mark.usefixtures("knocks")
def test_a_handler_that_returns_does_not_end_a_wait(signal):
    begin = time.monotonic()
    assert signal.sigtimedwait(TWO, 0.05) is None
    assert time.monotonic() - begin >= 0.05


@pytest.mark.parametrize("name", ["sigtimedwait", "pause"])
def test_what_a_handler_raises_ends_a_wait(signal, name):
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    args = (TWO, 60) if name == "sigtimedwait" else ()
    with handler(stdlib_signal.SIGALRM, stop):
        with sent_while_blocked(stdlib_signal.SIGALRM), pytest.raises(Stop):
            getattr(signal, name)(*args)


@pytest.mark.usefixtures("knocks")
def test_a_handler_ends_a_pause(signal):
    assert signal.pause() is None


def test_a_handler_that_ran_before_ends_no_pause(signal):
    ran = []
    before = signal.signal(signal.SIGALRM, lambda *_: ran.append(1))
    try:
        # From its first wait on, this thread is told of signals.
        signal.sigtimedwait([], 0)
        signal.raise_signal(signal.SIGALRM)
        assert ran == [1]
        with sent_while_blocked(stdlib_signal.SIGALRM):
            signal.pause()
        assert ran == [1, 1]
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.threeply_only(reason="nothing but its signal ends the standard one")
@pytest.mark.parametrize("name", ["sigwait", "sigwaitinfo", "pause"])
def test_an_interruption_ends_a_wait(rooms, signal, name):
    class Stop(Exception):
        pass

    call = getattr(signal, name)
    args = () if name == "pause" else (TWO,)
    thread = rooms.threading.Thread(target=call, args=args, daemon=True)
    seen = []
    # Printing what ended it is the hook's; here it is looked at.
    rooms.threading.excepthook, before = (
        lambda told: seen.append(told.exc_type),
        rooms.threading.excepthook,
    )
    try:
        thread.start()
        thread.interrupt(Stop)
        with pytest.raises(Stop):
            thread.result(60)
    finally:
        rooms.threading.excepthook = before
    assert seen == [Stop]


@pytest.mark.threeply_only(reason="nothing but its signal ends the standard one")
def test_what_a_handler_raises_ends_sigwait(signal):
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    with handler(stdlib_signal.SIGALRM, stop):
        with sent_while_blocked(stdlib_signal.SIGALRM), pytest.raises(Stop):
            signal.sigwait(TWO)
