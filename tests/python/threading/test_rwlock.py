"""threading.RWLock, which only threeply has."""

import contextlib
import os
import pickle
import signal
import sys
import threading as stdlib_threading
import weakref

import pytest
from support.rooms import THREEPLY, open_rooms
from support.signals import handler, sent_while_blocked
from support.threads import Worker, blocked, finish, wait_until


@pytest.fixture
def threading():
    return open_rooms(THREEPLY).threading


@pytest.fixture
def lock(threading):
    return threading.RWLock()


@pytest.fixture(params=["read", "write"])
def side(request, lock):
    """Either side of a lock: what a lock does, each does."""
    return getattr(lock, request.param)


def busy(lock):
    """How many readers, whether a writer, how many waiting."""
    return lock.readers, lock.writer, lock.waiting


# Reading and writing


def test_many_read_at_a_time(lock):
    with lock.read:
        with lock.read:
            assert busy(lock) == (2, False, 0)
            assert lock.acquire_write(blocking=False) is False
        assert Worker(lock.acquire_read).result() is True
        assert busy(lock) == (2, False, 0)
        lock.release_read()
    assert busy(lock) == (0, False, 0)


def test_one_writes_and_nobody_reads_meanwhile(lock):
    with lock.write:
        assert busy(lock) == (0, True, 0)
        assert lock.acquire_read(False) is False
        assert lock.acquire_write(False) is False
        assert lock.read.acquire(timeout=0.001) is False
    assert busy(lock) == (0, False, 0)


def test_a_writer_waits_for_the_readers_and_readers_for_the_writer(lock):
    lock.acquire_read()
    lock.acquire_read()
    writer = Worker(lock.acquire_write).blocked()
    lock.release_read()
    assert writer.running
    lock.release_read()
    assert writer.result() is True
    readers = blocked(3, lock.acquire_read)
    assert busy(lock) == (0, True, 3)
    lock.release_write()
    assert finish(readers) == [True] * 3
    assert busy(lock) == (3, False, 0)


def test_a_reader_that_comes_behind_a_writer_waits_for_it(lock):
    lock.acquire_read()
    writer = Worker(lock.acquire_write).blocked()
    assert lock.acquire_read(False) is False
    reader = Worker(lock.acquire_read).blocked()
    lock.release_read()
    assert writer.result() is True
    assert reader.running
    lock.release_write()
    assert reader.result() is True


def test_a_writer_that_leaves_lets_the_readers_in_before_the_next_writer(lock):
    lock.acquire_write()
    writer = Worker(lock.acquire_write).blocked()
    readers = blocked(2, lock.acquire_read)
    lock.release_write()
    assert finish(readers) == [True, True]
    assert writer.running
    lock.release_read()
    lock.release_read()
    assert writer.result() is True


def test_a_writer_that_gives_up_lets_the_readers_in_that_it_held_back(lock):
    lock.acquire_read()
    native = stdlib_threading.get_native_id()
    readers = []

    def stop(*_):
        readers.append(Worker(lock.acquire_read).blocked())
        raise ZeroDivisionError

    assert native
    with handler(signal.SIGUSR1, stop), sent_while_blocked(signal.SIGUSR1):
        with pytest.raises(ZeroDivisionError):
            lock.acquire_write()
    assert finish(readers) == [True]
    assert busy(lock) == (2, False, 0)


def test_another_thread_may_release(lock):
    lock.acquire_write()
    Worker(lock.release_write).result()
    lock.acquire_read()
    Worker(lock.release_read).result()
    assert busy(lock) == (0, False, 0)


def test_readers_and_writers_never_meet(lock):
    both = [0, 0]

    def write():
        for _ in range(300):
            with lock.write:
                both[0] += 1
                both[1] += 1

    def read():
        for _ in range(300):
            with lock.read:
                first, second = both
                assert first == second

    def hurry():
        for _ in range(300):
            with contextlib.ExitStack() as stack:
                if lock.acquire_write(timeout=0.00001):
                    stack.callback(lock.release_write)
                    assert both[0] == both[1]

    finish([Worker(call) for call in (write, write, read, read, hurry)])
    assert both == [600, 600]
    assert busy(lock) == (0, False, 0)


# Either side, as a lock


def test_a_side_is_a_lock(side):
    assert side.locked() is False
    assert side.acquire() is True
    assert side.locked() is True
    assert side.release() is None
    with side as entered:
        assert entered is True
        assert side.locked()
    assert not side.locked()


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((False,), {}),
        ((0,), {}),
        ((True, 0), {}),
        ((True, 0.001), {}),
        ((), {"blocking": False}),
        ((), {"timeout": 0}),
        ((False, -1), {}),
    ],
)
def test_acquire_without_time_left_returns_false(lock, side, arguments, keywords):
    lock.acquire_write()
    assert side.acquire(*arguments, **keywords) is False
    assert busy(lock) == (0, True, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((True, -2), ValueError, "timeout value must be a non-negative number"),
        ((False, 1), ValueError, "can't specify a timeout for a non-blocking call"),
        ((True, float("nan")), ValueError, "timeout must be .* not NaN"),
        ((True, 1e100), OverflowError, "timeout value is too large"),
        ((True, "1"), TypeError, "must be real number"),
        ((True, None), TypeError, "timeout must be a number"),
        ((True, 1, 2), TypeError, "at most"),
    ],
)
def test_wrong_arguments_are_named(lock, arguments, error, message):
    for acquire in (lock.acquire_read, lock.acquire_write, lock.read.acquire):
        with pytest.raises(error, match=message):
            acquire(*arguments)
    with pytest.raises(TypeError, match=r"acquire_read\(\) got an unexpected keyword"):
        lock.acquire_read(patience=1)
    assert busy(lock) == (0, False, 0)


