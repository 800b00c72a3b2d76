"""Threads, a signal every millisecond, timeouts and collections, drawn from a seed.

A round makes a few objects and threads, lets them loose for a moment and then
counts: nothing lost, nothing doubled, nobody asleep for good. A round that fails or
hangs prints its seed; `--seed` takes up there again, and `--rounds 1` plays that one.

    python tests/python/faults/stress.py threeply --seconds 600
    python tests/python/faults/stress.py threeply --seed 1790000000 --rounds 1
    python tests/python/faults/stress.py threeply --only hold_locks
"""

import argparse
import contextlib
import faulthandler
import gc
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from games import BOTH, OURS
from games.rules import PATIENCE, Act, Game
from support.rooms import NAMES, Rooms, open_rooms

GAMES = [*BOTH, *OURS]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("room", choices=NAMES)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=[game.__name__ for game in GAMES])
    arguments = parser.parse_args()
    rooms = open_rooms(arguments.room)
    games = [
        game
        for game in (GAMES if rooms.native else BOTH)
        if arguments.only in (None, game.__name__)
    ]
    if not games:
        parser.error(f"only threeply can play {arguments.only}")
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed
    while seed - arguments.seed != arguments.rounds and time.monotonic() < end:
        with watched(seed):
            play(rooms, random.Random(seed), games)
        seed += 1
    print(f"rounds of seeds {arguments.seed} to {seed - 1} went well")


@contextlib.contextmanager
def watched(seed: int) -> Iterator[None]:
    """Says which seed failed; a hang prints it and every stack and ends the process."""
    over = threading.Event()

    def watch() -> None:
        if not over.wait(PATIENCE):
            print(f"the round of seed {seed} hangs", file=sys.stderr, flush=True)

    # Where nobody lets go of the interpreter's lock the watcher cannot speak.
    faulthandler.dump_traceback_later(PATIENCE + 1, exit=True)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except BaseException:
        print(f"the round of seed {seed} failed", file=sys.stderr)
        raise
    finally:
        over.set()
        watcher.join()
        faulthandler.cancel_dump_traceback_later()


def play(rooms: Rooms, draw: random.Random, games: list[Game]) -> None:
    """One round."""
    sys.setswitchinterval(draw.choice([0.00005, 0.0005, 0.005]))
    game = draw.choice(games)
    with collections_now_and_then(draw), signals() as act:
        game(rooms, draw, act)
    gc.collect()


@contextlib.contextmanager
def signals() -> Iterator[Act]:
    """A signal every millisecond for the main thread, whose handler may act."""
    act = Act()

    def handle(_number: int, _frame: FrameType | None) -> None:
        for call in act:
            call()

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        yield act
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def collections_now_and_then(draw: random.Random) -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(draw.choice([1, 20, 700]))
    try:
        yield
    finally:
        gc.set_threshold(*before)


if __name__ == "__main__":
    main()
