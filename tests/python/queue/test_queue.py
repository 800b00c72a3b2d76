"""queue.Queue: putting, getting, bounds, tasks; over both sides."""

import queue as stdlib_queue
import threading as stdlib_threading
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from support.threads import Worker, blocked, finish, finished_of

ENDLESS = [float("inf"), 10**30, 1e300, stdlib_threading.TIMEOUT_MAX * 2]


@pytest.fixture
def unbounded(queue):
    return queue.Queue()


@pytest.fixture
def full(queue):
    """A queue with room for one item, which it has."""
    full = queue.Queue(1)
    full.put("first")
    return full


def drained(queue):
    items = []
    while not queue.empty():
        items.append(queue.get_nowait())
    return items


# Construction


def test_a_new_queue_is_empty_and_not_full(unbounded):
    assert unbounded.empty() is True
    assert unbounded.full() is False
    assert unbounded.qsize() == 0


@pytest.mark.parametrize("maxsize", [0, -1, -(10**30), False, -0.5])
def test_without_a_positive_maxsize_there_is_no_bound(queue, maxsize):
    for made in (queue.Queue(maxsize), queue.Queue(maxsize=maxsize)):
        for item in range(100):
            made.put_nowait(item)
        assert not made.full()
        assert made.maxsize == maxsize
        assert drained(made) == list(range(100))


@pytest.mark.parametrize(
    ("maxsize", "room"), [(1, 1), (3, 3), (True, 1), (2.5, 3), (2.0, 2)]
)
def test_maxsize_is_how_many_items_there_is_room_for(queue, maxsize, room):
    made = queue.Queue(maxsize)
    for item in range(room):
        assert not made.full()
        made.put_nowait(item)
    assert made.full() is True
    with pytest.raises(queue.Full):
        made.put_nowait("more")
    assert made.maxsize == maxsize
    assert drained(made) == list(range(room))


@pytest.mark.parametrize("maxsize", [10**30, float("inf"), 2**63 - 1, 2**31])
def test_a_huge_maxsize_is_no_error(queue, maxsize):
    made = queue.Queue(maxsize)
    made.put_nowait(1)
    assert not made.full()
    assert made.maxsize == maxsize


@pytest.mark.parametrize("maxsize", ["3", None, [], object()])
def test_a_maxsize_that_is_no_number_is_a_type_error(queue, maxsize):
    # The standard queue says so at the first put.
    with pytest.raises(TypeError):
        queue.Queue(maxsize).put_nowait(1)


def test_the_constructor_takes_one_maxsize(queue):
    with pytest.raises(TypeError):
        queue.Queue(1, 2)
    with pytest.raises(TypeError):
        queue.Queue(size=1)


def test_calling_init_again_starts_afresh(queue):
    made = queue.Queue(1)
    made.put("old")
    made.__init__(2)
    assert (made.qsize(), made.maxsize, made.unfinished_tasks) == (0, 2, 0)
    made.put("new")
    assert made.get() == "new"


# Order and identity


def test_items_come_out_in_the_order_they_went_in(unbounded):
    for item in range(1000):
        assert unbounded.put(item) is None
    assert [unbounded.get() for _ in range(1000)] == list(range(1000))


