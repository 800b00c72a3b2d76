"""No standard code runs for a native object: every native item is called, watched."""

import threading as stdlib_threading
from types import SimpleNamespace

import monitor
import pytest

from threeply import _native

pytestmark = pytest.mark.skipif(not monitor.HAS_MONITORING, reason=monitor.WHY_NOT)


@pytest.fixture
def spare_watch(standard_watch):
    """Leaves nothing behind for the watch over the whole run."""
    yield
    standard_watch.ran.clear()


class Cheat(stdlib_threading.Event):
    """Claims to be native and has the standard class do the work."""

    def wait(self, timeout=None):
        return super().wait(timeout)


@pytest.fixture
def passed_off_as_native(monkeypatch, spare_watch):
    pretend = SimpleNamespace(provides=lambda value: value is Cheat)
    monkeypatch.setattr(_native, "extension", pretend)


@pytest.mark.usefixtures("passed_off_as_native")
class TestTheProof:
    def test_it_catches_a_class_that_calls_the_standard_method(self):
        with monitor.watching([stdlib_threading.Event], tool=3) as watch:
            cheat = Cheat()
            cheat.wait(0)
        assert watch.ran == ["Event.__init__ for a Cheat", "Event.wait for a Cheat"]

    def test_it_catches_a_method_that_is_only_inherited(self):
        with monitor.watching([stdlib_threading.Event], tool=3) as watch:
            Cheat().set()
        assert watch.ran == ["Event.__init__ for a Cheat", "Event.set for a Cheat"]

    def test_it_catches_a_subclass_of_the_cheat(self):
        class Sub(Cheat):
            pass

        with monitor.watching([stdlib_threading.Event], tool=3) as watch:
            Sub()
        assert watch.ran == [f"Event.__init__ for a {Sub.__qualname__}"]

    def test_it_leaves_standard_objects_alone(self):
        with monitor.watching([stdlib_threading.Event], tool=3) as watch:
            event = stdlib_threading.Event()
            event.set()
            event.wait(0)
        assert watch.ran == []

    def test_it_ends_with_the_watch(self):
        with monitor.watching([stdlib_threading.Event], tool=3) as watch:
            pass
        Cheat()
        assert watch.ran == []
