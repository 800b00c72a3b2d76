"""threading.Timer, over both sides."""

import threading as stdlib_threading

import pytest


def test_it_calls_the_function_with_its_arguments(threading):
    seen = []
    timer = threading.Timer(
        0.001, lambda *args, **kwargs: seen.append((args, kwargs)), [1], {"two": 2}
    )
    timer.start()
    timer.join()
    assert seen == [((1,), {"two": 2})]
    assert timer.finished.is_set()


def test_cancelled_it_calls_nothing(threading):
    seen = []
    timer = threading.Timer(1000, seen.append, ["called"])
    timer.start()
    timer.cancel()
    timer.join(30)
    assert not timer.is_alive()
    assert seen == []


def test_cancelled_before_it_starts_it_calls_nothing(threading):
    seen = []
    timer = threading.Timer(0, seen.append, ["called"])
    timer.cancel()
    timer.start()
    timer.join()
    assert seen == []


def test_each_timer_has_arguments_of_its_own(threading):
    first, second = (threading.Timer(0, print) for _ in range(2))
    first.args.append(1)
    first.kwargs["key"] = 1
    assert (second.args, second.kwargs) == ([], {})


def test_it_is_a_timer_and_a_thread_of_both_sides(threading):
    timer = threading.Timer(0, print)
    assert isinstance(timer, threading.Thread)
    assert isinstance(timer, stdlib_threading.Timer)


@pytest.mark.threeply_only(reason="the standard Thread has no result")
def test_its_result_is_what_the_function_returned(threading):
    timer = threading.Timer(0.001, divmod, (7, 2))
    timer.start()
    assert timer.result() == (3, 1)
    cancelled = threading.Timer(1000, divmod, (7, 2))
    cancelled.start()
    cancelled.cancel()
    assert cancelled.result(30) is None
