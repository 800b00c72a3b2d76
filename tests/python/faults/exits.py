"""Ends the interpreter while daemon threads are blocked or busy in a primitive.

At exit the interpreter lets daemon threads run into its locked door. Before
Python 3.14 it ends them there by `pthread_exit`, which unwinds the stack; a Rust
frame below that must not be unwound aborts the process.
"""

import atexit
import contextlib
import functools
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import zygote
from support.rooms import Rooms
from support.threads import could_start, wait_until, wait_until_asleep
from support.waits import WAITS, Wait

Turn = Callable[[], Any]


def main() -> None:
    zygote.main({name: functools.partial(run, name) for name in KINDS})


def run(name: str, rooms: Rooms, draw: random.Random) -> None:
    """Draws what the daemon threads do while the interpreter ends."""
    waits = [wait for wait in (*WAITS, JOIN) if str(wait) in KINDS[name][0]]
    scenes = [functools.partial(blocked, wait) for wait in waits]
    scenes += [functools.partial(timing_out, wait) for wait in waits if wait.timed]
    scenes += [functools.partial(busy, make) for make in KINDS[name][1]]
    for scene in draw.sample(scenes, min(draw.randint(1, 2), len(scenes))):
        scene(rooms, draw)


def blocked(wait: Wait, rooms: Rooms, draw: random.Random) -> None:
    """Threads asleep in a wait: some stay so, some are woken on the way out."""
    made = wait.make(rooms)
    for _ in range(draw.randint(1, 3)):
        thread = _daemon(lambda: wait.block(made, None))
        if draw.random() < 0.7:
            wait_until_asleep(thread.native_id or 0)
    _maybe_wake_at_exit(wait, made, draw)


def timing_out(wait: Wait, rooms: Rooms, draw: random.Random) -> None:
    """Threads whose waits run out all the time, so also during the exit."""
    made = wait.make(rooms)
    counts = []
    for _ in range(draw.randint(1, 3)):
        seconds = draw.choice([0.00001, 0.0002, 0.001, 0.003])
        counts.append(_repeating(functools.partial(wait.block, made, seconds)))
    _let_them_run(counts, 1)
    _maybe_wake_at_exit(wait, made, draw)


def busy(
    make: Callable[[Rooms], list[Turn]], rooms: Rooms, draw: random.Random
) -> None:
    """Threads that use the object without a pause."""
    counts = [
        _repeating(turn) for _ in range(draw.randint(1, 2)) for turn in make(rooms)
    ]
    _let_them_run(counts, draw.choice([1, 10, 100]))


# What threads may be busy with


def _event(rooms: Rooms) -> list[Turn]:
    event = rooms.threading.Event()

    def flicker() -> None:
        event.set()
        event.clear()

    return [flicker, functools.partial(event.wait, 0.001), event.is_set]


def _semaphore(rooms: Rooms) -> list[Turn]:
    semaphore = rooms.threading.Semaphore(1)

    def visit() -> None:
        with semaphore:
            pass

    return [visit, visit]


def _bounded(rooms: Rooms) -> list[Turn]:
    semaphore = rooms.threading.BoundedSemaphore(2)

    def visit() -> None:
        semaphore.acquire()
        semaphore.release()

    return [visit, visit, visit]


def _lock(rooms: Rooms) -> list[Turn]:
    lock = rooms.threading.Lock()

    def visit() -> None:
        with lock:
            pass

    def try_to() -> None:
        if lock.acquire(timeout=0.0002):
            lock.release()

    return [visit, visit, try_to]


def _rlock(rooms: Rooms) -> list[Turn]:
    lock = rooms.threading.RLock()

    def visit() -> None:
        with lock, lock:
            pass

    return [visit, visit]


def _condition(rooms: Rooms, lock: Any = None) -> list[Turn]:
    # Nobody may wake these from the exit: a thread that ends there keeps its lock.
    condition, forever = (rooms.threading.Condition(lock) for _ in range(2))

    def wait(timeout: float) -> None:
        with condition:
            condition.wait(timeout)

    def sleep() -> None:
        with forever:
            forever.wait()

    def notify() -> None:
        with condition:
            condition.notify()

    return [functools.partial(wait, 0.0005), notify, functools.partial(wait, 30), sleep]


