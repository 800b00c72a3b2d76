"""Kept results tell what they stood on, and count only while they are fresh."""

import json

import pytest
from conform import recorded, results, status
from conform.baseline import Baseline
from conform.foundation import BENEATH, SHARED, Foundation
from conform.ground import RESULTS
from conform.record import Case, Record
from conform.results import Results
from conform.verdict import judge

ONE = "test.test_queue.QueueTest.test_one"
TWO = "test.test_queue.QueueTest.test_two"


def sources(**changed):
    digests = dict.fromkeys((SHARED, *BENEATH), "before") | changed
    return Foundation("c0ffee", digests)


def verdict(suite, tests):
    return judge(suite, Record("done", tests=tests), set(), set())


@pytest.fixture
def kept():
    kept = Results("3.15.2")
    tests = {
        ONE: Case("pass", native=True),
        TWO: Case("fail", "late, at 0x7f00deadbeef", flaky=True),
    }
    kept.add(verdict("test_queue", tests), sources())
    kept.add(
        verdict("test_signal", {"test.test_signal.T.test_a": Case("pass")}), sources()
    )
    return kept


def test_an_entry_notes_the_commit_and_what_it_stood_on(kept):
    entry = kept.suites["test_queue"]
    assert entry["commit"] == "c0ffee"
    assert entry["stood_on"] == "shared=before queue=before threading=before"


def test_a_stale_entry_counts_as_not_run(kept):
    assert kept.totals(sources())["passed"] == 2
    totals = kept.totals(sources(signal="after"))
    assert (totals["suites"], totals["run"], totals["passed"]) == (1, 2, 1)
    assert kept.stale(sources(signal="after")) == {"test_signal": ["signal"]}


def test_a_change_that_all_rooms_share_makes_every_entry_stale(kept):
    assert kept.totals(sources(shared="after"))["suites"] == 0


def test_an_entry_from_before_such_notes_is_stale(kept):
    del kept.suites["test_queue"]["stood_on"]
    assert list(kept.stale(sources())) == ["test_queue"]


def test_flaky_tests_are_kept_by_name_and_counted_apart(kept):
    entry = kept.suites["test_queue"]
    assert (entry["passed"], entry["flaky"]) == (1, 1)
    assert entry["others"] == {TWO: "flaky: late, at 0x..."}
    assert kept.flaky("test_queue") == [TWO]
    assert kept.flaky("test_signal") == kept.flaky("test_never_run") == []


def test_they_read_back_as_they_were_saved(kept, tmp_path):
    path = tmp_path / "results" / "3.15.2.json"
    kept.save(path, sources(signal="after"))
    read = Results.load(path, "3.15.2")
    assert read.suites == kept.suites
    totals = json.loads(path.read_text())["totals"]
    assert (totals["suites"], totals["stale_suites"]) == (1, 1)


@pytest.mark.parametrize("version", recorded.versions(RESULTS))
def test_the_totals_of_the_project_are_those_of_its_entries(version):
    path = RESULTS / f"{version}.json"
    suites = Results.load(path, version).suites.values()
    totals = json.loads(path.read_text())["totals"]
    assert totals["suites"] + totals["stale_suites"] == len(suites)
    assert all(
        totals[name] <= sum(entry.get(name, 0) for entry in suites)
        for name in results.COUNTS
    )


class TestStatus:
    """What `make conform-status` says of a version."""

    @pytest.fixture
    def told(self, kept, tmp_path):
        stored = Baseline("3.15.2", absent=["test_asyncore", "test_os.test_gone"])
        for suite in (
            "test_queue",
            "test_signal",
            "test_popen",
            "test_asyncio.test_locks",
        ):
            stored.add(suite, Record("done"))
        stored.save(tmp_path / "3.15.2-stdlib.json")
        kept.save(tmp_path / "3.15.2.json", sources())

        def told(**changed):
            return " ".join(status.told(tmp_path, "3.15.2", sources(**changed)).split())

        return told

    def test_fresh_suites_are_told_with_their_figures(self, told):
        assert (
            "fresh: 2 suites: 3 run, 2 passed, 1 of them reaching native code, "
            "0 known, 1 flaky, 0 skipped, 0 unknown" in told()
        )
        assert "stale" not in told()

    def test_stale_suites_are_told_with_what_changed(self, told):
        assert "fresh: 1 suites: 2 run" in told(signal="after")
        assert "stale, changed: signal: 1 suites: test_signal" in told(signal="after")

    def test_suites_that_the_results_lack_were_never_run(self, told):
        never = told().partition("never run: ")[2]
        assert {"test_popen", "test_asyncio", "test_os"} <= set(
            never.replace(",", "").split()
        )
        assert "test_queue" not in never

    def test_what_the_version_does_not_have_is_not_missed(self, told):
        assert "test_asyncore" not in told()
