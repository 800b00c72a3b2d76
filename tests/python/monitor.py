"""The proof that native means native: no standard code runs for a native object.

`watching()` has the interpreter report (`sys.monitoring`, Python 3.12) every start
of a function of the standard classes that a native class stands for. A start whose
first argument is a native object is one that the engine should have served.

The fixture at the end watches the whole run and fails the test in which it happens;
`conftest.py` puts it into every test.
"""

import sys
from contextlib import contextmanager
from types import CodeType

import pytest

from threeply import _stdlib
from threeply._coverage import origin
from threeply._coverage.api import load

HAS_MONITORING = sys.version_info >= (3, 12)
WHY_NOT = "sys.monitoring, by which it is proved, is new in Python 3.12"

TOOL = 4
"""The tool id: 0 to 2 and 5 belong to debuggers, coverage and the like."""


class Watch:
    """What ran of the standard classes for native objects.

    Attributes:
        ran: The functions that started, and the native class for which they did.
    """

    def __init__(self, codes):
        self.codes = codes
        self.ran = []

    def started(self, code, _offset):
        argument = first_argument(sys._getframe(1), code)
        made_for = type(argument)
        if any(map(origin.is_native_type, made_for.__mro__)) and not is_open(argument):
            self.ran.append(f"{code.co_qualname} for a {made_for.__qualname__}")


def is_open(future):
    """Tells whether it is a future whose inside was touched: it is the standard one's then."""
    return "_condition" in getattr(future, "__dict__", {})


@contextmanager
def watching(standard_classes, tool=TOOL):
    """Watches the code of standard classes."""
    monitoring = sys.monitoring
    watch = Watch(standard_codes(standard_classes))
    monitoring.use_tool_id(tool, "threeply")
    try:
        monitoring.register_callback(tool, monitoring.events.PY_START, watch.started)
        for code in watch.codes:
            monitoring.set_local_events(tool, code, monitoring.events.PY_START)
        yield watch
    finally:
        for code in watch.codes:
            monitoring.set_local_events(tool, code, 0)
        monitoring.register_callback(tool, monitoring.events.PY_START, None)
        monitoring.free_tool_id(tool)


def native_classes():
    """Returns by its full name each native class, with the standard one beneath."""
    classes = {}
    for modules in load().rooms.values():
        for module, names in modules.items():
            room = sys.modules.get(f"threeply.{module}")
            # What is ours stands in the room itself; to ask further may warn.
            own = vars(room) if room else {}
            for name in names:
                made = own.get(name)
                if origin.is_native_type(made):
                    # The standard library has no RWLock.
                    standard = getattr(_stdlib.module(module), name, object)
                    classes[f"{module}.{name}"] = made, standard
    return classes


def standard_codes(classes):
    """Returns the code objects of classes and of their bases, and of functions."""
    codes = set()
    for cls in classes:
        if not isinstance(cls, type):
            # `RLock` is a function that makes one, and so was `Lock`.
            codes.update(codes_of(cls))
            continue
        for owner in cls.__mro__:
            for value in vars(owner).values():
                codes.update(codes_of(value))
    return codes


def codes_of(value):
    """Yields the code of a function, a method of any kind, or a property."""
    if isinstance(value, property):
        for accessor in (value.fget, value.fset, value.fdel):
            yield from codes_of(accessor)
        return
    function = getattr(value, "__func__", value)
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        yield code


def first_argument(frame, code):
    """Returns what a function that has just started was passed first."""
    values = frame.f_locals
    if code.co_argcount:
        return values[code.co_varnames[0]]
    rest = values.get(code.co_varnames[0]) if code.co_varnames else None
    return rest[0] if isinstance(rest, tuple) and rest else None


@pytest.fixture(scope="session")
def standard_watch():
    """Watches from the first test on; `None` where Python cannot."""
    if not HAS_MONITORING:
        yield None
        return
    for module in ("threading", "queue", "concurrent.futures"):
        __import__(f"threeply.{module}")
    with watching([standard for _, standard in native_classes().values()]) as watch:
        yield watch


@pytest.fixture(autouse=True)
def no_standard_code_for_native_objects(standard_watch):
    yield
    if standard_watch is not None and standard_watch.ran:
        ran = sorted(set(standard_watch.ran))
        standard_watch.ran.clear()
        pytest.fail(f"standard code ran for native objects: {', '.join(ran)}")
