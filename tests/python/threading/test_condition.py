"""threading.Condition: its contract, over both sides and over every kind of lock."""

import contextlib
import gc
import pickle
import signal
import sys
import threading as stdlib_threading
import time
import weakref

import pytest
from support.signals import handler, lasts_under_signals, sent_while_blocked
from support.threads import (
    PATIENCE,
    Worker,
    blocked,
    finish,
    finished_of,
    wait_until,
    wait_until_asleep,
)

UNOWNED_WAIT = "cannot wait on un-acquired lock"
UNOWNED_NOTIFY = "cannot notify on un-acquired lock"


class Plain:
    """A lock that has only what every lock has."""

    new_inner = staticmethod(stdlib_threading.Lock)

    def __init__(self):
        self.inner = self.new_inner()
        self.calls = []

    def acquire(self, *args, **kwargs):
        self.calls.append("acquire")
        return self.inner.acquire(*args, **kwargs)

    def release(self):
        self.calls.append("release")
        self.inner.release()

    def locked(self):
        # From 3.15 on a standard Condition asks for it when it is made.
        return self.inner.locked()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_exc_info):
        self.release()


class Rich(Plain):
    """A lock that has what `Condition` asks for."""

    new_inner = staticmethod(stdlib_threading.RLock)

    def _release_save(self):
        self.calls.append("_release_save")
        return ("state", self.inner._release_save())

    def _acquire_restore(self, state):
        self.calls.append("_acquire_restore")
        assert state[0] == "state"
        self.inner._acquire_restore(state[1])

    def _is_owned(self):
        self.calls.append("_is_owned")
        return self.inner._is_owned()


LOCKS = {
    "default": lambda threading: threading.Condition(),
    "None": lambda threading: threading.Condition(None),
    "Lock": lambda threading: threading.Condition(threading.Lock()),
    "RLock": lambda threading: threading.Condition(lock=threading.RLock()),
    "derived RLock": lambda threading: threading.Condition(
        type("Derived", (type(threading.RLock()),), {})()
    ),
    "_PyRLock": lambda threading: threading.Condition(threading._PyRLock()),
    "standard Lock": lambda threading: threading.Condition(stdlib_threading.Lock()),
    "standard RLock": lambda threading: threading.Condition(stdlib_threading.RLock()),
    "plain": lambda threading: threading.Condition(Plain()),
    "rich": lambda threading: threading.Condition(Rich()),
    "condition": lambda threading: threading.Condition(threading.Condition()),
}
REENTRANT = ("default", "RLock", "derived RLock", "_PyRLock", "standard RLock", "rich")


@pytest.fixture(params=LOCKS)
def condition(request, threading):
    """One text over every kind of lock."""
    return LOCKS[request.param](threading)


@pytest.fixture(params=REENTRANT)
def reentrant(request, threading):
    return LOCKS[request.param](threading)


@pytest.fixture
def simple(threading):
    return threading.Condition()


def wait_in(condition, timeout=None):
    with condition:
        return condition.wait(timeout)


def notify_in(condition, n=1):
    with condition:
        condition.notify(n)


def waiting(count, condition, timeout=None):
    """Workers asleep in `wait`, in the order of the list."""
    return blocked(count, wait_in, condition, timeout)


# Owning


def test_wait_without_the_lock_is_a_runtime_error(condition):
    with pytest.raises(RuntimeError, match=UNOWNED_WAIT):
        condition.wait()
    with pytest.raises(RuntimeError, match=UNOWNED_WAIT):
        condition.wait(timeout=1)
    with pytest.raises(RuntimeError, match=UNOWNED_WAIT):
        condition.wait_for(lambda: False)


def test_notify_without_the_lock_is_a_runtime_error(condition):
    for notify in (condition.notify, condition.notify_all):
        with pytest.raises(RuntimeError, match=UNOWNED_NOTIFY):
            notify()


