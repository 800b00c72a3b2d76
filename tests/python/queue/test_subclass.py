"""Queues whose organisation a subclass, an instance or a patch changes."""

import threading as stdlib_threading
from typing import Generic, TypeVar

import pytest
from support.threads import Worker, blocked, finish


@pytest.fixture
def unique(queue):
    """A queue that holds each item once: the example of many a tutorial."""

    class Unique(queue.Queue):
        def _init(self, maxsize):
            self.queue = set()

        def _put(self, item):
            self.queue.add(item)

        def _get(self):
            return self.queue.pop()

    return Unique


def test_a_subclass_may_keep_its_items_in_a_set(unique):
    made = unique()
    for item in (1, 2, 2, 1):
        made.put(item)
    assert made.qsize() == 2
    assert made.unfinished_tasks == 4
    assert {made.get(), made.get()} == {1, 2}
    assert made.empty()


def test_the_bound_of_a_subclass_is_by_its_own_size(queue, unique):
    made = unique(2)
    made.put(1)
    made.put(1)
    made.put(2)
    with pytest.raises(queue.Full):
        made.put_nowait(3)
    worker = Worker(made.put, 3).blocked()
    made.get()
    worker.result()
    assert made.full()


def test_a_subclass_may_say_its_own_size(queue):
    class Pairs(queue.Queue):
        def _qsize(self):
            return len(self.queue) // 2

    made = Pairs()
    made.put("left")
    assert made.qsize() == 0
    assert made.empty()
    with pytest.raises(queue.Empty):
        made.get_nowait()
    worker = Worker(made.get).blocked()
    made.put("right")
    assert worker.result() == "left"


def test_init_is_called_once_with_the_maxsize_before_anything_else(queue):
    calls = []

    class Noting(queue.Queue):
        def _init(self, maxsize):
            calls.append((maxsize, self.maxsize))
            super()._init(maxsize)

    made = Noting(7)
    assert calls == [(7, 7)]
    made.put(1)
    assert made.get() == 1


def test_the_overridden_methods_run_with_the_mutex_held(queue):
    held = []

    class Noting(queue.Queue):
        def _qsize(self):
            held.append(self.mutex.locked())
            return super()._qsize()

        def _put(self, item):
            held.append(self.mutex.locked())
            super()._put(item)

        def _get(self):
            held.append(self.mutex.locked())
            return super()._get()

    made = Noting(1)
    made.put(1)
    made.qsize()
    made.get()
    assert len(held) >= 4
    assert all(held)


def test_only_one_thread_at_a_time_is_in_the_overridden_methods(queue):
    inside, most = [0], [0]

    class Narrow(queue.Queue):
        def _enter(self, call, *args):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            try:
                return call(*args)
            finally:
                inside[0] -= 1

        def _put(self, item):
            self._enter(super()._put, item)

        def _get(self):
            return self._enter(super()._get)

    made = Narrow(2)
    makers = [
        Worker(lambda: [made.put(n, timeout=30) for n in range(300)]) for _ in range(3)
    ]
    takers = [
        Worker(lambda: [made.get(timeout=30) for _ in range(300)]) for _ in range(3)
    ]
    finish(makers)
    finish(takers)
    assert most == [1]


@pytest.mark.parametrize("step", ["_put", "_get", "_qsize"])
def test_an_error_in_an_overridden_method_reaches_the_caller(queue, step):
    class Failing(queue.Queue):
        fail = False

        def _check(self, name):
            if self.fail and name == step:
                raise LookupError(name)

        def _put(self, item):
            self._check("_put")
            super()._put(item)

        def _get(self):
            self._check("_get")
            return super()._get()

        def _qsize(self):
            self._check("_qsize")
            return super()._qsize()

    made = Failing(5)
    made.put(1)
    made.fail = True
    call = (lambda: made.put(2)) if step == "_put" else made.get
    with pytest.raises(LookupError, match=step):
        call()
    made.fail = False
    assert not made.mutex.locked()
    assert (made.qsize(), made.unfinished_tasks) == (1, 1)
    assert made.get() == 1


def test_an_error_in_put_wakes_no_getter(queue):
    class Picky(queue.Queue):
        def _put(self, item):
            if item is None:
                raise ValueError("not None")
            super()._put(item)

    made = Picky()
    worker = Worker(made.get).blocked()
    with pytest.raises(ValueError, match="not None"):
        made.put(None)
    worker.blocked()
    made.put(1)
    assert worker.result() == 1


