"""What a test of a child leaves behind is a failure of it: a descriptor or a process."""

import gc
import os
import resource
import signal
import sys

import pytest


@pytest.fixture(autouse=True)
def _nothing_is_left_of_a_child():
    before = _descriptors()
    yield
    gc.collect()
    assert (_descriptors(), _reaped()) == (before, [])


def _reaped():
    """Kills and reaps the children that are left, and says which those were."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        left = [int(pid) for pid in file.read().split()]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return left


def _descriptors():
    """What is open here, by number; what it is tells pipes and files apart."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            found[int(number)] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            # That of the listing itself.
            continue
    # pytest's own files may move; what is open counts, not where its offset is.
    return {
        number: found[number] for number in found if "eventpoll" not in found[number]
    }


@pytest.fixture
def python():
    """Returns the command line of a Python program."""
    return lambda text, *args: [sys.executable, "-I", "-S", "-c", text, *args]


@pytest.fixture
def few_descriptors():
    """Leaves this process about a hundred descriptors."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
