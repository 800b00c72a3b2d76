"""What is called when a future is done."""

import logging
import threading

import pytest
from support.threads import Worker


@pytest.fixture
def future(futures):
    return futures.Future()


@pytest.fixture
def calls():
    return []


def test_each_is_called_once_in_its_order_with_the_future(future, calls):
    for word in ("one", "other"):
        future.add_done_callback(lambda of, word=word: calls.append((word, of)))
    assert not calls
    future.set_result(None)
    assert calls == [("one", future), ("other", future)]


@pytest.mark.parametrize(
    "end",
    [
        lambda future: future.set_result(1),
        lambda future: future.set_exception(ValueError()),
        lambda future: future.cancel(),
    ],
)
def test_each_end_calls_them(future, calls, end):
    future.add_done_callback(lambda of: calls.append(of.done()))
    end(future)
    assert calls == [True]


def test_a_late_one_is_called_at_once(future, calls):
    future.set_result(None)
    future.add_done_callback(calls.append)
    assert calls == [future]


def test_it_runs_on_the_thread_that_ends_the_future(future, calls):
    future.add_done_callback(lambda of: calls.append(threading.get_ident()))
    worker = Worker(future.set_result, None)
    worker.result()
    assert calls == [worker.thread.ident]


def test_one_that_raises_is_logged_and_the_others_run(future, calls, caplog):
    def trouble(of):
        raise ValueError("in a callback")

    future.add_done_callback(trouble)
    future.add_done_callback(calls.append)
    with caplog.at_level(logging.ERROR, "concurrent.futures"):
        future.set_result(1)
    assert calls == [future]
    assert f"exception calling callback for {future!r}" in caplog.text
    assert "ValueError: in a callback" in caplog.text


def test_a_late_one_that_raises_is_logged(future, caplog):
    future.set_result(1)
    with caplog.at_level(logging.ERROR, "concurrent.futures"):
        future.add_done_callback(lambda of: 1 / 0)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_is_to_end_the_program_goes_on(future, calls, kind):
    def stop(of):
        raise kind

    future.add_done_callback(stop)
    future.add_done_callback(calls.append)
    with pytest.raises(kind):
        future.set_result(1)
    assert future.result() == 1
    assert calls == []


def test_it_may_add_another(future, calls):
    future.add_done_callback(lambda of: of.add_done_callback(calls.append))
    future.set_result(1)
    assert calls == [future]


def test_what_waits_is_told_before_callbacks_run(futures, future):
    inside, go_on = threading.Event(), threading.Event()

    def slow(of):
        inside.set()
        go_on.wait()

    future.add_done_callback(slow)
    ender = Worker(future.set_result, 7)
    inside.wait()
    assert future.result(timeout=30) == 7
    assert futures.wait([future], timeout=30).done == {future}
    go_on.set()
    ender.result()
