"""threading.RLock: its contract, over both sides."""

import _thread
import copy
import pickle
import re
import signal
import sys
import threading as stdlib_threading
import time
import weakref

import pytest
from support.signals import handler, sent_while_blocked
from support.threads import Worker, blocked, finish, finished_of, wait_until_asleep

NOT_OWNED = "cannot release un-acquired lock"


@pytest.fixture
def lock(threading):
    return threading.RLock()


@pytest.fixture
def elsewhere(lock):
    """The lock, owned twice by another thread until the test ends."""
    over = stdlib_threading.Event()
    owned = stdlib_threading.Event()

    def own():
        with lock, lock:
            owned.set()
            over.wait()

    owner = Worker(own)
    owned.wait()
    yield lock
    over.set()
    owner.result()


# Owner and count


def test_the_owner_may_acquire_again_and_releases_as_often(lock):
    for count in (1, 2, 3):
        assert lock.acquire() is True
        assert lock._recursion_count() == count
    for count in (2, 1):
        assert lock.release() is None
        assert lock._recursion_count() == count
        assert Worker(lock.acquire, False).result() is False
    lock.release()
    assert not lock._is_owned()
    assert Worker(lock.acquire, False).result() is True


def test_is_owned_asks_for_the_calling_thread(elsewhere):
    assert elsewhere._is_owned() is False


def test_is_owned_of_the_owner(lock):
    assert lock._is_owned() is False
    with lock:
        assert lock._is_owned() is True
    assert lock._is_owned() is False


def test_the_count_is_the_calling_threads(elsewhere):
    assert elsewhere._recursion_count() == 0


def test_a_deep_recursion_counts(lock):
    depth = 10_000
    for _ in range(depth):
        lock.acquire()
    assert lock._recursion_count() == depth
    for _ in range(depth):
        lock.release()
    assert not lock._is_owned()


def test_another_thread_cannot_acquire_what_is_owned(elsewhere):
    assert elsewhere.acquire(False) is False
    assert elsewhere.acquire(timeout=0.001) is False
    assert not elsewhere._is_owned()


# Acquiring


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        ((True,), {}),
        ((False,), {}),
        ((True, -1), {}),
        ((True, 0), {}),
        ((True, 1.5), {}),
        ((), {"blocking": True}),
        ((), {"blocking": False}),
        ((), {"timeout": 1}),
        ((), {"timeout": -1}),
        ((), {"blocking": False, "timeout": -1}),
    ],
)
def test_every_spelling_acquires(lock, arguments, keywords):
    for _ in range(2):
        assert lock.acquire(*arguments, **keywords) is True
    assert lock._recursion_count() == 2


@pytest.mark.parametrize("timeout", [-2, -0.5, -1e9])
def test_a_negative_timeout_is_a_value_error(lock, timeout):
    with pytest.raises(ValueError, match="timeout value must be"):
        lock.acquire(timeout=timeout)
    assert not lock._is_owned()


@pytest.mark.parametrize("timeout", [0, 1, 0.5])
def test_a_timeout_for_a_call_that_does_not_block_is_a_value_error(lock, timeout):
    with pytest.raises(ValueError, match="can't specify a timeout for a non-blocking"):
        lock.acquire(False, timeout)
    assert not lock._is_owned()


@pytest.mark.parametrize("timeout", [float("inf"), 10**30, 1e300])
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(lock, timeout):
    with pytest.raises(OverflowError):
        lock.acquire(timeout=timeout)
    assert not lock._is_owned()


def test_a_timeout_of_nan_is_a_value_error(lock):
    with pytest.raises(ValueError, match="NaN"):
        lock.acquire(timeout=float("nan"))
    assert not lock._is_owned()


@pytest.mark.parametrize("timeout", ["1", None, [], object()])
def test_a_timeout_that_is_no_number_is_a_type_error(lock, timeout):
    with pytest.raises(TypeError):
        lock.acquire(timeout=timeout)
    assert not lock._is_owned()


def test_the_arguments_are_checked_of_an_owner_too(lock):
    with lock:
        with pytest.raises(ValueError, match="timeout"):
            lock.acquire(False, 1)
        assert lock._recursion_count() == 1


def test_acquire_lasts_at_least_its_timeout(elsewhere):
    start = time.monotonic()
    assert elsewhere.acquire(timeout=0.05) is False
    assert time.monotonic() - start >= 0.05


