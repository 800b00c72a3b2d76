"""`install()`: which modules the standard names mean afterwards, and what it costs."""

import os
import statistics
import sys
import tomllib
from pathlib import Path

import pytest

import threeply
from threeply._install import ROOMS


def test_every_standard_name_means_its_room(programs):
    programs.run(
        f"""
        import {", ".join(ROOMS)}
        import sys
        for name in {ROOMS}:
            room = sys.modules[name]
            assert room is sys.modules["threeply." + name], name
            assert type(room).__name__ == "Room", name
        import concurrent
        assert concurrent.futures is sys.modules["concurrent.futures"]
        assert multiprocessing.util is sys.modules["multiprocessing.util"]
        from threeply import threading as ours
        assert ours is threading
        """
    )


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_the_same_whichever_name_is_imported_first(programs, name):
    programs.run(
        f"""
        import importlib
        first = importlib.import_module("threeply.{name}")
        assert importlib.import_module("{name}") is first
        """
    )


@pytest.mark.parametrize("name", ROOMS)
def test_an_installed_room_bears_the_standard_identity(programs, name):
    text = f"""
    import importlib, inspect
    module = importlib.import_module("{name}")
    print(module, module.__name__, module.__package__, module.__file__, module.__doc__)
    print(module.__spec__, module.__loader__.name, getattr(module, "__path__", None))
    print(module.__spec__.parent, module.__cached__ if hasattr(module, "__cached__") else "")
    print(inspect.getsource(module))
    print(inspect.getmodule(module) is module)
    """
    # The loader's repr has an address in it.
    hidden = [" object at 0x"]
    ours, plain = programs.run(text), programs.run(text, on=False)
    assert [_cut(line, hidden) for line in ours.splitlines()] == [
        _cut(line, hidden) for line in plain.splitlines()
    ]


@pytest.mark.parametrize("name", ROOMS)
def test_an_installed_room_offers_every_name_of_the_standard_module(programs, name):
    text = f"""
    import importlib
    module = importlib.import_module("{name}")
    listed = getattr(module, "__all__", [])
    for key in sorted(set(dir(module)) | set(listed)):
        getattr(module, key)
        print(key, key in listed)
    from {name} import *
    print(*sorted(globals()), sep="\\n")
    """
    plain, ours = (set(programs.run(text, on=on).splitlines()) for on in (False, True))
    assert len(plain) > 10
    assert not plain - ours


@pytest.mark.parametrize("name", ROOMS)
def test_our_names_are_listed_and_bear_the_standard_module_name(programs, name):
    programs.run(
        f"""
        import importlib
        from threeply import _room
        module = importlib.import_module("{name}")
        ours = _room.state_of(module).ours
        standard = vars(_room.state_of(module).standard)
        assert set(ours) <= set(dir(module))
        assert "__room__" not in dir(module)
        for key, value in ours.items():
            if key != "__all__":
                # A package may have it from a module of its own.
                home = getattr(standard.get(key), "__module__", "{name}")
                assert value.__module__ in ("{name}", home), key
                assert value.__qualname__ == key
        """
    )


def test_an_imported_room_keeps_its_own_name(programs):
    programs.run(
        """
        import sys
        from threeply import threading
        import threading as standard
        assert threading.__name__ == "threeply.threading"
        assert standard.__name__ == "threading"
        assert threading is not standard
        assert sys.modules["threading"] is standard
        assert threading.current_thread is standard.current_thread
        """,
        on=False,
    )


def test_installing_twice_changes_nothing(programs):
    programs.run(
        """
        import sys, threading
        before = list(sys.meta_path), dict(sys.modules)
        threeply.install()
        assert (list(sys.meta_path), dict(sys.modules)) == before
        assert threeply.installed()
        """
    )


def test_installed_tells_whether_install_was_called(programs):
    programs.run(
        """
        import threeply
        assert not threeply.installed()
        from threeply import threading
        assert not threeply.installed()
        threeply.install()
        assert threeply.installed()
        """,
        on=False,
    )


def test_installing_imports_no_room_and_no_extension(programs):
    text = f"""
    import sys
    for name in {ROOMS}:
        print(name, name in sys.modules)
    print("extension", "threeply._threeply" in sys.modules)
    print("heavy", [name for name in ("typing", "importlib.util", "collections") if name in sys.modules])
    """
    assert programs.run(text) == programs.run(text, on=False)


