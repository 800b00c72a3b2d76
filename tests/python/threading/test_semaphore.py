"""threading.Semaphore and BoundedSemaphore: their contract, over both sides."""

import threading as stdlib_threading
import time

import pytest
from support.threads import Worker, blocked, finish, finished_of


@pytest.fixture(params=["Semaphore", "BoundedSemaphore"])
def kind(request, threading):
    """Both classes: what follows from one parameter holds for each."""
    return getattr(threading, request.param)


@pytest.fixture
def empty(kind):
    """A semaphore at zero, which may be released three times."""
    semaphore = kind(3)
    for _ in range(3):
        semaphore.acquire()
    return semaphore


# Construction


def test_the_value_is_one_by_default(kind):
    semaphore = kind()
    assert semaphore.acquire(False) is True
    assert semaphore.acquire(False) is False


@pytest.mark.parametrize("value", [0, 1, 2, 7, True, False])
def test_the_value_is_how_often_it_can_be_acquired(kind, value):
    for semaphore in (kind(value), kind(value=value)):
        taken = 0
        while semaphore.acquire(blocking=False):
            taken += 1
        assert taken == value


@pytest.mark.parametrize("value", [-1, -(2**63), -(10**30)])
def test_a_negative_value_is_a_value_error(kind, value):
    with pytest.raises(ValueError, match="value must be >= 0"):
        kind(value)


@pytest.mark.parametrize("value", ["1", None, [], object(), 1j])
def test_a_value_that_is_no_number_is_a_type_error(kind, value):
    with pytest.raises(TypeError):
        kind(value)


@pytest.mark.parametrize("value", [2**31, 2**63 - 1])
def test_a_large_value_counts(kind, value):
    semaphore = kind(value)
    assert semaphore.acquire(False)
    assert semaphore._value == value - 1
    semaphore.release()
    assert semaphore._value == value


def test_a_value_beyond_every_machine_word_counts_or_is_an_overflow_error(rooms, kind):
    # DIFFERENCE: a native semaphore counts in a machine word.
    if rooms.native:
        with pytest.raises(OverflowError, match="value is too large"):
            kind(10**30)
        return
    semaphore = kind(10**30)
    assert semaphore.acquire(False)
    assert semaphore._value == 10**30 - 1
    semaphore.release()
    assert semaphore._value == 10**30


def test_the_constructor_takes_one_value(kind):
    with pytest.raises(TypeError):
        kind(1, 2)
    with pytest.raises(TypeError):
        kind(count=1)


def test_calling_init_again_starts_afresh(kind):
    semaphore = kind(1)
    semaphore.acquire()
    semaphore.__init__(2)
    assert semaphore._value == 2
    assert semaphore.acquire(False)
    assert semaphore.acquire(False)
    assert not semaphore.acquire(False)


# Acquiring


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        ((True,), {}),
        ((False,), {}),
        ((True, None), {}),
        ((True, 1), {}),
        ((1, 0), {}),
        ((), {"blocking": True}),
        ((), {"blocking": False}),
        ((), {"timeout": 1}),
        ((), {"timeout": None}),
        ((), {"blocking": False, "timeout": None}),
        ((), {"timeout": -1}),
    ],
)
def test_every_spelling_acquires_what_is_there(kind, arguments, keywords):
    semaphore = kind(1)
    assert semaphore.acquire(*arguments, **keywords) is True
    assert semaphore.acquire(False) is False


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((False,), {}),
        ((0,), {}),
        (("",), {}),
        ((None,), {}),
        ((False, None), {}),
        ((True, 0), {}),
        ((True, -1), {}),
        ((), {"blocking": False}),
        ((), {"timeout": 0}),
        ((), {"timeout": 0.001}),
        ((), {"timeout": -0.5}),
        ((), {"timeout": float("-inf")}),
        ((), {"blocking": True, "timeout": 0.0}),
    ],
)
def test_acquire_without_time_left_returns_false(empty, arguments, keywords):
    assert empty.acquire(*arguments, **keywords) is False
    assert empty._value == 0


@pytest.mark.parametrize("timeout", [0, 1, -1, 0.5, "x"])
def test_a_timeout_for_a_call_that_does_not_block_is_a_value_error(empty, timeout):
    with pytest.raises(ValueError, match="can't specify timeout for non-blocking"):
        empty.acquire(False, timeout)
    with pytest.raises(ValueError, match="can't specify timeout for non-blocking"):
        empty.acquire(blocking=False, timeout=timeout)


