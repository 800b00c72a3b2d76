"""alarm, setitimer and getitimer, over both sides."""

import signal as stdlib_signal
import time

import pytest
from support.signals import handler

TIMERS = ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")


PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _timers():
    """Each test has the timers to itself: the test's own limit is one of them."""
    limit = stdlib_signal.setitimer(stdlib_signal.ITIMER_REAL, 0)
    yield
    for name in TIMERS:
        stdlib_signal.setitimer(getattr(stdlib_signal, name), 0)
    stdlib_signal.setitimer(stdlib_signal.ITIMER_REAL, *limit)


def within_patience():
    """Yields for as long as a test without its limit may take."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
    pytest.fail(f"nothing came in {PATIENCE} s")


def test_an_alarm_tells_what_was_left(signal):
    assert signal.alarm(3600) == 0
    assert 3590 <= signal.alarm(0) <= 3600
    assert signal.alarm(0) == 0


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_tells_what_is_left(signal, name):
    which = getattr(signal, name)
    assert signal.setitimer(which, 3600, 7.5) == (0.0, 0.0)
    left, interval = signal.getitimer(which)
    assert 3500 < left < 3601
    assert interval == 7.5
    assert signal.setitimer(which, 0)[1] == 7.5
    assert signal.getitimer(which) == (0.0, 0.0)


def test_a_timer_sends_its_signal_until_it_is_stopped(signal):
    seen = []
    with handler(stdlib_signal.SIGALRM, lambda *_: seen.append(1)):
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for _ in within_patience():
            if len(seen) >= 5:
                break
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_the_smallest_time_is_a_time(signal):
    seen = []
    with handler(stdlib_signal.SIGALRM, lambda *_: seen.append(1)):
        # Less than the kernel counts, yet not "never".
        signal.setitimer(signal.ITIMER_REAL, 1e-9)
        for _ in within_patience():
            if seen:
                break


def test_a_negative_time_is_an_itimer_error_and_changes_nothing(signal):
    signal.setitimer(signal.ITIMER_REAL, 3600)
    with pytest.raises(signal.ItimerError):
        signal.setitimer(signal.ITIMER_REAL, -1)
    with pytest.raises(signal.ItimerError):
        signal.setitimer(signal.ITIMER_REAL, 1, -1)
    assert signal.getitimer(signal.ITIMER_REAL)[0] > 3500


@pytest.mark.parametrize("which", [3, -1])
def test_a_timer_that_there_is_not_is_an_itimer_error(signal, which):
    with pytest.raises(signal.ItimerError):
        signal.setitimer(which, 1)
    with pytest.raises(signal.ItimerError):
        signal.getitimer(which)


@pytest.mark.parametrize(
    ("seconds", "error"),
    [
        ("1", TypeError),
        (None, TypeError),
        (float("nan"), ValueError),
        (1e30, OverflowError),
    ],
)
def test_what_is_no_time_is_refused(signal, seconds, error):
    with pytest.raises(error):
        signal.setitimer(signal.ITIMER_REAL, seconds)


@pytest.mark.parametrize(
    ("seconds", "error"), [(1.5, TypeError), ("1", TypeError), (2**40, OverflowError)]
)
def test_an_alarm_is_in_whole_seconds(signal, seconds, error):
    with pytest.raises(error):
        signal.alarm(seconds)
