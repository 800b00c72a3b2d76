"""Verdicts cannot flatter. What the extension has made is stood in for by C types."""

import _queue
import collections
import functools
import importlib
import inspect
import queue as stdlib_queue
import threading as stdlib_threading
from types import ModuleType, SimpleNamespace

import pytest

from threeply import _native, coverage
from threeply._coverage import judge, origin
from threeply._coverage.api import Member, Name, Slow
from threeply._coverage.judge import Kind, Verdict


@pytest.fixture
def extension(monkeypatch):
    """Passes classes off as made by the extension."""

    def pretend(*classes):
        made = SimpleNamespace(
            __name__="made_up", provides=lambda value: value in classes
        )
        monkeypatch.setattr(_native, "extension", made)

    pretend()
    return pretend


@pytest.fixture
def share(monkeypatch):
    def listed(**reasons):
        names = {f"m.{name}": reason for name, reason in reasons.items()}
        monkeypatch.setattr(judge, "shared", lambda: names)

    listed()
    return listed


def verdicts(name, entry, room, standard):
    """Judges one name; `room` and `standard` are what the two modules have."""
    items = judge.module(
        "m", {name: entry}, _module(name, room), _module(name, standard)
    )
    return {item.name.removeprefix("m."): str(item.ruling.verdict) for item in items}


def _module(name, value):
    module = ModuleType("m")
    if value is not None:
        setattr(module, name, value)
    return module


QUEUE = Name("class", (), {"put": Member("method", ("item", "block", "timeout"))})
EVENT = Name("class", (), {"wait": Member("method", ("timeout",))})


def as_ours(text, name):
    """Executes text as if it stood in a file of threeply's."""
    names = {
        "collections": collections,
        "functools": functools,
        "stdlib_threading": stdlib_threading,
    }
    exec(compile(text, f"{origin.PACKAGE}threading/made_up.py", "exec"), names)
    return names[name]


@pytest.mark.usefixtures("share")
class TestNative:
    def test_what_the_extension_made_is_native_with_methods_and_keywords(
        self, extension
    ):
        extension(_queue.SimpleQueue)
        assert verdicts("Q", QUEUE, _queue.SimpleQueue, stdlib_queue.Queue) == {
            "Q": "native",
            "Q.put": "native",
            "Q.put(item=)": "native",
            "Q.put(block=)": "native",
            "Q.put(timeout=)": "native",
        }

    def test_a_keyword_that_is_not_in_the_signature_is_missing(self, extension):
        extension(_queue.SimpleQueue)
        wanted = Name("class", (), {"put": Member("method", ("priority",))})
        found = verdicts("Q", wanted, _queue.SimpleQueue, stdlib_queue.Queue)
        assert found["Q.put"] == "native"
        assert found["Q.put(priority=)"] == "missing"

    def test_a_method_without_a_signature_has_no_keywords(self, extension):
        with pytest.raises(ValueError, match="signature"):
            inspect.signature(dict.update)
        extension(dict)
        wanted = Name("class", (), {"update": Member("method", ("other",))})
        found = verdicts("D", wanted, dict, stdlib_queue.Queue)
        assert found["D.update"] == "native"
        assert found["D.update(other=)"] == "missing"

    def test_a_method_inherited_from_the_standard_class_is_not_yet(self, extension):
        class Event(collections.deque, stdlib_threading.Event):
            pass

        extension(Event, collections.deque)
        assert verdicts("Event", EVENT, Event, stdlib_threading.Event) == {
            "Event": "native",
            "Event.wait": "not yet",
            "Event.wait(timeout=)": "not yet",
        }

    def test_a_class_with_the_standard_constructor_is_not_yet(self, extension):
        class Event(stdlib_threading.Event):
            pass

        extension(Event)
        found = verdicts("Event", EVENT, Event, stdlib_threading.Event)
        assert found["Event"] == "not yet"

    def test_a_method_that_falls_through_to_object_is_missing(self, extension):
        extension(_queue.SimpleQueue)
        wanted = Name("class", (), {"__repr__": Member("method")})
        found = verdicts("Q", wanted, _queue.SimpleQueue, stdlib_threading.Thread)
        assert found["Q.__repr__"] == "missing"

    def test_what_it_leaves_to_python_is_said_and_always_lowers_it(
        self, extension, monkeypatch
    ):
        extension(_queue.SimpleQueue)
        left = Slow(("m.Q",), ("*",), "it is open", ("put",))
        monkeypatch.setattr(judge, "slow", lambda: (left,))
        wanted = Name("class", (), {**QUEUE.members, "get": Member("method")})
        room, standard = (
            _module("Q", _queue.SimpleQueue),
            _module("Q", stdlib_queue.Queue),
        )
        items = judge.module("m", {"Q": wanted}, room, standard)
        found = {item.name: item.ruling for item in items}
        assert found["m.Q"].verdict == found["m.Q.get"].verdict == "native"
        assert found["m.Q"].reason == "in Python when it is open"
        assert found["m.Q.put"].verdict == found["m.Q.put(item=)"].verdict == "python"

    def test_without_the_extension_nothing_is_native(self, monkeypatch):
        monkeypatch.setattr(_native, "extension", None)
        found = verdicts("Q", QUEUE, _queue.SimpleQueue, _queue.SimpleQueue)
        assert set(found.values()) == {"not yet"}