@pytest.mark.parametrize("timeout", ["1", [], object(), 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(empty, timeout):
    with pytest.raises(TypeError):
        empty.acquire(timeout=timeout)
    assert empty.acquire(timeout=0) is False


@pytest.mark.parametrize(
    "timeout", [float("inf"), 10**30, 1e300, stdlib_threading.TIMEOUT_MAX * 2]
)
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(empty, timeout):
    with pytest.raises(OverflowError):
        empty.acquire(timeout=timeout)
    empty.release()
    assert empty.acquire(timeout=1)


@pytest.mark.threeply_only(
    reason="the standard semaphore spins for ever on a timeout of NaN"
)
def test_a_timeout_of_nan_is_a_value_error(empty):
    with pytest.raises(ValueError, match="NaN"):
        empty.acquire(timeout=float("nan"))


def test_timeout_max_itself_is_a_timeout(empty):
    worker = Worker(empty.acquire, True, stdlib_threading.TIMEOUT_MAX).blocked()
    empty.release()
    assert worker.result() is True


def test_acquire_lasts_at_least_its_timeout(empty):
    start = time.monotonic()
    assert empty.acquire(timeout=0.05) is False
    assert time.monotonic() - start >= 0.05


def test_acquire_takes_two_arguments_and_nothing_else(kind):
    semaphore = kind(1)
    with pytest.raises(TypeError):
        semaphore.acquire(True, None, 1)
    with pytest.raises(TypeError):
        semaphore.acquire(wait=True)
    assert semaphore._value == 1


def test_an_error_of_the_truth_of_blocking_is_the_callers(kind):
    class Undecided:
        def __bool__(self):
            raise ArithmeticError("neither")

    semaphore = kind(1)
    with pytest.raises(ArithmeticError, match="neither"):
        semaphore.acquire(Undecided())
    assert semaphore.acquire(False)


# Releasing


def test_release_returns_none(empty):
    assert empty.release() is None
    assert empty.release(1) is None
    assert empty.release(n=1) is None


@pytest.mark.parametrize("n", [0, -1, -(10**30), False])
def test_release_of_less_than_one_is_a_value_error(empty, n):
    with pytest.raises(ValueError, match="n must be one or more"):
        empty.release(n)
    assert empty._value == 0


@pytest.mark.parametrize("n", ["1", None, [], object()])
def test_release_of_what_is_no_number_is_a_type_error(empty, n):
    with pytest.raises(TypeError):
        empty.release(n)
    assert empty._value == 0


def test_release_takes_one_argument_and_nothing_else(empty):
    with pytest.raises(TypeError):
        empty.release(1, 2)
    with pytest.raises(TypeError):
        empty.release(count=1)


def test_release_wakes_one_waiter(empty):
    workers = blocked(3, empty.acquire)
    for count in (1, 2, 3):
        empty.release()
        finished_of(workers, count)
    assert finish(workers) == [True] * 3


@pytest.mark.parametrize("n", [2, 3])
def test_release_of_n_wakes_n_waiters(empty, n):
    workers = blocked(3, empty.acquire)
    empty.release(n)
    finished_of(workers, n)
    if n < 3:
        empty.release(3 - n)
    assert finish(workers) == [True] * 3
    assert empty._value == 0


def test_release_of_more_than_there_are_waiters_keeps_the_rest(empty):
    worker = Worker(empty.acquire).blocked()
    empty.release(3)
    assert worker.result() is True
    assert empty._value == 2


def test_a_release_by_another_thread_counts(empty):
    Worker(empty.release).result()
    assert empty.acquire(False)


def test_a_waiter_that_timed_out_takes_no_release(empty):
    assert empty.acquire(timeout=0.001) is False
    empty.release()
    assert empty._value == 1
    assert empty.acquire(False)


def test_a_semaphore_without_bound_grows_beyond_its_first_value(threading):
    semaphore = threading.Semaphore(0)
    semaphore.release(5)
    assert semaphore._value == 5
    semaphore.release(1000)
    assert semaphore._value == 1005


# The bound


@pytest.mark.parametrize(("value", "n"), [(0, 1), (1, 1), (1, 2), (5, 10**30)])
def test_a_bounded_semaphore_refuses_what_was_never_acquired(threading, value, n):
    semaphore = threading.BoundedSemaphore(value)
    with pytest.raises(ValueError, match="Semaphore released too many times"):
        semaphore.release(n)
    assert semaphore._value == value


def test_a_bounded_semaphore_refuses_more_than_was_acquired(threading):
    semaphore = threading.BoundedSemaphore(3)
    semaphore.acquire()
    semaphore.acquire()
    with pytest.raises(ValueError, match="Semaphore released too many times"):
        semaphore.release(3)
    assert semaphore._value == 1
    semaphore.release(2)
    assert semaphore._value == 3


def test_a_refused_release_wakes_nobody(threading):
    semaphore = threading.BoundedSemaphore(1)
    semaphore.acquire()
    worker = Worker(semaphore.acquire).blocked()
    with pytest.raises(ValueError, match="Semaphore released too many times"):
        semaphore.release(2)
    worker.blocked()
    semaphore.release()
    assert worker.result() is True


def test_a_bounded_semaphore_is_a_semaphore(threading):
    assert issubclass(threading.BoundedSemaphore, threading.Semaphore)
    assert isinstance(threading.BoundedSemaphore(), threading.Semaphore)


# As a context manager


def test_the_block_holds_the_semaphore_and_gives_it_back(kind):
    semaphore = kind(1)
    with semaphore as entered:
        assert entered is True
        assert semaphore.acquire(False) is False
    assert semaphore._value == 1


def test_an_exception_leaves_the_block_and_gives_the_semaphore_back(kind):
    semaphore = kind(1)
    with pytest.raises(ZeroDivisionError), semaphore:
        raise ZeroDivisionError
    assert semaphore._value == 1


def test_the_block_waits_for_a_release(empty):
    def hold():
        with empty:
            return empty._value

    worker = Worker(hold).blocked()
    empty.release()
    assert worker.result() == 0
    assert empty._value == 1


def test_exit_swallows_no_exception_and_returns_none(kind):
    semaphore = kind(1)
    assert semaphore.__enter__() is True
    assert semaphore.__exit__(None, None, None) is None


def test_a_bounded_semaphore_released_inside_its_block_says_so(threading):
    semaphore = threading.BoundedSemaphore(1)
    with pytest.raises(ValueError, match="Semaphore released too many times"):
        with semaphore:
            semaphore.release()


# Private names that others use


def test_the_private_value_follows_the_semaphore(kind):
    semaphore = kind(2)
    semaphore.acquire()
    assert semaphore._value == 1


def test_the_bound_has_its_private_name(threading):
    assert threading.BoundedSemaphore(4)._initial_value == 4


def test_the_private_condition_can_be_held(kind):
    semaphore = kind(1)
    with semaphore._cond:
        assert not semaphore._cond.acquire(False)
    assert semaphore.acquire(False)


def test_the_private_condition_is_a_condition_of_the_room(threading, kind):
    semaphore = kind(1)
    assert type(semaphore._cond) is threading.Condition
    assert semaphore._cond is semaphore._cond


def test_who_waits_on_the_private_condition_is_told_of_a_release(kind):
    semaphore = kind(1)
    semaphore.acquire()

    def watch():
        with semaphore._cond:
            return semaphore._cond.wait_for(lambda: semaphore._value, 30)

    worker = Worker(watch).blocked()
    semaphore.release()
    assert worker.result() == 1


# Many threads


def test_never_more_threads_inside_than_the_value(kind):
    value, threads, rounds = 3, 6, 400
    semaphore = kind(value)
    lock = stdlib_threading.Lock()
    inside, most = [0], [0]

    def visit():
        for _ in range(rounds):
            with semaphore:
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    finish([Worker(visit) for _ in range(threads)])
    assert 1 <= most[0] <= value
    assert semaphore._value == value


def test_no_release_is_lost_among_timeouts(kind):
    threads, rounds = 4, 300
    semaphore = kind(2)
    taken = [0] * threads

    def visit(me):
        while taken[me] < rounds:
            if semaphore.acquire(timeout=0.0002):
                taken[me] += 1
                semaphore.release()

    finish([Worker(visit, me) for me in range(threads)])
    assert semaphore._value == 2


def test_two_semaphores_hand_a_turn_to_and_fro(threading):
    rounds = 2000
    ping, pong = threading.Semaphore(0), threading.Semaphore(0)

    def answer():
        for _ in range(rounds):
            assert ping.acquire(timeout=30)
            pong.release()

    worker = Worker(answer)
    for _ in range(rounds):
        ping.release()
        assert pong.acquire(timeout=30)
    worker.result()
    assert (ping._value, pong._value) == (0, 0)
