"""Suites run in a process of their own: real ones, small and ours."""

import sys
import textwrap
from pathlib import Path

import pytest
from conform import drivers, process, suites
from conform.campaign import Campaign
from conform.environment import Environment
from conform.interpreter import Interpreter

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    interpreter = Interpreter.ask(sys.executable)
    if interpreter.tests is None:
        pytest.skip("this interpreter was installed without its tests")
    folder = tmp_path_factory.mktemp("environment")
    place = Environment(interpreter, folder / "venv")
    place.tests = folder / "tests"
    place.tests.mkdir()
    place.add_tests(place.tests)
    return place


@pytest.fixture
def run(place, tmp_path):
    def run(text, seconds=60.0, parts=1):
        place.tests.joinpath("test_ours.py").write_text(
            "import os, time, unittest\n" + textwrap.dedent(text)
        )
        campaign = Campaign(place.python, tmp_path, jobs=1, seconds=seconds)
        return campaign.run({"test_ours": parts}, lambda name, record: None)[
            "test_ours"
        ]

    return run


def test_one_suite_alone_makes_its_folder(place, tmp_path):
    place.tests.joinpath("test_ours.py").write_text("")
    campaign = Campaign(place.python, tmp_path / "logs", jobs=1, seconds=60.0)
    assert campaign.run_suite("test_ours").status == "done"


def outcomes(record):
    return {
        name.rpartition(".")[2]: test.outcome for name, test in record.tests.items()
    }


def test_every_kind_of_outcome_is_told(run):
    record = run("""
        class T(unittest.TestCase):
            def test_a(self): pass
            def test_b(self): self.fail("flat")
            def test_c(self): 1 / 0
            def test_d(self): self.skipTest("not today")
            @unittest.expectedFailure
            def test_e(self): self.fail()
            def test_f(self):
                with self.subTest("s"): self.fail()
    """)
    assert record.status == "done"
    assert outcomes(record) == {
        "test_a": "pass",
        "test_b": "fail",
        "test_c": "error",
        "test_d": "skip",
        "test_e": "xfail",
        "test_f": "fail",
    }
    assert record.tests["test.test_ours.T.test_d"].why == "not today"


def test_the_parts_of_a_suite_run_each_test_once_and_classes_whole(run, tmp_path):
    folder = tmp_path / "ran"
    folder.mkdir()
    record = run(
        "".join(
            f"""
        class {name}(unittest.TestCase):
            def note(self):
                open(os.path.join({str(folder)!r}, str(os.getpid())), "a").write("{name}")
            test_a = test_b = note
            """
            for name in "PQRST"
        ),
        parts=3,
    )
    assert record.status == "done"
    assert sorted(record.tests) == [
        f"test.test_ours.{name}.test_{test}" for name in "PQRST" for test in "ab"
    ]
    ran = sorted(path.read_text() for path in folder.iterdir())
    assert len(ran) == 3
    assert sorted("".join(ran)) == [*"PPQQRRSSTT"]
    assert all(set(two) == {two[0]} for one in ran for two in pairs(one))


def pairs(text):
    return [text[i : i + 2] for i in range(0, len(text), 2)]


def test_a_part_that_crashes_is_what_is_told_of_the_suite(run):
    record = run(
        """
        class P(unittest.TestCase):
            def test_a(self): pass
        class Q(unittest.TestCase):
            def test_a(self): os.abort()
        """,
        parts=2,
    )
    assert record.status == "crash"
    assert {name: test.outcome for name, test in record.tests.items()} == {
        "test.test_ours.P.test_a": "pass",
        "test.test_ours.Q.test_a": "lost",
    }


def test_a_crash_loses_its_own_test_and_tells_the_status(run):
    record = run("""
        class T(unittest.TestCase):
            def test_a(self): pass
            def test_b(self): os.abort()
    """)
    assert record.status == "crash"
    assert outcomes(record) == {"test_a": "pass", "test_b": "lost"}
    assert "-6" in record.why


