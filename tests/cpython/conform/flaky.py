"""Repeats flaky tests on both sides, to tell whether the rooms make them so.

A test that failed in its suite and passes alone may be CPython's own, or show a race of
ours. It is repeated alone, over the rooms and over the plain standard library, both sides
at the same time and with more processes than processors, so that they have the same load.
"""

import concurrent.futures
import os
from dataclasses import dataclass

from conform import fisher

# Chance alone calls an innocent test ours once in a hundred times.
CHANCE = 0.01


@dataclass(frozen=True)
class Comparison:
    """How often a test failed on each side.

    Attributes:
        name: The id of the test.
        runs: How often it ran on each side.
        rooms: How often it failed over the rooms.
        plain: How often it failed over the plain standard library.
    """

    name: str
    runs: int
    rooms: int
    plain: int

    @property
    def chance(self):
        """How likely the rooms fail so much more often by chance."""
        return fisher.more_often(self.rooms, self.runs, self.plain, self.runs)

    @property
    def ours(self):
        """Whether the rooms make it fail."""
        return self.chance < CHANCE

    def __str__(self):
        return (
            f"{self.name}: fails {self.rooms} of {self.runs} times over the rooms, "
            f"{self.plain} of {self.runs} over the standard library (p = {self.chance:.2g})"
        )


def compare(rooms, plain, suite, name, runs):
    """Runs a test alone on both sides.

    Args:
        rooms: The Campaign over the rooms.
        plain: The Campaign over the plain standard library.
        suite: The suite that the test belongs to.
        name: Its id.
        runs: How often on each side.

    Returns:
        The Comparison.
    """
    failed = {rooms: 0, plain: 0}
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        started = {
            pool.submit(side.passes_alone, suite, name): side
            for _ in range(runs)
            for side in (rooms, plain)
        }
        for future in concurrent.futures.as_completed(started):
            failed[started[future]] += not future.result()
    return Comparison(name, runs, failed[rooms], failed[plain])