def test_what_is_not_held_cannot_be_released(lock):
    for release in (lock.release_read, lock.read.release):
        with pytest.raises(RuntimeError, match="no reader holds"):
            release()
    for release in (lock.release_write, lock.write.release):
        with pytest.raises(RuntimeError, match="no writer holds"):
            release()
    with lock.read, pytest.raises(RuntimeError, match="no writer holds"):
        lock.release_write()
    with lock.write, pytest.raises(RuntimeError, match="no reader holds"):
        lock.release_read()
    assert busy(lock) == (0, False, 0)


def test_a_body_that_raises_releases(lock, side):
    with pytest.raises(ZeroDivisionError), side:
        raise ZeroDivisionError
    assert busy(lock) == (0, False, 0)


def test_a_condition_may_stand_on_the_writing_side(threading, lock):
    condition = threading.Condition(lock.write)
    news = []

    def wait():
        with condition:
            return condition.wait_for(lambda: news, 30)

    worker = Worker(wait).blocked()
    with condition:
        news.append("news")
        condition.notify_all()
    assert worker.result() == ["news"]
    assert busy(lock) == (0, False, 0)


# Signals, references, names, forks


def test_ctrl_c_ends_a_wait(lock, side):
    lock.acquire_write()
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        side.acquire()
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt), side:
        raise AssertionError("it is not held")
    assert busy(lock) == (0, True, 0)
    worker = Worker(side.acquire).blocked()
    lock.release_write()
    assert worker.result() is True


def test_a_handler_may_end_the_wait_it_interrupted(lock, side):
    lock.acquire_write()
    with handler(signal.SIGUSR1, lambda *_: lock.release_write()):
        with sent_while_blocked(signal.SIGUSR1):
            assert side.acquire() is True


def test_a_side_keeps_its_lock_alive_and_nothing_else_does(threading):
    lock = threading.RWLock()
    reference = weakref.ref(lock)
    side = lock.write
    del lock
    with side:
        assert reference().writer
    del side
    assert reference() is None


def test_sides_are_freed(lock):
    before = sys.getrefcount(lock)
    for _ in range(100):
        with lock.read, contextlib.suppress(ZeroDivisionError):
            _ = lock.write
            raise ZeroDivisionError
    del _
    assert sys.getrefcount(lock) == before


def test_a_lock_prints_who_holds_it(lock):
    where = f"<threeply.threading.RWLock at {id(lock):#x}: "
    assert repr(lock) == f"{where}readers=0>"
    with lock.read:
        assert repr(lock) == f"{where}readers=1>"
    with lock.write:
        assert repr(lock) == f"{where}writer>"
        assert repr(lock.read).endswith(": read of writer>")


def test_the_class_takes_no_arguments_and_has_no_heirs(threading, lock):
    with pytest.raises(TypeError, match="takes no arguments"):
        threading.RWLock(1)
    with pytest.raises(TypeError):
        type("Own", (threading.RWLock,), {})
    with pytest.raises(TypeError, match=r"comes from RWLock\.read"):
        type(lock.read)().acquire()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_lock_cannot_be_pickled(lock, side, protocol):
    for made in (lock, side):
        with pytest.raises(
            (TypeError, pickle.PicklingError), match=r"(?i)can.*t pickle"
        ):
            pickle.dumps(made, protocol)


def test_a_lock_is_small(lock):
    assert sys.getsizeof(lock) <= 64


def test_a_child_can_free_its_copy(lock):
    lock.acquire_read()
    writer = Worker(lock.acquire_write).blocked()
    child = os.fork()
    if child == 0:
        # The writer stayed in the parent.
        lock.release_read()
        is_good = lock.acquire_write(timeout=30)
        lock._at_fork_reinit()
        with lock.write:
            is_good = is_good and lock.writer
        os._exit(0 if is_good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    lock.release_read()
    assert writer.result() is True


def test_many_waiters_come_in_after_a_storm(lock):
    over = stdlib_threading.Event()

    def storm(acquire, release):
        count = 0
        while not over.is_set():
            if acquire(timeout=0.0001):
                release()
                count += 1
        return count

    workers = [
        Worker(storm, acquire, release)
        for acquire, release in [
            (lock.acquire_read, lock.release_read),
            (lock.acquire_write, lock.release_write),
        ]
        for _ in range(2)
    ]
    for _ in range(100):
        with lock.write:
            assert lock.readers == 0
        with lock.read:
            assert not lock.writer
    over.set()
    finish(workers)
    wait_until(lambda: busy(lock) == (0, False, 0))
