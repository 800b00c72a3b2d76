"""Short children with random options, while what can go wrong does, drawn from a seed.

A round starts a few children under one fault - no descriptors left, a signal every
millisecond, SIGCHLD ignored or handled, forks in another thread - and then counts:
every status is the right one, no descriptor is left open and no child a zombie.
A round that fails or hangs prints its seed; `--seed` takes up there again.

    python tests/python/faults/storm.py threeply --seconds 600
    python tests/python/faults/storm.py threeply --seed 1790000000 --rounds 1
    python tests/python/faults/storm.py threeply --only no_descriptors
"""

import argparse
import contextlib
import errno
import importlib
import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from stress import signals, watched

ROOMS = {"standard": "subprocess", "threeply": "threeply.subprocess"}
CHILDREN = 12
TRIES = 12


def main() -> None:
    # A fork beside threads is one of the faults.
    warnings.filterwarnings("ignore", "This process", DeprecationWarning)
    parser = argparse.ArgumentParser()
    parser.add_argument("room", choices=list(ROOMS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=[fault.__name__ for fault in FAULTS])
    arguments = parser.parse_args()
    faults = [f for f in FAULTS if arguments.only in (None, f.__name__)]
    room = importlib.import_module(ROOMS[arguments.room])
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed
    while seed - arguments.seed != arguments.rounds and time.monotonic() < end:
        with watched(seed):
            play(room, random.Random(seed), faults)
        seed += 1
    print(f"rounds of seeds {arguments.seed} to {seed - 1} went well")


Fault = Callable[[ModuleType, random.Random], None]


def play(room: ModuleType, draw: random.Random, faults: list[Fault]) -> None:
    """One round: a fault, and nothing left of it."""
    one_child(room, draw)  # What a room opens once, it has open from here on.
    before = descriptors()
    draw.choice(faults)(room, draw)
    left = descriptors()
    assert left == before, f"descriptors {before} became {left}"
    assert_no_child()


def descriptors() -> list[str]:
    # The descriptor of the listing itself is gone when it is asked for.
    return [fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/dev/fd/{fd}")]


def assert_no_child() -> None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    raise AssertionError(f"a child is left: {pid}, {status}")


def one_child(room: ModuleType, draw: random.Random, *, is_known: bool = True) -> None:
    """A child with random options, whose end and output must be those it was told."""
    code, size = draw.randrange(256), draw.choice([0, 1, 5000, 200_000])
    ends_by = draw.choice(["", "kill -9 $$", "kill -15 $$"])
    script = f"cat; {ends_by or f'exit {code}'}"
    wanted = {"": code, "kill -9 $$": -9, "kill -15 $$": -15}[ends_by]
    options = {
        "close_fds": draw.random() < 0.8,
        "start_new_session": draw.random() < 0.3,
        "cwd": draw.choice([None, "/"]),
        "umask": draw.choice([-1, 0o77]),
        "stderr": draw.choice([None, room.DEVNULL, room.STDOUT]),
    }
    data = draw.randbytes(size)
    done = room.run(
        ["/bin/sh", "-c", script], input=data, stdout=room.PIPE, timeout=30, **options
    )
    assert done.stdout == data, f"{len(done.stdout)} bytes of {size}"
    # Where SIGCHLD is ignored the kernel may keep no status: then 0 stands for it.
    right = (wanted,) if is_known else (wanted, 0)
    assert done.returncode in right, (done.returncode, wanted)


def nothing_wrong(room: ModuleType, draw: random.Random) -> None:
    for _ in range(CHILDREN):
        one_child(room, draw)


def no_descriptors(room: ModuleType, draw: random.Random) -> None:
    """Somewhere within the start there is no descriptor left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    top = max(map(int, descriptors())) + 1
    try:
        for spare in range(TRIES):
            resource.setrlimit(resource.RLIMIT_NOFILE, (top + spare, hard))
            try:
                one_child(room, draw)
            except OSError as error:
                if error.errno != errno.EMFILE:
                    raise
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def a_signal_every_millisecond(room: ModuleType, draw: random.Random) -> None:
    with signals():
        nothing_wrong(room, draw)


@contextlib.contextmanager
def on_child(action: signal.Handlers | Callable[..., None]) -> Iterator[None]:
    before = signal.signal(signal.SIGCHLD, action)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)


def sigchld_ignored(room: ModuleType, draw: random.Random) -> None:
    with on_child(signal.SIG_IGN):
        for _ in range(CHILDREN):
            one_child(room, draw, is_known=False)


def sigchld_handled(room: ModuleType, draw: random.Random) -> None:
    with on_child(lambda *_: None):
        nothing_wrong(room, draw)


def forks_in_another_thread(room: ModuleType, draw: random.Random) -> None:
    """No pipe of a child may be held open by what is forked meanwhile."""
    over = threading.Event()

    def fork() -> None:
        while not over.is_set():
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)

    forker = threading.Thread(target=fork)
    forker.start()
    try:
        nothing_wrong(room, draw)
    finally:
        over.set()
        forker.join()


FAULTS: list[Fault] = [
    nothing_wrong,
    no_descriptors,
    a_signal_every_millisecond,
    sigchld_ignored,
    sigchld_handled,
    forks_in_another_thread,
]


if __name__ == "__main__":
    main()
