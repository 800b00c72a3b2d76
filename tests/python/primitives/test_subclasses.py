"""Subclasses of every class of the family, over both sides."""

import abc

import pytest
from support.threads import Worker


def test_a_subclass_may_take_arguments_of_its_own(kind):
    class Own(kind):
        def __init__(self, first, *, second=2):
            super().__init__()
            self.both = (first, second)

    assert Own(1).both == (1, 2)
    assert Own(first=3, second=4).both == (3, 4)


def test_a_subclass_may_make_its_objects_in_new(kind):
    class Own(kind):
        def __new__(cls, name):
            made = super().__new__(cls)
            made.name = name
            return made

        def __init__(self, name):
            super().__init__()

    assert Own("mine").name == "mine"


def test_new_ignores_the_arguments_meant_for_init(kind):
    class Own(kind):
        def __init__(self, *names, **more):
            super().__init__()
            self.names = (names, more)

    assert Own(1, 2, three=3).names == ((1, 2), {"three": 3})


def test_a_subclass_of_a_subclass_works(kind):
    class First(kind):
        pass

    class Second(First):
        pass

    made = Second()
    assert isinstance(made, kind)
    assert Second.__mro__[:3] == (Second, First, kind)


def test_a_subclass_may_have_slots(kind):
    class Own(kind):
        __slots__ = ("colour",)

    made = Own()
    made.colour = "green"
    assert made.colour == "green"


def test_a_subclass_may_mix_in_other_classes(kind):
    class Named:
        def __init__(self, *args, name="", **kwargs):
            super().__init__(*args, **kwargs)
            self.name = name

    class Own(Named, kind):
        pass

    assert Own(name="mine").name == "mine"


def test_a_subclass_may_have_an_abstract_base(kind):
    class Own(kind, metaclass=abc.ABCMeta):
        @abc.abstractmethod
        def run(self):
            """Runs."""

    with pytest.raises(TypeError, match="abstract"):
        Own()

    class Concrete(Own):
        def run(self):
            return "ran"

    assert Concrete().run() == "ran"


def test_a_subclass_prints_by_its_own_name(kind):
    class Own(kind):
        pass

    assert "Own" in repr(Own())

    class Other(kind):
        def __repr__(self):
            return "other"

    assert repr(Other()) == "other"


def test_the_class_of_an_object_can_be_changed_to_a_subclass(kind):
    class Own(kind):
        def hello(self):
            return "hello"

    class Other(kind):
        def hello(self):
            return "other"

    made = Own()
    made.__class__ = Other
    assert made.hello() == "other"


# What one method does through another


def test_leaving_a_semaphore_calls_the_release_of_a_subclass(threading):
    calls = []

    class Noting(threading.Semaphore):
        def release(self, n=1):
            calls.append(n)
            super().release(n)

    semaphore = Noting(1)
    with semaphore:
        assert calls == []
    assert calls == [1]
    assert semaphore._value == 1


def test_leaving_a_semaphore_calls_the_release_of_the_instance(threading):
    semaphore = threading.Semaphore(1)
    calls = []
    semaphore.release = lambda: calls.append("release")
    with semaphore:
        pass
    assert calls == ["release"]


def test_entering_a_semaphore_does_not_call_the_acquire_of_a_subclass(threading):
    # `__enter__ = acquire` in the class body binds the function of the base.
    class Noting(threading.Semaphore):
        def acquire(self, blocking=True, timeout=None):
            raise AssertionError("called")

    with Noting(1) as entered:
        assert entered is True


def test_a_subclass_of_event_waits_through_super(threading):
    class Counted(threading.Event):
        waits = 0

        def wait(self, timeout=None):
            self.waits += 1
            return super().wait(timeout)

    event = Counted()
    worker = Worker(event.wait).blocked()
    event.set()
    assert worker.result() is True
    assert event.waits == 1


def test_the_deprecated_name_asks_is_set_of_a_subclass(threading):
    class Always(threading.Event):
        def is_set(self):
            return True

    with pytest.warns(DeprecationWarning, match="use is_set"):
        assert Always().isSet() is True
