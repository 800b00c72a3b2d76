"""A small suite of ours, run as those of other projects are, on both sides."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HARNESS = Path(__file__).parents[2] / "suites"

pytestmark = pytest.mark.timeout(120)

# In a process of its own, since it ends all that is left of its children.
DRIVER = """
import dataclasses, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from suites import process, project, side
from suites.environment import PLUGIN

class Place:
    python, records, work = Path(sys.executable), Path(sys.argv[2]), Path(sys.argv[3])
    project = project.Project(**json.loads(sys.argv[4]))

    def unpack(self):
        return self.work

process.prepare()
name, only = json.loads(sys.argv[5])
place = Place()
place.project.environment["PYTHONPATH"] = str(PLUGIN.parent)
try:
    print(json.dumps(dataclasses.asdict(side.Side(name, place).run(only))))
except side.VoidError as error:
    print(json.dumps({"void": str(error)}))
"""


@pytest.fixture
def run(tmp_path):
    def run(text, *, name="python", only=None, python=sys.executable, **project):
        work, records = tmp_path / "work", tmp_path / "records"
        for folder in (work, records):
            folder.mkdir(exist_ok=True)
        work.joinpath("pytest.ini").write_text("[pytest]\n")
        work.joinpath("test_ours.py").write_text(textwrap.dedent(text))
        project = {
            "name": "ours",
            "version": "1",
            "sha256": "",
            "rooms": [],
            "run": ["-p", "no:cacheprovider"],
            "not_run": {},
            "environment": {},
            **project,
        }
        words = [HARNESS, records, work, json.dumps(project), json.dumps([name, only])]
        told = subprocess.check_output([python, "-c", DRIVER, *words], text=True)
        return json.loads(told)

    return run


def kinds(ran):
    return {
        name.removeprefix("test_ours.py::"): outcome["kind"]
        for name, outcome in ran["outcomes"].items()
    }


@pytest.mark.parametrize("name", ["python", "threeply"])
def test_each_side_tells_how_every_test_ended(run, name):
    ran = run(
        f"""
        import signal, sys, unittest
        import pytest

        def test_passes():
            import threading
            ours = threading is sys.modules.get("threeply.threading")
            assert ours == ({name!r} == "threeply")

        def test_has_the_default_for_interrupts():
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

        def test_fails():
            raise ValueError("words")

        @pytest.fixture
        def broken():
            yield
            raise ValueError

        def test_fails_in_the_end(broken):
            pass

        def test_is_skipped():
            pytest.skip("a reason")

        @pytest.mark.xfail(reason="as it is")
        def test_is_expected_to_fail():
            assert not "x"

        class Test(unittest.TestCase):
            def test_parts(self):
                for number in range(2):
                    with self.subTest(number=number):
                        self.assertEqual(number, 0)
        """,
        name=name,
    )
    assert kinds(ran) == {
        "test_passes": "passed",
        "test_has_the_default_for_interrupts": "passed",
        "test_fails": "failed",
        "test_fails_in_the_end": "failed",
        "test_is_skipped": "skipped",
        "test_is_expected_to_fail": "skipped",
        "Test::test_parts": "failed",
    }
    why = {name: outcome["why"] for name, outcome in ran["outcomes"].items()}
    assert why["test_ours.py::test_fails"] == "ValueError: words"
    assert why["test_ours.py::test_is_skipped"] == "Skipped: a reason"
    assert ran["incomplete"] == ""


def test_the_others_go_on_after_a_test_that_hangs_or_crashes(run):
    ran = run(
        """
        import os, signal, threading

        def test_first():
            pass

        def test_hangs():
            threading.Event().wait()

        def test_crashes():
            os.kill(os.getpid(), signal.SIGKILL)

        def test_interrupts():
            raise KeyboardInterrupt

        def test_last():
            pass
        """,
        test_seconds=3,
    )
    assert kinds(ran) == {
        "test_first": "passed",
        "test_hangs": "hung",
        "test_crashes": "crashed",
        "test_interrupts": "crashed",
        "test_last": "passed",
    }
    assert ran["incomplete"] == ""


def test_a_side_out_of_time_is_incomplete_and_says_in_what(run):
    text = "import threading\ndef test_long():\n    threading.Event().wait()\n"
    ran = run(text, seconds=15, test_seconds=60)
    assert ran["incomplete"] == "out of time in test_ours.py::test_long"


def test_a_process_that_crashes_after_its_tests_is_incomplete(run):
    ran = run(
        """
        import atexit, os, signal

        def test_passes():
            atexit.register(os.kill, os.getpid(), signal.SIGKILL)
        """
    )
    assert kinds(ran) == {"test_passes": "passed"}
    assert ran["incomplete"] == "signal 9, after all tests"


def test_what_is_declared_is_left_out_with_all_that_belongs_to_it(run):
    ran = run(
        """
        import pytest

        class TestNet:
            def test_a(self): raise ValueError
            def test_b(self): raise ValueError

        @pytest.mark.parametrize("n", [1, 2])
        def test_c(n):
            raise ValueError

        def test_cd():
            pass
        """,
        not_run={"test_ours.py::TestNet": "network", "*::test_c": "network"},
    )
    assert kinds(ran) == {"test_cd": "passed"}
    assert sorted(ran["not_run"]) == [
        "test_ours.py::TestNet::test_a",
        "test_ours.py::TestNet::test_b",
        "test_ours.py::test_c[1]",
        "test_ours.py::test_c[2]",
    ]


def test_a_file_that_is_declared_is_not_even_imported(run):
    ran = run("raise ValueError", not_run={"test_ours.py": "needs a tool"})
    assert ran["not_run"] == {"test_ours.py": "test_ours.py"}
    assert (ran["outcomes"], ran["incomplete"]) == ({}, "")


def test_a_file_that_cannot_be_imported_is_a_failure(run):
    ran = run("raise ValueError('words')")
    assert kinds(ran) == {"test_ours.py (collection)": "failed"}
    assert ran["incomplete"] == ""


def test_only_the_named_ones_are_run_again(run):
    text = """
    import pytest

    @pytest.mark.parametrize("thing", [object()], ids=repr)
    def test_a(thing):
        pass

    def test_b():
        pass
    """
    assert len(run(text)["outcomes"]) == 2
    name = "test_ours.py::test_a[<object object at 0x...>]"
    assert [*run(text, only=[name])["outcomes"]] == [name]


def test_a_side_of_which_the_rooms_are_on_the_wrong_side_is_void(run):
    # Under a variable that puts them in place the plain side is not plain.
    ran = run("", environment={"THREEPLY_CHILDREN": "1"})
    assert ran == {"void": "ours: the rooms are not as python has them"}


def test_what_a_test_leaves_running_is_ended(run, tmp_path):
    told = tmp_path / "pid"
    run(
        f"""
        import os, subprocess

        def test_leaves_a_session_behind():
            child = subprocess.Popen(["sleep", "99"], start_new_session=True)
            with open({str(told)!r}, "w") as file:
                file.write(str(child.pid))
            os._exit(0)
        """
    )
    assert not Path(f"/proc/{told.read_text()}").exists()
