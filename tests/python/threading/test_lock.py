"""threading.Lock: its contract, over both sides."""

import _thread
import copy
import pickle
import signal
import threading as stdlib_threading
import time
import weakref

import pytest
from support.interpreters import output
from support.rooms import NAMES
from support.signals import handler, lasts_under_signals, sent_while_blocked
from support.threads import Worker, blocked, finish, finished_of


@pytest.fixture
def lock(threading):
    return threading.Lock()


@pytest.fixture
def held(lock):
    lock.acquire()
    return lock


# Construction


def test_a_new_lock_is_free(lock):
    assert lock.locked() is False


def test_the_constructor_takes_no_arguments(threading):
    with pytest.raises(TypeError):
        threading.Lock(1)
    with pytest.raises(TypeError):
        threading.Lock(name="x")


# Acquiring


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        ((True,), {}),
        ((False,), {}),
        ((1,), {}),
        ((True, -1), {}),
        ((True, -1.0), {}),
        ((True, 0), {}),
        ((True, 1), {}),
        ((True, 0.5), {}),
        ((False, -1), {}),
        ((), {"blocking": True}),
        ((), {"blocking": False}),
        ((), {"timeout": 1}),
        ((), {"timeout": -1}),
        ((), {"blocking": False, "timeout": -1}),
        ((True,), {"timeout": 1}),
    ],
)
def test_every_spelling_acquires_a_free_lock(lock, arguments, keywords):
    assert lock.acquire(*arguments, **keywords) is True
    assert lock.locked() is True


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((False,), {}),
        ((0,), {}),
        ((False, -1), {}),
        ((True, 0), {}),
        ((True, 0.001), {}),
        ((), {"blocking": False}),
        ((), {"timeout": 0}),
        ((), {"timeout": 0.001}),
        ((), {"blocking": True, "timeout": 0.0}),
    ],
)
def test_acquire_without_time_left_returns_false(held, arguments, keywords):
    assert held.acquire(*arguments, **keywords) is False
    assert held.locked()


@pytest.mark.parametrize("timeout", [-2, -0.5, -1e9, -1.0000001])
def test_a_negative_timeout_is_a_value_error(lock, timeout):
    with pytest.raises(ValueError, match="timeout value must be"):
        lock.acquire(timeout=timeout)
    with pytest.raises(ValueError, match="timeout value must be"):
        lock.acquire(True, timeout)
    assert not lock.locked()


@pytest.mark.parametrize("timeout", [0, 1, 0.5, -2])
def test_a_timeout_for_a_call_that_does_not_block_is_a_value_error(lock, timeout):
    with pytest.raises(ValueError, match="can't specify a timeout for a non-blocking"):
        lock.acquire(False, timeout)
    with pytest.raises(ValueError, match="can't specify a timeout for a non-blocking"):
        lock.acquire(blocking=False, timeout=timeout)
    assert not lock.locked()


@pytest.mark.parametrize(
    "timeout", [float("inf"), 10**30, 1e300, stdlib_threading.TIMEOUT_MAX * 2]
)
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(lock, timeout):
    with pytest.raises(OverflowError):
        lock.acquire(timeout=timeout)
    assert not lock.locked()


def test_a_timeout_of_nan_is_a_value_error(lock):
    with pytest.raises(ValueError, match="NaN"):
        lock.acquire(timeout=float("nan"))
    assert not lock.locked()