def test_items_come_out_in_order_while_others_go_in(unbounded):
    # Crosses every place where a ring wraps or a block ends.
    put = got = 0
    for step in range(1, 200):
        for _ in range(step):
            unbounded.put(put)
            put += 1
        for _ in range(step - 1 if step % 3 else step // 2):
            assert unbounded.get() == got
            got += 1
        assert unbounded.qsize() == put - got
    assert drained(unbounded) == list(range(got, put))


@pytest.mark.parametrize(
    "item",
    [None, (), "", 0, float("nan"), object(), Exception("an item"), StopIteration],
)
def test_any_object_is_an_item_and_comes_out_the_same(unbounded, item):
    unbounded.put(item)
    assert unbounded.qsize() == 1
    assert unbounded.get() is item


def test_an_item_is_never_compared_hashed_or_asked_for_its_truth(unbounded):
    class Touchy:
        __hash__ = None

        def __eq__(self, other):
            raise AssertionError("compared")

        def __bool__(self):
            raise AssertionError("asked")

    item = Touchy()
    unbounded.put(item)
    assert unbounded.get() is item


def test_two_queues_have_their_own_items(queue):
    first, second = queue.Queue(), queue.Queue()
    first.put(1)
    assert second.empty()


# Every spelling of put and get


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((1,), {}),
        ((), {"item": 1}),
        ((1, True), {}),
        ((1, False), {}),
        ((1, 0), {}),
        ((1, True, None), {}),
        ((1, True, 1), {}),
        ((1, True, 0), {}),
        ((1,), {"block": False}),
        ((1,), {"timeout": 0.5}),
        ((1, False), {"timeout": -1}),
        ((1, False, "never looked at"), {}),
        ((), {"timeout": 1, "block": True, "item": 1}),
    ],
)
@pytest.mark.parametrize("maxsize", [0, 1])
def test_every_spelling_puts_where_there_is_room(queue, maxsize, arguments, keywords):
    made = queue.Queue(maxsize)
    assert made.put(*arguments, **keywords) is None
    assert drained(made) == [1]


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        ((True,), {}),
        ((False,), {}),
        ((True, None), {}),
        ((True, 1), {}),
        ((True, 0), {}),
        ((), {"block": False}),
        ((), {"timeout": 0.5}),
        ((False,), {"timeout": -1}),
        ((False, "never looked at"), {}),
        ((), {"timeout": 1, "block": True}),
    ],
)
def test_every_spelling_gets_what_is_there(unbounded, arguments, keywords):
    unbounded.put(1)
    assert unbounded.get(*arguments, **keywords) == 1
    assert unbounded.empty()


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((False,), {}),
        ((0,), {}),
        ((None,), {}),
        (("",), {}),
        ((False, -1), {}),
        ((False, "never looked at"), {}),
        ((True, 0), {}),
        ((True, 0.001), {}),
        ((), {"block": False}),
        ((), {"timeout": 0}),
        ((), {"block": [1], "timeout": 0.0}),
    ],
)
def test_every_spelling_without_time_left_is_full_or_empty(
    queue, full, arguments, keywords
):
    with pytest.raises(queue.Full):
        full.put("later", *arguments, **keywords)
    assert full.get() == "first"
    with pytest.raises(queue.Empty):
        full.get(*arguments, **keywords)


def test_nowait_never_waits(queue, full):
    with pytest.raises(queue.Full):
        full.put_nowait("later")
    with pytest.raises(queue.Full):
        full.put_nowait(item="later")
    assert full.get_nowait() == "first"
    with pytest.raises(queue.Empty):
        full.get_nowait()
    assert full.put_nowait(item="later") is None


def test_full_and_empty_are_the_standard_exceptions(queue, full):
    assert queue.Empty is stdlib_queue.Empty
    assert queue.Full is stdlib_queue.Full
    with pytest.raises(stdlib_queue.Full) as caught:
        full.put_nowait(1)
    assert (type(caught.value), caught.value.args) == (stdlib_queue.Full, ())
    full.get()
    with pytest.raises(stdlib_queue.Empty) as caught:
        full.get_nowait()
    assert (type(caught.value), caught.value.args) == (stdlib_queue.Empty, ())


@pytest.mark.parametrize("timeout", [-1, -0.001, float("-inf"), -(10**30)])
def test_a_negative_timeout_is_a_value_error(unbounded, full, timeout):
    with pytest.raises(ValueError, match="'timeout' must be a non-negative number"):
        full.put(1, timeout=timeout)
    with pytest.raises(ValueError, match="'timeout' must be a non-negative number"):
        unbounded.get(timeout=timeout)
    # An item that is there makes no difference.
    with pytest.raises(ValueError, match="'timeout' must be a non-negative number"):
        full.get(True, timeout)
    assert full.qsize() == 1


@pytest.mark.parametrize("timeout", ["1", [], object(), 1j])
def test_a_timeout_that_is_no_number_is_a_type_error(unbounded, full, timeout):
    with pytest.raises(TypeError):
        full.put(1, timeout=timeout)
    with pytest.raises(TypeError):
        full.get(timeout=timeout)
    with pytest.raises(TypeError):
        unbounded.get(timeout=timeout)
    assert (full.qsize(), unbounded.qsize()) == (1, 0)


def test_a_fraction_of_seconds_is_no_error_for_get_and_put(queue, full):
    # The queue adds it to a float, which makes it one.
    with pytest.raises(queue.Full):
        full.put(1, timeout=Fraction(1, 1000))
    full.get()
    with pytest.raises(queue.Empty):
        full.get(timeout=Fraction(1, 1000))


@pytest.mark.threeply_only(reason="it adds a timeout to a float")
def test_a_decimal_of_seconds_is_no_error_either(queue, full):
    with pytest.raises(queue.Full):
        full.put(1, timeout=Decimal("0.001"))
    full.get()
    with pytest.raises(queue.Empty):
        full.get(timeout=Decimal("0.001"))


