"""queue.LifoQueue, over both sides."""

import gc
import pickle
import weakref

import pytest
from support.threads import Worker, finish


@pytest.fixture
def stack(queue):
    return queue.LifoQueue()


def test_the_last_item_in_is_the_first_out(stack):
    for item in range(5):
        stack.put(item)
    assert [stack.get() for _ in range(5)] == [4, 3, 2, 1, 0]


def test_items_stack_up_again_in_between(stack):
    stack.put(1)
    stack.put(2)
    assert stack.get() == 2
    stack.put(3)
    assert [stack.get(), stack.get()] == [3, 1]


def test_the_items_are_a_list(stack):
    stack.put(1)
    stack.put(2)
    assert stack.queue == [1, 2]
    with stack.mutex:
        stack.queue.clear()
    assert stack.empty()


def test_an_open_stack_goes_on_where_the_closed_one_was(stack):
    for item in range(4):
        stack.put(item)
    assert stack.get() == 3
    with stack.mutex:
        assert stack.queue == [0, 1, 2]
        stack.queue.append("inside")
    stack.put(4)
    assert [stack.get() for _ in range(5)] == [4, "inside", 2, 1, 0]


def test_hooks_of_a_subclass_may_call_the_stack_s_own(queue):
    class Noted(queue.LifoQueue):
        def _init(self, maxsize):
            super()._init(maxsize)
            self.seen = []

        def _put(self, item):
            self.seen.append(item)
            super()._put(item)

        def _get(self):
            self.seen.append("get")
            return super()._get()

    stack = Noted()
    stack.put(1)
    stack.put(2)
    assert [stack.get(), stack.qsize()] == [2, 1]
    assert stack.seen == [1, 2, "get"]
    assert stack.queue == [1]


def test_a_stack_that_is_initialised_again_is_an_empty_stack(stack):
    stack.put(1)
    stack.__init__(2)
    assert stack.empty()
    stack.put(2)
    stack.put(3)
    assert stack.full()
    assert [stack.get(), stack.get()] == [3, 2]


def test_a_cycle_through_an_item_is_collected(queue):
    class Node:
        pass

    node = Node()
    node.stack = queue.LifoQueue()
    node.stack.put(node)
    seen = weakref.ref(node)
    del node
    gc.collect()
    assert seen() is None


def test_a_stack_cannot_be_pickled(stack):
    with pytest.raises(TypeError):
        pickle.dumps(stack)


def test_it_is_a_queue(queue, stack):
    assert isinstance(stack, queue.Queue)


def test_the_bound_holds(queue):
    stack = queue.LifoQueue(2)
    stack.put(1)
    stack.put(2)
    assert stack.full()
    with pytest.raises(queue.Full):
        stack.put_nowait(3)
    with pytest.raises(queue.Full):
        stack.put(3, timeout=0.001)
    worker = Worker(stack.put, 3).blocked()
    assert stack.get() == 2
    worker.result()
    assert [stack.get(), stack.get()] == [3, 1]
    with pytest.raises(queue.Empty):
        stack.get_nowait()


def test_get_waits_for_an_item(stack):
    worker = Worker(stack.get).blocked()
    stack.put("it")
    assert worker.result() == "it"


def test_tasks_are_counted(stack):
    stack.put(1)
    worker = Worker(stack.join).blocked()
    stack.get()
    stack.task_done()
    assert worker.result() is None
    with pytest.raises(ValueError, match="too many times"):
        stack.task_done()


def test_every_item_comes_out_once(queue):
    stack = queue.LifoQueue(3)
    makers = [
        Worker(lambda me=me: [stack.put((me, n)) for n in range(400)])
        for me in range(3)
    ]
    takers = [Worker(lambda: [stack.get() for _ in range(400)]) for _ in range(3)]
    finish(makers)
    got = [item for items in finish(takers) for item in items]
    assert sorted(got) == [(me, n) for me in range(3) for n in range(400)]
