"""What an instance takes, by `sys.getsizeof`; the standard library promises nothing."""

import gc
import sys

import pytest

pytestmark = pytest.mark.threeply_only(reason="its instances are larger")

MOST = {
    "Lock": 48,
    "Event": 64,
    # The count and the bound are machine words.
    "Semaphore": 80,
    "BoundedSemaphore": 80,
}
MOST_OF_A_QUEUE = 300


@pytest.mark.parametrize("name", MOST)
def test_an_instance_is_small(threading, name):
    assert sys.getsizeof(getattr(threading, name)()) <= MOST[name]


def test_an_empty_queue_is_small(queue):
    assert sys.getsizeof(queue.Queue()) <= MOST_OF_A_QUEUE


def test_an_unused_event_refers_to_nothing(threading):
    """Its size is all of it: what the standard one refers to is a kilobyte more."""
    event = threading.Event()
    assert gc.get_referents(event) == [type(event)]
