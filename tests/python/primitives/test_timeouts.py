"""What a timeout may be: one text over every wait that takes one."""

import contextlib
import os
import signal as stdlib_signal
import sys
import threading as stdlib_threading
import time
from decimal import Decimal
from fractions import Fraction

import pytest

SPAN = 0.02


class Number:
    """Says what number it is, and nothing else."""

    def __float__(self):
        return SPAN


TYPES = {
    "int": 0,
    "float": SPAN,
    "Decimal": Decimal("0.02"),
    "Fraction": Fraction(1, 50),
    "Number": Number(),
}


def lock(rooms, timeout):
    held = rooms.threading.Lock()
    held.acquire()
    return held.acquire(timeout=timeout)


def rlock(rooms, timeout):
    held = rooms.threading.RLock()
    owner = stdlib_threading.Thread(target=held.acquire)
    owner.start()
    owner.join()
    return held.acquire(timeout=timeout)


def condition_wait(rooms, timeout):
    condition = rooms.threading.Condition()
    with condition:
        return condition.wait(timeout)


def condition_wait_for(rooms, timeout):
    condition = rooms.threading.Condition()
    with condition:
        return condition.wait_for(lambda: False, timeout)


def semaphore(rooms, timeout):
    return rooms.threading.Semaphore(0).acquire(timeout=timeout)


def event(rooms, timeout):
    return rooms.threading.Event().wait(timeout)


def barrier_wait(rooms, timeout):
    with contextlib.suppress(rooms.threading.BrokenBarrierError):
        rooms.threading.Barrier(2).wait(timeout)
        return True
    return False


def barrier(rooms, timeout):
    with contextlib.suppress(rooms.threading.BrokenBarrierError):
        rooms.threading.Barrier(2, timeout=timeout).wait()
        return True
    return False


def join(rooms, timeout):
    go = stdlib_threading.Event()
    thread = rooms.threading.Thread(target=go.wait)
    thread.start()
    try:
        thread.join(timeout)
        return not thread.is_alive()
    finally:
        go.set()
        thread.join()


def timer(rooms, timeout):
    called = []
    timer = rooms.threading.Timer(timeout, lambda: called.append(True))
    timer.start()
    timer.join()
    return called != [True]


def queue_get(rooms, timeout):
    with contextlib.suppress(rooms.queue.Empty):
        rooms.queue.Queue().get(timeout=timeout)
        return True
    return False


def queue_put(rooms, timeout):
    full = rooms.queue.Queue(1)
    full.put(1)
    with contextlib.suppress(rooms.queue.Full):
        full.put(2, timeout=timeout)
        return True
    return False


def open_queue_get(rooms, timeout):
    queue = rooms.queue.Queue()
    assert queue.mutex is not None
    with contextlib.suppress(rooms.queue.Empty):
        queue.get(timeout=timeout)
        return True
    return False


def result(rooms, timeout):
    with contextlib.suppress(TimeoutError):
        rooms.futures.Future().result(timeout)
        return True
    return False


def exception(rooms, timeout):
    with contextlib.suppress(TimeoutError):
        rooms.futures.Future().exception(timeout)
        return True
    return False


def wait(rooms, timeout):
    return bool(rooms.futures.wait([rooms.futures.Future()], timeout).done)


def as_completed(rooms, timeout):
    with contextlib.suppress(TimeoutError):
        next(rooms.futures.as_completed([rooms.futures.Future()], timeout))
        return True
    return False


def sigtimedwait(rooms, timeout):
    return rooms.signal.sigtimedwait([stdlib_signal.SIGUSR1], timeout) is not None


@contextlib.contextmanager
def child(rooms):
    """One that waits until it is killed."""
    reading, writing = os.pipe()
    with open(reading) as silent, open(writing, "w"):
        pipe = rooms.subprocess.PIPE
        with rooms.subprocess.Popen(["cat"], stdin=silent, stdout=pipe) as process:
            try:
                yield process
            finally:
                process.kill()