def test_an_overridden_put_is_what_put_nowait_calls(queue):
    calls = []

    class Noting(queue.Queue):
        def put(self, item, block=True, timeout=None):
            calls.append(("put", item, block, timeout))
            super().put(item, block, timeout)

        def get(self, block=True, timeout=None):
            calls.append(("get", block, timeout))
            return super().get(block, timeout)

    made = Noting()
    made.put_nowait(1)
    assert made.get_nowait() == 1
    assert calls == [("put", 1, False, None), ("get", False, None)]


def test_a_subclass_may_take_other_arguments(queue):
    class Named(queue.Queue):
        def __init__(self, name, *, bound=0):
            super().__init__(bound)
            self.name = name

    made = Named("jobs", bound=1)
    assert (made.name, made.maxsize) == ("jobs", 1)
    made.put(1)
    assert made.full()


@pytest.mark.parametrize("kind", ["Queue", "LifoQueue", "PriorityQueue"])
def test_annotations_may_name_what_it_holds(queue, kind):
    cls = getattr(queue, kind)
    assert cls[int].__origin__ is cls


def test_a_generic_subclass_works(queue):
    item = TypeVar("item")

    class Typed(queue.Queue, Generic[item]):
        pass

    made = Typed[int]()
    made.put(1)
    assert made.get() == 1

    class Ints(queue.Queue[int]):
        pass

    made = Ints(1)
    made.put(2)
    assert made.full()
    assert made.get() == 2


def test_a_mixin_can_stand_before_the_queue(queue):
    class Peeking:
        def peek(self):
            with self.mutex:
                return self.queue[0]

    class Peekable(Peeking, queue.Queue):
        pass

    made = Peekable()
    made.put("first")
    assert made.peek() == "first"
    assert made.get() == "first"


def test_a_subclass_may_drop_the_oldest_in_put(queue):
    class Latest(queue.Queue):
        def _put(self, item):
            if self._qsize() >= 2:
                self.queue.popleft()
            super()._put(item)

    made = Latest()
    for item in range(5):
        made.put(item)
    assert [made.get(), made.get()] == [3, 4]


def test_another_queue_s_methods_make_a_stack_a_queue(queue):
    # They are ours too, and used to pass for the stack's own: it stayed a stack.
    class First(queue.LifoQueue):
        _init = queue.Queue._init
        _get = queue.Queue._get

    made = First()
    for item in range(3):
        made.put(item)
    assert [made.get() for _ in range(3)] == [0, 1, 2]


def test_another_queue_s_method_patched_in_is_used_from_then_on(queue, monkeypatch):
    class Stack(queue.LifoQueue):
        pass

    made = Stack()
    made.put(1)
    made.put(2)
    monkeypatch.setattr(Stack, "_get", queue.Queue._get, raising=False)
    # A list has no popleft.
    with pytest.raises(AttributeError, match="popleft"):
        made.get()
    monkeypatch.undo()
    assert [made.get(), made.get()] == [2, 1]


def test_a_stack_s_own_methods_named_again_change_nothing(queue):
    class Same(queue.LifoQueue):
        _put = queue.LifoQueue._put
        _get = queue.LifoQueue._get

    made = Same()
    made.put(1)
    made.put(2)
    assert [made.get(), made.get()] == [2, 1]


@pytest.mark.parametrize("kind", ["LifoQueue", "PriorityQueue"])
def test_the_order_is_the_class_s_whoever_initialises(queue, kind):
    # `Queue.__init__` used to make any of them first in, first out.
    class Old(getattr(queue, kind)):
        def __init__(self):
            queue.Queue.__init__(self, 3)

    made = Old()
    for item in (1, 3, 2):
        made.put(item)
    assert made.full()
    in_order = {"LifoQueue": [2, 3, 1], "PriorityQueue": [1, 2, 3]}
    assert [made.get() for _ in range(3)] == in_order[kind]


