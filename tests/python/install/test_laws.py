"""The rooms beside libraries on the standard modules: one identity, one registry."""

import json
import re
import subprocess
import sys

import pytest

from threeply._install import ROOMS

BOTH = pytest.mark.parametrize("on", [True, False], ids=["installed", "imported"])

BESIDE = """
from threeply import _room
from threeply import threading, queue, subprocess, signal, multiprocessing, asyncio
from threeply.concurrent import futures
from threeply.multiprocessing import util
ROOMS = [threading, queue, subprocess, signal, multiprocessing, util, asyncio, futures]
PAIRS = [(room, _room.state_of(room).standard) for room in ROOMS]
"""


@BOTH
def test_what_code_compares_by_identity_is_the_same_object(programs, on):
    """Exceptions, enums, sentinels, ABCs, protocols (law 1)."""
    out = programs.run(
        BESIDE
        + """
import abc, enum
seen = 0
for room, standard in PAIRS:
    for name, value in list(vars(standard).items()):
        if isinstance(value, type):
            kind = type(value)
            if (issubclass(value, BaseException) or issubclass(kind, enum.EnumMeta)
                    or issubclass(kind, abc.ABCMeta)
                    or (name.endswith("Protocol") and room is asyncio)):
                assert getattr(room, name) is value, name
                seen += 1
        elif isinstance(value, (int, str, enum.Enum)) and not name.startswith("__"):
            assert getattr(room, name) is value, name
            seen += 1
for room, name in [(queue, "Empty"), (queue, "Full"), (subprocess, "TimeoutExpired"),
                   (asyncio, "CancelledError"), (signal, "Signals"),
                   (asyncio, "Protocol"), (threading, "BrokenBarrierError")]:
    assert getattr(room, name) is getattr(_room.state_of(room).standard, name)
print(seen)
""",
        on=on,
    )
    assert int(out) > 100


@BOTH
def test_our_classes_are_subclasses_of_the_standard_ones(programs, on):
    programs.run(
        BESIDE
        + """
for room, standard in PAIRS:
    for name, value in _room.state_of(room).ours.items():
        before = getattr(standard, name, None)
        if not isinstance(value, type) or before is None:
            continue
        if name in _room.state_of(room).through:
            # Once installed, ours is in the standard module.
            before = value.__mro__[1]
        assert value is not before, name
        if name in ("Lock", "RLock"):
            # The interpreter's own cannot be derived from, or not without its layout.
            assert isinstance(value(), type(before())), name
        else:
            assert issubclass(value, before), name
""",
        on=on,
    )


@BOTH
def test_threads_of_either_side_are_in_one_registry(programs, on):
    programs.run(
        BESIDE
        + """
import sys
standard = _room.state_of(threading).standard
go, seen = threading.Event(), []
def look():
    seen.append(threading.current_thread() is standard.current_thread())
    go.wait()
ours, theirs = threading.Thread(target=look), standard.Thread(target=look)
for thread in ours, theirs:
    thread.start()
assert set(threading.enumerate()) == set(standard.enumerate()) >= {ours, theirs}
assert threading.active_count() == standard.active_count()
assert threading.main_thread() is standard.main_thread()
assert threading._active is standard._active
go.set()
for thread in ours, theirs:
    thread.join()
assert seen == [True, True]
""",
        on=on,
    )


@BOTH
def test_tasks_and_loop_are_known_to_both_sides(programs, on):
    programs.run(
        BESIDE
        + """
standard = _room.state_of(asyncio).standard
async def main():
    assert asyncio.current_task() is standard.current_task()
    assert asyncio.all_tasks() == standard.all_tasks()
    assert asyncio.get_running_loop() is standard.get_running_loop()
    assert isinstance(asyncio.current_task(), standard.Task)
asyncio.run(main())
standard.run(main())
""",
        on=on,
    )


@BOTH
def test_children_of_either_side_are_in_one_registry(programs, on):
    programs.run(
        BESIDE
        + """
standard = _room.state_of(multiprocessing).standard
context = multiprocessing.get_context("fork")
go = context.Event()
child = context.Process(target=go.wait)
child.start()
assert multiprocessing.active_children() == standard.active_children() == [child]
assert multiprocessing.current_process() is standard.current_process()
go.set()
child.join()
""",
        on=on,
        options=["-W", "ignore::DeprecationWarning"],
    )


