"""Garbage collection, finalizers and references, over both sides."""

import gc
import sys
import weakref

import pytest
from support.threads import Worker


class Thing:
    """An item that can be watched."""


def test_a_queue_among_its_own_items_is_collected(queue_kind):
    made = queue_kind()
    made.put(made)
    reference = weakref.ref(made)
    del made
    gc.collect()
    assert reference() is None


def test_an_item_that_refers_to_its_queue_is_collected_with_it(queue_kind):
    made = queue_kind()
    thing = Thing()
    thing.home = made
    made.put((0, thing))
    references = weakref.ref(made), weakref.ref(thing)
    del made, thing
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_an_object_that_refers_to_itself_is_collected(kind):
    made = kind()
    made.me = made
    reference = weakref.ref(made)
    del made
    gc.collect()
    assert reference() is None


@pytest.fixture(params=["RLock", "Condition"])
def derivable(request, threading):
    """Further classes that can be derived from, whatever they are called by."""
    return type(getattr(threading, request.param)())


def test_a_lock_of_a_subclass_that_refers_to_itself_is_collected(derivable):
    class Own(derivable):
        pass

    made = Own()
    made.me = [made]
    references = weakref.ref(made), weakref.ref(Own)
    del made, Own
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_a_condition_whose_lock_refers_to_it_is_collected(threading):
    class Own(type(threading.RLock())):
        pass

    lock = Own()
    lock.condition = threading.Condition(lock)
    with lock.condition:
        lock.condition.notify_all()
    references = weakref.ref(lock), weakref.ref(lock.condition)
    del lock
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def _barrier_of_its_action(threading):
    made = threading.Barrier(1, lambda: made.parties)
    return made


def test_a_barrier_whose_action_refers_to_it_is_collected(threading):
    made = _barrier_of_its_action(threading)
    made.wait()
    reference = weakref.ref(made)
    del made
    gc.collect()
    assert reference() is None


@pytest.mark.threeply_only(reason="there is no standard one")
def test_a_side_keeps_its_readers_writer_lock_and_no_longer(threading):
    lock = threading.RWLock()
    reference, side = weakref.ref(lock), lock.read
    del lock
    gc.collect()
    with side:
        assert reference().readers == 1
    del side
    assert reference() is None


def test_an_object_of_a_subclass_that_refers_to_itself_is_collected(kind):
    class Own(kind):
        pass

    made = Own()
    made.me = [made]
    reference = weakref.ref(made)
    del made
    gc.collect()
    assert reference() is None


def test_a_subclass_made_in_a_function_is_collected(kind):
    class Own(kind):
        pass

    made = Own()
    reference = weakref.ref(Own)
    del made, Own
    gc.collect()
    assert reference() is None


def test_the_collector_tracks_and_sees_the_items(queue_kind):
    made = queue_kind()
    thing = Thing()
    made.put((1, thing))
    assert gc.is_tracked(made)
    seen, todo = set(), [made]
    while todo:
        for referent in gc.get_referents(todo.pop()):
            if isinstance(referent, type) or id(referent) in seen:
                continue
            seen.add(id(referent))
            if isinstance(referent, (list, tuple, dict)) or "deque" in str(
                type(referent)
            ):
                todo.append(referent)
    assert id(thing) in seen


def test_items_are_freed_once_when_gotten(queue_kind):
    made = queue_kind()
    gone = []
    for number in range(10):
        thing = Thing()
        weakref.finalize(thing, gone.append, number)
        made.put((number, thing))
    del thing
    assert gone == []
    while not made.empty():
        made.get()
    assert sorted(gone) == list(range(10))


def test_items_are_freed_once_with_their_queue(queue_kind):
    made = queue_kind()
    gone = []
    for number in range(10):
        thing = Thing()
        weakref.finalize(thing, gone.append, number)
        made.put((number, thing))
    del thing
    assert gone == []
    del made
    gc.collect()
    assert sorted(gone) == list(range(10))


def test_a_queue_keeps_one_reference_to_an_item(queue):
    made = queue.Queue()
    thing = Thing()
    before = sys.getrefcount(thing)
    made.put(thing)
    assert sys.getrefcount(thing) == before + 1
    assert made.get() is thing
    assert sys.getrefcount(thing) == before


