"""queue.PriorityQueue, over both sides."""

import random

import pytest
from support.threads import Worker, finish


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


def test_a_comparison_runs_with_the_mutex_held(heap):
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
