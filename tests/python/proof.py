"""The proof that native means native: the rooms' tests, watched (`make test-proof`).

A pytest plugin (`-p proof`). While a test runs, the interpreter tells each call of a
native function and each start of a Python function (`sys.setprofile`, which every Python
has). A test fails if below a native name Python of ours runs, or code of the standard
class, that `slow.toml` does not list. The run fails if

- a name that coverage calls native was not called without Python below it, or
- something that `slow.toml` lists did not happen.

The interpreter does not tell of attributes that are read and of methods that syntax
calls, such as `__enter__`: descriptors in the native classes do (`Told`). It does not
tell of constructors either. An object of the class, seen later, shows that one was
called; that Python ran for it shows in what that was given: the object.
"""

import importlib
import json
import sys
import threading
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from types import (
    CodeType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
    NoneType,
    SimpleNamespace,
)

import pytest
from support.rooms import STANDARD

from threeply import _stdlib, coverage
from threeply._coverage import api, lookup, origin
from threeply._coverage.judge import Kind, Verdict

ATTRIBUTES = (GetSetDescriptorType, MemberDescriptorType)
MODULES = (ModuleType, NoneType)
NO_PARAMETERS = SimpleNamespace(params={})
GENERATORS = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


class Call:
    """A call of a native function: who calls it, and under which names it is native."""

    def __init__(self, caller, names):
        self.caller = caller
        self.names = names
        self.left_to_python = False


class Native:
    """What coverage calls native, by what the interpreter tells.

    Attributes:
        names: All of them, keywords excepted.
        functions: The names of functions.
        classes: The names of classes that are native or have native members.
        standard: The code that the engine stands for: that of the standard classes.
    """

    def __init__(self, items):
        self.names = set()
        self.functions = {}
        self.classes = {}
        self.standard = set()
        self._cache = {}
        self._watched = {}
        modules = sorted(
            (name for room in api.load().rooms.values() for name in room), key=len
        )
        for item in items:
            if item.ruling.verdict is Verdict.NATIVE and item.kind is not Kind.KEYWORD:
                self.names.add(item.name)
                module = next(m for m in modules[::-1] if item.name.startswith(f"{m}."))
                self._add(module, *item.name.removeprefix(f"{module}.").split("."))

    def _add(self, module, name, member=None):
        made = getattr(importlib.import_module(f"threeply.{module}"), name)
        # The standard library has no RWLock.
        standard = getattr(_stdlib.module(module), name, object)
        if not isinstance(made, type):
            self.functions[made] = (f"{module}.{name}",)
            return
        paths = self.classes.setdefault(made, set())
        paths.add(f"{module}.{name}")
        if member is None or not isinstance(standard, type):
            values = _inside(standard)
        else:
            values = [lookup.member(standard, member)[1]]
        for value in values:
            self.standard.update(codes_of(value))

    def called(self, function):
        """Returns the names of a function that the interpreter tells of."""
        thing = getattr(function, "__self__", None)
        if isinstance(thing, MODULES):
            return self.functions.get(function, ())
        cls = thing if isinstance(thing, type) else type(thing)
        return self.member(cls, function.__name__)

    def member(self, cls, name):
        """Returns the names of a member of a class, or of one derived from it.

        Of a native class the name alone will do: `""`.
        """
        try:
            return self._cache[cls, name]
        except KeyError:
            pass
        names = self._cache[cls, name] = tuple(
            f"{path}.{name}" if name else path
            for base in cls.__mro__
            for path in sorted(self.classes.get(base, ()))
        )
        return names

    def watches(self, code):
        """Tells whether code is Python of ours, or that of a standard class."""
        try:
            return self._watched[code]
        except KeyError:
            pass
        # Whoever runs when the collector comes has not called `__del__`.
        watched = self._watched[code] = code.co_name != "__del__" and (
            code.co_filename.startswith(origin.PACKAGE) or code in self.standard
        )
        return watched


class Watch:
    """What the interpreter tells, and what came of it.

    Attributes:
        shown: The names that were called without Python below them.
        taken: Of `slow.toml` what was seen: the name or pattern, and the part's `when`.
        faults: What ran that is not in there.
    """

    def __init__(self, native, slow):
        self.native = native
        self.slow = slow
        self.shown = set()
        self.taken = set()
        self.faults = []
        self._local = threading.local()

    def __call__(self, frame, event, arg):
        if event == "call":
            self._started(frame)
        elif event == "c_call":
            if names := self.native.called(arg):
                self.enter(frame, names)
        elif event != "return":
            self._ended(frame, arg)

    def start(self):
        threading.setprofile(self)
        sys.setprofile(self)

    def stop(self):
        sys.setprofile(None)
        threading.setprofile(None)
        self._calls().clear()

    def _calls(self):
        """Returns the native calls that this thread is in."""
        try:
            return self._local.calls
        except AttributeError:
            self._local.calls = []
            return self._local.calls

    def enter(self, frame, names):
        """Notes that a native call begins."""
        call = Call(frame, names)
        self._calls().append(call)
        return call

    def leave(self, call):
        """Notes that it is over."""
        calls = self._calls()
        if call in calls:
            del calls[calls.index(call) :]
        # The frame may be that which has the call in a local: what it holds goes at once.
        call.caller = None
        if not call.left_to_python:
            self.shown.update(call.names)
            self.shown.update(name.rpartition(".")[0] for name in call.names)

    def _ended(self, frame, function):
        calls = self._calls()
        last = calls[-1] if calls else None
        if last and last.caller is frame and last.names == self.native.called(function):
            self.leave(last)

    def _started(self, frame):
        code = frame.f_code
        if not self.native.watches(code):
            return
        caller = frame.f_back
        calls = self._calls()
        is_below = calls and calls[-1].caller is caller
        if not is_below and caller and _is_ours(caller):
            return
        made_for = next(self._native_arguments(frame), None)
        if is_below and (made_for or _is_ours(frame)):
            calls[-1].left_to_python = True
            self._ran(frame, calls[-1].names)
        elif made_for and not (_is_ours(frame) and _has(made_for, code)):
            # Nobody but native code can have called it: the program does not know it.
            self._ran(frame, self.native.member(made_for, ""))

    def _native_arguments(self, frame):
        """Yields the classes of what a function that has just started was given.

        Who reads the locals of a generator makes it keep them: of those nothing is said.
        """
        code = frame.f_code
        if code.co_flags & GENERATORS:
            return
        values = frame.f_locals
        count = code.co_argcount or bool(code.co_varnames)
        for name in code.co_varnames[:count]:
            value = values.get(name)
            if not code.co_argcount and isinstance(value, tuple) and value:
                value = value[0]
            if self.native.member(type(value), ""):
                yield type(value)

    def _ran(self, frame, names):
        """Notes which listed part it is that runs, or that none is."""
        function = f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
        for part in self.slow:
            pattern = part.pattern(function)
            owners = {part.owner(name) for name in names} - {None}
            if pattern and owners:
                self.taken.update((one, part.when) for one in (pattern, *owners))
                return
        self.faults.append(f"{function} ran for {' = '.join(names)}")

    def unseen(self):
        """Lists what was to be seen and was not."""
        for name in sorted(self.native.names - self.shown):
            yield f"not shown: no test calls {name} without Python below it"
        for part in self.slow:
            for one in (*part.of, *part.runs):
                if (one, part.when) not in self.taken:
                    yield f"not seen: slow.toml says {one}, when {part.when}"