def test_installing_costs_less_than_ten_milliseconds_of_cpu(tmp_path):
    # The bytecode must be there, as it is in an installed wheel.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    bare, on = "pass", "import threeply; threeply.install()"
    _cpu_seconds(on, environment)
    rounds = [
        (_cpu_seconds(bare, environment), _cpu_seconds(on, environment))
        for _ in range(15)
    ]
    extra = statistics.median(on for _, on in rounds) - statistics.median(
        bare for bare, _ in rounds
    )
    assert extra < 0.010


def test_reading_a_name_that_nobody_has_raises_the_standard_message(programs):
    text = """
    import threading
    threading.no_such_name
    """
    ours, plain = (programs.attempt(text, on=on) for on in (True, False))
    assert ours.stderr == plain.stderr
    assert "AttributeError: module 'threading'" in ours.stderr


@pytest.mark.parametrize(
    "error", ["1 / 0", "raise ImportError('no')", "import nowhere"]
)
def test_an_error_while_a_standard_module_loads_shows_no_frame_of_ours(programs, error):
    (programs.folder / "selectors.py").write_text(f"def f():\n    {error}\nf()\n")
    text = """
    def load():
        import asyncio
    load()
    """
    ours, plain = (programs.attempt(text, on=on) for on in (True, False))
    assert ours.stderr == plain.stderr
    assert "selectors.py" in ours.stderr


def test_a_module_that_failed_to_load_can_be_imported_later(programs):
    programs.run(
        """
        import sys
        sys.modules["selectors"] = None
        try:
            import asyncio
        except ImportError:
            del sys.modules["selectors"]
        else:
            raise AssertionError("asyncio needs selectors")
        import asyncio
        assert type(asyncio).__name__ == "Room"
        assert asyncio.run(asyncio.sleep(0, "done")) == "done"
        """
    )


def test_a_thread_that_imports_meanwhile_waits_for_the_whole_module(programs):
    # `selectors` is imported in the middle of asyncio, and holds it up.
    (programs.folder / "selectors.py").write_text(
        """
import sys
import prog
prog.halfway.release()
prog.started.acquire()
def waits():
    return sys._current_frames()[prog.other_ident].f_code.co_name == "acquire"
while not (prog.seen or waits()):
    pass
del sys.modules["selectors"]
sys.path.remove(sys.path[0])
from selectors import *
from selectors import _BaseSelectorImpl
"""
    )
    programs.run(
        """
        import _thread, sys
        sys.modules["prog"] = sys.modules["__main__"]
        halfway, started, ended = [_thread.allocate_lock() for _ in range(3)]
        for lock in halfway, started, ended:
            lock.acquire()
        seen = []
        def other():
            halfway.acquire()
            started.release()
            import asyncio
            seen.append(hasattr(asyncio, "run"))
            ended.release()
        other_ident = _thread.start_new_thread(other, ())
        import asyncio
        ended.acquire()
        assert seen == [True]
        """
    )


def test_a_users_own_queue_shadows_the_room(programs):
    (programs.folder / "queue.py").write_text("mine = True\n")
    programs.run(
        """
        import queue
        assert queue.mine
        try:
            import threeply.queue
        except ImportError as error:
            assert error.name == "queue" and queue.__file__ in str(error), error
        else:
            raise AssertionError("there is no standard queue to stand on")
        """
    )


def test_a_users_own_queue_loaded_before_stays(programs):
    (programs.folder / "queue.py").write_text("mine = True\n")
    programs.run(
        """
        import queue, sys, threeply
        threeply.install()
        assert sys.modules["queue"] is queue and queue.mine
        """,
        on=False,
    )


def test_submodules_below_a_room_are_the_standard_ones(programs):
    text = """
    import threeply.asyncio.events, threeply.multiprocessing.pool
    import threeply.concurrent.futures.process
    import asyncio.events, multiprocessing.pool, concurrent.futures.process
    assert threeply.asyncio.events is asyncio.events
    assert threeply.multiprocessing.pool is multiprocessing.pool
    assert threeply.concurrent.futures.process is concurrent.futures.process
    assert asyncio.events.__spec__.name == asyncio.events.__name__ == "asyncio.events"
    from threeply.asyncio import events
    assert events is asyncio.events
    try:
        import threeply.asyncio.nowhere
    except ModuleNotFoundError as error:
        assert error.name == "threeply.asyncio.nowhere", error.name
    else:
        raise AssertionError("there is no such module")
    """
    programs.run(text)
    programs.run(text, on=False)


