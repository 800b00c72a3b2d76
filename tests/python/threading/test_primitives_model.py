"""Random sequences of calls on one thread, against a model; over both sides."""

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


class SemaphoreMachine(RuleBasedStateMachine):
    """A semaphore and the number it ought to have."""

    rooms = None  # Set by the test.

    @initialize(bounded=st.booleans(), value=st.integers(0, 4))
    def make(self, bounded, value):
        threading = self.rooms.threading
        kind = threading.BoundedSemaphore if bounded else threading.Semaphore
        self.real = kind(value)
        self.value = value
        self.bound = value if bounded else None

    @rule(how=st.sampled_from(["nowait", "zero", "negative", "keyword"]))
    def acquire(self, how):
        acquire = self.real.acquire
        taken = {
            "nowait": lambda: acquire(False),
            "zero": lambda: acquire(True, 0),
            "negative": lambda: acquire(timeout=-1),
            "keyword": lambda: acquire(blocking=False),
        }[how]()
        assert taken is (self.value > 0)
        self.value -= taken

    @precondition(lambda self: self.value)
    @rule()
    def acquire_what_is_there(self):
        assert self.real.acquire() is True
        self.value -= 1

    @precondition(lambda self: self.value)
    @rule(fail=st.booleans())
    def enter_and_leave(self, fail):
        try:
            with self.real as entered:
                assert entered is True
                assert self.real._value == self.value - 1
                if fail:
                    raise ArithmeticError
        except ArithmeticError:
            assert fail

    @rule(n=st.integers(-1, 4))
    def release(self, n):
        if n < 1:
            with pytest.raises(ValueError, match="one or more"):
                self.real.release(n)
        elif self.bound is not None and self.value + n > self.bound:
            with pytest.raises(ValueError, match="too many times"):
                self.real.release(n)
        else:
            assert self.real.release(n) is None
            self.value += n

    @invariant()
    def values_agree(self):
        if hasattr(self, "real"):
            assert self.real._value == self.value
            assert f"value={self.value}" in repr(self.real)


class EventMachine(RuleBasedStateMachine):
    """An event and the flag it ought to have."""

    rooms = None  # Set by the test.

    @initialize()
    def make(self):
        self.real = self.rooms.threading.Event()
        self.flag = False

    @rule()
    def set(self):
        self.real.set()
        self.flag = True

    @rule()
    def clear(self):
        self.real.clear()
        self.flag = False

    @rule(timeout=st.sampled_from([0, -1, 0.0, 1e-6]))
    def wait(self, timeout):
        assert self.real.wait(timeout) is self.flag

    @precondition(lambda self: self.flag)
    @rule(timeout=st.sampled_from([None, 1, 1e6]))
    def wait_while_set(self, timeout):
        assert self.real.wait(timeout) is True

    @rule()
    def reinit_after_fork(self):
        self.real._at_fork_reinit()

    @invariant()
    def flags_agree(self):
        if hasattr(self, "real"):
            assert self.real.is_set() is self.flag
            assert self.real._flag is self.flag


@pytest.mark.parametrize("machine", [SemaphoreMachine, EventMachine])
def test_a_primitive_does_what_the_model_does(rooms, machine):
    own = type(machine.__name__, (machine,), {"rooms": rooms})
    run_state_machine_as_test(own, settings=SETTINGS)
