"""Random sequences of calls on one thread, against a model; over both sides."""

import collections

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

SETTINGS = settings(max_examples=40, stateful_step_count=50, deadline=None)


class QueueMachine(RuleBasedStateMachine):
    """A queue and what it ought to hold."""

    rooms = None  # Set by the test.

    @initialize(
        kind=st.sampled_from(["Queue", "LifoQueue", "PriorityQueue"]),
        maxsize=st.integers(-1, 5),
    )
    def make(self, kind, maxsize):
        self.kind = kind
        self.maxsize = maxsize
        self.real = getattr(self.rooms.queue, kind)(maxsize)
        self.items = collections.deque()
        self.unfinished = 0
        self.closed = False

    def _is_full(self):
        return 0 < self.maxsize <= len(self.items)

    def _expected_item(self):
        if self.kind == "Queue":
            return self.items.popleft()
        if self.kind == "LifoQueue":
            return self.items.pop()
        lowest = min(self.items)
        self.items.remove(lowest)
        return lowest

    @rule(item=st.integers(), how=st.sampled_from(["nowait", "block", "timeout"]))
    def put(self, item, how):
        queue = self.rooms.queue
        call = {
            "nowait": lambda: self.real.put_nowait(item),
            "block": lambda: self.real.put(item, False),
            "timeout": lambda: self.real.put(item, timeout=0),
        }[how]
        if self.closed:
            with pytest.raises(queue.ShutDown):
                call()
        elif self._is_full():
            with pytest.raises(queue.Full):
                call()
        else:
            assert call() is None
            self.items.append(item)
            self.unfinished += 1

    @precondition(lambda self: not self.closed and not self._is_full())
    @rule(item=st.integers())
    def put_where_there_is_room(self, item):
        assert self.real.put(item) is None
        self.items.append(item)
        self.unfinished += 1

    @rule(how=st.sampled_from(["nowait", "block", "timeout"]))
    def get(self, how):
        queue = self.rooms.queue
        call = {
            "nowait": self.real.get_nowait,
            "block": lambda: self.real.get(False),
            "timeout": lambda: self.real.get(True, 0),
        }[how]
        if self.items:
            assert call() == self._expected_item()
        elif self.closed:
            with pytest.raises(queue.ShutDown):
                call()
        else:
            with pytest.raises(queue.Empty):
                call()

    @precondition(lambda self: self.items)
    @rule()
    def get_what_is_there(self):
        assert self.real.get() == self._expected_item()

    @rule()
    def task_done(self):
        if self.unfinished:
            assert self.real.task_done() is None
            self.unfinished -= 1
        else:
            with pytest.raises(ValueError, match="too many times"):
                self.real.task_done()

    @precondition(lambda self: not self.unfinished)
    @rule()
    def join(self):
        assert self.real.join() is None

    @rule(maxsize=st.integers(-1, 5))
    def set_maxsize(self, maxsize):
        self.real.maxsize = self.maxsize = maxsize

    @rule()
    def look_inside(self):
        # From here on the engine may have to keep up what was seen.
        if self.kind == "PriorityQueue":
            assert sorted(self.real.queue) == sorted(self.items)
        else:
            assert list(self.real.queue) == list(self.items)

    @rule()
    def hold_the_mutex(self):
        with self.real.mutex:
            assert len(self.real.queue) == len(self.items)

    @rule()
    def clear_inside(self):
        with self.real.mutex:
            self.real.queue.clear()
        self.items.clear()

    @precondition(lambda self: self.rooms.has_shutdown and len(self.items) > 1)
    @rule(immediate=st.booleans())
    def shutdown(self, immediate):
        assert self.real.shutdown(immediate) is None
        self.closed = True
        if immediate:
            self.unfinished = max(0, self.unfinished - len(self.items))
            self.items.clear()

    @invariant()
    def counts_agree(self):
        if not hasattr(self, "real"):
            return
        assert self.real.qsize() == len(self.items)
        assert self.real.empty() is (not self.items)
        assert self.real.full() is self._is_full()
        assert self.real.unfinished_tasks == self.unfinished
        assert self.real.maxsize == self.maxsize


def test_a_queue_does_what_the_model_does(rooms):
    machine = type("Machine", (QueueMachine,), {"rooms": rooms})
    run_state_machine_as_test(machine, settings=SETTINGS)