def popen_wait(rooms, timeout):
    with child(rooms) as process:
        return has_ended(rooms, timeout, lambda: process.wait(timeout))


def communicate(rooms, timeout):
    with child(rooms) as process:
        return has_ended(rooms, timeout, lambda: process.communicate(timeout=timeout))


def has_ended(rooms, timeout, wait):
    try:
        wait()
    except rooms.subprocess.TimeoutExpired as error:
        told = error.timeout
    else:
        return True
    # The object that was given.
    assert told is timeout
    return False


def map_(rooms, timeout):
    go = stdlib_threading.Event()
    with rooms.futures.ThreadPoolExecutor(1) as pool:
        try:
            next(pool.map(lambda _: go.wait(30), [1], timeout=timeout))
            return True
        except TimeoutError:
            return False
        finally:
            go.set()


BOTH = {"int", "float", "Decimal", "Fraction"}
ALL = {*BOTH, "Number"}
SUMS = {"int", "float", "Fraction"}
"""Waits whose standard kind is Python that adds a float to the timeout."""

WAITS = {
    lock: ALL,
    rlock: ALL,
    condition_wait: BOTH,
    condition_wait_for: SUMS,
    semaphore: SUMS,
    event: BOTH,
    barrier_wait: SUMS,
    barrier: SUMS,
    join: BOTH,
    timer: BOTH,
    queue_get: SUMS,
    queue_put: SUMS,
    open_queue_get: SUMS,
    result: BOTH,
    exception: BOTH,
    wait: BOTH,
    as_completed: SUMS,
    sigtimedwait: ALL,
    popen_wait: SUMS,
    communicate: SUMS,
    map_: SUMS,
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", WAITS, ids=lambda call: call.__name__.strip("_"))
def test_a_wait_lasts_as_long_as_the_number_says(rooms, call, kind):
    # DIFFERENCE: A timeout may be a Decimal or a Fraction
    if not rooms.native and kind not in ("int", "float"):
        if sys.version_info < (3, 15):
            pytest.skip("the standard module takes floats and integers up to 3.14")
        if kind not in WAITS[call]:
            pytest.skip("the standard wait adds a float to its timeout")
    start = time.monotonic()
    assert call(rooms, TYPES[kind]) is False
    least = 0 if kind == "int" else SPAN
    assert time.monotonic() - start >= least


@pytest.mark.parametrize("kind", ["Decimal", "Fraction", "Number"])
def test_a_timer_of_signals_takes_the_number(rooms, kind):
    if not rooms.native and sys.version_info < (3, 15):
        pytest.skip("the standard module takes floats and integers up to 3.14")
    signal = rooms.signal
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        signal.setitimer(signal.ITIMER_REAL, 100, TYPES[kind])
        assert signal.getitimer(signal.ITIMER_REAL)[1] == pytest.approx(SPAN)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.threeply_only(reason="the standard waits differ among themselves")
@pytest.mark.parametrize("wrong", [float("nan"), Decimal("nan"), Decimal("snan")])
@pytest.mark.parametrize("call", WAITS, ids=lambda call: call.__name__.strip("_"))
def test_what_is_no_number_of_seconds_is_a_value_error(rooms, call, wrong):
    # DIFFERENCE: A timeout of NaN is an error
    if call is timer:
        pytest.skip("it is the timer's thread that is told")
    with pytest.raises(ValueError, match=r"NaN"):
        call(rooms, wrong)


@pytest.mark.parametrize("wrong", ["1", b"1", 1j, [1], object()])
@pytest.mark.parametrize("call", WAITS, ids=lambda call: call.__name__.strip("_"))
def test_what_is_no_number_is_a_type_error(rooms, call, wrong):
    if call is timer:
        pytest.skip("it is the timer's thread that is told")
    if not rooms.native and wrong == 1j:
        pytest.skip("the standard waits differ among themselves")
    with pytest.raises(TypeError):
        call(rooms, wrong)