def _condition_of_a_standard_lock(rooms: Rooms) -> list[Turn]:
    return _condition(rooms, threading.Lock())


def _barrier(rooms: Rooms) -> list[Turn]:
    barrier = rooms.threading.Barrier(2)

    def meet() -> None:
        try:
            barrier.wait(0.001)
        except threading.BrokenBarrierError:
            barrier.reset()

    return [meet, meet, barrier.reset]


def _rwlock(rooms: Rooms) -> list[Turn]:
    if not rooms.native:
        # The standard module has none.
        return _semaphore(rooms)
    lock = rooms.threading.RWLock()

    def visit(side: Any) -> None:
        with side:
            pass

    return [functools.partial(visit, side) for side in [lock.read, lock.write]]


def _queue(rooms: Rooms) -> list[Turn]:
    queue = rooms.queue.Queue()
    return [functools.partial(queue.put, [1]), queue.get]


def _bounded_queue(rooms: Rooms) -> list[Turn]:
    queue = rooms.queue.Queue(2)
    return [functools.partial(queue.put, [1]), queue.get]


def _tasks(rooms: Rooms) -> list[Turn]:
    queue = rooms.queue.Queue()

    def work() -> None:
        queue.put(1)
        queue.get()
        queue.task_done()

    return [work, work, queue.join]


def _subclass(rooms: Rooms) -> list[Turn]:
    class Stack(rooms.queue.Queue):
        def _init(self, maxsize: int) -> None:
            self.queue: list[object] = []

        def _put(self, item: object) -> None:
            self.queue.append(item)

        def _get(self) -> object:
            return self.queue.pop()

    queue = Stack(2)
    return [functools.partial(queue.put, [1]), queue.get]


def _compared(rooms: Rooms) -> list[Turn]:
    class Ranked:
        def __init__(self) -> None:
            self.rank = 1

        def __lt__(self, other: "Ranked") -> bool:
            return self.rank < other.rank

    queue = rooms.queue.PriorityQueue(5)
    return [lambda: queue.put(Ranked()), queue.get]


def _new(rooms: Rooms) -> list[Turn]:
    def make() -> None:
        queue = rooms.queue.Queue()
        queue.put(queue)
        rooms.threading.Event().set()
        rooms.threading.Semaphore(2).acquire()

    return [make]


def _threads(rooms: Rooms) -> list[Turn]:
    def start_and_join() -> None:
        thread = rooms.threading.Thread(target=int, daemon=True)
        if could_start(thread):
            thread.join()

    return [start_and_join, start_and_join]


def _interrupted_threads(rooms: Rooms) -> list[Turn]:
    if not rooms.native:
        # The standard module interrupts none.
        return _threads(rooms)

    def wait() -> None:
        with contextlib.suppress(rooms.threading.Interrupted):
            rooms.threading.Event().wait()

    def interrupt() -> None:
        thread = rooms.threading.Thread(target=wait, daemon=True)
        if could_start(thread):
            thread.interrupt()
            thread.result()

    return [interrupt]


def _timers(rooms: Rooms) -> list[Turn]:
    def expire() -> None:
        timer = rooms.threading.Timer(0.0002, int)
        timer.daemon = True
        if could_start(timer):
            timer.join()

    def cancel() -> None:
        timer = rooms.threading.Timer(1000, int)
        timer.daemon = True
        if could_start(timer):
            timer.cancel()
            timer.join()

    return [expire, cancel]


def _pool(rooms: Rooms) -> list[Turn]:
    pool = rooms.futures.ThreadPoolExecutor(2)

    def ask() -> None:
        # Refused when the end has begun.
        with contextlib.suppress(RuntimeError):
            pool.submit(int).result()

    def gather() -> None:
        with contextlib.suppress(RuntimeError):
            rooms.futures.wait([pool.submit(int) for _ in range(3)], 0.001)

    return [ask, gather]


