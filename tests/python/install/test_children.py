"""multiprocessing's children are on threeply if their parent is."""

import json
import os

import pytest

import threeply

METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])

MODULE = """
import sys

def look(connection):
    import multiprocessing, threading
    connection.send({
        "installed": "threeply" in sys.modules and sys.modules["threeply"].installed(),
        "modules": [type(sys.modules[name]).__name__
                    for name in ("multiprocessing", "threading")],
        "path": sys.path,
        "file": getattr(sys.modules.get("threeply"), "__file__", None),
    })
"""

PROGRAM = """
import json, multiprocessing, work
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    ours, theirs = context.Pipe()
    child = context.Process(target=work.look, args=(theirs,))
    child.start()
    print(json.dumps(ours.recv()))
    child.join()
    assert child.exitcode == 0
"""

HOME = os.path.dirname(os.path.dirname(threeply.__file__))


@pytest.fixture
def look(programs):
    (programs.folder / "work.py").write_text(MODULE)

    def look(method, **options):
        return json.loads(programs.run(PROGRAM.format(method=method), **options))

    return look


@METHODS
def test_a_child_is_on_threeply(look, method):
    child = look(method)
    assert child["installed"]
    assert child["modules"] == ["Room", "Room"]


@METHODS
def test_a_child_of_a_plain_program_is_not(look, method):
    child = look(method, on=False)
    assert not child["installed"]
    assert child["modules"] == ["module", "module"]


@METHODS
def test_a_child_has_the_path_that_it_would_have_anyway(look, method):
    assert look(method)["path"] == look(method, on=False)["path"]


@METHODS
def test_a_child_finds_a_threeply_that_only_sys_path_knew(programs, method):
    (programs.folder / "work.py").write_text(MODULE)
    # -I and -S: neither PYTHONPATH nor site-packages leads to it.
    text = (
        f"import sys; sys.path[:0] = [{HOME!r}, {str(programs.folder)!r}]\n"
        "import threeply; threeply.install()\n"
    )
    child = json.loads(
        programs.run(
            text + PROGRAM.format(method=method), on=False, options=["-I", "-S"]
        )
    )
    assert child["installed"]
    assert child["file"] == threeply.__file__


@METHODS
def test_a_late_install_reaches_the_children_too(look, programs, method):
    (programs.folder / "work.py").write_text(MODULE)
    text = """
import multiprocessing, multiprocessing.forkserver, multiprocessing.popen_spawn_posix
import multiprocessing.resource_tracker, concurrent.futures.process
import threeply; threeply.install()
"""
    child = json.loads(programs.run(text + PROGRAM.format(method=method), on=False))
    assert child["installed"]


@METHODS
def test_pools_and_process_executors_have_children_on_threeply(programs, method):
    (programs.folder / "work.py").write_text(
        "import sys\ndef look(_):\n"
        "    import threading\n    return type(threading).__name__\n"
    )
    out = programs.run(
        f"""
        import concurrent.futures, multiprocessing, work
        if __name__ == "__main__":
            context = multiprocessing.get_context("{method}")
            with context.Pool(1) as pool:
                print(pool.map(work.look, [1]))
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
                print(list(pool.map(work.look, [1])))
        """
    )
    assert out == "['Room']\n['Room']\n"


def test_a_grandchild_is_on_threeply(programs):
    (programs.folder / "work.py").write_text(
        """
import sys
def look(connection, depth):
    import multiprocessing
    if depth:
        child = multiprocessing.get_context("spawn").Process(
            target=look, args=(connection, depth - 1))
        child.start()
        child.join()
    else:
        connection.send(type(multiprocessing).__name__)
"""
    )
    out = programs.run(
        """
        import multiprocessing, work
        if __name__ == "__main__":
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            child = context.Process(target=work.look, args=(theirs, 2))
            child.start()
            print(ours.recv())
            child.join()
        """
    )
    assert out == "Room\n"


def test_the_child_program_leaves_no_names_in_its_main_module(programs):
    # Not a file: then the child's own -c program is its __main__.
    text = """
    import multiprocessing, os, sys
    if __name__ == "__main__":
        del sys.modules["__main__"].__file__
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(target=exec, args=(CODE, {"connection": theirs}))
        child.start()
        print(ours.recv())
        child.join()
    """
    code = "import sys; connection.send(sorted(vars(sys.modules['__main__'])))"
    text = text.replace("CODE", repr(code))
    assert programs.run(text) == programs.run(text, on=False)


def test_other_programs_of_multiprocessing_pass_through_unchanged(programs):
    programs.run(
        """
        import os, sys, multiprocessing.util as util
        # The resource tracker needs nothing of ours.
        reading, writing = os.pipe()
        program = "from multiprocessing.resource_tracker import main; import os, sys;"
        program += "os.write(%d, repr('threeply' in sys.modules).encode())" % writing
        pid = util.spawnv_passfds(
            os.fsencode(sys.executable),
            [sys.executable, "-c", program],
            (writing,),
        )
        assert os.waitpid(pid, 0)[1] == 0
        assert os.read(reading, 99) == b"False"
        """
    )


def test_spawnv_passfds_takes_bytes_too(programs):
    programs.run(
        """
        import os, sys, multiprocessing.util as util
        reading, writing = os.pipe()
        program = b"from multiprocessing.spawn import spawn_main; import os, sys;"
        program += b"os.write(%d, repr('threeply' in sys.modules).encode())" % writing
        pid = util.spawnv_passfds(
            os.fsencode(sys.executable),
            [os.fsencode(sys.executable), b"-c", program],
            (writing,),
        )
        assert os.waitpid(pid, 0)[1] == 0
        assert os.read(reading, 99) == b"True"
        """
    )