# Releasing


def test_release_of_a_free_lock_is_a_runtime_error(lock):
    with pytest.raises(RuntimeError, match=NOT_OWNED):
        lock.release()
    assert lock.acquire(False)


def test_only_the_owner_releases(elsewhere):
    with pytest.raises(RuntimeError, match=NOT_OWNED):
        elsewhere.release()
    with pytest.raises(RuntimeError, match=NOT_OWNED):
        elsewhere.__exit__(None, None, None)
    assert elsewhere.acquire(False) is False


def test_the_last_release_wakes_one_waiter(lock):
    def visit():
        with lock:
            return lock._recursion_count()

    lock.acquire()
    lock.acquire()
    workers = blocked(2, visit)
    lock.release()
    finished_of(workers, 0)
    lock.release()
    assert finish(workers) == [1, 1]


def test_the_block_holds_the_lock_and_gives_it_back(lock):
    with lock as entered, lock:
        assert entered is True
        assert lock._recursion_count() == 2
    assert not lock._is_owned()


def test_an_exception_leaves_the_block_and_gives_the_lock_back(lock):
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    assert not lock._is_owned()


# What Condition needs


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_release_save_frees_and_acquire_restore_brings_back(lock, depth):
    for _ in range(depth):
        lock.acquire()
    state = lock._release_save()
    assert not lock._is_owned()
    assert Worker(_visit, lock).result() is True
    assert lock._acquire_restore(state) is None
    assert lock._recursion_count() == depth


def _visit(lock):
    acquired = lock.acquire(False)
    if acquired:
        lock.release()
    return acquired


def test_release_save_says_count_and_owner(lock):
    with lock, lock:
        state = lock._release_save()
        assert state == (2, stdlib_threading.get_ident())
        lock._acquire_restore(state)


def test_release_save_of_another_threads_lock_is_a_runtime_error(lock):
    with pytest.raises(RuntimeError, match=NOT_OWNED):
        lock._release_save()


@pytest.mark.threeply_only(
    reason="the standard one frees a lock that another thread owns"
)
def test_release_save_leaves_the_lock_of_another_thread_alone(elsewhere):
    with pytest.raises(RuntimeError, match=NOT_OWNED):
        elsewhere._release_save()
    assert elsewhere.acquire(False) is False


def test_acquire_restore_waits_for_the_lock(lock):
    lock.acquire()
    state = lock._release_save()
    taken, over = stdlib_threading.Event(), stdlib_threading.Event()

    def own():
        with lock:
            taken.set()
            over.wait()

    owner = Worker(own)
    taken.wait()
    ident = stdlib_threading.get_native_id()

    def let_go():
        wait_until_asleep(ident)
        over.set()

    helper = Worker(let_go)
    lock._acquire_restore(state)
    assert over.is_set()
    assert lock._is_owned()
    helper.result()
    owner.result()


@pytest.mark.parametrize("state", [None, (), (1,), "ab", ("a", "b"), 7])
def test_acquire_restore_of_something_else_is_an_error(lock, state):
    with pytest.raises((TypeError, ValueError)):
        lock._acquire_restore(state)
    assert not lock._is_owned()


# What a lock is


def test_locked_tells_whether_any_thread_owns_it(rooms, lock):
    if not rooms.native and sys.version_info < (3, 14):
        pytest.skip("RLock.locked is new in Python 3.14")
    assert lock.locked() is False
    with lock:
        assert lock.locked() is True
        assert Worker(lock.locked).result() is True
    assert lock.locked() is False


def test_repr_says_owner_and_count(lock):
    place = f"at {hex(id(lock))}>"
    assert re.fullmatch(f"<unlocked .* owner=0 count=0 {place}", repr(lock))
    with lock, lock:
        me = stdlib_threading.get_ident()
        assert re.fullmatch(f"<locked .* owner={me} count=2 {place}", repr(lock))


def test_a_lock_is_an_instance_of_the_interpreters_class(lock):
    assert isinstance(lock, type(stdlib_threading.RLock()))
    assert isinstance(lock, _thread.RLock)
    assert lock.__class__ is _thread.RLock


