"""A flaky test is ours if it fails more often over the rooms than without them."""

import threading

import pytest
from conform import flaky

NAME = "test.test_queue.QueueTest.test_one"


class Side:
    """Stands for a campaign in which a test fails the first so many times."""

    def __init__(self, failures):
        self.failures = failures
        self.runs = 0
        self.mutex = threading.Lock()

    def passes_alone(self, suite, name):
        assert (suite, name) == ("test_queue", NAME)
        with self.mutex:
            self.runs += 1
            return self.runs > self.failures


@pytest.mark.parametrize(
    ("rooms", "plain", "ours"),
    [(0, 0, False), (6, 0, False), (7, 0, True), (20, 19, False), (40, 10, True)],
)
def test_the_rooms_are_to_blame_only_for_what_chance_does_not_explain(
    rooms, plain, ours
):
    sides = Side(rooms), Side(plain)
    found = flaky.compare(*sides, "test_queue", NAME, 60)
    assert (found.rooms, found.plain, found.ours) == (rooms, plain, ours)
    assert [side.runs for side in sides] == [60, 60]


def test_both_sides_run_at_the_same_time():
    # Each run waits for one of the other side: one side after the other would not end.
    meeting = threading.Barrier(2)

    class Meeting(Side):
        def passes_alone(self, suite, name):
            meeting.wait(30)
            return super().passes_alone(suite, name)

    found = flaky.compare(Meeting(1), Meeting(0), "test_queue", NAME, 1)
    assert (found.rooms, found.plain) == (1, 0)


def test_what_is_said_of_it_has_the_figures_of_both_sides():
    told = str(flaky.Comparison(NAME, 60, 9, 1))
    assert told == (
        f"{NAME}: fails 9 of 60 times over the rooms, "
        "1 of 60 over the standard library (p = 0.0083)"
    )