@pytest.mark.parametrize("name", ROOMS)
def test_a_fresh_copy_is_a_fresh_room_over_a_fresh_module(programs, name):
    programs.run(
        f"""
        import importlib, sys
        from threeply import _room
        first = importlib.import_module("{name}")
        below = [key for key in sys.modules if (key + ".").startswith("{name}.")]
        kept = {{key: sys.modules.pop(key) for key in below}}
        second = importlib.import_module("{name}")
        assert type(second) is type(first) and second is not first
        assert second.__name__ == "{name}"
        standards = [_room.state_of(room).standard for room in (first, second)]
        assert standards[0] is not standards[1]
        assert sys.modules["{name}"] is second
        assert sys.modules["threeply.{name}"] is first
        sys.modules.update(kept)
        assert importlib.import_module("{name}") is first
        """
    )


def test_a_fresh_copy_can_be_had_with_a_module_blocked(programs):
    programs.run(
        """
        import sys, queue
        fast = queue.SimpleQueue
        del sys.modules["queue"]
        sys.modules["_queue"] = None
        import queue as slow
        assert slow.SimpleQueue is not fast
        assert slow.SimpleQueue.__module__ == "queue"
        """
    )


@pytest.mark.parametrize("name", ROOMS)
def test_reload_executes_the_standard_module_and_the_room_again(programs, name):
    programs.run(
        f"""
        import importlib, sys
        module = importlib.import_module("{name}")
        module._mark = module.__name__ = "gone"
        spec = module.__spec__
        assert importlib.reload(module) is module
        assert sys.modules["{name}"] is module is sys.modules["threeply.{name}"]
        assert type(module).__name__ == "Room"
        assert module.__name__ == "{name}" and module._mark == "gone"
        assert module.__spec__.name == spec.name
        """
    )


# What a program does with a module, and catches of it by its names.
USES = {
    "threading": """
        event, seen = module.Event(), []
        thread = module.Thread(target=lambda: seen.append(event.wait(30)))
        assert isinstance(thread, module.Thread)
        thread.start()
        event.set()
        thread.join()
        assert seen == [True]
        assert isinstance(module.current_thread(), module.Thread)
        barrier = module.Barrier(2)
        barrier.abort()
        try:
            barrier.wait()
        except module.BrokenBarrierError:
            seen.append("broken")
        assert seen[1:] == ["broken"]
        """,
    "queue": """
        for kind in module.Queue, module.LifoQueue, module.PriorityQueue:
            items, seen = kind(1), []
            items.put(1)
            try:
                items.put(2, timeout=0.001)
            except module.Full:
                seen.append("full")
            assert items.get() == 1
            try:
                items.get(timeout=0.001)
            except module.Empty:
                seen.append("empty")
            assert seen == ["full", "empty"]
        """,
    "signal": """
        seen = []
        module.signal(module.SIGUSR1, lambda number, frame: seen.append(number))
        module.raise_signal(module.SIGUSR1)
        assert seen == [module.SIGUSR1]
        assert module.sigtimedwait([module.SIGUSR2], 0) is None
        assert module.getsignal(module.SIGUSR2) is module.Handlers.SIG_DFL
        """,
    "multiprocessing": """
        child = module.get_context("fork").Process(target=int)
        child.start()
        child.join()
        assert child.exitcode == 0 and child not in module.active_children()
        """,
    "asyncio": """
        async def main():
            try:
                await module.wait_for(module.sleep(30), 0.001)
            except module.TimeoutError:
                return "late"
        assert module.run(main()) == "late"
        """,
    "concurrent.futures": """
        with module.ThreadPoolExecutor(1) as pool:
            future = pool.submit(int)
            assert future.result() == 0
            assert isinstance(future, module.Future)
            assert module.wait([future]).done == {future}
            assert list(module.as_completed([future])) == [future]
        future, seen = module.Future(), []
        try:
            future.result(0)
        except module.TimeoutError:
            seen.append("late")
        future.cancel()
        try:
            future.result()
        except module.CancelledError:
            seen.append("cancelled")
        assert seen == ["late", "cancelled"]
        """,
}