@pytest.mark.threeply_only(reason="a function in the standard library")
def test_rlock_is_a_class(threading, lock):
    # DIFFERENCE: Lock and RLock are classes on every Python
    assert type(lock) is threading.RLock
    assert isinstance(lock, threading.RLock)
    assert not isinstance(threading.Lock(), threading.RLock)


@pytest.mark.parametrize(("args", "keywords"), [((1,), {}), ((), {"a": 1})])
def test_arguments_are_refused_as_by_the_running_python(threading, args, keywords):
    if sys.version_info >= (3, 15):
        with pytest.raises(TypeError, match="argument"):
            threading.RLock(*args, **keywords)
    elif sys.version_info >= (3, 13):
        with pytest.warns(DeprecationWarning, match="will be removed in 3.15"):
            threading.RLock(*args, **keywords)
    else:
        assert not threading.RLock(*args, **keywords)._is_owned()


def test_a_derived_class_may_take_arguments_of_its_own(threading):
    class Named(type(threading.RLock())):
        def __init__(self, name, *, more):
            super().__init__()
            self.name = name, more

    with Named("mine", more=1) as acquired:
        assert acquired is True


@pytest.mark.parametrize("base", ["_CRLock", "_RLock", "_PyRLock"])
def test_the_private_classes_can_be_derived_from(threading, base):
    class Counted(getattr(threading, base)):
        def __init__(self):
            super().__init__()
            self.acquired = 0

        def acquire(self, *args, **kwargs):
            self.acquired += 1
            return super().acquire(*args, **kwargs)

    lock = Counted()
    assert lock.acquire()
    assert lock.acquire(timeout=1)
    assert lock.acquired == 2
    lock.release()
    lock.release()
    with pytest.raises(RuntimeError):
        lock.release()
    assert isinstance(lock, Counted)
    assert lock.__class__ is Counted


def test_the_class_of_a_lock_can_be_derived_from(threading):
    class Named(type(threading.RLock())):
        name = "mine"

    lock = Named()
    lock.extra = 1
    with lock:
        assert lock._is_owned()
    assert (lock.name, lock.extra, type(lock)) == ("mine", 1, Named)
    assert repr(lock).startswith("<unlocked ")
    assert "Named" in repr(lock)
    assert threading.Condition(lock)._lock is lock


def test_a_lock_takes_no_attributes(lock):
    with pytest.raises(AttributeError):
        lock.name = "mine"


def test_a_lock_can_be_referred_to_weakly(threading):
    lock = threading.RLock()
    reference = weakref.ref(lock)
    assert reference() is lock
    del lock
    assert reference() is None


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_lock_cannot_be_pickled_or_copied(lock, protocol):
    with pytest.raises(
        (TypeError, pickle.PicklingError), match=r"annot pickle|an't pickle"
    ):
        pickle.dumps(lock, protocol)
    with pytest.raises(TypeError, match="cannot pickle"):
        copy.deepcopy(lock)


def test_locks_are_equal_to_themselves_only_and_hash(threading, lock):
    assert lock == lock
    assert lock != threading.RLock()
    assert len({lock, lock, threading.RLock()}) == 2


def test_at_fork_reinit_frees_the_lock(lock):
    lock.acquire()
    lock.acquire()
    assert lock._at_fork_reinit() is None
    assert not lock._is_owned()
    assert lock._recursion_count() == 0
    assert Worker(lock.acquire, False).result() is True


# Signals


def test_ctrl_c_ends_the_wait_and_takes_nothing(elsewhere):
    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    with handler(signal.SIGINT, interrupt), pytest.raises(KeyboardInterrupt):
        with sent_while_blocked(signal.SIGINT):
            elsewhere.acquire()
    assert not elsewhere._is_owned()


def test_a_handler_may_acquire_the_lock_of_the_thread_it_interrupts(lock):
    inside = []

    def visit(_number, _frame):
        with lock:
            inside.append(lock._recursion_count())

    with handler(signal.SIGUSR1, visit), lock:
        signal.raise_signal(signal.SIGUSR1)
    assert inside == [2]
    assert not lock._is_owned()


# Many threads


def test_never_two_threads_inside(lock):
    threads, rounds = 6, 400
    count = 0

    def visit():
        nonlocal count
        for _ in range(rounds):
            with lock, lock:
                before = count
                assert lock._recursion_count() == 2
                count = before + 1

    finish([Worker(visit) for _ in range(threads)])
    assert count == threads * rounds
    assert not lock._is_owned()