@pytest.mark.parametrize("kind", ["LifoQueue", "PriorityQueue"])
def test_the_order_is_the_class_s_whoever_s_put_and_get_is_called(queue, kind):
    # `Queue.get` of a queue in order used to end the process.
    plain = queue.Queue

    class Old(getattr(queue, kind)):
        def put(self, item, block=True, timeout=None):
            plain.put(self, item, block, timeout)

        def get(self, block=True, timeout=None):
            return plain.get(self, block, timeout)

    made = Old()
    for item in (1, 3):
        made.put(item)
    plain.put(made, 2)
    in_order = {"LifoQueue": [2, 3, 1], "PriorityQueue": [1, 2, 3]}
    assert [made.get(), plain.get(made), plain.get_nowait(made)] == in_order[kind]


def test_the_order_changes_with_the_class(queue):
    class First(queue.Queue):
        pass

    class Last(First, queue.LifoQueue):
        pass

    made = First()
    for item in (1, 3, 2):
        made.put(item)
    made.__class__ = Last
    assert [made.get() for _ in range(3)] == [2, 3, 1]
    made.put(4)
    made.put(5)
    assert made.get() == 5


def test_the_order_is_that_of_the_first_base(queue):
    class First(queue.Queue):
        pass

    class Both(First, queue.LifoQueue):
        pass

    made = Both()
    for item in range(3):
        made.put(item)
    assert [made.get() for _ in range(3)] == [2, 1, 0]


# On the instance, and patched on the class


def test_methods_on_the_instance_are_used(queue):
    made = queue.Queue()
    items = []
    made._put = items.append
    made._get = items.pop
    made._qsize = lambda: len(items)
    made.put(1)
    made.put(2)
    assert items == [1, 2]
    assert made.qsize() == 2
    assert made.get() == 2
    assert len(made.queue) == 0


def test_methods_set_on_the_instance_after_use_are_used(queue):
    made = queue.Queue()
    made.put(1)
    seen = []

    def put(item):
        seen.append(item)
        made.queue.append(item)

    made._put = put
    made.put(2)
    assert seen == [2]
    assert [made.get(), made.get()] == [1, 2]
    del made._put
    made.put(3)
    assert seen == [2]
    assert made.get() == 3


def test_a_put_on_the_instance_wakes_a_getter_that_waits_already(queue):
    made = queue.Queue()
    worker = Worker(made.get).blocked()
    made._put = lambda item: made.queue.append(("seen", item))
    made.put(1)
    assert worker.result() == ("seen", 1)


def test_a_put_of_the_instance_is_what_put_nowait_calls(queue):
    made = queue.Queue()
    calls = []
    made.put = lambda item, block=True, timeout=None: calls.append((item, block))
    made.put_nowait(1)
    assert calls == [(1, False)]


@pytest.mark.parametrize("base", ["Queue", "LifoQueue", "PriorityQueue"])
def test_methods_patched_on_the_class_are_used_by_queues_made_before(
    queue, monkeypatch, base
):
    kind = getattr(queue, base)
    made = kind()
    made.put(1)
    seen = []
    original = kind._put

    def put(self, item):
        seen.append(item)
        original(self, item)

    monkeypatch.setattr(kind, "_put", put)
    made.put(2)
    assert seen == [2]
    monkeypatch.undo()
    made.put(3)
    assert seen == [2]
    assert sorted([made.get(), made.get(), made.get()]) == [1, 2, 3]


def test_put_patched_on_the_class_is_what_put_nowait_calls(queue, monkeypatch):
    made = queue.Queue()
    calls = []
    monkeypatch.setattr(
        queue.Queue, "put", lambda self, item, block=True: calls.append((item, block))
    )
    made.put_nowait(1)
    assert calls == [(1, False)]


def test_methods_patched_on_a_subclass_later_are_used(queue):
    class Plain(queue.Queue):
        pass

    made = Plain()
    made.put(1)
    Plain._get = lambda self: ("seen", self.queue.popleft())
    assert made.get() == ("seen", 1)
    del Plain._get
    made.put(2)
    assert made.get() == 2


def test_getters_of_a_subclass_wait_and_wake(unique):
    made = unique()
    workers = blocked(3, made.get)
    for item in range(3):
        made.put(item)
    assert sorted(finish(workers)) == [0, 1, 2]


def test_a_subclass_keeps_its_own_lock(queue):
    class Guarded(queue.Queue):
        def __init__(self):
            super().__init__()
            self.guard = stdlib_threading.RLock()

        def put(self, item, block=True, timeout=None):
            with self.guard:
                super().put(item, block, timeout)

    made = Guarded()
    made.put_nowait(1)
    assert made.get() == 1
