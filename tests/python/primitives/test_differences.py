"""What the native classes do otherwise than the standard ones: DIFFERENCES.md."""

import inspect
import sys

import pytest
from support.rooms import THREEPLY, open_rooms


@pytest.fixture
def rooms():
    return open_rooms(THREEPLY)


def test_a_native_class_has_a_core_before_the_standard_class(rooms):
    import threading as stdlib_threading

    own, core, standard, last = rooms.threading.Event.__mro__
    assert (own.__name__, core.__name__) == ("Event", "EventCore")
    assert (standard, last) == (stdlib_threading.Event, object)


def test_a_native_method_takes_self_by_position(rooms):
    this = next(iter(inspect.signature(rooms.threading.Event.wait).parameters.values()))
    assert this.kind is inspect.Parameter.POSITIONAL_ONLY


@pytest.mark.parametrize(
    ("kind", "in_order"), [("LifoQueue", (2, 1)), ("PriorityQueue", (1, 2))]
)
def test_a_stack_s_methods_do_not_take_a_plain_queue(rooms, kind, in_order):
    plain, other = rooms.queue.Queue(), getattr(rooms.queue, kind)
    with pytest.raises(TypeError, match="doesn't apply to a 'Queue' object"):
        other.put(plain, 1)
    plain.put(1)
    plain.put(2)
    if sys.version_info < (3, 15):
        with pytest.raises(TypeError, match="object layout differs"):
            plain.__class__ = other
        assert (plain.get(), plain.get()) == (1, 2)
    else:
        plain.__class__ = other
        assert (plain.get(), plain.get()) == in_order


def test_a_queue_has_its_lock_when_it_is_asked_for(rooms):
    queue = rooms.queue.Queue()
    assert vars(queue) == {}
    assert queue.mutex is vars(queue)["mutex"]
