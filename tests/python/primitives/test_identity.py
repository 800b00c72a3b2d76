"""What an object of the family is to the rest of Python, over both sides."""

import copy
import gc
import inspect
import pickle
import types
import weakref

import pytest
from support import interpreters

PUBLIC = {
    "Event": "clear isSet is_set set wait",
    "Semaphore": "acquire release __enter__ __exit__",
    "BoundedSemaphore": "acquire release __enter__ __exit__",
    "Queue": "empty full get get_nowait join put put_nowait qsize task_done",
    "LifoQueue": "empty full get get_nowait join put put_nowait qsize task_done",
    "PriorityQueue": "empty full get get_nowait join put put_nowait qsize task_done",
}

FAMILY = {
    "Event": "Event",
    "Semaphore": "Semaphore",
    "BoundedSemaphore": "Semaphore",
    "Queue": "Queue",
    "LifoQueue": "Queue",
    "PriorityQueue": "Queue",
}

STATES = """
    def states():
        event = threading.Event()
        yield event
        event.set()
        yield event
        semaphore = threading.Semaphore(3)
        semaphore.acquire()
        yield semaphore
        bounded = threading.BoundedSemaphore(3)
        bounded.acquire()
        yield bounded
        yield queue.Queue()
        yield queue.LifoQueue()
        yield queue.PriorityQueue()
        class Own(threading.Event):
            pass
        yield Own()

    for state in states():
        address = hex(id(state))
        print(repr(state).replace(address, "0x"))
        assert str(state) == repr(state) and address in repr(state), repr(state)
"""


# Names


def test_an_object_prints_as_an_object_of_the_standard_library_does():
    printed = interpreters.output("standard", STATES)
    assert printed.splitlines() == [
        "<threading.Event at 0x: unset>",
        "<threading.Event at 0x: set>",
        "<threading.Semaphore at 0x: value=2>",
        "<threading.BoundedSemaphore at 0x: value=2/3>",
        "<queue.Queue object at 0x>",
        "<queue.LifoQueue object at 0x>",
        "<queue.PriorityQueue object at 0x>",
        "<__main__.states.<locals>.Own at 0x: unset>",
    ]


def test_an_imported_object_prints_by_its_name_in_threeply():
    standard = interpreters.output("standard", STATES)
    imported = interpreters.output("threeply", STATES)
    assert imported == standard.replace("<threading.", "<threeply.threading.").replace(
        "<queue.", "<threeply.queue."
    )


def test_an_installed_object_prints_by_its_standard_name():
    assert interpreters.output("installed", STATES) == interpreters.output(
        "standard", STATES
    )


def test_a_class_is_found_where_it_says_it_lives(rooms, kind):
    prefix = "threeply." if rooms.native else ""
    home = rooms.threading if "queue" not in kind.__module__ else rooms.queue
    assert kind.__module__ == prefix + home.__name__.removeprefix(prefix)
    assert kind.__qualname__ == kind.__name__
    assert getattr(home, kind.__name__) is kind
    assert pickle.loads(pickle.dumps(kind)) is kind


def test_every_public_method_has_the_standard_signature(kind, standard_kind):
    for name in PUBLIC[kind.__name__].split():
        ours = inspect.signature(getattr(kind, name))
        standard = inspect.signature(getattr(standard_kind, name))
        assert _shape(ours) == _shape(standard), name


def test_the_constructor_has_the_standard_signature(kind, standard_kind):
    assert _shape(inspect.signature(kind)) == _shape(inspect.signature(standard_kind))


def _shape(signature):
    return [
        (parameter.name, parameter.default)
        for parameter in signature.parameters.values()
        if parameter.name not in {"self", "t", "v", "tb"}
    ]


def test_every_class_and_public_method_has_a_docstring(kind):
    assert inspect.getdoc(kind)
    for name in PUBLIC[kind.__name__].split():
        if not name.startswith("__"):
            assert inspect.getdoc(getattr(kind, name)), name


