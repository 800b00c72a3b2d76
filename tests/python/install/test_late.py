"""`install()` when the standard modules are loaded already."""

import pytest

from threeply._install import ROOMS


@pytest.mark.parametrize("name", ROOMS)
def test_a_loaded_standard_module_is_replaced_at_once(programs, name):
    programs.run(
        f"""
        import sys, {name}, threeply
        held = sys.modules["{name}"]
        threeply.install()
        room = sys.modules["{name}"]
        assert room is not held and type(room).__name__ == "Room"
        assert {name} is room or "{name}".partition(".")[0] == "{name}"
        assert type(held).__name__ == "module" and held.__name__ == "{name}"
        """,
        on=False,
    )


def test_a_parents_attribute_is_replaced_too(programs):
    programs.run(
        """
        import concurrent.futures, multiprocessing.util, sys, threeply
        threeply.install()
        assert concurrent.futures is sys.modules["concurrent.futures"]
        import multiprocessing
        assert multiprocessing.util is sys.modules["multiprocessing.util"]
        """,
        on=False,
    )


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imported_before_is_the_one_installed(programs, name):
    programs.run(
        f"""
        import importlib, sys, threeply
        room = importlib.import_module("threeply.{name}")
        assert room.__name__ == "threeply.{name}"
        threeply.install()
        assert importlib.import_module("{name}") is room
        assert room.__name__ == "{name}"
        """,
        on=False,
    )


def test_what_the_program_has_in_hand_goes_on_working_beside_the_rooms(programs):
    out = programs.run(
        """
        import threading, queue, asyncio, subprocess, signal, sys, threeply
        import concurrent.futures
        standard = threading
        items, done, lock = queue.Queue(), threading.Event(), threading.RLock()
        pool = concurrent.futures.ThreadPoolExecutor(1)
        worker = threading.Thread(target=lambda: (items.put(1), done.wait()))
        worker.start()
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        loop = asyncio.new_event_loop()

        threeply.install()
        import threading, queue, asyncio, subprocess, signal
        import concurrent.futures
        assert threading is not standard
        assert items.get(timeout=30) == 1
        assert worker in threading.enumerate() and worker in standard.enumerate()
        done.set()
        worker.join(30)
        assert not worker.is_alive()
        assert isinstance(worker, threading.Thread)
        with lock:
            assert pool.submit(threading.current_thread).result(30).name
        assert concurrent.futures.wait([pool.submit(int)], 30).not_done == set()
        try:
            items.get_nowait()
        except queue.Empty:
            print("empty")
        try:
            child.wait(0)
        except subprocess.TimeoutExpired:
            print("expired")
        child.communicate(b"\\n")
        assert isinstance(child, subprocess.Popen)
        assert loop.run_until_complete(asyncio.sleep(0, "slept", )) == "slept"
        loop.close()
        """,
        on=False,
    )
    assert out == "empty\nexpired\n"


@pytest.mark.parametrize(
    "asked", ["", "held.ThreadPoolExecutor; held.ProcessPoolExecutor"]
)
def test_executors_come_from_the_room_by_whichever_module(programs, asked):
    # The standard module imports them when they are asked for.
    programs.run(
        f"""
        import concurrent.futures as held
        {asked or "pass"}
        import threeply; threeply.install()
        import concurrent.futures as room
        from concurrent.futures import thread, process
        assert room is not held
        for module in (held, room):
            assert module.ThreadPoolExecutor is thread.ThreadPoolExecutor
            assert module.ProcessPoolExecutor is process.ProcessPoolExecutor
        assert hasattr(held.ThreadPoolExecutor, "statistics")
        """,
        on=False,
    )


def test_verbose_says_who_holds_standard_objects(programs):
    (programs.folder / "library.py").write_text(
        "import threading as mine\nfrom queue import Queue\n"
    )
    done = programs.attempt(
        """
        import library, threeply
        threeply.install(verbose=True)
        """,
        on=False,
    )
    assert done.returncode == 0, done.stderr
    assert "threeply: library holds standard objects: " in done.stderr
    assert done.stderr.partition("library holds")[2].startswith(" standard objects: ")
    assert "mine" in done.stderr.partition("library holds")[2].splitlines()[0]
    assert done.stdout == ""


def test_verbose_says_which_module_is_not_the_standard_one(programs):
    (programs.folder / "queue.py").write_text("")
    done = programs.attempt(
        """
        import queue, threeply
        threeply.install(verbose=True)
        """,
        on=False,
    )
    assert done.returncode == 0, done.stderr
    assert "threeply: queue is not the standard module, and stays: " in done.stderr


def test_verbose_is_silent_where_nobody_holds_any(programs):
    done = programs.attempt("threeply.install(verbose=True)\nimport threading\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_not_verbose_is_silent(programs):
    done = programs.attempt(
        """
        import threading, asyncio, threeply
        threeply.install()
        """,
        on=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