def test_an_rlock_of_another_thread_is_not_owned(reentrant):
    over, owned = stdlib_threading.Event(), stdlib_threading.Event()

    def own():
        with reentrant:
            owned.set()
            over.wait()

    owner = Worker(own)
    owned.wait()
    with pytest.raises(RuntimeError, match=UNOWNED_WAIT):
        reentrant.wait(0)
    with pytest.raises(RuntimeError, match=UNOWNED_NOTIFY):
        reentrant.notify()
    over.set()
    owner.result()


def test_is_owned_asks_the_lock(condition):
    assert not condition._is_owned()
    with condition:
        assert condition._is_owned()
    assert not condition._is_owned()


def test_the_block_holds_the_lock(condition):
    with condition as entered:
        assert entered is True
        assert Worker(condition.acquire, False).result() is False
    assert Worker(condition.acquire, False).result() is True


def test_acquire_takes_what_the_lock_takes(condition):
    assert condition.acquire(False) is True
    condition.release()
    assert condition.acquire(timeout=1) is True
    condition.release()
    assert condition.acquire(blocking=True, timeout=-1) is True
    assert condition.release() is None


@pytest.mark.parametrize("name", ["default", "Lock", "RLock"])
def test_a_bad_timeout_of_acquire_is_the_locks_error(threading, name):
    condition = LOCKS[name](threading)
    with pytest.raises(ValueError, match="timeout value must be"):
        condition.acquire(timeout=-2)
    with pytest.raises(ValueError, match="can't specify a timeout"):
        condition.acquire(False, 1)
    with pytest.raises(RuntimeError):
        condition.release()


# Waiting and notifying


def test_notify_ends_a_wait_with_true_and_the_lock_held(condition):
    def wait():
        with condition:
            return condition.wait(), bool(condition._is_owned())

    worker = Worker(wait).blocked()
    notify_in(condition)
    assert worker.result() == (True, True)


def test_the_lock_is_free_during_a_wait(condition):
    workers = waiting(2, condition)
    assert condition.acquire(False)
    condition.notify_all()
    condition.release()
    assert finish(workers) == [True, True]


def test_a_notification_nobody_waits_for_is_lost(condition):
    with condition:
        assert condition.notify() is None
        assert condition.notify_all() is None
        assert condition.wait(0) is False


def test_a_notified_thread_goes_on_only_with_the_lock(condition):
    worker = Worker(wait_in, condition).blocked()
    with condition:
        condition.notify()
        wait_until_asleep(worker.thread.native_id)
        assert worker.running
    assert worker.result() is True


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_notify_of_n_wakes_n(condition, n):
    workers = waiting(3, condition)
    notify_in(condition, n)
    finished_of(workers, min(n, 3))
    with condition:
        condition.notify_all()
    assert finish(workers) == [True] * 3


@pytest.mark.parametrize("n", [0, -1])
def test_notify_of_none_wakes_none(simple, n):
    workers = waiting(2, simple)
    notify_in(simple, n)
    finished_of(workers, 0)
    with simple:
        simple.notify_all()
    assert finish(workers) == [True, True]


def test_who_came_first_is_woken_first(condition):
    workers = waiting(4, condition)
    for first, worker in enumerate(workers):
        notify_in(condition)
        assert worker.result() is True
        running = [other.running for other in workers]
        assert running == [number > first for number in range(4)]


def test_notify_of_two_wakes_the_first_two(condition):
    workers = waiting(4, condition)
    notify_in(condition, n=2)
    assert finish(workers[:2]) == [True, True]
    finished_of(workers, 2)
    with condition:
        condition.notify_all()
    finish(workers)


def test_notify_takes_one_number(simple):
    with simple:
        with pytest.raises(TypeError):
            simple.notify(1, 2)
        with pytest.raises(TypeError):
            simple.notify(count=1)
        with pytest.raises(TypeError):
            simple.notify_all(1)


def test_the_deprecated_name_warns_and_wakes_all(condition):
    workers = waiting(2, condition)
    with condition, pytest.warns(DeprecationWarning, match="use notify_all"):
        condition.notifyAll()
    assert finish(workers) == [True, True]


# Timeouts