@pytest.mark.parametrize("way", ["nowait", "timeout"])
def test_a_refused_item_is_let_go(queue, way):
    made = queue.Queue(1)
    made.put(1)
    thing = Thing()
    before = sys.getrefcount(thing)
    for _ in range(10):
        with pytest.raises(queue.Full):
            made.put(thing, way == "timeout", 0.0001)
    gc.collect()
    assert sys.getrefcount(thing) == before


def test_a_thread_blocked_on_an_object_keeps_it_alive(queue):
    made = queue.Queue()
    worker = Worker(made.get).blocked()
    reference = weakref.ref(made)
    del made
    gc.collect()
    reference().put(1)
    assert worker.result() == 1


def _held(lock):
    lock.acquire()
    return lock


def _written(lock):
    lock.acquire_write()
    return lock


def _wait(condition):
    with condition:
        condition.wait()


def _notify(condition):
    with condition:
        condition.notify()


# How to make one, to block on it, and to wake who is blocked.
BLOCKING = {
    "Lock": (
        lambda threading: _held(threading.Lock()),
        lambda lock: lock.acquire(),
        lambda lock: lock.release(),
    ),
    "Condition": (lambda threading: threading.Condition(), _wait, _notify),
    "Barrier": (
        lambda threading: threading.Barrier(2),
        lambda barrier: barrier.wait(),
        lambda barrier: barrier.wait(),
    ),
    "RWLock": (
        lambda threading: _written(threading.RWLock()),
        lambda lock: lock.acquire_read(),
        lambda lock: lock.release_write(),
    ),
}


@pytest.mark.parametrize("name", BLOCKING)
def test_a_thread_blocked_on_a_lock_keeps_it_alive(threading, name):
    if not hasattr(threading, name):
        pytest.skip("there is no standard one")
    make, block, wake = BLOCKING[name]
    made = make(threading)
    worker = Worker(block, made).blocked()
    reference = weakref.ref(made)
    del made
    gc.collect()
    wake(reference())
    worker.result()
    gc.collect()
    assert reference() is None


def test_arguments_are_neither_kept_nor_freed_too_often(rooms):
    event, semaphore = rooms.threading.Event(), rooms.threading.Semaphore(10**9)
    timeout = 123456.75
    before = sys.getrefcount(timeout)
    event.set()
    for _ in range(1000):
        event.wait(timeout)
        semaphore.acquire(True, timeout)
    assert abs(sys.getrefcount(timeout) - before) <= 1


# Finalizers that use the object


def test_a_finalizer_may_put_into_the_queue_the_item_came_from(queue):
    made = queue.Queue()

    class Returning:
        def __del__(self):
            made.put("returned")

    made.put(Returning())
    made.get()
    gc.collect()
    assert made.get(timeout=30) == "returned"


@pytest.mark.threeply_only(
    reason="the standard shutdown drops items with the mutex held: it deadlocks"
)
@pytest.mark.shutdown
def test_a_finalizer_may_use_the_queue_that_is_being_shut_down(queue):
    made = queue.Queue()
    seen = []

    class Curious:
        def __del__(self):
            seen.append(made.qsize())

    made.put(Curious())
    made.put(Curious())
    made.shutdown(immediate=True)
    gc.collect()
    assert len(seen) == 2


@pytest.mark.threeply_only(
    reason="a collection inside the standard put finds the mutex held: it deadlocks"
)
def test_a_finalizer_run_by_the_collector_inside_put_may_put(queue):
    made = queue.Queue()
    returned = []

    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            made.put("returned")
            returned.append(1)

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(500):
            Cycle()
            made.put([])
            made.get()
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert len(returned) == 500
    assert made.qsize() == 500


@pytest.mark.parametrize("name", ["Event", "Semaphore"])
@pytest.mark.threeply_only(
    reason="a collection inside the standard set or release may find the lock held"
)
def test_a_finalizer_run_by_the_collector_may_wake(threading, name):
    made = threading.Event() if name == "Event" else threading.Semaphore(0)
    wake = made.set if name == "Event" else made.release
    count = [0]

    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            wake()
            count[0] += 1

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(500):
            Cycle()
            wake()
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert count == [500]
    if name == "Semaphore":
        assert made._value == 1000
