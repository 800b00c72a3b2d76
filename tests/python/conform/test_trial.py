"""What fails a run: on the recorded release everything, on another one nothing new."""

from types import SimpleNamespace

import pytest
from conform import __main__ as command, ground
from conform.baseline import Baseline
from conform.record import Case, Record

ONE = "test.test_queue.QueueTest.test_one"
TWO = "test.test_queue.QueueTest.test_two"
GOOD = {ONE: Case("pass", native=True), TWO: Case("pass")}


class Campaign:
    """Stands for one that has run: suites and their records."""

    def __init__(self, records, fails_alone=()):
        self.records = records
        self.fails_alone = set(fails_alone)
        self.order = []

    def run(self, suites, tell):
        for suite in suites:
            tell(suite, self.run_suite(suite))
        return self.records

    def run_suite(self, suite):
        self.order.append(suite)
        return self.records[suite]

    def passes_alone(self, suite, name):
        return name not in self.fails_alone


class Ground(ground.Ground):
    """One whose campaigns are made up; the record that there is is of 3.15.2."""

    def __init__(self, version, arguments, rooms, standard):
        self.version, self.arguments = version, arguments
        self.measure = "3.15.2"
        self.suites, self.absent, self.borrowed = ["test_queue"], [], {}
        self.made = {"rooms": rooms, "standard": standard}

    def rooms(self, known):
        return self.made["rooms"]

    def standard(self):
        return self.made["standard"]


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(ground, "RESULTS", tmp_path)
    stored = Baseline("3.15.2")
    stored.add("test_queue", Record("done", seconds=4.2, tests=GOOD))
    stored.save(tmp_path / "3.15.2-stdlib.json")
    tmp_path.joinpath("3.15.2.json").write_text('{"borrowed": {}, "suites": {}}')
    return tmp_path


@pytest.fixture
def on(results):
    """Makes the ground of a version, with what its suites give on both sides."""

    def on(version, tests, *, plain=GOOD, repeats=0, save=False, fails_alone=()):
        rooms = Campaign({"test_queue": Record("done", tests=tests)}, fails_alone)
        standard = Campaign({"test_queue": Record("done", tests=plain)})
        arguments = SimpleNamespace(
            repeats=repeats, save=save, package=ground.CHECKOUT / "python"
        )
        return Ground(version, arguments, rooms, standard)

    return on


@pytest.fixture
def run(on, capsys):
    def run(*arguments, **options):
        status = command.run_rooms(on(*arguments, **options))
        return status, capsys.readouterr().out

    return run


BROKEN = GOOD | {TWO: Case("fail", "a reason")}


def test_what_is_quoted_is_how_many_passed_and_how_many_of_them_are_native(run):
    status, told = run("3.15.2", GOOD)
    assert status == 0
    assert "2 passed, 1 of them reaching native code" in told


def test_a_failure_on_the_recorded_release_fails_the_run(run):
    status, told = run("3.15.2", BROKEN)
    assert status == 1
    assert f"    failed: {TWO}: a reason" in told


def test_a_failure_on_another_patch_release_is_shown_as_new_and_does_not_fail(run):
    status, told = run("3.15.3", BROKEN)
    assert status == 0
    assert f"new with 3.15.3: failed: {TWO}: a reason" in told
    assert "1 new with 3.15.3" in told


def test_what_fails_there_over_the_standard_library_too_is_not_new(run):
    status, told = run("3.15.3", BROKEN, plain=BROKEN)
    assert status == 0
    assert "new with" not in told


def test_a_test_that_only_the_older_release_has_is_not_missed(run):
    status, told = run("3.15.3", {ONE: Case("pass")}, plain={ONE: Case("pass")})
    assert (status, "new with" in told) == (0, False)


def test_results_are_kept_of_the_recorded_release(run, results):
    run("3.15.2", GOOD, save=True)
    assert '"stood_on"' in (results / "3.15.2.json").read_text()


def test_results_of_another_patch_release_are_kept_only_by_a_rebase(
    run, results, on, capsys
):
    _, told = run("3.15.3", GOOD, save=True)
    assert "not kept" in told
    assert not (results / "3.15.3.json").exists()
    assert command.rebase(on("3.15.3", BROKEN)) == 1
    assert f"    failed: {TWO}" in capsys.readouterr().out
    assert (results / "3.15.3.json").exists()
    assert (results / "3.15.3-stdlib.json").exists()


def test_results_of_other_rooms_than_the_checkouts_are_not_kept(on, tmp_path):
    elsewhere = on("3.15.2", GOOD, save=True)
    elsewhere.arguments.package = tmp_path
    with pytest.raises(SystemExit, match="are kept of the rooms in"):
        command.run_rooms(elsewhere)


def test_the_slowest_suites_begin_and_unknown_ones_before_them(results, on):
    stored = Baseline.load(results / "3.15.2-stdlib.json", "3.15.2")
    stored.add("test_slow", Record("done", seconds=80))
    stored.save(results / "3.15.2-stdlib.json")
    wanted = on("3.15.2", GOOD)
    wanted.suites = ["test_queue", "test_slow", "test_new"]
    for side in (wanted.rooms(()), wanted.standard()):
        side.records |= {"test_slow": Record("done"), "test_new": Record("done")}
    assert command.run_rooms(wanted) == 0
    assert wanted.rooms(()).order == ["test_new", "test_slow", "test_queue"]


def test_a_slow_suite_runs_in_parts_but_not_in_many():
    stored = Baseline("3.15.2")
    for name, seconds in (("test_a", 3), ("test_b", 100), ("test_c", 1000)):
        stored.add(name, Record("done", seconds=seconds))
    plan = stored.plan(["test_a", "test_b", "test_c", "test_new"])
    assert plan == {"test_new": 1, "test_c": 4, "test_b": 3, "test_a": 1}


FLAKY = GOOD | {TWO: Case("fail", "late", flaky=True)}


def test_a_flaky_test_is_shown_with_its_name_and_fails_nothing(run):
    status, told = run("3.15.2", FLAKY)
    assert status == 0
    assert f"    flaky: {TWO}: late" in told
    assert "1 passed, 1 of them" in told


def test_a_flaky_test_that_is_no_worse_over_the_rooms_fails_no_nightly(run):
    status, told = run("3.15.2", FLAKY, repeats=8)
    assert status == 0
    assert "fails 0 of 8 times over the rooms" in told


@pytest.mark.parametrize("version", ["3.15.2", "3.15.3"])
def test_a_flaky_test_that_is_worse_over_the_rooms_fails_the_nightly(run, version):
    # On any release, since both sides run on it.
    status, told = run(version, FLAKY, repeats=8, fails_alone=[TWO])
    assert status == 1
    assert "flaky, ours" in told


def test_a_flaky_test_of_the_kept_results_is_repeated_though_it_passed(run):
    run("3.15.2", FLAKY, save=True)
    status, told = run("3.15.2", GOOD, repeats=8, fails_alone=[TWO])
    assert status == 1
    assert f"flaky, ours: {TWO}" in told