@pytest.mark.parametrize("timeout", ENDLESS)
def test_a_timeout_beyond_timeout_max_is_an_overflow_error(queue, full, timeout):
    with pytest.raises(OverflowError):
        full.put(1, timeout=timeout)
    assert full.get(timeout=timeout) == "first"
    with pytest.raises(OverflowError):
        full.get(timeout=timeout)
    full.put("still usable")
    assert full.get() == "still usable"


@pytest.mark.threeply_only(
    reason="the standard queue spins for ever on a timeout of NaN"
)
def test_a_timeout_of_nan_is_a_value_error(unbounded, full):
    with pytest.raises(ValueError, match="NaN"):
        unbounded.get(timeout=float("nan"))
    with pytest.raises(ValueError, match="NaN"):
        full.put(1, timeout=float("nan"))


def test_an_error_of_the_truth_of_block_is_the_callers(full):
    class Undecided:
        def __bool__(self):
            raise ArithmeticError("neither")

    with pytest.raises(ArithmeticError, match="neither"):
        full.get(Undecided())
    with pytest.raises(ArithmeticError, match="neither"):
        full.put(1, Undecided())
    assert drained(full) == ["first"]


@pytest.mark.parametrize(
    ("method", "arguments", "keywords"),
    [
        ("put", (), {}),
        ("put", (1, True, None, 2), {}),
        ("put", (1,), {"item": 1}),
        ("put", (1,), {"blocking": True}),
        ("get", (True, None, 2), {}),
        ("get", (), {"blocking": True}),
        ("put_nowait", (), {}),
        ("put_nowait", (1, 2), {}),
        ("get_nowait", (1,), {}),
        ("qsize", (1,), {}),
        ("empty", (1,), {}),
        ("full", (1,), {}),
        ("task_done", (1,), {}),
        ("join", (1,), {}),
    ],
)
def test_wrong_arguments_are_type_errors(unbounded, method, arguments, keywords):
    with pytest.raises(TypeError):
        getattr(unbounded, method)(*arguments, **keywords)
    assert unbounded.unfinished_tasks == 0


# Waiting


@pytest.mark.parametrize("timeout", [None, 30])
def test_get_waits_for_an_item(unbounded, timeout):
    worker = Worker(unbounded.get, True, timeout).blocked()
    unbounded.put("it")
    assert worker.result() == "it"


@pytest.mark.parametrize("timeout", [None, 30])
def test_put_waits_for_room(full, timeout):
    worker = Worker(full.put, "second", True, timeout).blocked()
    assert full.qsize() == 1
    assert full.get() == "first"
    assert worker.result() is None
    assert full.get() == "second"


def test_get_and_put_last_at_least_their_timeout(queue, full):
    start = time.monotonic()
    with pytest.raises(queue.Full):
        full.put(1, timeout=0.05)
    assert time.monotonic() - start >= 0.05
    full.get()
    start = time.monotonic()
    with pytest.raises(queue.Empty):
        full.get(timeout=0.05)
    assert time.monotonic() - start >= 0.05


def test_timeout_max_itself_is_a_timeout(unbounded):
    worker = Worker(unbounded.get, True, stdlib_threading.TIMEOUT_MAX / 2).blocked()
    unbounded.put(1)
    assert worker.result() == 1


def test_every_item_wakes_one_getter(unbounded):
    workers = blocked(3, unbounded.get)
    for count in (1, 2, 3):
        unbounded.put(count)
        finished_of(workers, count)
    assert sorted(finish(workers)) == [1, 2, 3]


def test_every_get_wakes_one_putter(full):
    workers = [Worker(full.put, number).blocked() for number in range(3)]
    got = []
    for count in (1, 2, 3):
        got.append(full.get())
        finished_of(workers, count)
    got.append(full.get())
    assert got[0] == "first"
    assert sorted(got[1:]) == [0, 1, 2]


def test_a_getter_that_timed_out_takes_no_item(queue, unbounded):
    with pytest.raises(queue.Empty):
        unbounded.get(timeout=0.001)
    unbounded.put("it")
    assert unbounded.qsize() == 1
    assert unbounded.get_nowait() == "it"


def test_a_putter_that_timed_out_leaves_no_item(queue, full):
    with pytest.raises(queue.Full):
        full.put("never", timeout=0.001)
    assert full.get() == "first"
    assert full.empty()
    assert full.unfinished_tasks == 1


# Tasks


