"""The fixtures of every room: one test text, run over both sides."""

import gc
import sys

import hypothesis
import pytest
from hypothesis import strategies
from support.rooms import NAMES, open_rooms
from support.threads import no_worker_left

# Threads switch more often than they would, which finds more and lets
# `Worker.blocked` see sooner that a thread is asleep and does not wait for the GIL.
sys.setswitchinterval(0.001)


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "slow: left out by `make check`, which is for the loop of edit and test",
    )
    config.addinivalue_line(
        "markers", "threeply_only(reason): the standard library cannot pass this test"
    )
    config.addinivalue_line(
        "markers", "shutdown: needs Queue.shutdown, which is new in Python 3.13"
    )


def pytest_collection_finish():
    # The source of random numbers that hypothesis registers at its first test would look
    # as if nobody held it: its holders are out of the collector's sight by then.
    hypothesis.given(strategies.none())(lambda _: None)()
    # Many tests collect garbage, and what pytest made so far will never be any: left
    # where collections look, it was most of their cost.
    gc.collect()
    gc.freeze()


@pytest.fixture(params=NAMES)
def rooms(request):
    """The standard library's modules, and then threeply's."""
    rooms = open_rooms(request.param)
    only = request.node.get_closest_marker("threeply_only")
    if only and not rooms.native:
        pytest.skip(only.kwargs["reason"])
    if request.node.get_closest_marker("shutdown") and not rooms.has_shutdown:
        pytest.skip("Queue.shutdown is new in Python 3.13")
    return rooms


@pytest.fixture
def threading(rooms):
    return rooms.threading


@pytest.fixture
def queue(rooms):
    return rooms.queue


@pytest.fixture
def signal(rooms):
    return rooms.signal


@pytest.fixture
def subprocess(rooms):
    return rooms.subprocess


@pytest.fixture
def futures(rooms):
    return rooms.futures


@pytest.fixture(autouse=True)
def _every_worker_ends():
    with no_worker_left():
        yield
