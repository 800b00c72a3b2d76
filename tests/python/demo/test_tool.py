"""`make demo`: both ways side by side, and what is native as coverage says."""

import importlib.util
import json
import subprocess
import sys

import pytest
from demo.conftest import ROOT

pytestmark = pytest.mark.slow

DEMO = ROOT / "tools/demo.py"


@pytest.fixture(scope="module")
def demo():
    spec = importlib.util.spec_from_file_location("tools_demo", DEMO)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def run(*arguments):
    command = [sys.executable, DEMO, "--pairs", "1", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_shows_the_output_the_times_and_what_is_native(tree, demo):
    done = run(tree, "--queries", "8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "All 2 outputs are identical: sha256 " in done.stdout
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if "x  " in line}
    assert list(rows)[:7] == [
        "start",
        "list",
        "read",
        "count",
        "merge",
        "check",
        "query",
    ]
    report = subprocess.run(
        [sys.executable, "-m", "threeply.coverage", "--json"],
        capture_output=True,
        text=True,
    )
    verdicts = {
        item["name"]: item["verdict"]
        for room in json.loads(report.stdout)["rooms"].values()
        for item in room["items"]
    }
    names = ("threading.Event", "threading.Semaphore", "threading.Thread")
    if "shared or Python" in rows["read"]:
        # Nothing is left to do in that stage, so no names are listed.
        assert {verdicts[name] for name in names} <= {"native", "python", "shared"}
    else:
        for name in names:
            assert (name in rows["read"]) == (verdicts[name] == "native")


def test_fails_when_a_run_fails(tmp_path):
    done = run(tmp_path / "nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("demo: ")
    assert "No such file or directory" in done.stderr


def test_fails_when_the_outputs_differ(demo):
    runs = [
        demo.Run(way, output, 1.0, 1.0, {}, {})
        for way, output in (("python", "words 1\n"), ("threeply", "words 2\n"))
    ]
    with pytest.raises(demo.Failure, match="differ") as failure:
        demo.compare(runs)
    assert "-words 1\n+words 2" in str(failure.value)
    demo.compare(runs[:1] * 2)


def test_calls_a_stage_native_only_if_nothing_in_it_is_left(demo):
    known = {"a.A": "native", "a.B": "shared", "a.C": "not yet", "a.D": "native"}
    assert demo.standing(["a.A", "a.D"], known) == "all native"
    assert demo.standing(["a.A", "a.B"], known) == "native, and 1 shared or Python"
    assert demo.standing(["a.A", "a.B", "a.C"], known) == "1 of 3: a.A"
    assert demo.standing(["a.C"], known) == "0 of 1"
    with pytest.raises(demo.Failure, match=r"does not know a\.E"):
        demo.standing(["a.E"], known)
