"""What a future comes to, and who may say so."""

import gc
import logging
import pickle
import subprocess
import sys
import threading
import weakref
from decimal import Decimal
from fractions import Fraction

import pytest
from support.threads import Worker, blocked, finish


@pytest.fixture
def future(futures):
    return futures.Future()


def states(future):
    return future.running(), future.cancelled(), future.done()


def test_a_new_future_is_pending(future):
    assert states(future) == (False, False, False)
    assert future._state == "PENDING"


def test_a_started_one_runs(future):
    assert future.set_running_or_notify_cancel() is True
    assert states(future) == (True, False, False)
    assert not future.cancel()


def test_a_result_is_given_to_all_who_ask(future):
    result = object()
    future.set_result(result)
    assert states(future) == (False, False, True)
    assert future.result() is result
    assert future.result(timeout=0) is result
    assert future.exception() is None


def test_an_exception_is_raised_and_returned(future):
    error = ValueError("broken")
    future.set_exception(error)
    assert states(future) == (False, False, True)
    assert future.exception() is error
    with pytest.raises(ValueError, match="broken") as raised:
        future.result()
    assert raised.value is error


def test_no_exception_is_a_result_of_none(future):
    future.set_exception(None)
    assert future.result() is None
    assert future.exception() is None


def test_a_cancelled_one_has_no_result(futures, future):
    assert future.cancel()
    assert future.cancel()
    assert states(future) == (False, True, True)
    for ask in (future.result, future.exception):
        with pytest.raises(futures.CancelledError):
            ask()
    assert future.set_running_or_notify_cancel() is False
    assert states(future) == (False, True, True)


@pytest.mark.parametrize("end", ["cancel", "set_result", "set_exception"])
def test_what_is_done_cannot_be_done_again(futures, future, end):
    if end == "cancel":
        future.cancel()
    else:
        getattr(future, end)(None)
    for again in (future.set_result, future.set_exception):
        with pytest.raises(futures.InvalidStateError, match=future._state):
            again(1)


def test_it_cannot_be_started_twice(future, caplog):
    future.set_running_or_notify_cancel()
    with caplog.at_level(logging.CRITICAL, "concurrent.futures"):
        with pytest.raises(RuntimeError, match="Future in unexpected state"):
            future.set_running_or_notify_cancel()
    assert "in unexpected state: RUNNING" in caplog.text


def test_a_wait_ends_by_its_timeout(futures, future):
    for ask in (future.result, future.exception):
        for timeout in (0, 0.01, -1):
            with pytest.raises(futures.TimeoutError):
                ask(timeout=timeout)


@pytest.mark.parametrize("timeout", [Fraction(1, 1000), Decimal("0.001")])
def test_a_timeout_is_any_kind_of_number(rooms, futures, future, timeout):
    if not rooms.native and sys.version_info < (3, 15):
        pytest.skip("new in Python 3.15")
    for ask in (future.result, future.exception):
        with pytest.raises(futures.TimeoutError):
            ask(timeout=timeout)
    assert futures.wait([future], timeout).not_done == {future}
    if not rooms.native and isinstance(timeout, Decimal):
        return  # The standard one adds it to a float.
    with pytest.raises(futures.TimeoutError):
        next(futures.as_completed([future], timeout))


@pytest.mark.parametrize("ask", ["result", "exception"])
def test_every_thread_that_waits_is_told(future, ask):
    waiting = blocked(3, getattr(future, ask))
    future.set_result(None)
    assert finish(waiting) == [None] * 3


def test_a_cancel_ends_the_waits(futures, future):
    (waiting,) = blocked(1, future.result)
    future.cancel()
    with pytest.raises(futures.CancelledError):
        waiting.result()


def test_what_was_written_before_a_result_is_seen_after_it(future):
    seen = {}

    def write():
        seen["value"] = 1
        future.set_result(None)

    writer = Worker(write)
    future.result()
    assert seen == {"value": 1}
    writer.result()


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (lambda future: None, "pending"),
        (lambda future: future.set_running_or_notify_cancel(), "running"),
        (lambda future: future.cancel(), "cancelled"),
        (lambda future: future.set_result(1), "finished returned int"),
        (lambda future: future.set_exception(KeyError()), "finished raised KeyError"),
    ],
)
def test_it_describes_itself(future, end, text):
    end(future)
    assert repr(future) == f"<Future at {id(future):#x} state={text}>"


def test_it_takes_no_arguments(futures):
    with pytest.raises(TypeError):
        futures.Future(1)


@pytest.mark.parametrize("call", ["set_result", "set_exception", "add_done_callback"])
def test_its_methods_want_their_argument(future, call):
    with pytest.raises(TypeError, match="argument"):
        getattr(future, call)()
    assert not future.done()


def test_arguments_have_names(future):
    future.add_done_callback(fn=lambda future: None)
    future.set_result(result=1)
    assert future.result(timeout=None) == 1
    assert future.exception(timeout=None) is None


def test_a_timeout_that_is_no_number_is_refused(future):
    with pytest.raises(TypeError):
        future.result(timeout="soon")


def test_annotations_may_name_what_it_holds(futures):
    assert futures.Future[int].__origin__ is futures.Future


def test_it_does_not_pickle(future):
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(future)


def test_it_can_be_referred_to_weakly_and_has_attributes(future):
    reference = weakref.ref(future)
    future.note = 1
    assert reference().note == 1


def test_it_dies_at_once_with_what_it_holds(futures):
    class Value:
        pass

    future, value = futures.Future(), Value()
    reference = weakref.ref(value)
    future.set_result(value)
    future.add_done_callback(lambda future: None)
    del value
    assert reference() is not None
    del future
    assert reference() is None


def test_a_cycle_through_it_is_collected(futures):
    one, other = futures.Future(), futures.Future()
    one.set_result(other)
    other.set_result(one)
    third = futures.Future()
    third.add_done_callback(third.cancel)
    references = [weakref.ref(future) for future in (one, other, third)]
    del one, other, third
    gc.collect()
    assert [reference() for reference in references] == [None] * 3


NO_CYCLE = """if True:
    import gc, weakref
    from {module} import Future
    class Trouble(Exception):
        pass
    def ask():
        future = Future()
        future.set_exception(Trouble())
        reference = weakref.ref(future.exception())
        try:
            future.result()
        except Trouble:
            # Its traceback has this frame, whose names are the program's own matter.
            del future
        return reference
    gc.disable()
    assert ask()() is None
"""


def test_an_exception_that_is_raised_leaves_no_cycle(futures):
    # In a process of its own: who watches frames here (`proof.py`) may make them keep
    # their names.
    program = NO_CYCLE.format(module=futures.__name__)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_of_many_threads_says_what_came(futures):
    future = futures.Future()
    start = threading.Barrier(4)

    def say(value):
        start.wait()
        try:
            future.set_result(value)
        except futures.InvalidStateError:
            return None
        return value

    said = finish([Worker(say, value) for value in range(1, 5)])
    assert [value for value in said if value] == [future.result()]