# What goes over pickles, and how it is told apart on the other side.
PICKLED = """
import asyncio, concurrent.futures, multiprocessing, multiprocessing.util
import queue, signal, subprocess, threading
MODULES = [threading, queue, signal, subprocess, asyncio, multiprocessing,
           multiprocessing.util, concurrent.futures]
THINGS = [
    threading.Thread, threading.Event, threading.Semaphore, threading.BoundedSemaphore,
    threading.current_thread, threading.BrokenBarrierError("broken"),
    queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue,
    queue.Empty(), queue.Full("full"),
    subprocess.Popen, subprocess.run, subprocess.CompletedProcess(["x"], 3),
    subprocess.CalledProcessError(1, "x"), subprocess.TimeoutExpired("x", 2.5),
    signal.SIGINT, signal.Signals, signal.getsignal, signal.SIG_DFL,
    asyncio.CancelledError("why"), asyncio.Queue, asyncio.run, asyncio.Protocol,
    concurrent.futures.ThreadPoolExecutor, concurrent.futures.Future,
    concurrent.futures.TimeoutError(), concurrent.futures.wait,
    multiprocessing.Process, multiprocessing.ProcessError("no"),
    multiprocessing.util.Finalize, multiprocessing.util.spawnv_passfds,
]
"""
DUMP = PICKLED + "print(__import__('pickle').dumps(THINGS).hex())\n"
LOAD = """
import pickle, sys
for text in sys.stdin.read().split():
    things = pickle.loads(bytes.fromhex(text))
    for thing, mine in zip(things, THINGS, strict=True):
        assert isinstance(thing, type(mine)), thing
        if isinstance(mine, type) or callable(mine):
            assert thing is mine, thing
        assert repr(thing) == repr(mine)
print(sorted(name for name in sys.modules if name.startswith("threeply")))
"""
LOAD_ROOMS = """
import pickle, sys
for thing, mine in zip(pickle.loads(bytes.fromhex(sys.stdin.read())), MODULES, strict=True):
    assert thing is mine, thing
print(sorted(name for name in sys.modules if name.startswith("threeply")))
"""


@pytest.mark.parametrize("sender", [True, False], ids=["from installed", "from plain"])
@pytest.mark.parametrize("receiver", [True, False], ids=["to installed", "to plain"])
def test_pickles_pass_between_installed_and_plain_interpreters(
    programs, sender, receiver
):
    text = programs.run(DUMP, on=sender)
    done = programs.attempt(PICKLED + LOAD, on=receiver, typed=text)
    assert done.returncode == 0, done.stderr
    if not receiver:
        assert done.stdout == "[]\n"


@pytest.mark.parametrize("receiver", [True, False], ids=["to installed", "to plain"])
def test_rooms_are_pickled_by_their_standard_names(programs, receiver):
    # A plain module cannot be pickled at all.
    text = programs.run(PICKLED + "print(__import__('pickle').dumps(MODULES).hex())\n")
    done = programs.attempt(PICKLED + LOAD_ROOMS, on=receiver, typed=text)
    assert done.returncode == 0, done.stderr
    if not receiver:
        assert done.stdout == "[]\n"


def test_an_imported_room_pickles_what_resolves_here(programs):
    programs.run(
        BESIDE
        + """
import pickle
for room, _ in PAIRS:
    for name, value in _room.state_of(room).ours.items():
        if isinstance(value, type):
            assert pickle.loads(pickle.dumps(value)) is value
""",
        on=False,
    )


PRIVATE_NAMES = """
import importlib, inspect, json, re, types
def told(value):
    if isinstance(value, (int, str, bytes, float, type(None))):
        return [repr(value)]
    if isinstance(value, types.ModuleType):
        return [value.__name__]
    if inspect.isroutine(value):
        try:
            return [re.sub(" at 0x[0-9a-f]+", "", str(inspect.signature(value)))]
        except ValueError:
            return []
    return dir(value)
print(json.dumps({
    f"{module} {name}": told(getattr(importlib.import_module(prefix + module), name))
    for module in rooms
    for name in dir(importlib.import_module(prefix + module))
    if name.startswith("_") and not name.startswith("__")
}))
"""


