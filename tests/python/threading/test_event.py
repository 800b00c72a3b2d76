"""threading.Event: the whole of its contract, over both sides."""

import sys
import threading as stdlib_threading
import time

import pytest
from support.threads import Worker, blocked, finish, wait_until

WAITERS = 5


@pytest.fixture
def event(threading):
    return threading.Event()


def test_a_new_event_is_not_set(event):
    assert event.is_set() is False


def test_set_and_clear_change_the_flag_and_return_none(event):
    assert event.set() is None
    assert event.is_set() is True
    assert event.clear() is None
    assert event.is_set() is False


def test_set_twice_and_clear_twice_are_harmless(event):
    event.set()
    event.set()
    assert event.is_set()
    event.clear()
    event.clear()
    assert not event.is_set()


def test_two_events_have_a_flag_each(threading):
    first, second = threading.Event(), threading.Event()
    first.set()
    assert not second.is_set()


def test_is_set_has_its_deprecated_camel_case_name(event):
    event.set()
    with pytest.warns(DeprecationWarning, match="use is_set"):
        assert event.isSet() is True


@pytest.mark.parametrize("arguments", [(1,), (None,), (1, 2)])
def test_the_constructor_takes_no_arguments(threading, arguments):
    with pytest.raises(TypeError):
        threading.Event(*arguments)


def test_the_constructor_takes_no_keywords(threading):
    with pytest.raises(TypeError, match="flag"):
        threading.Event(flag=True)


def test_calling_init_again_starts_afresh(event):
    event.set()
    event.__init__()
    assert not event.is_set()


# Waiting


@pytest.mark.parametrize(
    "arguments", [(), (None,), (0,), (0.5,), (-1,), (True,), (10**6,)]
)
def test_wait_on_a_set_event_returns_true_at_once(event, arguments):
    event.set()
    assert event.wait(*arguments) is True
    assert event.is_set()


@pytest.mark.parametrize("timeout", [0, 0.0, -1, -0.5, False, float("-inf"), 1e-9])
def test_wait_without_time_left_returns_false(event, timeout):
    assert event.wait(timeout) is False
    assert event.wait(timeout=timeout) is False


def test_wait_for_nan_seconds_is_refused_or_does_not_wait(event, rooms):
    nan = float("nan")
    # As in Python 3.14; older standard ones take NaN for no time at all.
    if rooms.native or sys.version_info >= (3, 14):
        with pytest.raises(ValueError, match="NaN"):
            event.wait(nan)
    else:
        assert event.wait(nan) is False


def test_wait_lasts_at_least_its_timeout(event):
    start = time.monotonic()
    assert event.wait(0.05) is False
    assert time.monotonic() - start >= 0.05


def test_wait_takes_a_whole_number_of_seconds(event):
    start = time.monotonic()
    assert event.wait(1) is False
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize("timeout", ["1", b"1", [], {}, object(), 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(event, timeout):
    with pytest.raises(TypeError):
        event.wait(timeout)
    assert event.wait(0) is False


@pytest.mark.parametrize(
    "timeout", [float("inf"), 10**30, 1e300, stdlib_threading.TIMEOUT_MAX * 2]
)
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(event, timeout):
    with pytest.raises(OverflowError):
        event.wait(timeout)
    event.set()
    assert event.wait(1)


def test_timeout_max_itself_is_a_timeout(event):
    worker = Worker(event.wait, stdlib_threading.TIMEOUT_MAX).blocked()
    event.set()
    assert worker.result() is True


def test_wait_takes_one_timeout_and_nothing_else(event):
    with pytest.raises(TypeError):
        event.wait(1, 2)
    with pytest.raises(TypeError):
        event.wait(seconds=1)


@pytest.mark.parametrize("timeout", [None, 30])
def test_set_wakes_every_waiter(event, timeout):
    workers = blocked(WAITERS, event.wait, timeout)
    event.set()
    assert finish(workers) == [True] * WAITERS


def test_set_then_clear_releases_the_threads_that_were_waiting(event):
    # A waiter that looked only at the flag when it wakes would sleep on.
    workers = blocked(WAITERS, event.wait)
    event.set()
    event.clear()
    assert finish(workers) == [True] * WAITERS
    assert not event.is_set()


def test_a_thread_that_waits_after_set_and_clear_blocks(event):
    event.set()
    event.clear()
    worker = Worker(event.wait).blocked()
    event.set()
    assert worker.result() is True


def test_clear_wakes_nobody(event):
    worker = Worker(event.wait).blocked()
    event.clear()
    worker.blocked()
    event.set()
    assert worker.result() is True


def test_waiters_of_every_round_are_woken(event):
    for _ in range(20):
        workers = blocked(2, event.wait)
        event.set()
        event.clear()
        assert finish(workers) == [True, True]


def test_a_waiter_that_timed_out_is_forgotten(event):
    assert event.wait(0.001) is False
    worker = Worker(event.wait).blocked()
    event.set()
    assert worker.result() is True
    assert event.is_set()


def test_two_events_hand_a_turn_to_and_fro(threading):
    rounds = 2000
    ping, pong = threading.Event(), threading.Event()

    def answer():
        for _ in range(rounds):
            assert ping.wait(30)
            ping.clear()
            pong.set()

    worker = Worker(answer)
    for _ in range(rounds):
        ping.set()
        assert pong.wait(30)
        pong.clear()
    worker.result()


def test_one_thread_waits_while_others_set_and_clear_all_the_time(event):
    over = []

    def flicker():
        while not over:
            event.set()
            event.clear()

    workers = [Worker(flicker) for _ in range(2)]
    try:
        assert all(event.wait(30) for _ in range(200))
    finally:
        over.append(True)
    finish(workers)


# Private names that others use


def test_the_private_flag_follows_the_event(event):
    assert event._flag is False
    event.set()
    assert event._flag is True


def test_the_private_condition_stands_over_a_plain_lock(event):
    with event._cond:
        assert not event._cond.acquire(False)
    assert event._cond.acquire(False)
    event._cond.release()


def test_the_private_condition_is_a_condition_of_the_room(threading, event):
    assert type(event._cond) is threading.Condition
    assert event._cond is event._cond


def test_the_event_is_usable_after_at_fork_reinit(event):
    event._at_fork_reinit()
    with event._cond:
        assert not event._cond.acquire(False)
    worker = Worker(event.wait).blocked()
    event.set()
    assert worker.result() is True


def test_at_fork_reinit_keeps_the_flag(event):
    event.set()
    event._at_fork_reinit()
    assert event.is_set()


def test_who_waits_on_the_private_condition_is_told_of_set(event):
    def watch():
        with event._cond:
            return event._cond.wait_for(lambda: event._flag, 30)

    worker = Worker(watch).blocked()
    event.set()
    assert worker.result() is True


# With the standard library's own classes


def test_timer_and_thread_work_with_the_event(event):
    timer = stdlib_threading.Timer(0, event.set)
    timer.start()
    assert event.wait(30)
    timer.join()


def test_many_threads_set_one_event_at_once(threading):
    for _ in range(50):
        event = threading.Event()
        waiters = [Worker(event.wait) for _ in range(2)]
        setters = [Worker(event.set) for _ in range(2)]
        finish(setters)
        assert finish(waiters) == [True, True]
    wait_until(event.is_set)
