"""threading.Barrier: its contract, over both sides."""

import gc
import inspect
import os
import pickle
import signal
import sys
import threading as stdlib_threading
import weakref
from functools import partial

import pytest
from support.signals import sent_while_blocked
from support.threads import Worker, blocked, finish, wait_until, wait_until_asleep

COLD = [-1, -2.5, 0, 0.001, float("-inf")]


@pytest.fixture
def pair(threading):
    return threading.Barrier(2)


def refused(worker, threading):
    """The wait of this worker ended because the barrier broke."""
    with pytest.raises(threading.BrokenBarrierError):
        worker.result()
    return True


# Construction


@pytest.mark.parametrize("parties", [1, 2, 7, True, 2**20])
def test_a_barrier_knows_its_parties_and_nobody_waits_at_first(threading, parties):
    for barrier in (threading.Barrier(parties), threading.Barrier(parties=parties)):
        assert barrier.parties == parties
        assert (barrier.n_waiting, barrier.broken) == (0, False)


def test_the_constructor_takes_parties_action_and_timeout(threading):
    barrier = threading.Barrier(1, action=print, timeout=2.5)
    assert (barrier._action, barrier._timeout) == (print, 2.5)
    barrier = threading.Barrier(1, print, 2.5)
    assert (barrier._action, barrier._timeout) == (print, 2.5)
    assert (barrier._parties, barrier._count, barrier._state) == (1, 0, 0)
    with pytest.raises(TypeError):
        threading.Barrier()
    with pytest.raises(TypeError):
        threading.Barrier(1, None, None, None)
    with pytest.raises(TypeError):
        threading.Barrier(1, deed=print)


@pytest.mark.skipif(
    sys.version_info < (3, 13), reason="the standard one takes any number before 3.13"
)
@pytest.mark.parametrize("parties", [0, -1, -(10**30)])
def test_a_barrier_for_nobody_is_a_value_error(threading, parties):
    with pytest.raises(ValueError, match="parties must be >"):
        threading.Barrier(parties)


@pytest.mark.threeply_only(reason="DIFFERENCE: A barrier has one party at least")
@pytest.mark.parametrize("parties", [0, -1, -(10**30)])
def test_a_barrier_for_nobody_is_a_value_error_on_every_python(threading, parties):
    with pytest.raises(ValueError, match="parties must be >= 1"):
        threading.Barrier(parties)


@pytest.mark.threeply_only(reason="DIFFERENCE: A barrier counts in a machine word")
def test_parties_are_an_integer_that_fits(threading):
    with pytest.raises(OverflowError, match="parties is too large"):
        threading.Barrier(10**30)
    for parties in ("2", None, 2.5, [2]):
        with pytest.raises(TypeError, match="parties must be an integer, not "):
            threading.Barrier(parties)


def test_what_a_barrier_reports_cannot_be_written(threading):
    barrier = threading.Barrier(1)
    for name in ("parties", "n_waiting", "broken"):
        with pytest.raises(AttributeError):
            setattr(barrier, name, 1)


def test_a_barrier_prints_as_the_standard_one(threading):
    barrier = threading.Barrier(2)
    where = f"<{type(barrier).__module__}.Barrier at {id(barrier):#x}: "
    assert repr(barrier) == f"{where}waiters=0/2>"
    worker = Worker(barrier.wait).blocked()
    assert repr(barrier) == f"{where}waiters=1/2>"
    barrier.abort()
    assert refused(worker, threading)
    assert repr(barrier) == f"{where}broken>"


def test_a_barrier_without_init_is_an_attribute_error(threading):
    class Forgetful(threading.Barrier):
        def __init__(self):
            pass

    with pytest.raises(AttributeError):
        Forgetful().wait()


def test_the_error_is_the_standard_one(threading):
    assert threading.BrokenBarrierError is stdlib_threading.BrokenBarrierError
    assert issubclass(threading.Barrier, stdlib_threading.Barrier)