@pytest.mark.usefixtures("extension", "share")
class TestPython:
    def test_a_class_from_a_file_of_ours_is_python(self):
        made = as_ours(
            "class Event:\n"
            "    def __init__(self): self.flag = False\n"
            "    def wait(self, timeout=None): pass\n",
            "Event",
        )
        wanted = Name("class", (), {**EVENT.members, "flag": Member("attribute")})
        found = verdicts("Event", wanted, made, stdlib_threading.Event)
        assert set(found.values()) == {"python"}
        assert "Event.flag" in found

    def test_a_subclass_of_ours_does_not_make_inherited_methods_ours(self):
        made = as_ours(
            "class Event(stdlib_threading.Event):\n    def __init__(self): pass\n",
            "Event",
        )
        found = verdicts("Event", EVENT, made, stdlib_threading.Event)
        assert found["Event"] == "python"
        assert found["Event.wait"] == "not yet"

    def test_overriding_a_hook_of_a_native_class_makes_all_of_it_python(
        self, extension
    ):
        made = as_ours(
            "class Queue(collections.deque):\n    def append(self, item): pass\n",
            "Queue",
        )
        extension(collections.deque)
        wanted = Name("class", (), {"pop": Member("method")})
        found = verdicts("Queue", wanted, made, stdlib_queue.Queue)
        assert found == {"Queue": "python", "Queue.pop": "python"}

    def test_a_subclass_without_hooks_leaves_a_native_class_native(self, extension):
        made = as_ours(
            "class Queue(collections.deque):\n    def more(self): pass\n", "Queue"
        )
        extension(collections.deque)
        wanted = Name("class", (), {"pop": Member("method")})
        found = verdicts("Queue", wanted, made, stdlib_queue.Queue)
        assert found == {"Queue": "python", "Queue.pop": "native"}

    def test_code_from_any_other_file_is_not_ours(self):
        def local():
            return []

        entry = Name("function")
        found = verdicts("enumerate", entry, local, stdlib_threading.enumerate)
        assert found == {"enumerate": "not yet"}

    def test_a_standard_function_does_not_become_ours_by_being_wrapped(self):
        made = as_ours(
            "@functools.wraps(stdlib_threading.enumerate)\n"
            "def enumerate(): return stdlib_threading.enumerate()\n",
            "enumerate",
        )
        found = verdicts(
            "enumerate", Name("function"), made, stdlib_threading.enumerate
        )
        assert found == {"enumerate": "not yet"}

    def test_keywords_swallowed_by_kwargs_are_missing(self):
        made = as_ours("def f(**options): pass\n", "f")
        found = verdicts("f", Name("function", ("x",)), made, lambda *, x: x)
        assert found == {"f": "python", "f(x=)": "missing"}


@pytest.mark.usefixtures("extension")
class TestShared:
    def test_the_standard_object_is_shared_if_listed(self, share):
        share(local="the reason")
        names = {"local": Name("class")}
        room = _module("local", stdlib_threading.local)
        (item,) = judge.module("m", names, room, room)
        assert (item.ruling.verdict, item.ruling.reason) == ("shared", "the reason")

    def test_the_standard_object_is_not_yet_if_not_listed(self, share):
        share(local="the reason")
        standard = stdlib_threading.Event
        found = verdicts("Event", EVENT, standard, standard)
        assert set(found.values()) == {"not yet"}

    def test_a_listed_name_that_is_not_the_standard_object_is_not_shared(self, share):
        share(Event="the reason")

        class Event(stdlib_threading.Event):
            pass

        found = verdicts("Event", EVENT, Event, stdlib_threading.Event)
        assert "shared" not in found.values()

    def test_a_shared_class_may_still_lack_a_newer_member(self, share):
        share(Event="the reason")
        wanted = Name("class", (), {"newer": Member("method")})
        standard = stdlib_threading.Event
        found = verdicts("Event", wanted, standard, standard)
        assert found == {"Event": "shared", "Event.newer": "missing"}

    def test_a_shared_member_may_be_a_standard_class_of_another_name(self, share):
        share(**{"Event.error": "the reason"})
        wanted = Name("class", (), {"error": Member("attribute")})

        class Event(stdlib_threading.Event):
            error = stdlib_threading.BrokenBarrierError

            def wait(self, timeout=None):
                pass

        found = verdicts("Event", wanted, Event, stdlib_threading.Event)
        assert found["Event.error"] == "shared"
        Event.error = type("Other", (Exception,), {"__module__": "threading"})
        found = verdicts("Event", wanted, Event, stdlib_threading.Event)
        assert found["Event.error"] == "not yet"

    @pytest.mark.parametrize(
        ("first", "verdict"), [("3.99", "not on this Python"), ("3.2", "missing")]
    )
    def test_what_older_pythons_cannot_have_is_not_shared_there(
        self, share, monkeypatch, first, verdict
    ):
        share(Event="the reason")
        monkeypatch.setattr(judge, "since", lambda: {"m.Event": first})
        assert set(verdicts("Event", EVENT, None, None).values()) == {verdict}

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_nothing_is_shared_that_this_python_has_not(self):
        for room in coverage.ROOMS:
            for item in coverage.measure(room):
                if item.ruling.verdict is Verdict.SHARED and item.kind is Kind.NAME:
                    module, _, name = item.name.rpartition(".")
                    assert hasattr(importlib.import_module(module), name), item


@pytest.mark.usefixtures("extension", "share")
class TestMissing:
    def test_an_absent_class_is_missing_with_all_that_it_has(self):
        found = verdicts("Event", EVENT, None, None)
        assert found == dict.fromkeys(
            ["Event", "Event.wait", "Event.wait(timeout=)"], "missing"
        )

    def test_a_newer_keyword_of_a_standard_function_is_missing(self):
        def run(command):
            pass

        found = verdicts("run", Name("function", ("command", "newer")), run, run)
        assert found == {
            "run": "not yet",
            "run(command=)": "not yet",
            "run(newer=)": "missing",
        }


def test_every_verdict_has_a_column():
    assert [str(verdict) for verdict in Verdict] == [
        "native",
        "python",
        "shared",
        "not on this Python",
        "not yet",
        "missing",
    ]
