"""No standard code runs for a native object: every native item is called, watched."""

import gc
import operator
import os
import signal
import sys
import threading as stdlib_threading
from functools import partial
from importlib import import_module
from types import SimpleNamespace

import monitor
import pytest
from support.threads import wait_until

from threeply import _native, coverage
from threeply._coverage.api import load

needs_monitoring = pytest.mark.skipif(
    not monitor.HAS_MONITORING, reason=monitor.WHY_NOT
)


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
    pretend = SimpleNamespace(__name__="made_up", provides=lambda value: value is Cheat)
    monkeypatch.setattr(_native, "extension", pretend)


@needs_monitoring
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


def acquire(lock):
    lock.acquire()


def put(queue):
    queue.put("item")


def finish(future):
    future.set_result(1)


def idle(pool):
    """Has the pool start a thread, and waits until that has nothing to do."""
    pool.submit(int)
    wait_until(lambda: pool.statistics().idle == 1)


# What each method needs before it can be called without blocking or failing.
PREPARE = {
    **{f"{lock}.release": acquire for lock in ("Lock", "RLock", "Condition")},
    **{f"{lock}.__exit__": acquire for lock in ("Lock", "RLock", "Condition")},
    "Lock.release_lock": acquire,
    "Condition.wait": acquire,
    "Condition.wait_for": acquire,
    "Condition.notify": acquire,
    "Condition.notify_all": acquire,
    "Condition.notifyAll": acquire,
    "Event.wait": lambda event: event.set(),
    "Future.result": finish,
    "Future.exception": finish,
    "ThreadPoolExecutor.submit": idle,
    "BoundedSemaphore.release": acquire,
    "BoundedSemaphore.__exit__": acquire,
    **{
        f"{queue}.{method}": put
        for queue in ("Queue", "LifoQueue", "PriorityQueue")
        for method in ("get", "get_nowait", "task_done")
    },
}
# What has to be passed, and by which name.
REQUIRED = {
    "add_done_callback": {"fn": id},
    "put": {"item": "item"},
    "put_nowait": {"item": "item"},
    "set_exception": {"exception": ValueError()},
    "set_result": {"result": 1},
    "wait": {"timeout": 0},
    # Calling it gives something true, and runs no function of Python's.
    "wait_for": {"predicate": object},
}
# What a function is called with, and what is done before so that it returns at once.
CALLED_WITH = {
    "signal.alarm": (0,),
    "signal.getitimer": (signal.ITIMER_VIRTUAL,),
    "signal.pidfd_send_signal": (os.pidfd_open(os.getpid()), 0),
    "signal.pthread_kill": (stdlib_threading.get_ident(), 0),
    "signal.raise_signal": (signal.SIGURG,),
    "signal.setitimer": (signal.ITIMER_VIRTUAL, 0),
    "signal.siginterrupt": (signal.SIGURG, True),
    "signal.sigtimedwait": ([signal.SIGUSR1], 0),
    "signal.sigwait": {"sigset": [signal.SIGUSR1]},
    "signal.sigwaitinfo": ([signal.SIGUSR1],),
    "signal.strsignal": (signal.SIGINT,),
    "signal.pthread_sigmask": {"how": signal.SIG_BLOCK, "mask": []},
}


def pend():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.raise_signal(signal.SIGUSR1)


def tick():
    # A handler that is no function of Python's.
    signal.signal(signal.SIGALRM, operator.is_)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)


BEFORE = {"signal.pause": tick, "signal.sigwait": pend, "signal.sigwaitinfo": pend}
# What a class cannot be made without.
MADE_WITH = {"Barrier": {"parties": 1}}
POSITIONAL = {
    "__exit__": (None, None, None),
    "__class_getitem__": (int,),
    "submit": (int,),
}
VALUES = {
    "action": object,
    "block": True,
    "blocking": True,
    "exception": ValueError(),
    "fn": id,
    "immediate": True,
    "item": "item",
    "lock": None,
    "maxsize": 1,
    "n": 1,
    "parties": 1,
    "predicate": object,
    "result": 1,
    "timeout": 0,
    "value": 1,
}


