"""Masks and sets of signals, over both sides."""

import signal as stdlib_signal

import pytest


@pytest.fixture(autouse=True)
def mask():
    """Puts this thread's mask back."""
    before = stdlib_signal.pthread_sigmask(stdlib_signal.SIG_BLOCK, [])
    yield
    stdlib_signal.pthread_sigmask(stdlib_signal.SIG_SETMASK, before)


def now(signal):
    return signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_blocking_adds_and_unblocking_takes_away(signal):
    one, other = signal.SIGUSR1, signal.SIGUSR2
    before = now(signal)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, [one]) == before
    assert now(signal) == before | {one}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, {other}) == before | {one}
    signal.pthread_sigmask(how=signal.SIG_UNBLOCK, mask=(one, other))
    assert now(signal) == before - {one, other}
    signal.pthread_sigmask(signal.SIG_SETMASK, [other])
    assert now(signal) == {other}


def test_a_mask_is_of_members_and_plain_numbers_elsewhere(signal):
    between = signal.SIGRTMIN + 3
    signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR1, between])
    found = now(signal)
    assert {type(number) for number in found} == {signal.Signals, int}
    assert found == {signal.SIGUSR1, between}


def test_both_sides_have_one_enum(signal):
    assert signal.Signals is stdlib_signal.Signals


@pytest.mark.parametrize("number", [0, 65, -1])
def test_a_number_of_no_signal_is_a_value_error_and_changes_nothing(signal, number):
    before = now(signal)
    with pytest.raises(ValueError, match=rf"signal number {number} out of range"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, number])
    assert now(signal) == before


def test_a_number_that_the_c_library_keeps_is_warned_of_and_left_out(signal):
    with pytest.warns(RuntimeWarning, match="invalid signal number 32"):
        signal.pthread_sigmask(signal.SIG_SETMASK, [32, signal.SIGUSR1])
    assert now(signal) == {signal.SIGUSR1}


@pytest.mark.parametrize("wrong", [5, ["a"], [1.5], None])
def test_what_is_no_iterable_of_numbers_is_a_type_error(signal, wrong):
    with pytest.raises(TypeError):
        signal.pthread_sigmask(signal.SIG_BLOCK, wrong)


def test_what_an_iterable_raises_comes_out(signal):
    def numbers():
        yield signal.SIGUSR1
        raise LookupError

    before = now(signal)
    with pytest.raises(LookupError):
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers())
    assert now(signal) == before


def test_a_way_to_change_that_there_is_not_is_an_os_error(signal):
    with pytest.raises(OSError, match="Invalid argument"):
        signal.pthread_sigmask(9, [])


def test_a_blocked_signal_is_pending(signal):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    assert signal.SIGUSR1 not in signal.sigpending()
    signal.raise_signal(signal.SIGUSR1)
    assert signal.SIGUSR1 in signal.sigpending()
    assert signal.sigwait([signal.SIGUSR1]) is signal.SIGUSR1
    assert signal.SIGUSR1 not in signal.sigpending()


def test_a_handler_runs_as_the_signal_is_let_in(signal):
    seen = []
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        signal.raise_signal(signal.SIGUSR1)
        assert seen == []
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        assert seen == [1]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_valid_signals_are_those_that_a_program_may_use(signal):
    assert signal.valid_signals() == stdlib_signal.valid_signals()
    assert not {0, 32, 33, 65} & signal.valid_signals()
