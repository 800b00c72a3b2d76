"""queue.PriorityQueue, over both sides."""

import random
import threading as stdlib_threading

import pytest
from support.threads import Worker, finish

without_its_lock = pytest.mark.threeply_only(
    reason="DIFFERENCE: A PriorityQueue compares without its lock"
)


class Ranked:
    """An item whose comparison does something first."""

    def __init__(self, rank, first=lambda: None):
        self.rank = rank
        self.first = first

    def __lt__(self, other):
        self.first()
        return self.rank < other.rank


def ranks(heap):
    return [heap.get_nowait().rank for _ in range(heap.qsize())]


@pytest.fixture
def heap(queue):
    return queue.PriorityQueue()


def test_the_lowest_item_comes_out_first(heap):
    items = list(range(200))
    random.Random(1).shuffle(items)
    for item in items:
        heap.put(item)
    assert [heap.get() for _ in items] == sorted(items)


def test_tuples_order_by_priority_and_then_by_what_follows(heap):
    for item in [(2, "b"), (1, "z"), (2, "a"), (1, "y")]:
        heap.put(item)
    assert [heap.get() for _ in range(4)] == [(1, "y"), (1, "z"), (2, "a"), (2, "b")]


def test_only_less_than_is_asked(heap):
    class Ranked:
        def __init__(self, rank):
            self.rank = rank

        def __lt__(self, other):
            return self.rank < other.rank

    for rank in (3, 1, 2):
        heap.put(Ranked(rank))
    assert [heap.get().rank for _ in range(3)] == [1, 2, 3]


def test_items_that_cannot_be_compared_are_a_type_error_for_who_puts(heap):
    heap.put(1)
    with pytest.raises(TypeError):
        heap.put("a")
    assert heap.unfinished_tasks == 1
    assert not heap.mutex.locked()
    assert heap.get() == 1


def test_the_items_are_a_heap_in_a_list(heap):
    for item in (3, 1, 2):
        heap.put(item)
    assert isinstance(heap.queue, list)
    assert heap.queue[0] == 1
    assert sorted(heap.queue) == [1, 2, 3]


def test_it_is_a_queue(queue, heap):
    assert isinstance(heap, queue.Queue)


def test_a_comparison_of_an_open_queue_runs_with_the_mutex_held(heap):
    assert not heap.mutex.locked()
    held = []

    class Curious:
        def __lt__(self, other):
            held.append(heap.mutex.locked())
            return True

    heap.put(Curious())
    heap.put(Curious())
    assert held
    assert all(held)


def test_the_bound_holds(queue):
    heap = queue.PriorityQueue(2)
    heap.put(2)
    heap.put(1)
    assert heap.full()
    with pytest.raises(queue.Full):
        heap.put_nowait(3)
    worker = Worker(heap.put, 0).blocked()
    assert heap.get() == 1
    worker.result()
    assert [heap.get(), heap.get()] == [0, 2]
    with pytest.raises(queue.Empty):
        heap.get(timeout=0)


def test_get_waits_for_an_item(heap):
    worker = Worker(heap.get).blocked()
    heap.put("it")
    assert worker.result() == "it"


def test_every_item_comes_out_once(heap):
    makers = [
        Worker(lambda me=me: [heap.put((n, me)) for n in range(300)]) for me in range(3)
    ]
    takers = [Worker(lambda: [heap.get() for _ in range(300)]) for _ in range(3)]
    finish(makers)
    got = [item for items in finish(takers) for item in items]
    assert sorted(got) == [(n, me) for n in range(300) for me in range(3)]


def test_what_a_comparison_raises_comes_out_of_put_and_get(heap):
    class Mistake(Exception):
        pass

    def fail():
        raise Mistake

    for rank in (2, 3):
        heap.put(Ranked(rank))
    with pytest.raises(Mistake):
        heap.put(Ranked(1, fail))
    items = [Ranked(rank) for rank in (4, 5, 6)]
    for item in items:
        heap.put(item)
    for item in items:
        item.first = fail
    with pytest.raises(Mistake):
        ranks(heap)