def _futures(rooms: Rooms) -> list[Turn]:
    """Waits that nothing ends, beside one that always ends."""
    never = rooms.futures.Future()

    def live() -> None:
        future = rooms.futures.Future()
        future.set_result(1)
        future.result()

    return [
        live,
        never.result,
        functools.partial(rooms.futures.wait, [never]),
        lambda: list(rooms.futures.as_completed([never])),
    ]


def _late_calls(rooms: Rooms) -> list[Turn]:
    """Calls that run and calls that wait when the end begins: all are made."""
    pool = rooms.futures.ThreadPoolExecutor(1)
    made: list[int] = []
    for number in range(20):
        pool.submit(time.sleep, 0.0005)
        pool.submit(made.append, number)

    def check() -> None:
        if made != list(range(20)):
            os.write(2, f"only {made} were made".encode())

    # It runs when the threads that are no daemons have ended.
    atexit.register(check)
    return [lambda: time.sleep(0.001)]


def _new_pools(rooms: Rooms) -> list[Turn]:
    def start() -> None:
        with contextlib.suppress(RuntimeError):
            with rooms.futures.ThreadPoolExecutor(1) as pool:
                pool.submit(int).result()

    return [start]


def _sleeper(rooms: Rooms) -> Any:
    go = rooms.threading.Event()
    thread = rooms.threading.Thread(target=go.wait, daemon=True)
    thread.start()
    return thread, go


def _join(made: Any, timeout: float | None) -> bool:
    made[0].join(timeout)
    return not made[0].is_alive()


JOIN = Wait("Thread.join", _sleeper, _join, lambda made: made[1].set(), wakes_all=True)

# Each kind of run: the waits and the work that its threads draw from.
KINDS: dict[str, tuple[set[str], list[Callable[[Rooms], list[Turn]]]]] = {
    "Event": ({"Event.wait"}, [_event]),
    "Semaphore": ({"Semaphore.acquire", "Semaphore.__enter__"}, [_semaphore]),
    "BoundedSemaphore": ({"BoundedSemaphore.acquire"}, [_bounded]),
    "Lock": ({"Lock.acquire"}, [_lock]),
    "RLock": (set(), [_rlock]),
    "Condition": (set(), [_condition, _condition_of_a_standard_lock]),
    "Barrier": ({"Barrier.wait"}, [_barrier]),
    "RWLock": (set(), [_rwlock]),
    "Queue.get": ({"Queue.get"}, [_queue, _new]),
    "Queue.put": ({"Queue.put"}, [_bounded_queue]),
    "Queue.join": ({"Queue.join"}, [_tasks]),
    "Queue subclasses": (
        {"Queue subclass get", "LifoQueue.get", "PriorityQueue.get"},
        [_subclass, _compared],
    ),
    "Thread": ({"Thread.join"}, [_threads, _interrupted_threads]),
    "Timer": (set(), [_timers]),
    "ThreadPoolExecutor": (set(), [_pool, _futures, _late_calls, _new_pools]),
}


# Threads


def _daemon(call: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def _repeating(turn: Turn) -> list[int]:
    """A daemon thread that takes turn after turn; returns its count of them."""
    count = [0]

    def run() -> None:
        while True:
            turn()
            count[0] += 1

    _daemon(run)
    return count


def _let_them_run(counts: list[list[int]], turns: int) -> None:
    """Waits until the threads together took so many turns."""
    wait_until(lambda: sum(count[0] for count in counts) >= turns)


class _Late:
    """Calls something when the interpreter takes its modules apart."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call

    def __del__(self) -> None:
        self._call()


def _maybe_wake_at_exit(wait: Wait, made: Any, draw: random.Random) -> None:
    """The blocked threads stay asleep, or wake at one of two moments of the exit."""
    when = draw.choice(["never", "at exit", "late"])
    if when == "at exit":
        atexit.register(_wake, wait, made)
    elif when == "late":
        _kept.append(_Late(functools.partial(_wake, wait, made)))


def _wake(wait: Wait, made: Any) -> None:
    try:
        wait.wake(made)
    except ValueError:
        # A thread that timed out left nothing to give back.
        return


_kept: list[_Late] = []


if __name__ == "__main__":
    main()
