"""What a traceback of a waiting thread shows."""

import sys
import traceback
from pathlib import Path

import pytest
from support.threads import Worker


def in_event(rooms):
    event = rooms.threading.Event()
    return event.wait, event.set


def in_semaphore(rooms):
    semaphore = rooms.threading.Semaphore(0)
    return semaphore.acquire, semaphore.release


def in_queue(rooms):
    queue = rooms.queue.Queue()
    return queue.get, lambda: queue.put(None)


@pytest.mark.parametrize("make", [in_event, in_semaphore, in_queue])
def test_the_frames_of_a_native_wait_end_at_its_caller(rooms, make):
    wait, wake = make(rooms)

    def calls_the_wait():
        wait()

    worker = Worker(calls_the_wait).blocked()
    stack = traceback.extract_stack(sys._current_frames()[worker.thread.ident])
    wake()
    worker.result()
    names = [frame.name for frame in stack]
    below = stack[names.index("calls_the_wait") + 1 :]
    if rooms.native:
        assert below == []
    else:
        files = {Path(frame.filename).name for frame in below}
        assert files
        assert files <= {"threading.py", "queue.py"}