@without_its_lock
def test_a_comparison_that_raises_leaves_the_queue_as_it_was(heap):
    def fail():
        raise LookupError

    for rank in (2, 3):
        heap.put(Ranked(rank))
    with pytest.raises(LookupError):
        heap.put(Ranked(1, fail))
    assert heap.qsize() == 2
    failing = [Ranked(rank, fail) for rank in (4, 5)]
    for item in failing:
        item.first = lambda: None
        heap.put(item)
        item.first = fail
    assert heap.unfinished_tasks == 4
    for _ in range(3):
        with pytest.raises(LookupError):
            heap.get()
    for item in failing:
        item.first = lambda: None
    assert ranks(heap) == [2, 3, 4, 5]


@without_its_lock
def test_nobody_waits_for_a_comparison(heap):
    entered, leave = stdlib_threading.Event(), stdlib_threading.Event()

    def linger():
        entered.set()
        assert leave.wait(60)

    heap.put(Ranked(2))
    putter = Worker(heap.put, Ranked(1, linger))
    assert entered.wait(60)
    assert heap.qsize() == 1
    heap.put(Ranked(0))
    assert heap.get().rank == 0
    assert not heap.full()
    leave.set()
    putter.result()
    assert ranks(heap) == [1, 2]


@without_its_lock
def test_an_item_that_is_taken_while_it_is_compared_stays_alive(heap):
    entered, leave = stdlib_threading.Event(), stdlib_threading.Event()

    def linger():
        entered.set()
        assert leave.wait(60)

    heap.put(Ranked(2))
    putter = Worker(heap.put, Ranked(1, linger))
    assert entered.wait(60)
    assert heap.get().rank == 2
    leave.set()
    putter.result()
    assert ranks(heap) == [1]


@without_its_lock
def test_a_comparison_may_use_the_queue(heap):
    meddling = []

    def meddle():
        if not meddling:
            meddling.append(heap.qsize())
            heap.put(Ranked(0))
            assert heap.get().rank == 0
            heap.put(Ranked(5))

    for rank in (4, 2, 3):
        heap.put(Ranked(rank))
    heap.put(Ranked(1, meddle))
    assert meddling == [3]
    assert ranks(heap) == [1, 2, 3, 4, 5]


@without_its_lock
def test_a_comparison_may_open_the_queue(heap):
    for rank in (4, 2, 3):
        heap.put(Ranked(rank))
    heap.put(Ranked(1, lambda: heap.mutex))
    assert next(item.rank for item in heap.queue) == 1
    assert ranks(heap) == [1, 2, 3, 4]


@without_its_lock
def test_a_comparison_may_shut_the_queue_down(queue, heap):
    for rank in (4, 2, 3):
        heap.put(Ranked(rank))
    refused = Ranked(1, lambda: heap.shutdown(immediate=True))
    with pytest.raises(queue.ShutDown):
        heap.put(refused)
    assert heap.unfinished_tasks == 0
    with pytest.raises(queue.ShutDown):
        heap.get()


def test_threads_that_switch_within_comparisons_keep_the_order(heap):
    switches = stdlib_threading.Semaphore(0)

    def switch():
        switches.acquire(timeout=0)

    def make(me):
        for n in range(200):
            heap.put(Ranked(n * 7919 % 101 + me / 10, switch))

    makers = [Worker(make, me) for me in range(3)]
    takers = [Worker(lambda: [heap.get().rank for _ in range(100)]) for _ in range(3)]
    finish(makers)
    got = [rank for some in finish(takers) for rank in some]
    left = ranks(heap)
    assert left == sorted(left)
    wanted = [n * 7919 % 101 + me / 10 for n in range(200) for me in range(3)]
    assert sorted(got + left) == sorted(wanted)