def test_unfinished_tasks_counts_what_was_put_and_not_done(unbounded):
    for count in (1, 2, 3):
        unbounded.put(count)
        assert unbounded.unfinished_tasks == count
    unbounded.get()
    assert unbounded.unfinished_tasks == 3
    assert unbounded.task_done() is None
    assert unbounded.unfinished_tasks == 2


def test_task_done_once_too_often_is_a_value_error(unbounded):
    with pytest.raises(ValueError, match=r"task_done\(\) called too many times"):
        unbounded.task_done()
    unbounded.put(1)
    unbounded.task_done()
    with pytest.raises(ValueError, match=r"task_done\(\) called too many times"):
        unbounded.task_done()
    assert unbounded.unfinished_tasks == 0


def test_join_returns_at_once_when_nothing_is_to_be_done(unbounded):
    assert unbounded.join() is None
    unbounded.put(1)
    unbounded.task_done()
    assert unbounded.join() is None


def test_join_waits_for_the_last_task(unbounded):
    unbounded.put(1)
    unbounded.put(2)
    workers = blocked(3, unbounded.join)
    unbounded.get()
    unbounded.get()
    unbounded.task_done()
    for worker in workers:
        worker.blocked()
    unbounded.task_done()
    assert finish(workers) == [None] * 3


def test_a_put_while_joining_prolongs_it(unbounded):
    unbounded.put(1)
    worker = Worker(unbounded.join).blocked()
    unbounded.put(2)
    unbounded.task_done()
    worker.blocked()
    unbounded.task_done()
    assert worker.result() is None


def test_join_can_be_used_again(unbounded):
    for _ in range(5):
        unbounded.put(1)
        worker = Worker(unbounded.join).blocked()
        unbounded.get()
        unbounded.task_done()
        worker.result()


# Many threads


@pytest.mark.parametrize("maxsize", [0, 1, 3])
@pytest.mark.parametrize(("producers", "consumers"), [(1, 1), (4, 1), (1, 4), (4, 4)])
def test_every_item_comes_out_once_and_in_its_producers_order(
    queue, maxsize, producers, consumers
):
    each = 800
    made = queue.Queue(maxsize)

    def produce(me):
        for number in range(each):
            made.put((me, number))

    def consume():
        got = []
        while (item := made.get()) is not None:
            got.append(item)
            made.task_done()
        made.task_done()
        return got

    making = [Worker(produce, me) for me in range(producers)]
    taking = [Worker(consume) for _ in range(consumers)]
    finish(making)
    for _ in taking:
        made.put(None)
    made.join()
    got = finish(taking)
    assert sorted(item for items in got for item in items) == [
        (me, number) for me in range(producers) for number in range(each)
    ]
    for items in got:
        for me in range(producers):
            own = [number for producer, number in items if producer == me]
            assert own == sorted(own)
    assert (made.qsize(), made.unfinished_tasks) == (0, 0)


@pytest.mark.parametrize("maxsize", [0, 2])
def test_no_item_is_lost_among_timeouts(queue, maxsize):
    each, threads = 300, 3
    made = queue.Queue(maxsize)

    def produce(me):
        for number in range(each):
            while True:
                try:
                    made.put((me, number), timeout=0.0002)
                    break
                except queue.Full:
                    continue

    def consume():
        got = []
        while True:
            try:
                item = made.get(timeout=0.0002)
            except queue.Empty:
                continue
            if item is None:
                return got
            got.append(item)

    making = [Worker(produce, me) for me in range(threads)]
    taking = [Worker(consume) for _ in range(threads)]
    finish(making)
    for _ in taking:
        made.put(None)
    items = [item for got in finish(taking) for item in got]
    assert sorted(items) == [(me, n) for me in range(threads) for n in range(each)]
    assert made.empty()


def test_a_bounded_queue_never_holds_more_than_its_bound(queue):
    made = queue.Queue(3)
    over, sizes = [], []

    def watch():
        while not over:
            sizes.append(made.qsize())

    def produce():
        for number in range(500):
            made.put(number)

    watcher = Worker(watch)
    makers = [Worker(produce) for _ in range(3)]
    for _ in range(1500):
        made.get(timeout=30)
    finish(makers)
    over.append(True)
    watcher.result()
    assert set(sizes) <= {0, 1, 2, 3}


def test_two_queues_hand_an_item_to_and_fro(queue):
    rounds = 2000
    ping, pong = queue.Queue(), queue.Queue()

    def answer():
        for _ in range(rounds):
            pong.put(ping.get(timeout=30) + 1)

    worker = Worker(answer)
    value = 0
    for _ in range(rounds):
        ping.put(value)
        value = pong.get(timeout=30)
    worker.result()
    assert value == rounds