def test_a_barrier_has_the_standard_signatures_and_says_what_it_does(threading):
    assert _shape(threading.Barrier) == ["parties", "action", "timeout"]
    for name, parameters in {"wait": ["timeout"], "reset": [], "abort": []}.items():
        method = getattr(threading.Barrier, name)
        assert _shape(method) == parameters
        assert inspect.getdoc(method)
    assert inspect.getdoc(threading.Barrier)


def _shape(callable_):
    return [name for name in inspect.signature(callable_).parameters if name != "self"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_barrier_cannot_be_pickled(threading, protocol):
    with pytest.raises((TypeError, pickle.PicklingError), match=r"(?i)can.*t pickle"):
        pickle.dumps(threading.Barrier(1), protocol)


# Waiting


def test_one_party_waits_for_nobody(threading):
    barrier = threading.Barrier(1)
    assert [barrier.wait() for _ in range(3)] == [0, 0, 0]
    assert [barrier.wait(timeout) for timeout in COLD] == [0] * len(COLD)


@pytest.mark.parametrize("parties", [2, 3, 6])
def test_all_go_on_when_the_last_has_come_each_with_its_place(threading, parties):
    barrier = threading.Barrier(parties)
    for _ in range(3):
        workers = blocked(parties - 1, barrier.wait)
        assert barrier.n_waiting == parties - 1
        assert barrier.wait() == parties - 1
        assert finish(workers) == list(range(parties - 1))
        assert barrier.n_waiting == 0


def test_rounds_do_not_mix(threading):
    rounds = []
    barrier = threading.Barrier(3, lambda: rounds.append(0))

    def run():
        seen = []
        for _ in range(200):
            barrier.wait()
            seen.append(len(rounds))
            barrier.wait()
        return seen

    # Between two waits of one round of two the count is the same for all.
    assert finish([Worker(run) for _ in range(3)]) == [list(range(1, 401, 2))] * 3


@pytest.mark.parametrize("timeout", COLD)
def test_a_timeout_breaks_the_barrier(threading, pair, timeout):
    with pytest.raises(threading.BrokenBarrierError):
        pair.wait(timeout)
    assert pair.broken
    assert pair.n_waiting == 0
    with pytest.raises(threading.BrokenBarrierError):
        pair.wait()


def test_a_timeout_breaks_the_barrier_for_all(threading):
    barrier = threading.Barrier(3)
    patient = Worker(barrier.wait).blocked()
    with pytest.raises(threading.BrokenBarrierError):
        barrier.wait(timeout=0.001)
    assert refused(patient, threading)


def test_the_timeout_of_the_barrier_is_for_waits_without_one(threading):
    barrier = threading.Barrier(2, timeout=0.001)
    with pytest.raises(threading.BrokenBarrierError):
        barrier.wait()
    barrier.reset()
    worker = Worker(barrier.wait, 30).blocked()
    assert barrier.wait() == 1
    assert worker.result() == 0


@pytest.mark.parametrize("timeout", ["1", [], 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(threading, pair, timeout):
    with pytest.raises(TypeError):
        pair.wait(timeout)
    with pytest.raises(TypeError):
        threading.Barrier(2, timeout=timeout).wait()
    # The thread has left, or never came.
    assert (pair.n_waiting, pair.broken) == (0, False)


def test_a_timeout_that_is_too_long_is_an_overflow_error(threading, pair):
    with pytest.raises(OverflowError):
        pair.wait(threading.TIMEOUT_MAX * 2)
    assert (pair.n_waiting, pair.broken) == (0, False)


@pytest.mark.threeply_only(reason="DIFFERENCE: A timeout of NaN is an error")
def test_a_timeout_of_nan_is_a_value_error(threading, pair):
    with pytest.raises(ValueError, match="timeout"):
        pair.wait(float("nan"))


def test_wait_takes_one_timeout(pair):
    with pytest.raises(TypeError):
        pair.wait(1, 2)
    with pytest.raises(TypeError):
        pair.wait(seconds=1)


# Reset and abort


def test_a_reset_turns_away_who_waits_and_the_next_round_is_whole(threading, pair):
    worker = Worker(pair.wait).blocked()
    pair.reset()
    assert refused(worker, threading)
    assert not pair.broken
    worker = Worker(pair.wait).blocked()
    assert pair.wait() == 1
    assert worker.result() == 0


def test_a_reset_makes_a_broken_barrier_whole(threading, pair):
    pair.abort()
    pair.reset()
    assert not pair.broken
    worker = Worker(pair.wait).blocked()
    assert pair.wait() == 1
    assert worker.result() == 0


def test_an_abort_turns_everybody_away(threading):
    barrier = threading.Barrier(4)
    workers = blocked(3, barrier.wait)
    barrier.abort()
    assert all(refused(worker, threading) for worker in workers)
    assert barrier.broken
    for _ in range(2):
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait()
    barrier.abort()
    assert (barrier.broken, barrier._state, barrier._count) == (True, -2, 0)


def test_reset_and_abort_without_waiters_change_the_state_only(pair):
    pair.reset()
    assert not pair.broken
    pair.abort()
    assert pair.broken
    pair.reset()
    pair.reset()
    assert not pair.broken
    assert pair.reset() is None
    assert pair.abort() is None


def test_init_again_begins_anew(threading, pair):
    pair.abort()
    pair.__init__(1)
    assert (pair.parties, pair.broken, pair.wait()) == (1, False, 0)


# The action


def test_the_action_runs_once_a_round_in_the_last_to_come(threading):
    ran = []
    barrier = threading.Barrier(2, lambda: ran.append(stdlib_threading.get_ident()))
    for count in range(1, 4):
        worker = Worker(barrier.wait).blocked()
        assert len(ran) == count - 1
        barrier.wait()
        worker.result()
        assert ran == [stdlib_threading.get_ident()] * count


def test_nobody_is_released_before_the_action_is_done(threading):
    begun, may_end = stdlib_threading.Event(), stdlib_threading.Event()

    def act():
        begun.set()
        may_end.wait()

    barrier = threading.Barrier(2, act)
    first = Worker(barrier.wait).blocked()
    last = Worker(barrier.wait)
    begun.wait()
    newcomer = Worker(barrier.wait).blocked()
    assert first.running
    assert last.running
    may_end.set()
    assert [first.result(), last.result()] == [0, 1]
    assert newcomer.running
    begun.clear()
    assert barrier.wait() in (0, 1)
    newcomer.result()


def _begin_and_wait(begun, may_end):
    begun.set()
    may_end.wait()


def test_a_timeout_during_the_action_breaks_nothing(threading):
    for timeout in (0.1, 1, 10):
        begun, may_end = stdlib_threading.Event(), stdlib_threading.Event()
        barrier = threading.Barrier(2, partial(_begin_and_wait, begun, may_end))
        first = Worker(barrier.wait, timeout)
        wait_until_asleep(first.thread.native_id)
        last = Worker(barrier.wait)
        wait_until(lambda: begun.is_set() or not last.running)  # noqa: B023
        if not begun.is_set():
            # On a busy machine the last may come too late: once more, with patience.
            assert refused(first, threading)
            assert refused(last, threading)
            continue
        # It outlives the timeout of the first one.
        assert not may_end.wait(timeout * 1.5)
        assert first.running
        may_end.set()
        assert [first.result(), last.result()] == [0, 1]
        assert not barrier.broken
        return
    pytest.fail("the timeout passed before the action began")


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_an_action_that_raises_breaks_the_barrier(threading, error):
    def act():
        raise error("no")

    barrier = threading.Barrier(2, act)
    worker = Worker(barrier.wait).blocked()
    with pytest.raises(error, match="no"):
        barrier.wait()
    assert refused(worker, threading)
    assert barrier.broken
    assert barrier._count == 0


def test_an_action_that_cannot_be_called_breaks_the_barrier(threading):
    barrier = threading.Barrier(1, "not callable")
    with pytest.raises(TypeError, match="not callable"):
        barrier.wait()
    assert barrier.broken


def test_an_action_that_counts_as_false_is_none(threading):
    assert threading.Barrier(1, action=0).wait() == 0


@pytest.mark.threeply_only(reason="DIFFERENCE: A barrier's action runs without a lock")
def test_an_action_may_use_its_own_barrier(threading):
    seen = []

    def act():
        seen.append((barrier.n_waiting, barrier.broken))
        barrier.reset()

    barrier = threading.Barrier(2, act)
    worker = Worker(barrier.wait).blocked()
    assert barrier.wait() == 1
    assert worker.result() == 0
    assert seen == [(2, False)]
    barrier.__init__(1, lambda: barrier.abort())
    with pytest.raises(threading.BrokenBarrierError):
        barrier.wait()


@pytest.mark.threeply_only(reason="DIFFERENCE: A barrier has no `_cond`")
def test_a_barrier_has_no_condition(threading):
    assert not hasattr(threading.Barrier(1), "_cond")


# Signals, subclasses, references, forks


def test_ctrl_c_ends_a_wait_and_the_barrier_is_whole(threading):
    barrier = threading.Barrier(3)
    worker = Worker(barrier.wait).blocked()
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        barrier.wait()
    assert (barrier.n_waiting, barrier.broken) == (1, False)
    other = Worker(barrier.wait).blocked()
    assert barrier.wait() == 2
    assert finish([worker, other]) == [0, 1]


def test_ctrl_c_in_the_action_breaks_the_barrier(threading):
    never = stdlib_threading.Event()
    barrier = threading.Barrier(2, never.wait)
    worker = Worker(barrier.wait).blocked()
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        barrier.wait()
    assert refused(worker, threading)
    assert barrier.broken


def test_a_subclass_may_override_its_methods(threading):
    class Counted(threading.Barrier):
        waits = 0

        def __init__(self, *, seats):
            super().__init__(seats, self.act)
            self.acted = []

        def wait(self, timeout=None):
            self.waits += 1
            return super().wait(timeout)

        def act(self):
            self.acted.append(self.waits)

        @property
        def n_waiting(self):
            return 42

    barrier = Counted(seats=2)
    worker = Worker(barrier.wait).blocked()
    assert barrier.wait() == 1
    assert worker.result() == 0
    assert barrier.acted == [2]
    assert "waiters=42/2" in repr(barrier)


def test_a_barrier_in_a_cycle_with_its_action_is_collected(threading):
    class Meeting:
        def __init__(self):
            self.barrier = threading.Barrier(1, self.act, timeout=1.5)

        def act(self):
            """Does nothing."""

    meeting = Meeting()
    meeting.barrier.wait()
    references = weakref.ref(meeting), weakref.ref(meeting.barrier)
    del meeting
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_the_action_is_not_kept_nor_freed_too_often(threading):
    def act():
        """Does nothing."""

    before = sys.getrefcount(act)
    barrier = threading.Barrier(1, act)
    for _ in range(100):
        barrier.wait()
        assert barrier._action is act
    barrier.__init__(1)
    assert sys.getrefcount(act) == before


def test_a_thread_that_waits_keeps_its_barrier_alive(threading):
    barrier = threading.Barrier(2)
    worker = Worker(barrier.wait).blocked()
    reference = weakref.ref(barrier)
    del barrier
    gc.collect()
    reference().abort()
    assert refused(worker, threading)


@pytest.mark.threeply_only(reason="the standard one counts threads that are not there")
def test_a_child_begins_with_an_empty_barrier(threading, pair):
    worker = Worker(pair.wait).blocked()
    child = os.fork()
    if child == 0:
        other = Worker(pair.wait)
        is_good = {pair.wait(30), other.result()} == {0, 1} and not pair.broken
        os._exit(0 if is_good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pair.wait() == 1
    assert worker.result() == 0


def test_a_wait_of_many_threads_under_a_storm_of_resets_ends(threading):
    barrier = threading.Barrier(3)
    over = stdlib_threading.Event()

    def run():
        met = 0
        while not over.is_set():
            try:
                barrier.wait(5)
                met += 1
            except threading.BrokenBarrierError:
                continue
        return met

    workers = [Worker(run) for _ in range(3)]
    for _ in range(200):
        wait_until(lambda: barrier.n_waiting > 0 or barrier._count > 0)
        barrier.reset()
    over.set()
    barrier.abort()
    finish(workers)
    assert barrier._count == 0