def native_items():
    """Groups what coverage calls native by the class that it is in."""
    classes = {}
    for room in coverage.ROOMS:
        modules = sorted(load().rooms[room], key=len, reverse=True)
        for item in coverage.measure(room):
            if item.ruling.verdict == "native":
                # A module's name may have dots itself.
                module = next(one for one in modules if item.name.startswith(f"{one}."))
                rest = item.name.removeprefix(f"{module}.").partition("(")[0]
                cls = f"{module}.{rest.partition('.')[0]}"
                classes.setdefault(cls, []).append(item.name.removeprefix(cls))
    return classes


def prepared(path, item):
    """Returns a call, without a function of Python's in it, of what an item names."""
    module, _, name = path.rpartition(".")
    cls = getattr(import_module(f"threeply.{module}"), name)
    if not isinstance(cls, type):
        BEFORE.get(path, lambda: None)()
        given = CALLED_WITH.get(path, ())
        return (
            partial(cls, **given) if isinstance(given, dict) else partial(cls, *given)
        )
    called, _, keyword = item.removesuffix("=)").partition("(")
    method = called.removeprefix(".")
    passed = {keyword: VALUES[keyword]} if keyword else {}
    if not method:
        return partial(cls, **MADE_WITH.get(name, {}) | passed)
    target = cls(**MADE_WITH.get(name, {}))
    PREPARE.get(f"{name}.{method}", lambda target: None)(target)
    found = getattr(target, method)
    if not callable(found):
        return partial(getattr, target, method)
    required = REQUIRED.get(method, {})
    if keyword:
        return partial(found, **required | passed)
    return partial(found, *POSITIONAL.get(method, ()), *required.values())


def functions_run_by(call):
    """Lists every Python function, of whatever file, that starts during a call."""
    started = []

    def watch(frame, event, _):
        if event == "call":
            started.append(f"{frame.f_code.co_qualname} in {frame.f_code.co_filename}")

    # A collection calls back whoever asked for it, as hypothesis has.
    gc.disable()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
        gc.enable()
    return started


every_native_class = pytest.mark.parametrize(("path", "items"), native_items().items())


@pytest.fixture
def signals_as_before():
    """The test's own limit is SIGALRM's timer: it is put back, with its handler."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    handler = signal.getsignal(signal.SIGALRM)
    limit = signal.getitimer(signal.ITIMER_REAL)
    yield
    signal.setitimer(signal.ITIMER_REAL, *limit)
    signal.signal(signal.SIGALRM, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@needs_monitoring
@pytest.mark.usefixtures("signals_as_before")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@every_native_class
def test_no_standard_code_runs_for_what_is_called_native(standard_watch, path, items):
    for item in items:
        prepared(path, item)()
        assert standard_watch.ran == [], f"{path}{item}"


@pytest.mark.usefixtures("signals_as_before")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@every_native_class
def test_no_python_at_all_runs_for_what_is_called_native(path, items):
    for item in items:
        assert functions_run_by(prepared(path, item)) == [], f"{path}{item}"


@pytest.mark.skipif(_native.extension is None, reason=str(_native.reason))
def test_the_family_that_is_done_is_called_native():
    done = {"threading.Event", "threading.Semaphore", "threading.BoundedSemaphore"}
    done |= {"queue.Queue", "queue.LifoQueue", "queue.PriorityQueue"}
    assert done <= native_items().keys()


@pytest.mark.skipif(_native.extension is None, reason=str(_native.reason))
@pytest.mark.parametrize("item", ["Queue.mutex", "Queue.queue", "Queue.not_empty"])
def test_what_a_native_class_leaves_to_python_is_not_called_native(item):
    verdicts = {found.name: found.ruling.verdict for found in coverage.measure("queue")}
    assert verdicts[f"queue.{item}"] == "python"