@pytest.mark.parametrize("timeout", ["1", None, [], object(), 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(lock, timeout):
    with pytest.raises(TypeError):
        lock.acquire(timeout=timeout)
    assert not lock.locked()


def test_timeout_max_itself_is_a_timeout(held):
    worker = Worker(held.acquire, True, stdlib_threading.TIMEOUT_MAX).blocked()
    held.release()
    assert worker.result() is True


def test_acquire_lasts_at_least_its_timeout(held):
    start = time.monotonic()
    assert held.acquire(timeout=0.05) is False
    assert time.monotonic() - start >= 0.05


def test_acquire_takes_two_arguments_and_nothing_else(lock):
    with pytest.raises(TypeError):
        lock.acquire(True, 1, 1)
    with pytest.raises(TypeError):
        lock.acquire(wait=True)
    assert not lock.locked()


def test_an_error_of_the_truth_of_blocking_is_the_callers(lock):
    class Undecided:
        def __bool__(self):
            raise ArithmeticError("neither")

    with pytest.raises((ArithmeticError, TypeError)):
        lock.acquire(Undecided())
    assert not lock.locked()


# Releasing


def test_release_frees_the_lock_and_returns_none(held):
    assert held.release() is None
    assert not held.locked()


@pytest.mark.parametrize("way", ["release", "release_lock"])
def test_release_of_a_free_lock_is_a_runtime_error(lock, way):
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        getattr(lock, way)()
    assert not lock.locked()
    assert lock.acquire(False)


def test_the_error_of_a_release_is_the_thread_error(threading, lock):
    with pytest.raises(threading.ThreadError):
        lock.release()


def test_leaving_a_block_whose_lock_was_released_is_a_runtime_error(lock):
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        with lock:
            lock.release()


def test_release_takes_no_arguments(held):
    with pytest.raises(TypeError):
        held.release(1)
    assert held.locked()


def test_another_thread_may_release(held):
    Worker(held.release).result()
    assert not held.locked()


def test_a_release_wakes_one_waiter(held):
    workers = blocked(3, held.acquire)
    for count in (1, 2, 3):
        held.release()
        finished_of(workers, count)
        assert held.locked()
    assert finish(workers) == [True] * 3


def test_a_waiter_that_timed_out_takes_no_release(held):
    assert held.acquire(timeout=0.001) is False
    held.release()
    assert held.acquire(False)


# As a context manager


def test_the_block_holds_the_lock_and_gives_it_back(lock):
    with lock as entered:
        assert entered is True
        assert lock.locked()
    assert not lock.locked()


def test_an_exception_leaves_the_block_and_frees_the_lock(lock):
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    assert not lock.locked()


def test_the_block_waits_for_a_release(held):
    def hold():
        with held:
            return held.locked()

    worker = Worker(hold).blocked()
    held.release()
    assert worker.result() is True
    assert not held.locked()


def test_exit_swallows_no_exception_and_returns_none(lock):
    assert lock.__enter__() is True
    assert lock.__exit__(None, None, None) is None
    assert not lock.locked()


# Old names


def test_the_obsolete_names_do_the_same(lock):
    assert lock.acquire_lock() is True
    assert lock.locked_lock() is True
    assert lock.acquire_lock(False) is False
    assert lock.acquire_lock(timeout=0) is False
    assert lock.release_lock() is None
    assert lock.locked_lock() is False


# What a lock is


def test_repr_says_whether_it_is_held(lock):
    place = f"at {hex(id(lock))}>"
    assert repr(lock).startswith("<unlocked ")
    assert repr(lock).endswith(place)
    with lock:
        assert repr(lock).startswith("<locked ")
        assert repr(lock).endswith(place)


def test_a_lock_is_an_instance_of_the_interpreters_class(lock):
    assert isinstance(lock, type(stdlib_threading.Lock()))
    assert isinstance(lock, _thread.LockType)
    assert lock.__class__ is _thread.LockType


def test_every_lock_is_of_one_class(threading):
    assert type(threading.Lock()) is type(threading.Lock())


def test_nothing_derives_from_a_lock(threading):
    with pytest.raises(TypeError):
        type("Derived", (type(threading.Lock()),), {})


@pytest.mark.threeply_only(reason="a function in the standard library up to 3.12")
def test_lock_is_a_class(threading, lock):
    # DIFFERENCE: Lock and RLock are classes on every Python
    assert type(lock) is threading.Lock
    assert isinstance(lock, threading.Lock)
    assert not isinstance(threading.RLock(), threading.Lock)


def test_a_lock_takes_no_attributes(lock):
    with pytest.raises(AttributeError):
        lock.name = "mine"


def test_a_lock_can_be_referred_to_weakly(threading):
    lock, seen = threading.Lock(), []
    reference = weakref.ref(lock, seen.append)
    assert reference() is lock
    del lock
    assert reference() is None
    assert seen == [reference]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_lock_cannot_be_pickled(lock, protocol):
    # Up to 3.11 the interpreter's own lock fails otherwise at the old protocols.
    with pytest.raises(
        (TypeError, pickle.PicklingError), match=r"annot pickle|an't pickle"
    ):
        pickle.dumps(lock, protocol)


def test_a_lock_cannot_be_copied(lock):
    for duplicate in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot pickle"):
            duplicate(lock)


def test_locks_are_equal_to_themselves_only_and_hash(threading, lock):
    assert lock == lock
    assert lock != threading.Lock()
    assert len({lock, lock, threading.Lock()}) == 2


def test_a_held_lock_dies_quietly(threading):
    lock = threading.Lock()
    lock.acquire()
    reference = weakref.ref(lock)
    del lock
    assert reference() is None


@pytest.mark.parametrize("is_held", [False, True])
def test_at_fork_reinit_frees_the_lock(lock, is_held):
    if is_held:
        lock.acquire()
    assert lock._at_fork_reinit() is None
    assert not lock.locked()
    assert lock.acquire(False)


@pytest.mark.parametrize("room", NAMES)
def test_a_child_frees_a_lock_that_another_thread_holds(room):
    program = """
    import os, warnings
    # Newer Pythons warn of a fork beside threads.
    warnings.simplefilter("ignore", DeprecationWarning)
    lock = threading.Lock()
    os.register_at_fork(after_in_child=lock._at_fork_reinit)
    taken, over = threading.Event(), threading.Event()

    def hold():
        with lock:
            taken.set()
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    if (child := os.fork()) == 0:
        with lock:
            os._exit(7)
    status = os.waitpid(child, 0)[1]
    assert lock.locked()
    over.set()
    holder.join()
    print(os.waitstatus_to_exitcode(status))
    """
    assert output(room, program) == "7\n"


# Signals


def test_ctrl_c_ends_the_wait_and_takes_nothing(held):
    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    with handler(signal.SIGINT, interrupt), pytest.raises(KeyboardInterrupt):
        with sent_while_blocked(signal.SIGINT):
            held.acquire()
    held.release()
    assert held.acquire(False)


def test_handlers_that_return_leave_the_wait_its_time(held):
    with handler(signal.SIGUSR1, lambda *_: None):
        lasts_under_signals(lambda seconds: held.acquire(timeout=seconds))


def test_a_handler_may_release_the_lock_that_is_waited_for(held):
    with handler(signal.SIGUSR1, lambda *_: held.release()):
        with sent_while_blocked(signal.SIGUSR1):
            assert held.acquire() is True


# Many threads


def test_never_two_threads_inside(lock):
    threads, rounds = 6, 500
    count = 0

    def visit():
        nonlocal count
        for _ in range(rounds):
            with lock:
                before = count
                # A call, at which the interpreter may switch threads.
                assert lock.locked()
                count = before + 1

    finish([Worker(visit) for _ in range(threads)])
    assert count == threads * rounds
    assert not lock.locked()


def test_no_release_is_lost_among_timeouts(lock):
    threads, rounds = 4, 300

    def visit():
        taken = 0
        while taken < rounds:
            if lock.acquire(timeout=0.0002):
                taken += 1
                lock.release()

    finish([Worker(visit) for _ in range(threads)])
    assert lock.acquire(False)


def test_a_waiter_gets_the_lock_that_another_thread_takes_again_and_again(lock):
    over = stdlib_threading.Event()

    def hog():
        while not over.is_set():
            with lock:
                pass

    greedy = Worker(hog)
    assert Worker(lock.acquire).result() is True
    lock.release()
    over.set()
    greedy.result()
