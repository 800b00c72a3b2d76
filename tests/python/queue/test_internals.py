"""The attributes of a queue that programs reach into: mutex, conditions, deque."""

import collections
import threading as stdlib_threading
import time

import pytest
from support.threads import Worker, blocked, finish


@pytest.fixture
def made(queue):
    return queue.Queue()


@pytest.fixture
def full(queue):
    full = queue.Queue(1)
    full.put("first")
    return full


# The mutex


def test_the_mutex_is_a_plain_lock_nobody_holds(made):
    assert made.mutex.locked() is False
    with made.mutex:
        assert made.mutex.locked() is True
        assert made.mutex.acquire(False) is False


def test_the_mutex_and_the_conditions_are_those_of_threading(threading, made):
    assert type(made.mutex) is type(threading.Lock())
    for name in ("not_empty", "not_full", "all_tasks_done"):
        assert type(getattr(made, name)) is threading.Condition


def test_the_mutex_is_always_the_same(made):
    mutex = made.mutex
    made.put(1)
    assert made.mutex is mutex
    made.get()
    assert made.mutex is mutex


@pytest.mark.parametrize(
    "call",
    [
        lambda queue: queue.put(2),
        lambda queue: queue.put_nowait(2),
        lambda queue: queue.get(),
        lambda queue: queue.get_nowait(),
        lambda queue: queue.get(timeout=0),
        lambda queue: queue.qsize(),
        lambda queue: queue.empty(),
        lambda queue: queue.full(),
        lambda queue: queue.task_done(),
    ],
    ids=[
        "put",
        "put_nowait",
        "get",
        "get_nowait",
        "get_0",
        "qsize",
        "empty",
        "full",
        "task_done",
    ],
)
def test_who_holds_the_mutex_holds_up_every_other_thread(made, call):
    made.put(1)
    with made.mutex:
        worker = Worker(call, made).blocked()
        assert list(made.queue) == [1]
        assert made.unfinished_tasks == 1
    worker.result()


def test_join_waits_for_the_mutex(made):
    with made.mutex:
        worker = Worker(made.join).blocked()
    assert worker.result() is None


def test_a_mutex_first_asked_for_while_threads_wait_works_for_them(made):
    # An engine that makes the mutex on first access must take its waiters along.
    getters = blocked(2, made.get)
    with made.mutex:
        putter = Worker(made.put, "one").blocked()
    putter.result()
    made.put("two")
    assert sorted(finish(getters)) == ["one", "two"]


# The deque


def test_the_deque_shows_the_items(made):
    for item in range(3):
        made.put(item)
    assert isinstance(made.queue, collections.deque)
    assert list(made.queue) == [0, 1, 2]
    assert made.queue[0] == 0
    assert len(made.queue) == 3
    assert 2 in made.queue
    made.get()
    assert list(made.queue) == [1, 2]


def test_clearing_the_deque_under_the_mutex_empties_the_queue(made):
    for item in range(3):
        made.put(item)
    with made.mutex:
        made.queue.clear()
    assert made.qsize() == 0
    assert made.empty()
    made.put("new")
    assert made.get() == "new"


def test_the_idiom_that_drops_everything_ends_a_join(made):
    made.put(1)
    made.put(2)
    worker = Worker(made.join).blocked()
    with made.mutex:
        made.queue.clear()
        made.all_tasks_done.notify_all()
        made.unfinished_tasks = 0
    assert worker.result() is None
    assert (made.qsize(), made.unfinished_tasks) == (0, 0)


def test_an_item_appended_to_the_deque_comes_out(made):
    made.put(2)
    with made.mutex:
        made.queue.appendleft(1)
        made.queue.append(3)
    assert [made.get() for _ in range(3)] == [1, 2, 3]


def test_an_item_appended_to_the_deque_wakes_who_is_notified(made):
    worker = Worker(made.get).blocked()
    with made.not_empty:
        made.queue.append("it")
        made.not_empty.notify()
    assert worker.result() == "it"