@pytest.mark.parametrize("timeout", [0, 0.0, -1, -0.5, 0.001, float("-inf")])
def test_a_wait_that_nobody_ends_returns_false(condition, timeout):
    with condition:
        assert condition.wait(timeout) is False
        assert condition.wait(timeout=timeout) is False
        assert condition._is_owned()


def test_a_wait_lasts_at_least_its_timeout(condition):
    start = time.monotonic()
    assert wait_in(condition, 0.05) is False
    assert time.monotonic() - start >= 0.05


def test_a_wait_that_timed_out_takes_no_notification(condition):
    assert wait_in(condition, 0.001) is False
    worker = Worker(wait_in, condition).blocked()
    notify_in(condition)
    assert worker.result() is True


def passed(moment):
    return time.monotonic() > moment


def test_a_timeout_that_passes_while_the_lock_is_busy_is_one(condition):
    """Nobody notified: the wait ends late, with the lock, and says False."""
    timeout = 0.05
    worker = Worker(wait_in, condition, timeout)
    wait_until_asleep(worker.thread.native_id)
    with condition:
        end = time.monotonic() + timeout
        wait_until(lambda: passed(end))
    assert worker.result() is False


def test_a_thread_notified_in_time_says_true_though_the_lock_is_busy_longer(condition):
    timeout, in_time = 0.05, False
    while not in_time:
        timeout *= 2
        end = time.monotonic() + timeout
        worker = Worker(wait_in, condition, timeout)
        wait_until_asleep(worker.thread.native_id)
        with condition:
            condition.notify()
            # On a busy machine this thread may come too late: once more, with patience.
            in_time = not passed(end)
            wait_until(lambda end=end: passed(end + 0.01))
        ended = worker.result()
    assert ended is True


