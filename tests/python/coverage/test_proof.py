"""The proof that native means native can fail. What is native is stood in for by C types."""

import subprocess
import sys
import threading as stdlib_threading
from collections import deque
from pathlib import Path

import proof
import pytest

from threeply import _native, coverage
from threeply._coverage import origin
from threeply._coverage.api import Slow

TESTS = Path(__file__).parents[1]
NEEDLE = """
class Needle:
    def __eq__(self, other):
        return True
"""


def as_ours(text, name):
    """Executes text as if it stood in a file of threeply's."""
    names = {"__name__": "threeply.made_up"}
    exec(compile(text, f"{origin.PACKAGE}made_up.py", "exec"), names)
    return names[name]


@pytest.fixture
def native():
    """Passes `deque` off as native under the name `m.D`."""
    native = proof.Native([])
    native.classes[deque] = {"m.D"}
    native.names |= {"m.D", "m.D.append", "m.D.remove", "m.D.maxlen"}
    return native


@pytest.fixture
def seen(native):
    """Watches a call, and returns the watch."""

    def seen(call, *slow):
        watch = proof.Watch(native, slow)
        watch.start()
        try:
            call(watch)
        finally:
            watch.stop()
        return watch

    return seen


class Cheat(stdlib_threading.Event):
    """Claims to be native and has the standard class do the work."""

    def wait(self, timeout=None):
        return super().wait(timeout)


def looking_for_ours(_):
    deque([1]).remove(as_ours(NEEDLE, "Needle")())


SLOW = Slow(("m.D.remove",), ("threeply.made_up.*",), "it is compared")


class TestPythonOfOurs:
    def test_a_call_without_any_shows_the_name_and_its_class(self, seen):
        watch = seen(lambda _: deque().append(1))
        assert watch.faults == []
        assert watch.shown == {"m.D.append", "m.D"}
        assert [line.split()[5] for line in watch.unseen()] == [
            "m.D.maxlen",
            "m.D.remove",
        ]

    def test_below_a_native_call_it_is_a_fault_and_shows_nothing(self, seen):
        watch = seen(looking_for_ours)
        assert watch.faults == ["threeply.made_up.__eq__ ran for m.D.remove"]
        assert "m.D.remove" not in watch.shown

    def test_where_it_is_listed_it_is_no_fault_and_shows_nothing_either(self, seen):
        watch = seen(looking_for_ours, SLOW)
        assert watch.faults == []
        assert "m.D.remove" not in watch.shown
        assert not any(line.startswith("not seen") for line in watch.unseen())

    def test_what_is_listed_must_be_seen(self, seen):
        watch = seen(lambda _: deque().append(1), SLOW)
        assert [line for line in watch.unseen() if line.startswith("not seen")] == [
            "not seen: slow.toml says m.D.remove, when it is compared",
            "not seen: slow.toml says threeply.made_up.*, when it is compared",
        ]

    def test_what_a_program_calls_by_itself_is_no_fault(self, seen):
        needle = as_ours(NEEDLE, "Needle")()
        assert seen(lambda _: needle == deque()).faults != []
        assert seen(lambda _: needle == []).faults == []

    def test_in_another_thread_it_is_seen_too(self, seen):
        def in_a_thread(watch):
            thread = stdlib_threading.Thread(target=looking_for_ours, args=(watch,))
            thread.start()
            thread.join()

        assert seen(in_a_thread).faults != []


class TestStandardCode:
    @pytest.fixture(autouse=True)
    def _cheat(self, native):
        native.classes[Cheat] = {"m.Cheat"}
        for value in vars(stdlib_threading.Event).values():
            native.standard.update(proof.codes_of(value))

    def test_it_is_a_fault_for_a_class_that_calls_it(self, seen):
        cheat = Cheat()
        watch = seen(lambda _: cheat.wait(0))
        assert watch.faults == ["threading.wait ran for m.Cheat"]

    def test_it_is_a_fault_for_a_class_that_inherits_it(self, seen):
        class Sub(Cheat):
            pass

        watch = seen(lambda _: Sub().set())
        assert watch.faults == [
            "threading.__init__ ran for m.Cheat",
            "threading.set ran for m.Cheat",
        ]

    def test_it_is_none_for_standard_objects(self, seen):
        assert seen(lambda _: stdlib_threading.Event().wait(0)).faults == []


class TestAttributes:
    """A descriptor in the class tells of attributes, which the interpreter does not."""

    def read(self, raw, thing):
        def read(watch):
            told = proof.ToldAttribute(raw, "maxlen", watch)
            assert told.__get__(thing, type(thing)) == 3

        return read

    def test_one_that_is_read_is_shown(self, seen):
        watch = seen(self.read(deque.maxlen, deque(maxlen=3)))
        assert "m.D.maxlen" in watch.shown

    def test_one_that_python_makes_is_a_fault(self, seen):
        made = as_ours("@property\ndef maxlen(self): return 3\n", "maxlen")
        watch = seen(self.read(made, deque()))
        assert watch.faults == ["threeply.made_up.maxlen ran for m.D.maxlen"]
        assert "m.D.maxlen" not in watch.shown


@pytest.mark.skipif(_native.extension is None, reason=str(_native.reason))
class TestTheRun:
    def test_one_that_does_not_show_every_name_fails(self):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "proof", "-n", "1"]
        command += [TESTS / "signal/test_sending.py", "-k", "raise_signal"]
        out = subprocess.run(command, capture_output=True, text=True, check=False)
        assert out.returncode == pytest.ExitCode.TESTS_FAILED
        lines = out.stdout.splitlines()
        start = "not shown: no test calls "
        missed = [line for line in lines if line.startswith(start)]
        assert f"{start}queue.Queue.put without Python below it" in missed
        assert f"{start}signal.raise_signal without Python below it" not in missed
        assert any(line.startswith("not seen: slow.toml says ") for line in lines)
        assert " failed" not in lines[-1]


@pytest.mark.skipif(_native.extension is None, reason=str(_native.reason))
@pytest.mark.parametrize("item", ["Queue.mutex", "Queue.queue", "Queue.not_empty"])
def test_what_a_native_class_leaves_to_python_is_not_called_native(item):
    verdicts = {found.name: found.ruling.verdict for found in coverage.measure("queue")}
    assert verdicts[f"queue.{item}"] == "python"