def test_a_hanging_suite_ends_at_its_time_limit(run):
    record = run(
        """
        class T(unittest.TestCase):
            def test_a(self): time.sleep(1000)
        """,
        seconds=2.0,
    )
    assert record.status == "timeout"
    assert outcomes(record) == {"test_a": "lost"}


def test_a_failure_that_passes_alone_every_time_is_flaky(run, tmp_path):
    marker = tmp_path / "was here"
    record = run(f"""
        class T(unittest.TestCase):
            def test_a(self):
                if not os.path.exists({str(marker)!r}):
                    open({str(marker)!r}, "w").close()
                    self.fail()
    """)
    test = record.tests["test.test_ours.T.test_a"]
    assert (test.outcome, test.flaky) == ("fail", True)
    assert record.bad == []


def test_a_failure_that_fails_once_again_is_not_flaky(run, tmp_path):
    count = tmp_path / "count"
    record = run(f"""
        class T(unittest.TestCase):
            def test_a(self):
                with open({str(count)!r}, "a") as f: f.write("x")
                self.assertNotIn(os.path.getsize({str(count)!r}), (1, 3))
    """)
    test = record.tests["test.test_ours.T.test_a"]
    assert (test.outcome, test.flaky) == ("fail", False)


def test_a_failure_that_is_known_is_not_run_again(place, tmp_path):
    count = tmp_path / "count"
    place.tests.joinpath("test_ours.py").write_text(f"""
import unittest
class T(unittest.TestCase):
    def test_a(self):
        with open({str(count)!r}, "a") as f: f.write("x")
        self.fail()
""")
    known = frozenset({"test.test_ours.T.test_a"})
    campaign = Campaign(place.python, tmp_path, jobs=1, seconds=60.0, known=known)
    assert campaign.run_suite("test_ours").bad == sorted(known)
    assert count.read_text() == "x"


def test_a_suite_that_does_not_load_is_told(run):
    record = run("import no_such_module")
    assert record.status == "load-error"
    assert "no_such_module" in record.why


def test_signals_that_were_ignored_are_heeded_again():
    import subprocess

    told = subprocess.check_output(
        [
            sys.executable,
            "-c",
            "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);"
            "from conform import process; process.heed_signals();"
            "print(signal.getsignal(signal.SIGINT) is signal.SIG_DFL)",
        ],
        cwd=Path(process.__file__).parents[1],
        text=True,
    )
    assert told == "True\n"


def test_suites_that_an_install_lacks_are_written(tmp_path):
    interpreter = Interpreter(Path(sys.executable), "3.13.0", "3.13", tmp_path)
    drivers.supply(interpreter, tmp_path / "made", "false")
    assert suites.expanded("test_multiprocessing_spawn", [tmp_path / "made"]) == [
        f"test_multiprocessing_spawn.{part}" for part in sorted(drivers.PARTS)
    ]


def test_a_suite_that_nobody_lends_is_left_out(tmp_path):
    interpreter = Interpreter(Path(sys.executable), "3.11.7", "3.11", tmp_path)
    assert drivers.supply(interpreter, tmp_path / "made", "false") == {}
    assert suites.expanded(drivers.FUTURES, [tmp_path / "made"]) == []


def test_a_room_that_does_not_exist_is_refused():
    with pytest.raises(suites.UnknownRoomError, match="'cellar' is none of"):
        suites.named(["cellar"])


def test_without_a_room_every_suite_is_meant_but_none_twice():
    names = suites.named([])
    assert len(names) == len(set(names))
    assert {"test_queue", "test_asyncio", "test_os"} <= set(names)


def test_the_suites_that_stand_are_those_of_whole_rooms():
    names = suites.named(["standing"])
    assert {suites.room_of(name) for name in names} == set(suites.STANDING)
    assert suites.named(["queue"]) == [n for n in names if suites.room_of(n) == "queue"]


def test_a_choice_of_suites_is_no_room_of_theirs():
    assert suites.room_of("test_concurrent_futures.test_wait") == "concurrent"
    assert suites.room_of("test_no_such") is None


def test_a_suite_can_be_named_by_itself():
    assert suites.named(["test_asyncio.test_locks"]) == ["test_asyncio.test_locks"]
