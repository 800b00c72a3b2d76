"""What holds for every class of the native family is tested here once for all."""

import importlib

import pytest

KINDS = {
    "Event": "threading",
    "Semaphore": "threading",
    "BoundedSemaphore": "threading",
    "Queue": "queue",
    "LifoQueue": "queue",
    "PriorityQueue": "queue",
}


@pytest.fixture(params=KINDS)
def kind(request, rooms):
    """Each class of the family."""
    return getattr(getattr(rooms, KINDS[request.param]), request.param)


@pytest.fixture
def standard_kind(kind):
    """The standard library's class of the same name."""
    return getattr(importlib.import_module(KINDS[kind.__name__]), kind.__name__)


@pytest.fixture(params=[name for name, room in KINDS.items() if room == "queue"])
def queue_kind(request, queue):
    return getattr(queue, request.param)