def test_a_bound_method_knows_its_object_and_name(kind):
    made = kind()
    for name in PUBLIC[kind.__name__].split():
        method = getattr(made, name)
        assert method.__self__ is made
        assert callable(method)
        assert method == getattr(made, name)


# Beside the standard library


def test_an_object_is_an_instance_of_the_standard_class(kind, standard_kind):
    assert isinstance(kind(), standard_kind)


def test_an_object_is_an_instance_of_its_own_class_and_no_other(rooms, kind):
    made = kind()
    assert type(made) is kind
    assert made.__class__ is kind
    bases = (rooms.threading.Event, rooms.threading.Semaphore, rooms.queue.Queue)
    found = [base.__name__ for base in bases if isinstance(made, base)]
    assert found == [FAMILY[kind.__name__]]


def test_a_standard_object_is_no_instance_of_a_native_class(rooms, kind, standard_kind):
    assert isinstance(standard_kind(), kind) == (not rooms.native)


# Attributes, weak references, equality


def test_an_object_takes_attributes(kind):
    made = kind()
    made.name = "mine"
    assert made.name == "mine"
    assert vars(made)["name"] == "mine"
    del made.name
    with pytest.raises(AttributeError):
        made.name  # noqa: B018 - reading it is the test.


def test_a_class_takes_attributes(kind, monkeypatch):
    monkeypatch.setattr(kind, "colour", "green", raising=False)
    assert kind().colour == "green"


@pytest.mark.parametrize(
    ("name", "method"), [("Event", "set"), ("Semaphore", "release"), ("Queue", "put")]
)
def test_a_patched_method_is_the_one_that_is_called(rooms, monkeypatch, name, method):
    kind = getattr(rooms.queue if name == "Queue" else rooms.threading, name)
    made = kind()
    calls = []
    monkeypatch.setattr(kind, method, lambda self, *rest: calls.append(rest))
    getattr(made, method)(1)
    assert calls == [(1,)]
    monkeypatch.undo()
    assert getattr(made, method).__self__ is made


def test_an_object_can_be_referred_to_weakly(kind):
    made = kind()
    gone = []
    reference = weakref.ref(made, gone.append)
    assert reference() is made
    assert made in weakref.WeakSet([made])
    del made
    gc.collect()
    assert reference() is None
    assert gone == [reference]


def test_objects_are_equal_to_themselves_only_and_hash(kind):
    first, second = kind(), kind()
    assert first == first
    assert first != second
    assert len({first, second, first}) == 2


def test_an_object_is_true(kind):
    # An empty queue is true: it has no length.
    assert bool(kind())
    with pytest.raises(TypeError):
        len(kind())


def test_queues_can_be_written_with_their_item_type(queue_kind):
    alias = queue_kind[int]
    assert isinstance(alias, types.GenericAlias)
    assert (alias.__origin__, alias.__args__) == (queue_kind, (int,))
    made = alias(2)
    assert type(made) is queue_kind
    assert made.maxsize == 2


# Pickling


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_object_cannot_be_pickled(kind, protocol):
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(kind(), protocol)


@pytest.mark.parametrize("protocol", [0, 1])
def test_an_object_cannot_be_pickled_the_old_way(kind, protocol):
    with pytest.raises((TypeError, pickle.PicklingError), match=r"(?i)can.*t pickle"):
        pickle.dumps(kind(), protocol)


def test_an_object_of_a_subclass_cannot_be_pickled(kind, monkeypatch):
    own = type("Own", (kind,), {"__module__": __name__})
    monkeypatch.setitem(globals(), "Own", own)
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(own())


def test_an_object_cannot_be_copied_deeply(kind):
    with pytest.raises(TypeError, match="cannot pickle"):
        copy.deepcopy(kind())
    with pytest.raises(TypeError, match="cannot pickle"):
        copy.deepcopy({"inside": [kind()]})