def test_an_item_removed_from_the_deque_is_gone(made):
    for item in "abc":
        made.put(item)
    with made.mutex:
        made.queue.remove("b")
    assert made.qsize() == 2
    assert [made.get(), made.get()] == ["a", "c"]


def test_another_deque_can_take_its_place(made):
    made.put("old")
    with made.mutex:
        made.queue = collections.deque(["x", "y"])
    assert made.qsize() == 2
    assert [made.get(), made.get()] == ["x", "y"]
    made.put("z")
    assert list(made.queue) == ["z"]


def test_the_deque_can_be_rearranged(made):
    for item in (3, 1, 2):
        made.put(item)
    with made.mutex:
        made.queue = collections.deque(sorted(made.queue))
    assert [made.get() for _ in range(3)] == [1, 2, 3]


# The conditions


@pytest.mark.parametrize("name", ["not_empty", "not_full", "all_tasks_done"])
def test_the_three_conditions_share_the_mutex(made, name):
    condition = getattr(made, name)
    assert isinstance(condition, stdlib_threading.Condition)
    assert getattr(made, name) is condition
    with condition:
        assert made.mutex.locked()
        assert not made.mutex.acquire(False)
    assert not made.mutex.locked()


def test_who_waits_on_not_empty_is_told_of_a_put(made):
    def watch():
        with made.not_empty:
            return made.not_empty.wait(30), len(made.queue)

    worker = Worker(watch).blocked()
    made.put(1)
    assert worker.result() == (True, 1)


def test_who_waits_on_not_full_is_told_of_a_get(full):
    def watch():
        with full.not_full:
            return full.not_full.wait(30), len(full.queue)

    worker = Worker(watch).blocked()
    full.get()
    assert worker.result() == (True, 0)


def test_the_idiom_of_a_join_with_a_timeout(made):
    def join(timeout):
        end = time.monotonic() + timeout
        with made.all_tasks_done:
            while made.unfinished_tasks:
                remaining = end - time.monotonic()
                if remaining <= 0:
                    return False
                made.all_tasks_done.wait(remaining)
        return True

    made.put(1)
    assert join(0.005) is False
    worker = Worker(join, 30).blocked()
    made.get()
    made.task_done()
    assert worker.result() is True


def test_notifying_not_full_makes_a_putter_look_again(full):
    worker = Worker(full.put, "second").blocked()
    with full.mutex:
        full.maxsize = 2
        full.not_full.notify()
    assert worker.result() is None
    assert [full.get(), full.get()] == ["first", "second"]


# The counts


def test_maxsize_can_be_set(queue, made):
    made.maxsize = 1
    made.put_nowait(1)
    assert made.full()
    with pytest.raises(queue.Full):
        made.put_nowait(2)
    made.maxsize = 2
    made.put_nowait(2)
    made.maxsize = 0
    made.put_nowait(3)
    assert not made.full()
    assert made.maxsize == 0


def test_a_bound_below_what_is_there_lets_nothing_in(queue, made):
    for item in range(3):
        made.put(item)
    made.maxsize = 2
    assert made.full()
    with pytest.raises(queue.Full):
        made.put_nowait(3)
    made.get()
    with pytest.raises(queue.Full):
        made.put_nowait(3)
    made.get()
    made.put_nowait(3)
    assert [made.get(), made.get()] == [2, 3]


def test_unfinished_tasks_can_be_set(made):
    made.put(1)
    made.unfinished_tasks = 3
    made.task_done()
    assert made.unfinished_tasks == 2
    with made.mutex:
        made.unfinished_tasks = 0
    assert made.join() is None
    with pytest.raises(ValueError, match="too many times"):
        made.task_done()


@pytest.mark.shutdown
def test_is_shutdown_tells_and_can_be_set(queue, made):
    assert made.is_shutdown is False
    made.shutdown()
    assert made.is_shutdown is True
    made.is_shutdown = False
    made.put(1)
    assert made.get() == 1