class Told:
    """A descriptor in a native class that tells that the one beneath is asked for."""

    def __init__(self, raw, name, watch):
        self.raw = raw
        self.name = name
        self.watch = watch
        self.told = set()

    def __get__(self, thing, cls=None):
        if thing is None and isinstance(self.raw, ATTRIBUTES):
            return self.raw
        if cls in self.told:
            return self.raw.__get__(thing, cls)
        names = self.watch.native.member(cls, self.name)
        if self.watch.shown.issuperset(names):
            self.told.add(cls)
        call = self.watch.enter(sys._getframe(), names)
        try:
            return self.raw.__get__(thing, cls)
        finally:
            self.watch.leave(call)


class ToldAttribute(Told):
    """The same of an attribute."""

    def __set__(self, thing, value):
        self.raw.__set__(thing, value)

    def __delete__(self, thing):
        self.raw.__delete__(thing)


def _inside(standard):
    """Returns what a class has, or the function that makes one, as `RLock` is."""
    if not isinstance(standard, type):
        return [standard]
    return [value for owner in standard.__mro__ for value in vars(owner).values()]


def _is_ours(frame):
    return frame.f_code.co_filename.startswith(origin.PACKAGE)


def _has(cls, code):
    """Tells whether it is the code of a method of the class, which anybody may call."""
    return any(code in codes_of(value) for value in _inside(cls))


def codes_of(value):
    """Yields the code of a function, a method of any kind, or a property."""
    if isinstance(value, property):
        for accessor in (value.fget, value.fset, value.fdel):
            yield from codes_of(accessor)
        return
    code = getattr(getattr(value, "__func__", value), "__code__", None)
    if isinstance(code, CodeType):
        yield code


def tell_of_attributes(watch):
    """Puts a `Told` in place of each attribute, and of each method that syntax calls."""
    for name in watch.native.names | {
        f"{owner}.{member}"
        for part in watch.slow
        for owner in part.of
        for member in part.always
    }:
        path, _, member = name.rpartition(".")
        for cls, paths in watch.native.classes.items():
            if path in paths:
                owner, raw = lookup.member(cls, member)
                if isinstance(raw, ATTRIBUTES):
                    setattr(owner, member, ToldAttribute(raw, member, watch))
                elif member.startswith("__") and not isinstance(raw, Told):
                    setattr(owner, member, Told(raw, member, watch))


class Plugin:
    """Watches each test over threeply, and judges in the end.

    Under xdist each worker watches, and hands what it saw to the one that judges.
    """

    def __init__(self, config, watch):
        self.watch = watch
        self.worker = getattr(config, "workeroutput", None)
        self.failed = []

    def pytest_collection_modifyitems(self, items):
        # What the standard library does for itself shows nothing.
        items[:] = [
            item
            for item in items
            if not item.get_closest_marker("slow")
            and getattr(item, "callspec", NO_PARAMETERS).params.get("rooms") != STANDARD
        ]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self):
        self.watch.start()
        try:
            result = yield
        finally:
            self.watch.stop()
        if faults := sorted(set(self.watch.faults)):
            self.watch.faults.clear()
            pytest.fail(f"Python ran below native names: {'; '.join(faults)}")
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        shown, taken = json.loads(node.workeroutput["proof"])
        self.watch.shown.update(shown)
        self.watch.taken.update(map(tuple, taken))

    def pytest_sessionfinish(self, session):
        if self.worker is not None:
            seen = sorted(self.watch.shown), sorted(self.watch.taken)
            self.worker["proof"] = json.dumps(seen)
            return
        self.failed = list(self.watch.unseen())
        if self.failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("native names")
        names = self.watch.native.names
        shown = len(names & self.watch.shown)
        terminalreporter.line(f"{shown} of {len(names)} shown to run no Python")
        for line in self.failed:
            terminalreporter.line(line)


def pytest_configure(config):
    native = Native(item for room in coverage.ROOMS for item in coverage.measure(room))
    watch = Watch(native, api.slow())
    tell_of_attributes(watch)
    config.pluginmanager.register(Plugin(config, watch))
