"""Where the extension cannot load, the rooms stand on the standard modules alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import threeply

HOME = str(Path(threeply.__file__).parents[1])

USE = """
import threeply
threeply.install()
import threading, queue, subprocess, signal, multiprocessing, asyncio
import concurrent.futures, multiprocessing.util
from threeply import _native
assert _native.extension is None, "the extension loaded after all"
assert _native.reason
assert type(threading).__name__ == "Room"
items = queue.Queue()
threading.Thread(target=items.put, args=(1,)).start()
assert items.get(timeout=30) == 1
assert asyncio.run(asyncio.sleep(0, 2)) == 2
"""


@pytest.fixture
def foreign(tmp_path):
    """A threeply without an extension for this interpreter, alone in a folder."""
    folder = tmp_path / "foreign"
    shutil.copytree(
        Path(HOME, "threeply"),
        folder / "threeply",
        ignore=shutil.ignore_patterns("*.so", "__pycache__"),
    )
    return folder


def test_without_an_extension_the_rooms_are_the_standard_modules(foreign, programs):
    path = f"import sys; sys.path.insert(0, {str(foreign)!r})\n"
    programs.run(path + USE, on=False, options=["-I", "-S"])


def test_without_an_extension_no_room_has_a_native_name(foreign, programs):
    programs.run(
        f"""
        import sys; sys.path.insert(0, {str(foreign)!r})
        import threeply; threeply.install()
        import threading, queue
        from threeply import _room
        for room in threading, queue:
            state = _room.state_of(room)
            assert set(state.ours) == {{"__all__"}}, state.ours
            assert room.__all__ == state.standard.__all__
        """,
        on=False,
        options=["-I", "-S"],
    )


def test_verbose_says_why_the_extension_did_not_load(foreign, programs):
    done = programs.attempt(
        f"""
        import sys; sys.path.insert(0, {str(foreign)!r})
        import threeply; threeply.install(verbose=True)
        """,
        on=False,
        options=["-I", "-S"],
    )
    assert done.returncode == 0
    assert "threeply: the extension did not load" in done.stderr
    assert "_threeply" in done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="_xxsubinterpreters is gone")
def test_a_sub_interpreter_falls_back(programs):
    # The main interpreter has the extension meanwhile.
    programs.run(
        f"""
        import threading
        import _xxsubinterpreters as interpreters
        program = "import sys; sys.path.insert(0, {HOME!r})\\n" + {USE!r}
        interpreter = interpreters.create(isolated=False)
        interpreters.run_string(interpreter, program)
        interpreters.destroy(interpreter)
        """
    )


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 12), reason="the standard threading needs the name"
)
def test_an_interpreter_that_cannot_tell_which_it_is_falls_back(programs):
    # `import threading` used to fail: CPython's own test of gh-112826.
    stand_in = """
import sys, types, _thread
other = types.ModuleType("_thread")
vars(other).update(vars(_thread))
del other._is_main_interpreter
sys.modules["_thread"] = other
"""
    programs.run(stand_in + USE)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="_interpreters is newer")
def test_an_isolated_interpreter_falls_back(programs):
    programs.run(
        f"""
        import threading
        import _interpreters as interpreters
        program = "import sys; sys.path.insert(0, {HOME!r})\\n" + {USE!r}
        for config in "isolated", "legacy":
            interpreter = interpreters.create(config)
            failed = interpreters.exec(interpreter, program)
            assert failed is None, failed.formatted
            interpreters.destroy(interpreter)
        """
    )


def test_an_embedded_sub_interpreter_falls_back(programs):
    pytest.importorskip("_testcapi", reason="this Python was built without its tests")
    programs.run(
        f"""
        import threading
        import _testcapi
        program = "import sys; sys.path.insert(0, {HOME!r})\\n" + {USE!r}
        assert _testcapi.run_in_subinterp(program) == 0
        """
    )


def test_a_sub_interpreter_of_children_on_threeply_falls_back(programs):
    create, run = (
        ('_interpreters.create("legacy")', "_interpreters.exec")
        if sys.version_info >= (3, 13)
        else (
            "_xxsubinterpreters.create(isolated=False)",
            "_xxsubinterpreters.run_string",
        )
    )
    programs.run(
        f"""
        import threading, {create.partition(".")[0]}
        assert type(threading).__name__ == "Room"
        program = {USE!r}.replace("threeply.install()", "assert threeply.installed()")
        assert {run}({create}, program) is None
        """,
        on=False,
        THREEPLY_CHILDREN="1",
    )


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in Python 3.14")
def test_an_interpreter_pool_works_beside_the_rooms(programs):
    programs.run(
        """
        import concurrent.futures, math
        pools = concurrent.futures.InterpreterPoolExecutor
        assert issubclass(pools, concurrent.futures.ThreadPoolExecutor)
        with concurrent.futures.InterpreterPoolExecutor(1) as pool:
            assert pool.submit(math.sqrt, 9).result(30) == 3
        """
    )


def _others():
    """Lists the other interpreters of this machine that the project's tool finds."""
    tool = Path(__file__).parents[3] / "tools" / "python"
    for version in ("3.11", "3.12", "3.13", "3.14"):
        if version != f"{sys.version_info[0]}.{sys.version_info[1]}":
            found = subprocess.run(
                [tool, f"python{version}"], capture_output=True, text=True, check=False
            )
            if found.returncode == 0:
                yield pytest.param(found.stdout.strip(), id=version)


@pytest.mark.parametrize("python", list(_others()))
def test_an_interpreter_of_another_version_falls_back(python, foreign, programs):
    path = f"import sys; sys.path.insert(0, {str(foreign)!r})\n"
    programs.run(path + USE, on=False, python=python, options=["-I"])


CALLS = """
def double(number):
    return 2 * number

def fail():
    raise KeyError("in another interpreter")

def fail_to_begin():
    raise ArithmeticError
"""


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in Python 3.14")
@pytest.mark.parametrize("on", [True, False], ids=["threeply", "standard"])
def test_a_pool_of_interpreters_is_a_pool_of_threads(programs, on):
    (programs.folder / "calls.py").write_text(CALLS)
    text = """
        import calls
        from concurrent.futures import InterpreterPoolExecutor, ThreadPoolExecutor, thread
        from concurrent.futures.interpreter import BrokenInterpreterPool
        assert issubclass(InterpreterPoolExecutor, ThreadPoolExecutor)
        assert ThreadPoolExecutor is thread.ThreadPoolExecutor
        with InterpreterPoolExecutor(2) as pool:
            assert list(pool.map(calls.double, range(50))) == list(range(0, 100, 2))
            print(pool.submit(calls.fail).exception().args)
            print(hasattr(pool, "statistics"))
        with InterpreterPoolExecutor(1, initializer=calls.fail_to_begin) as pool:
            try:
                pool.submit(calls.double, 1).result()
            except BrokenInterpreterPool:
                print("broken")
        """
    said = programs.run(text, on=on)
    assert said == f"('in another interpreter',)\n{on}\nbroken\n"