@pytest.mark.parametrize("on", [True, False], ids=["installed", "plain"])
@pytest.mark.parametrize("name", USES)
def test_a_module_that_was_reloaded_works(programs, name, on):
    programs.run(
        f"""
        import importlib
        module = importlib.reload(importlib.import_module("{name}"))
        """
        + USES[name],
        on=on,
        options=["-W", "ignore::DeprecationWarning"],
    )


def test_a_reload_that_fails_leaves_the_room_as_it_was(programs):
    programs.run(
        """
        import importlib, queue, sys
        sys.modules["heapq"] = None
        try:
            importlib.reload(queue)
        except ImportError:
            pass
        else:
            raise AssertionError("queue needs heapq")
        assert sys.modules["queue"] is queue
        assert type(queue).__name__ == "Room" and queue.__name__ == "queue"
        queue.PriorityQueue().put(1)
        """
    )


def test_reload_of_an_imported_room_leaves_the_standard_module_alone(programs):
    programs.run(
        """
        import importlib, sys, signal as standard
        from threeply import signal
        alarm = standard.alarm = object()
        assert importlib.reload(signal) is signal
        assert standard.alarm is alarm and sys.modules["signal"] is standard
        assert type(signal).__name__ == "Room"
        """,
        on=False,
    )


def test_runpy_runs_a_room_as_it_does_the_standard_module(programs):
    programs.run(
        """
        import runpy
        assert runpy.run_module("queue", run_name="x")["Queue"].__module__ == "x"
        """
    )
    text = """
    import runpy
    runpy.run_module("asyncio", run_name="__main__", alter_sys=True)
    """
    typed = "print(await asyncio.sleep(0, asyncio.__name__ * 2))\n"
    ours, plain = (programs.attempt(text, on=on, typed=typed) for on in (True, False))
    assert "asyncioasyncio" in ours.stdout
    assert (ours.stdout, ours.stderr) == (plain.stdout, plain.stderr)


def test_an_import_hook_put_before_sees_the_standard_module_load(programs):
    programs.run(
        """
        import importlib.util, sys, threeply

        class Hook:
            seen = []
            busy = False
            def find_spec(self, name, path=None, target=None):
                if name != "queue" or self.busy:
                    return None
                Hook.busy = True
                try:
                    spec = importlib.util.find_spec(name)
                finally:
                    Hook.busy = False
                execute = spec.loader.exec_module
                def exec_module(module):
                    execute(module)
                    Hook.seen.append(type(module).__name__)
                spec.loader.exec_module = exec_module
                return spec

        sys.meta_path.insert(0, Hook())
        threeply.install()
        import queue
        assert Hook.seen == ["module"], Hook.seen
        assert type(queue).__name__ == "Room"
        """,
        on=False,
    )


def test_an_import_hook_put_after_sees_the_room_load(programs):
    programs.run(
        """
        import importlib.util, sys

        class Hook:
            seen = []
            busy = False
            def find_spec(self, name, path=None, target=None):
                if name != "queue" or self.busy:
                    return None
                Hook.busy = True
                try:
                    spec = importlib.util.find_spec(name)
                finally:
                    Hook.busy = False
                execute = spec.loader.exec_module
                def exec_module(module):
                    execute(module)
                    Hook.seen.append(type(module).__name__)
                spec.loader.exec_module = exec_module
                return spec

        sys.meta_path.insert(0, Hook())
        import queue
        assert Hook.seen == ["Room"], Hook.seen
        """
    )


def test_rooms_pickle_by_name(programs):
    programs.run(
        """
        import cloudpickle, pickle, sys, threading
        assert pickle.loads(pickle.dumps(threading)) is threading
        sys.modules["__main__"].__name__ = "__main__"
        def function():
            return threading.current_thread()
        text = cloudpickle.dumps(function)
        assert b"threeply" not in text
        assert pickle.loads(text)() is threading.main_thread()
        """
    )


def test_the_version_is_the_projects():
    project = Path(__file__).parents[3] / "pyproject.toml"
    assert (
        tomllib.loads(project.read_text())["project"]["version"] == threeply.__version__
    )


def _cpu_seconds(code, environment):
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], environment)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


def _cut(line, marks):
    for mark in marks:
        line = line.partition(mark)[0]
    return line
