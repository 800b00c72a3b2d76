"""Forks while other threads use the objects, and uses the same objects in the child.

Each kind has threads of its own that are asleep or busy in its objects (`subjects.py`).
The standard classes do not promise that they are whole in the child (their locks may
stay locked), so over them the child uses objects of its own.
"""

import contextlib
import functools
import os
import random
import threading
from collections.abc import Callable, Iterator

import zygote
from subjects import KINDS, Subject, Turn
from support.rooms import Rooms
from support.threads import Worker, finish, wait_until

OURS_ALONE = {"RWLock", "WaitSlot"}
# How many turns the threads take together before each fork.
TURNS = 20

_subjects: dict[str, Subject] = {}


def main() -> None:
    kinds = {f"fork during use of {kind}": kind for kind in KINDS}
    zygote.main(
        {name: functools.partial(check, kind) for name, kind in kinds.items()},
        lambda rooms, name: used(rooms, kinds[name]),
    )


def check(kind: str, rooms: Rooms, draw: random.Random) -> None:
    """What the child does, and perhaps leaves to daemon threads at its exit."""
    if not is_in(rooms, kind):
        return
    subject = _subjects[kind] if rooms.native else KINDS[kind](rooms)
    subject.check(draw)
    if draw.random() < 0.5:
        for block, _wake in subject.sleeps():
            threading.Thread(target=block, daemon=True).start()


def is_in(rooms: Rooms, kind: str) -> bool:
    return rooms.native or kind not in OURS_ALONE


@contextlib.contextmanager
def used(rooms: Rooms, kind: str) -> Iterator[Callable[[], zygote.Use]]:
    """Threads sleep in the objects, and others are let loose for each fork."""
    if not is_in(rooms, kind):
        yield contextlib.nullcontext
        return
    subject = _subjects[kind] = KINDS[kind](rooms)
    users = Users(subject.turns())
    sleeps = subject.sleeps()
    sleepers = [Worker(block).blocked() for block, _wake in sleeps]
    yield lambda: users.let_loose(subject)
    users.end()
    for _block, wake in sleeps:
        wake()
    finish(sleepers)


class Users:
    """Threads that take turn after turn, and rest while no fork is due."""

    def __init__(self, turns: list[Turn]) -> None:
        self._gate, self._over = threading.Event(), threading.Event()
        self._counts = [self._repeating(turn) for turn in turns]

    @contextlib.contextmanager
    def let_loose(self, subject: Subject) -> Iterator[None]:
        """The threads are busy inside the block."""
        before = self._taken()
        self._gate.set()
        wait_until(lambda: self._taken() > before + TURNS)
        parent = os.getpid()
        with subject.held():
            yield
        # In the child a thread that is no more may hold the gate's standard lock.
        if os.getpid() == parent:
            self._gate.clear()

    def end(self) -> None:
        self._over.set()
        self._gate.set()

    def _taken(self) -> int:
        return sum(count[0] for count in self._counts)

    def _repeating(self, turn: Turn) -> list[int]:
        """A daemon thread that takes turn after turn; returns its count of them."""
        count = [0]

        def run() -> None:
            while not self._over.is_set():
                self._gate.wait()
                turn()
                count[0] += 1

        threading.Thread(target=run, daemon=True).start()
        return count


if __name__ == "__main__":
    main()
