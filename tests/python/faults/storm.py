"""Short children with random options, while what can go wrong does, drawn from a seed.

A round starts a few children under one fault - no descriptors left, no processes left, a
signal every millisecond, SIGCHLD ignored or handled, thieves of statuses, starts by many
threads, forks in another thread - and then counts: every status is the right one, no descriptor
is left open and no child a zombie.
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
import subprocess as standard
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from stress import signals, watched
from support.seccomp import refuse_births

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
    data = draw.randbytes(size)
    talk = draw.choice([by_run, by_patience, by_hand])
    command = ["/bin/sh", "-c", script]
    output, returncode = talk(room, command, data, options(room, draw))
    assert output == data, f"{len(output)} bytes of {size}"
    # Where somebody else takes the status, 0 stands for it.
    right = (wanted,) if is_known else (wanted, 0)
    assert returncode in right, (returncode, wanted)


def options(room: ModuleType, draw: random.Random) -> dict[str, Any]:
    drawn = {
        "close_fds": draw.random() < 0.8,
        "start_new_session": draw.random() < 0.3,
        "cwd": draw.choice([None, "/"]),
        "umask": draw.choice([-1, 0o77]),
        "stderr": draw.choice([None, room.DEVNULL, room.STDOUT]),
        "preexec_fn": draw.choice([None, None, None, int]),
    }
    if room.__name__.startswith("threeply."):
        drawn["nice"] = draw.choice([None, 1])
        drawn["rlimits"] = draw.choice([None, {resource.RLIMIT_CORE: (0, 0)}])
        drawn["sigmask"] = draw.choice([None, {signal.SIGUSR1}])
        drawn["own_tree"] = draw.random() < 0.2
    return drawn


Spoken = tuple[bytes, int]


def by_run(
    room: ModuleType, command: list[str], data: bytes, options: dict[str, Any]
) -> Spoken:
    done = room.run(command, input=data, stdout=room.PIPE, timeout=30, **options)
    return done.stdout, done.returncode


def by_patience(
    room: ModuleType, command: list[str], data: bytes, options: dict[str, Any]
) -> Spoken:
    """Through many timeouts, after each of which the talk goes on."""
    pipes = {"stdin": room.PIPE, "stdout": room.PIPE}
    with room.Popen(command, **pipes, **options) as child:
        # The standard one sends no more after a timeout: it is given the time to.
        timeout = 30.0 if room is standard else 0.0005
        rest: bytes | None = data
        while True:
            try:
                return child.communicate(rest, timeout)[0], child.wait(30)
            except room.TimeoutExpired:
                rest, timeout = None, timeout * 2


def by_hand(
    room: ModuleType, command: list[str], data: bytes, options: dict[str, Any]
) -> Spoken:
    """Over the files, with a thread that writes."""
    pipes = {"stdin": room.PIPE, "stdout": room.PIPE}
    with room.Popen(command, **pipes, **options) as child:

        def write() -> None:
            with contextlib.suppress(BrokenPipeError), child.stdin:
                child.stdin.write(data)

        writer = threading.Thread(target=write)
        writer.start()
        output = child.stdout.read()
        writer.join()
        child.poll()
        return output, child.wait(30)


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


def no_processes(room: ModuleType, draw: random.Random) -> None:
    """The kernel has no process left for who asks."""

    def starts() -> None:
        refuse_births(errno.EAGAIN)
        for _ in range(TRIES):
            try:
                one_child(room, draw)
            except BlockingIOError:
                continue
            raise AssertionError("a child was born")

    in_threads(starts)


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


def thieves(room: ModuleType, draw: random.Random) -> None:
    """Threads that take every status they can get."""
    over = threading.Event()

    def steal() -> None:
        while not over.is_set():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            over.wait(0.0005)

    thief = threading.Thread(target=steal)
    thief.start()
    try:
        for _ in range(CHILDREN):
            one_child(room, draw, is_known=False)
    finally:
        over.set()
        thief.join()


def killed_in_the_middle(room: ModuleType, draw: random.Random) -> None:
    """Children that would never end; ours, with what they have started."""
    script, extra = "sleep 1000 & sleep 1000", {"kill_tree": True}
    if room is standard:
        script, extra = "exec sleep 1000", {}
    command = ["/bin/sh", "-c", script]
    for _ in range(3):
        timeout = draw.choice([0.0, 0.001, 0.02])
        try:
            room.run(command, stdout=room.PIPE, timeout=timeout, **extra)
        except room.TimeoutExpired:
            continue
        raise AssertionError("it ended by itself")


def many_at_once(room: ModuleType, draw: random.Random) -> None:
    """Threads that start children at the same time."""
    draws = [random.Random(draw.random()) for _ in range(3)]
    in_threads(*(lambda own=own: nothing_wrong(room, own) for own in draws))


def in_threads(*acts: Callable[[], None]) -> None:
    """Has each called by a thread of its own; what one raises goes on here."""
    failures: list[BaseException] = []

    def call(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=call, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


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
    no_processes,
    a_signal_every_millisecond,
    sigchld_ignored,
    sigchld_handled,
    thieves,
    killed_in_the_middle,
    many_at_once,
    forks_in_another_thread,
]


if __name__ == "__main__":
    main()