@BOTH
def test_every_private_name_is_as_in_a_plain_interpreter(programs, on):
    """Its value, its signature, or all of its attributes; programs use many of them."""

    def names(on, prefix):
        start = f"rooms, prefix = {ROOMS!r}, {prefix!r}\n"
        told = programs.run(start + PRIVATE_NAMES, on=on)
        return json.loads(told.replace('"threeply.', '"'))

    plain = names(False, "")
    ours = names(on, "" if on else "threeply.")
    # The library's own tests use these two, and so do many others.
    assert {"threading _dangling", "subprocess _cleanup"} <= plain.keys()
    lacking = {
        name: sorted(set(told) - set(ours.get(name, [])))
        for name, told in plain.items()
        if name not in ours or not set(told) <= set(ours[name])
    }
    assert lacking == {}


def test_the_dangling_set_of_threads_can_be_copied_and_compared(programs):
    programs.run(
        """
        import threading, multiprocessing.process, _thread
        from test.support import threading_helper
        key = threading_helper.threading_setup()
        threading.Thread(target=int).start()
        threading_helper.threading_cleanup(*key)
        assert threading._dangling.copy() >= {threading.main_thread()}
        """
    )


@BOTH
def test_patches_of_methods_that_tracers_make_are_honoured(programs, on):
    """As Sentry, OpenTelemetry, coverage and debugpy make them."""
    programs.run(
        BESIDE
        + """
import functools, sys
seen = []
def wrap(cls, name):
    before = getattr(cls, name)
    @functools.wraps(before)
    def after(self, *args, **kwargs):
        seen.append(name)
        return before(self, *args, **kwargs)
    setattr(cls, name, after)
    return lambda: setattr(cls, name, before)
import multiprocessing.process
undo = [wrap(threading.Thread, "run"), wrap(threading.Thread, "start"),
        wrap(subprocess.Popen, "__init__"), wrap(subprocess.Popen, "wait"),
        wrap(multiprocessing.process.BaseProcess, "start"),
        wrap(threading.Event, "wait"), wrap(queue.Queue, "put"),
        wrap(futures.ThreadPoolExecutor, "submit")]
thread = threading.Thread(target=int)
thread.start()
thread.join()
assert "run" in seen and "start" in seen, seen
subprocess.run([sys.executable, "-c", ""])
assert seen.count("__init__") == 1, seen
event = threading.Event()
event.set()
event.wait()
assert "wait" in seen
queue.Queue().put(1)
assert "put" in seen
with futures.ThreadPoolExecutor(1) as pool:
    pool.submit(int).result()
assert "submit" in seen
def bootstrap(self, *args, **kwargs):
    return 7
before = multiprocessing.process.BaseProcess._bootstrap
multiprocessing.process.BaseProcess._bootstrap = bootstrap
child = multiprocessing.get_context("fork").Process(target=int)
child.start()
child.join()
assert child.exitcode == 7
multiprocessing.process.BaseProcess._bootstrap = before
for take_back in undo:
    take_back()
del seen[:]
threading.Event().wait(0)
threading.Thread(target=int).start()
queue.Queue().put(1)
assert seen == []
""",
        on=on,
        options=["-W", "ignore::DeprecationWarning"],
    )


def test_a_patch_of_a_class_is_seen_by_delegated_code_and_taken_back(programs):
    programs.run(
        BESIDE
        + """
from unittest import mock
standard = _room.state_of(threading).standard
ours, theirs = threading.Event, standard.Event
with mock.patch("threading.Event") as fake:
    assert threading.Timer(1, int).finished is fake.return_value
    assert threading.Event is standard.Event is fake
assert threading.Event is ours and standard.Event is theirs
assert isinstance(threading.Timer(1, int).finished, theirs)
"""
    )


def test_a_function_that_is_replaced_is_called_by_delegated_code(programs):
    programs.run(
        """
        import subprocess, sys
        class Popen(subprocess.Popen):
            made = 0
            def __init__(self, *args, **kwargs):
                Popen.made += 1
                super().__init__(*args, **kwargs)
        subprocess.Popen = Popen
        subprocess.run([sys.executable, "-c", ""], check=True)
        assert Popen.made == 1
        """
    )


