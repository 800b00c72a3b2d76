"""Standard futures in our functions, ours in the standard ones, and the inside of both."""

import asyncio
import concurrent.futures as stdlib_futures
import sys
import threading

import pytest
from support.threads import Worker, blocked, finish, wait_until_asleep

from threeply.concurrent import futures as ours


@pytest.fixture(params=["standard", "threeply"])
def functions(request):
    return {"standard": stdlib_futures, "threeply": ours}[request.param]


@pytest.fixture
def mixed():
    class Heir(ours.Future):
        pass

    return [ours.Future(), stdlib_futures.Future(), Heir()]


def test_ours_are_futures_and_their_heirs_too(mixed):
    assert all(isinstance(future, stdlib_futures.Future) for future in mixed)
    assert issubclass(ours.Future, stdlib_futures.Future)


def test_wait_waits_for_all_kinds(functions, mixed):
    (waiting,) = blocked(1, functions.wait, mixed)
    for future in mixed:
        waiting.blocked()
        future.set_result(1)
    assert waiting.result() == (set(mixed), set())


def test_as_completed_gives_all_kinds(functions, mixed):
    iterator = functions.as_completed(mixed, timeout=30)
    for future in reversed(mixed):
        ender = Worker(future.set_result, None)
        assert next(iterator) is future
        ender.result()
    assert list(iterator) == []


@pytest.mark.parametrize("touch", ["_condition", "_waiters", "_done_callbacks"])
def test_one_that_is_opened_while_threads_wait_tells_them_all(touch):
    future, other = ours.Future(), ours.Future()
    other.set_result(None)
    asking = blocked(2, future.result)
    waiting = blocked(2, ours.wait, [future, other])
    iterating = blocked(1, list, ours.as_completed([future]))
    getattr(future, touch)
    for worker in (*asking, *waiting, *iterating):
        worker.blocked()
    assert isinstance(future.__dict__["_condition"], threading.Condition)
    future.set_result(7)
    assert finish(asking) == [7, 7]
    assert finish(waiting) == [({future, other}, set())] * 2
    assert finish(iterating) == [[future]]


def test_a_timeout_goes_on_when_a_future_is_opened():
    for timeout in (0.1, 1, 10):
        future = ours.Future()
        asking = Worker(future.result, timeout)
        wait_until_asleep(asking.thread.native_id)
        future._condition  # noqa: B018
        # On a busy machine this thread may come too late: once more, with patience.
        in_time = asking.running
        with pytest.raises(TimeoutError):
            asking.result()
        if in_time:
            return
    pytest.fail("the wait was over before the future was opened")


def test_callbacks_survive_the_opening():
    calls = []
    future = ours.Future()
    future.add_done_callback(calls.append)
    assert len(future._done_callbacks) == 1
    future.add_done_callback(calls.append)
    future.set_result(None)
    assert calls == [future, future]


ENDS = [
    (lambda future: None, "PENDING"),
    (lambda future: future.set_running_or_notify_cancel(), "RUNNING"),
    (lambda future: future.cancel(), "CANCELLED"),
    (lambda future: future.set_result(3), "FINISHED"),
    (lambda future: future.set_exception(KeyError()), "FINISHED"),
]


@pytest.mark.parametrize(("end", "state"), ENDS)
def test_an_opened_one_is_as_it_was(end, state):
    future, plain = ours.Future(), stdlib_futures.Future()
    for one in (future, plain):
        end(one)
    with future._condition:
        pass
    assert future._state is state or future._state == state
    for ask in ("running", "cancelled", "done"):
        assert getattr(future, ask)() == getattr(plain, ask)()
    assert future._result == plain._result
    assert type(future._exception) is type(plain._exception)
    assert repr(future).replace(hex(id(future)), "") == repr(plain).replace(
        hex(id(plain)), ""
    )


@pytest.mark.skipif(sys.version_info < (3, 15), reason="new in Python 3.15")
@pytest.mark.parametrize(("end", "state"), ENDS)
def test_asyncio_s_snapshot_is_that_of_a_standard_one(end, state):
    future, opened, plain = ours.Future(), ours.Future(), stdlib_futures.Future()
    opened._condition  # noqa: B018
    for one in (future, opened, plain):
        end(one)
    *expected, exception = plain._get_snapshot()
    for one in (future, opened):
        *flags_and_result, raised = one._get_snapshot()
        assert flags_and_result == expected
        assert type(raised) is type(exception)
    assert vars(future) == {}


def test_who_holds_the_condition_holds_everybody_back():
    future = ours.Future()
    with future._condition:
        ender = Worker(future.set_result, 1).blocked()
        assert not future.done()
    ender.result()
    assert future.result() == 1


def test_who_waits_on_the_condition_is_told():
    future = ours.Future()

    def wait():
        with future._condition:
            while future._state != "FINISHED":
                future._condition.wait()

    (waiting,) = blocked(1, wait)
    future.set_result(None)
    waiting.result()


def test_a_state_can_be_written():
    # As the tests of CPython make theirs.
    future = ours.Future()
    future._state = "FINISHED"
    future._result = 42
    assert future.done()
    assert future.result() == 42
    assert ours.wait([future]).done == {future}


def test_a_finished_one_can_be_opened_and_says_so():
    future = ours.Future()
    future.set_result(1)
    assert future._waiters == []
    with pytest.raises(ours.InvalidStateError):
        future.set_result(2)


@pytest.mark.parametrize("kind", [ours.Future, stdlib_futures.Future])
def test_asyncio_wraps_futures(kind):
    async def main():
        future = kind()
        wrapped = asyncio.wrap_future(future)
        ender = Worker(future.set_result, 5)
        try:
            return await wrapped
        finally:
            ender.result()

    assert asyncio.run(main()) == 5


def test_asyncio_cancels_what_it_wraps():
    async def main():
        future = ours.Future()
        wrapped = asyncio.wrap_future(future)
        wrapped.cancel()
        await asyncio.sleep(0)
        return future.cancelled()

    assert asyncio.run(main())


def test_a_loop_runs_calls_in_our_pool():
    async def main():
        with ours.ThreadPoolExecutor(1) as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, pow, 2, 5)

    assert asyncio.run(main()) == 32
