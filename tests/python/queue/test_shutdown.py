"""Queue.shutdown, as Python 3.13 has it; in threeply on every version."""

import queue as stdlib_queue
import sys

import pytest
from support.threads import Worker, blocked, finish

pytestmark = pytest.mark.shutdown


@pytest.fixture(params=["Queue", "LifoQueue", "PriorityQueue"])
def kind(request, queue):
    return getattr(queue, request.param)


def closed(queue, call):
    """The call ends by ShutDown."""
    with pytest.raises(queue.ShutDown):
        call()
    return True


def test_shut_down_is_the_standard_exception_where_there_is_one(queue):
    assert issubclass(queue.ShutDown, Exception)
    if sys.version_info >= (3, 13):
        assert queue.ShutDown is stdlib_queue.ShutDown


def test_a_new_queue_is_not_shut_down(kind):
    assert kind().is_shutdown is False


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((), {}), ((False,), {}), ((True,), {}), ((), {"immediate": True}), ((1,), {})],
)
def test_every_spelling_shuts_down(kind, arguments, keywords):
    made = kind()
    assert made.shutdown(*arguments, **keywords) is None
    assert made.is_shutdown is True


def test_shutdown_takes_one_argument_and_nothing_else(kind):
    with pytest.raises(TypeError):
        kind().shutdown(True, False)
    with pytest.raises(TypeError):
        kind().shutdown(now=True)


@pytest.mark.parametrize("immediate", [False, True])
def test_no_put_after_shutdown(queue, kind, immediate):
    made = kind(2)
    made.shutdown(immediate)
    closed(queue, lambda: made.put(1))
    closed(queue, lambda: made.put(1, timeout=0))
    closed(queue, lambda: made.put(1, False))
    closed(queue, lambda: made.put_nowait(1))
    assert (made.qsize(), made.unfinished_tasks) == (0, 0)


def test_what_is_there_can_still_be_gotten(queue, kind):
    made = kind()
    made.put(1)
    made.put(2)
    made.shutdown()
    assert made.qsize() == 2
    assert sorted([made.get(), made.get_nowait()]) == [1, 2]
    closed(queue, made.get)
    closed(queue, made.get_nowait)
    closed(queue, lambda: made.get(timeout=0))


def test_an_immediate_shutdown_drops_what_is_there(queue, kind):
    made = kind()
    made.put(1)
    made.put(2)
    made.shutdown(immediate=True)
    assert (made.qsize(), made.unfinished_tasks) == (0, 0)
    closed(queue, made.get)
    closed(queue, made.get_nowait)
    assert made.join() is None


def test_an_immediate_shutdown_leaves_the_tasks_in_hand(kind):
    made = kind()
    for item in range(3):
        made.put(item)
    made.get()
    made.shutdown(immediate=True)
    assert made.unfinished_tasks == 1
    worker = Worker(made.join).blocked()
    made.task_done()
    assert worker.result() is None
    with pytest.raises(ValueError, match="too many times"):
        made.task_done()


def test_a_second_shutdown_may_be_immediate(queue, kind):
    made = kind()
    made.put(1)
    made.shutdown()
    made.shutdown()
    assert made.qsize() == 1
    made.shutdown(immediate=True)
    assert made.qsize() == 0
    closed(queue, made.get)


@pytest.mark.parametrize("immediate", [False, True])
@pytest.mark.parametrize("timeout", [None, 30])
def test_shutdown_releases_every_blocked_getter(queue, kind, immediate, timeout):
    made = kind()
    workers = [
        Worker(closed, queue, lambda: made.get(timeout=timeout)).blocked()
        for _ in range(3)
    ]
    made.shutdown(immediate)
    assert finish(workers) == [True] * 3


@pytest.mark.parametrize("immediate", [False, True])
@pytest.mark.parametrize("timeout", [None, 30])
def test_shutdown_releases_every_blocked_putter(queue, kind, immediate, timeout):
    made = kind(1)
    made.put(0)
    workers = [
        Worker(closed, queue, lambda: made.put(1, timeout=timeout)).blocked()
        for _ in range(3)
    ]
    made.shutdown(immediate)
    assert finish(workers) == [True] * 3
    assert made.qsize() == (0 if immediate else 1)


def test_an_immediate_shutdown_releases_every_joiner_when_nothing_is_in_hand(kind):
    made = kind()
    made.put(1)
    made.put(2)
    workers = blocked(3, made.join)
    made.shutdown(immediate=True)
    assert finish(workers) == [None] * 3


def test_a_plain_shutdown_leaves_joiners_to_the_tasks(kind):
    made = kind()
    made.put(1)
    worker = Worker(made.join).blocked()
    made.shutdown()
    worker.blocked()
    made.get()
    made.task_done()
    assert worker.result() is None


def test_qsize_empty_and_full_go_on_telling(kind):
    made = kind(1)
    made.put(1)
    made.shutdown()
    assert (made.qsize(), made.empty(), made.full()) == (1, False, True)
    made.get()
    assert (made.qsize(), made.empty(), made.full()) == (0, True, False)


def test_producers_and_consumers_all_end_by_shutdown(queue):
    made = queue.Queue(2)

    def produce():
        number = 0
        while True:
            try:
                made.put(number)
            except queue.ShutDown:
                return number
            number += 1

    def consume():
        got = 0
        while True:
            try:
                made.get()
            except queue.ShutDown:
                return got
            got += 1

    makers = [Worker(produce) for _ in range(3)]
    takers = [Worker(consume) for _ in range(3)]
    probe = Worker(lambda: [made.qsize() for _ in range(2000)])
    probe.result()
    made.shutdown()
    assert sum(finish(makers)) == sum(finish(takers))


def test_a_subclass_that_overrides_get_is_drained_through_it(queue):
    taken = []

    class Watched(queue.Queue):
        def _get(self):
            item = super()._get()
            taken.append(item)
            return item

    made = Watched()
    made.put(1)
    made.put(2)
    made.shutdown(immediate=True)
    assert taken == [1, 2]
    assert made.unfinished_tasks == 0