AUDITED = """
import sys
import asyncio, concurrent.futures, multiprocessing, queue, signal, subprocess
import threading
events = []
def hook(name, args):
    if recording:
        shown = [type(arg).__name__ if "0x" in repr(arg) else repr(arg) for arg in args]
        events.append((name, shown))
recording = False
def use():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    items = queue.Queue(1)
    items.put(1)
    items.get()
    threading.Event().set()
    with threading.Semaphore():
        pass
    subprocess.run([sys.executable, "-c", ""], check=True)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
    async def main():
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        server.close()
        return await asyncio.to_thread(int)
    asyncio.run(main())
    child = multiprocessing.get_context("fork").Process(target=int)
    child.start()
    child.join()
use()  # what is imported and opened the first time
sys.addaudithook(hook)
recording = True
use()
recording = False
for name, shown in events:
    print(name, *shown)
"""


def test_audit_events_are_those_of_cpython(programs):
    quiet = ["-W", "ignore::DeprecationWarning"]
    ours, plain = (
        sorted(map(_stable, programs.run(AUDITED, on=on, options=quiet).splitlines()))
        for on in (True, False)
    )
    assert len(plain) > 20
    assert any(line.startswith("subprocess.Popen") for line in ours)
    # DIFFERENCE: Popen calls neither _fork_exec nor os.waitpid
    assert ours == [line for line in plain if not line.startswith("os.posix_spawn")]


def test_audit_events_of_imports_are_those_of_cpython_and_ours(programs):
    text = f"""
import sys
names = []
sys.addaudithook(lambda name, args: name == "import" and names.append(args[0]))
import {", ".join(ROOMS)}
import asyncio.events
print(*[name for name in names if not name.startswith("threeply")], sep="\\n")
"""
    ours, plain = (set(programs.run(text, on=on).splitlines()) for on in (True, False))
    assert plain - ours == set()


def _stable(line):
    """Takes thread numbers, process numbers, ports and the like out of an event."""
    return re.sub(r"\d+", "#", line)


def test_no_import_statement_of_the_library_itself_is_needed_for_a_room():
    # The rooms hold for whoever imports them first.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from threeply import threading; threading.Event().set()",
        ],
        timeout=50,
        check=False,
    )
    assert done.returncode == 0


NATIVE = {
    "threading": {"Event", "Semaphore", "BoundedSemaphore"},
    "queue": {"Queue"},
}


@BOTH
def test_native_classes_stand_in_the_rooms(programs, on):
    pytest.importorskip("threeply._threeply")
    programs.run(
        BESIDE
        + f"""
from threeply import _native
for name, keys in {NATIVE!r}.items():
    room = globals()[name]
    standard = _room.state_of(room).standard
    for key in keys:
        ours, theirs = getattr(room, key), getattr(standard, key)
        assert _native.extension.provides(ours) and not _native.extension.provides(theirs)
        before = _native.extension.reached()
        assert isinstance(ours(), theirs)
        assert _native.extension.reached() == before + 1
        assert ours.__module__ == room.__name__ and ours.__qualname__ == key
for key in "LifoQueue", "PriorityQueue":
    made = getattr(queue, key)()
    assert isinstance(made, queue.Queue)
    assert isinstance(made, getattr(_room.state_of(queue).standard, key))
""",
        on=on,
    )


def test_a_fresh_room_has_native_classes_of_its_own(programs):
    pytest.importorskip("threeply._threeply")
    programs.run(
        """
        import sys, queue, threading
        first = threading.Event, queue.Queue, queue.LifoQueue
        kept = {name: sys.modules.pop(name) for name in ("threading", "queue")}
        import queue, threading
        second = threading.Event, queue.Queue, queue.LifoQueue
        for old, new in zip(first, second):
            assert old is not new and not issubclass(new, old)
        items = queue.PriorityQueue()
        items.put(2)
        items.put(1)
        assert items.get() == 1
        sys.modules.update(kept)
        """
    )


def test_native_objects_work_beside_the_standard_ones(programs):
    pytest.importorskip("threeply._threeply")
    programs.run(
        """
        from threeply import queue, threading
        import queue as standard_queue, threading as standard
        # A library on the standard modules is handed ours.
        event, items = threading.Event(), queue.Queue()
        def library(event, items):
            assert isinstance(event, standard.Event)
            assert isinstance(items, standard_queue.Queue)
            event.wait()
            try:
                items.get_nowait()
            except standard_queue.Empty as error:
                items.put(error)
        thread = standard.Thread(target=library, args=(event, items))
        thread.start()
        event.set()
        thread.join()
        assert isinstance(items.get(), queue.Empty)
        """,
        on=False,
    )