@pytest.mark.parametrize("timeout", ["1", [], object(), 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(simple, timeout):
    with simple:
        with pytest.raises(TypeError):
            simple.wait(timeout)
        assert simple._is_owned()
    assert Worker(simple.acquire, False).result() is True


@pytest.mark.parametrize("timeout", [float("inf"), 10**30, 1e300])
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(simple, timeout):
    with simple:
        with pytest.raises(OverflowError):
            simple.wait(timeout)
        assert simple._is_owned()


@pytest.mark.threeply_only(
    reason="the standard condition waits not at all on NaN, up to 3.13"
)
def test_a_timeout_of_nan_is_a_value_error(simple):
    # DIFFERENCE: A timeout of NaN is an error
    with simple:
        with pytest.raises(ValueError, match="NaN"):
            simple.wait(float("nan"))
        with pytest.raises(ValueError, match="NaN"):
            simple.wait_for(lambda: False, float("nan"))
        assert simple._is_owned()


# wait_for


def test_wait_for_returns_what_the_predicate_returned(condition):
    answers = iter([0, "", [], "ready"])

    def wait():
        with condition:
            return condition.wait_for(lambda: next(answers))

    worker = Worker(wait).blocked()
    for _ in range(2):
        notify_in(condition)
        worker.blocked()
    notify_in(condition)
    assert worker.result() == "ready"


def test_wait_for_of_what_is_so_needs_no_wait(condition):
    with condition:
        assert condition.wait_for(lambda: 7, timeout=0) == 7
        assert condition.wait_for(predicate=lambda: "x") == "x"


def test_wait_for_returns_the_last_answer_when_time_is_up(condition):
    answers = iter(range(-100, 0))
    with condition:
        assert condition.wait_for(list, 0.001) == []
        assert condition.wait_for(lambda: None, timeout=0) is None
        assert condition.wait_for(lambda: next(answers), timeout=0) == -100


def test_the_predicate_is_called_with_the_lock(condition):
    owned = []

    def predicate():
        owned.append(bool(condition._is_owned()))
        return len(owned) == 2

    def wait():
        with condition:
            return condition.wait_for(predicate)

    worker = Worker(wait).blocked()
    notify_in(condition)
    assert worker.result() is True
    assert owned == [True, True]


def test_the_timeout_of_wait_for_is_of_all_its_waits(condition):
    over = stdlib_threading.Event()

    def pester():
        while not over.is_set():
            notify_in(condition)
            over.wait(0.005)

    helper = Worker(pester)
    start = time.monotonic()
    with condition:
        assert condition.wait_for(lambda: False, 0.1) is False
    assert time.monotonic() - start >= 0.1
    over.set()
    helper.result()


def test_an_error_of_the_predicate_leaves_the_lock_held(condition):
    def fail():
        raise ArithmeticError("predicate")

    with condition:
        with pytest.raises(ArithmeticError, match="predicate"):
            condition.wait_for(fail)
        assert condition._is_owned()


# Recursion


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_wait_frees_and_restores_every_level(reentrant, depth):
    def wait():
        with contextlib.ExitStack() as stack:
            for _ in range(depth):
                stack.enter_context(reentrant)
            ended = reentrant.wait()
            levels = 0
            while reentrant._is_owned():
                reentrant.release()
                levels += 1
            for _ in range(levels):
                reentrant.acquire()
            return ended, levels

    worker = Worker(wait).blocked()
    notify_in(reentrant)
    assert worker.result() == (True, depth)
    assert Worker(reentrant.acquire, False).result() is True


def test_a_wait_that_times_out_restores_every_level(threading):
    condition = threading.Condition()
    with condition, condition, condition:
        assert condition.wait(0.001) is False
        assert condition._lock._recursion_count() == 3


# The lock's methods


def test_a_rich_lock_is_asked_by_its_own_methods(threading):
    lock = Rich()
    condition = threading.Condition(lock)
    condition.acquire()
    del lock.calls[:]
    assert condition.wait(0) is False
    condition.notify()
    assert lock.calls == ["_is_owned", "_release_save", "_acquire_restore", "_is_owned"]
    condition.release()


def test_a_plain_lock_is_released_and_acquired(threading):
    lock = Plain()
    condition = threading.Condition(lock)
    condition.acquire()
    del lock.calls[:]
    assert condition.wait(0) is False
    # To be owned is not to be free.
    assert lock.calls == ["acquire", "release", "acquire"]
    condition.release()


def test_asking_a_free_plain_lock_leaves_it_free(threading):
    lock = Plain()
    condition = threading.Condition(lock)
    with pytest.raises(RuntimeError, match=UNOWNED_NOTIFY):
        condition.notify()
    assert lock.calls == ["acquire", "release"]
    assert not lock.inner.locked()


@pytest.mark.parametrize("method", ["_release_save", "_is_owned"])
def test_an_error_of_a_method_before_the_wait_is_the_callers(threading, method):
    class Broken(Rich):
        pass

    def fail(*_args):
        raise ArithmeticError(method)

    setattr(Broken, method, fail)
    condition = threading.Condition(Broken())
    with condition:
        with pytest.raises(ArithmeticError, match=method):
            condition.wait(0)
        assert condition._lock.inner._is_owned()


def test_an_error_of_acquire_restore_is_the_callers(threading):
    class Broken(Rich):
        def _acquire_restore(self, state):
            super()._acquire_restore(state)
            raise ArithmeticError("restore")

    condition = threading.Condition(Broken())
    with condition:
        with pytest.raises(ArithmeticError, match="restore"):
            condition.wait(0)


def test_an_error_of_release_leaves_no_waiter_that_takes_a_notification(threading):
    class Broken(Rich):
        fails = True

        def _release_save(self):
            if self.fails:
                raise ArithmeticError("save")
            return super()._release_save()

    condition = threading.Condition(Broken())
    with condition, pytest.raises(ArithmeticError, match="save"):
        condition.wait()
    Broken.fails = False
    worker = Worker(wait_in, condition).blocked()
    with condition:
        condition.notify_all()
    assert worker.result() is True


def test_an_object_without_acquire_is_an_attribute_error(threading):
    with pytest.raises(AttributeError):
        threading.Condition(object()).acquire()


def test_the_constructor_takes_one_lock(threading):
    with pytest.raises(TypeError):
        threading.Condition(threading.Lock(), 1)
    with pytest.raises(TypeError):
        threading.Condition(mutex=threading.Lock())


def test_locks_are_shared_between_conditions(threading):
    lock = threading.Lock()
    first, second = threading.Condition(lock), threading.Condition(lock)
    workers = [Worker(wait_in, first).blocked(), Worker(wait_in, second).blocked()]
    with first:
        second.notify()
        assert second._is_owned()
    assert workers[1].result() is True
    workers[0].blocked()
    with second:
        first.notify()
    assert workers[0].result() is True


@pytest.mark.parametrize("name", ["default", "Lock", "RLock"])
def test_locked_tells_whether_any_thread_holds_the_lock(rooms, threading, name):
    if not rooms.native and sys.version_info < (3, 14):
        pytest.skip("Condition.locked is new in Python 3.14")
    condition = LOCKS[name](threading)
    assert condition.locked() is False
    with condition:
        assert condition.locked() is True
    assert condition.locked() is False


# Subclasses and patches


def test_a_subclass_may_override_wait(threading):
    calls = []

    class Own(threading.Condition):
        def wait(self, timeout=None):
            calls.append(timeout)
            return super().wait(timeout)

    condition = Own()
    with condition:
        assert condition.wait(0) is False
    assert calls == [0]


def test_wait_for_calls_the_wait_of_a_subclass(threading):
    class Own(threading.Condition):
        waits = 0

        def wait(self, timeout=None):
            self.waits += 1
            return True

    condition = Own()
    with condition:
        assert condition.wait_for(lambda: condition.waits == 3) is True
    assert condition.waits == 3


def test_notify_all_calls_the_notify_of_a_subclass(threading):
    class Own(threading.Condition):
        calls = ()

        def notify(self, n=1):
            self.calls += (n,)
            super().notify(n)

    condition = Own()
    workers = waiting(2, condition)
    with condition:
        condition.notify_all()
    assert condition.calls == (2,)
    assert finish(workers) == [True, True]


def test_the_deprecated_name_calls_the_notify_all_of_a_subclass(threading):
    class Own(threading.Condition):
        called = False

        def notify_all(self):
            self.called = True

    condition = Own()
    with pytest.warns(DeprecationWarning, match="use notify_all"):
        condition.notifyAll()
    assert condition.called


@pytest.mark.parametrize("method", ["_is_owned", "_release_save", "_acquire_restore"])
def test_a_wait_calls_what_a_subclass_overrides(threading, method):
    called = []

    def override(self, *args):
        called.append(method)
        return getattr(threading.Condition, method)(self, *args)

    base = threading.Condition
    condition = type("Own", (base,), {method: override})(Plain())
    with condition:
        assert condition.wait(0) is False
    assert called == [method]


@pytest.mark.parametrize("name", ["default", "Lock", "plain"])
def test_attributes_of_the_instance_are_honoured(threading, name):
    condition = LOCKS[name](threading)
    called = []
    condition._is_owned = lambda: called.append("_is_owned") or True
    condition.notify()
    assert called == ["_is_owned"]


def test_a_patched_acquire_is_the_one_that_is_called(simple):
    called = []
    acquire = simple.acquire
    simple.acquire = lambda *args: called.append(args) or acquire(*args)
    assert simple.acquire(True, 1)
    assert called == [(True, 1)]
    simple.release()


@pytest.mark.parametrize("name", ["default", "Lock", "plain", "rich"])
def test_a_method_patched_on_the_instance_is_called_by_a_wait(threading, name):
    condition = LOCKS[name](threading)
    called = []
    release_save = condition._release_save
    condition._release_save = lambda: called.append(1) or release_save()
    with condition:
        assert condition.wait(0) is False
    assert called == [1]
    assert Worker(condition.acquire, False).result() is True


def test_the_lock_is_the_one_given(threading):
    lock = threading.Lock()
    assert threading.Condition(lock)._lock is lock
    assert isinstance(threading.Condition()._lock, type(stdlib_threading.RLock()))


def test_the_waiters_can_be_counted(condition):
    assert len(condition._waiters) == 0
    workers = waiting(3, condition)
    assert len(condition._waiters) == 3
    notify_in(condition)
    finished_of(workers, 1)
    wait_until(lambda: len(condition._waiters) == 2)
    with condition:
        condition.notify_all()
    finish(workers)
    assert len(condition._waiters) == 0


# What a condition is


def test_repr_says_lock_and_waiters(condition):
    with condition:
        text = repr(condition)
        assert text == f"<Condition({condition._lock!r}, 0)>"
    workers = waiting(2, condition)
    assert repr(condition).endswith(", 2)>")
    with condition:
        condition.notify_all()
    finish(workers)


def test_a_condition_can_be_referred_to_weakly(threading):
    condition = threading.Condition()
    reference = weakref.ref(condition)
    assert reference() is condition
    del condition
    gc.collect()
    assert reference() is None


def test_a_condition_cannot_be_pickled(simple):
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(simple)


def test_a_condition_is_one_of_the_standard_library(threading):
    assert issubclass(threading.Condition, stdlib_threading.Condition)
    assert isinstance(threading.Condition(), stdlib_threading.Condition)


@pytest.mark.parametrize("name", ["default", "Lock", "RLock"])
def test_at_fork_reinit_frees_the_lock(threading, name):
    condition = LOCKS[name](threading)
    condition.acquire()
    condition._at_fork_reinit()
    assert Worker(condition.acquire, False).result() is True


# Signals


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def test_ctrl_c_ends_the_wait_with_the_lock_held(condition):
    with condition:
        with handler(signal.SIGINT, interrupt), pytest.raises(KeyboardInterrupt):
            with sent_while_blocked(signal.SIGINT):
                condition.wait()
        assert condition._is_owned()
        # And no place is left in the queue that would take a notification.
        worker = Worker(wait_in, condition)
    worker.blocked()
    notify_in(condition)
    assert worker.result() is True


def test_ctrl_c_restores_every_level(threading):
    condition = threading.Condition()
    with condition, condition:
        with handler(signal.SIGINT, interrupt), pytest.raises(KeyboardInterrupt):
            with sent_while_blocked(signal.SIGINT):
                condition.wait_for(lambda: False)
        assert condition._lock._recursion_count() == 2


def test_handlers_that_return_leave_the_wait_its_time(condition):
    with handler(signal.SIGUSR1, lambda *_: None), condition:
        lasts_under_signals(condition.wait)


def test_a_handler_may_end_the_wait_it_interrupted(simple):
    with handler(signal.SIGUSR1, lambda *_: notify_in(simple)), simple:
        with sent_while_blocked(signal.SIGUSR1):
            assert simple.wait() is True


# Many threads


def test_no_notification_is_lost_between_two_that_take_turns(condition):
    rounds, turn = 400, [0]

    def play(me):
        for _ in range(rounds):
            with condition:
                assert condition.wait_for(lambda: turn[0] == me, PATIENCE)
                turn[0] = 1 - me
                condition.notify()

    finish([Worker(play, 0), Worker(play, 1)])
    assert turn == [0]


def test_items_pass_through_a_bounded_buffer_whole(condition):
    """Many producers and consumers, some with timeouts."""
    each, pairs, room = 150, 3, 2
    buffer, got = [], []

    def produce(me):
        for number in range(each):
            with condition:
                while len(buffer) >= room:
                    condition.wait(0.002 if number % 2 else None)
                buffer.append((me, number))
                condition.notify_all()

    def consume():
        for number in range(each):
            with condition:
                while not buffer:
                    condition.wait(0.002 if number % 3 else None)
                got.append(buffer.pop(0))
                condition.notify_all()

    finish(
        [Worker(produce, me) for me in range(pairs)]
        + [Worker(consume) for _ in range(pairs)]
    )
    assert sorted(got) == [(me, n) for me in range(pairs) for n in range(each)]
    assert not buffer
