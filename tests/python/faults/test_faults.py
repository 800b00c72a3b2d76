"""The fault runs, as many as `THREEPLY_FAULT_RUNS` says (see README.md)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.rooms import NAMES

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RUNS = int(os.environ.get("THREEPLY_FAULT_RUNS", "60"))
SECONDS = int(os.environ.get("THREEPLY_STRESS_SECONDS", "10"))

EXITS = [
    "Event",
    "Semaphore",
    "BoundedSemaphore",
    "Lock",
    "RLock",
    "Condition",
    "Barrier",
    "RWLock",
    "Queue.get",
    "Queue.put",
    "Queue.join",
    "Queue subclasses",
    "Thread",
    "Timer",
    "ThreadPoolExecutor",
]
FORKS = [
    "Event",
    "Semaphore",
    "BoundedSemaphore",
    "Lock",
    "RLock",
    "Condition",
    "Barrier",
    "RWLock",
    "Queue",
    "LifoQueue",
    "PriorityQueue",
    "Thread",
    "ThreadPoolExecutor",
    "WaitSlot",
]


def _goes_well(script, *arguments):
    # An alarm of its own ends every single run that is stuck.
    done = subprocess.run(
        [sys.executable, HERE / script, *arguments], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _runs(room):
    # The standard library's side shows that a run is fair; it needs no proof.
    return str(RUNS if room == "threeply" else max(5, RUNS // 20))


@pytest.mark.timeout(60 + RUNS)
@pytest.mark.parametrize("kind", EXITS)
@pytest.mark.parametrize("room", NAMES)
def test_the_interpreter_exits_beside_daemon_threads(room, kind):
    said = _goes_well("exits.py", room, "--runs", _runs(room), "--only", f"^{kind}$")
    assert f"{kind}: {_runs(room)} runs" in said


@pytest.mark.timeout(60 + RUNS)
@pytest.mark.parametrize("kind", FORKS)
@pytest.mark.parametrize("room", NAMES)
def test_objects_are_whole_in_a_child_forked_during_use(room, kind):
    said = _goes_well("forks.py", room, "--runs", _runs(room), "--only", f" {kind}$")
    assert f"fork during use of {kind}: {_runs(room)} runs" in said


@pytest.mark.timeout(60 + RUNS)
@pytest.mark.parametrize("room", NAMES)
def test_a_collection_during_use_loses_and_doubles_nothing(room):
    assert "collection" in _goes_well("cycles.py", room, "--runs", _runs(room))


@pytest.mark.timeout(120 + SECONDS)
@pytest.mark.parametrize(("room", "seconds"), [("standard", 2), ("threeply", SECONDS)])
def test_a_storm_of_signals_timeouts_and_collections_loses_nothing(room, seconds):
    assert "went well" in _goes_well("stress.py", room, "--seconds", str(seconds))


@pytest.mark.timeout(120 + SECONDS)
@pytest.mark.parametrize(("room", "seconds"), [("standard", 2), ("threeply", SECONDS)])
def test_a_storm_of_children_leaves_nothing_and_tells_no_wrong_status(room, seconds):
    assert "went well" in _goes_well("storm.py", room, "--seconds", str(seconds))
