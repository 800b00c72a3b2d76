"""A game of calls: submitted, waited for, cancelled, and submitting others."""

import contextlib
import random
import threading
from concurrent.futures import CancelledError
from typing import Any

from support.rooms import Rooms
from support.threads import PATIENCE, Worker, finish, wait_until

from games.rules import EACH, Act


def make_calls(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads that submit, of whose calls each is made once or was cancelled."""
    pool = rooms.futures.ThreadPoolExecutor(draw.randint(1, 4))
    lock = threading.Lock()
    made: dict[Any, int] = {}
    told: dict[Any, int] = {}
    submitted: list[tuple[Any, Any]] = []
    to_come = [0]

    def call(key: Any) -> Any:
        with lock:
            made[key] = made.get(key, 0) + 1
        if isinstance(key, tuple) and key[1] % 7 == 0:
            raise ValueError(key)
        return key

    def tell(key: Any, future: Any) -> None:
        with lock:
            told[key] = told.get(key, 0) + 1

    def submit(key: Any, chain: int = 0) -> Any:
        future = pool.submit(call, key)
        submitted.append((key, future))
        future.add_done_callback(lambda of: tell(key, of))
        if chain:
            # Runs on the thread that made the call, or on the one that cancelled it.
            with lock:
                to_come[0] += 1
            future.add_done_callback(lambda of: go_on((key, 0, chain), chain - 1))
        return future

    def go_on(key: Any, chain: int) -> None:
        submit(key, chain)
        with lock:
            to_come[0] -= 1

    def use(number: int, seed: float) -> None:
        own = random.Random(seed)
        for turn in range(EACH // 3):
            futures = [
                submit((number, turn, index), own.choice([0, 0, 0, 2]))
                for index in range(own.randint(1, 4))
            ]
            deed = own.random()
            timeout = own.choice([None, 0, 0.0005, 0.01])
            if deed < 0.3:
                own.choice(futures).cancel()
            elif deed < 0.5:
                until = own.choice(["ALL_COMPLETED", "FIRST_COMPLETED"])
                rooms.futures.wait(futures, timeout, until)
            elif deed < 0.7:
                try:
                    for future in rooms.futures.as_completed(futures, timeout):
                        future.cancelled()
                except TimeoutError:
                    pass
            elif deed < 0.9:
                with contextlib.suppress(TimeoutError, ValueError, CancelledError):
                    futures[-1].result(timeout)
            else:
                # Opens ours: from here on it is kept in the standard way.
                with futures[0]._condition:
                    pass

    count = [0]

    def submit_from_handler() -> None:
        count[0] += 1
        if count[0] < 50:
            submit(count[0])

    if rooms.native:
        # The standard pool's submit takes a lock that the handler's thread may hold.
        act.append(submit_from_handler)
    workers = [
        Worker(use, number, draw.random()) for number in range(draw.randint(1, 4))
    ]
    use(len(workers), draw.random())
    finish(workers)
    act.clear()
    wait_until(lambda: to_come[0] == 0 and len(told) == len(submitted))
    left = rooms.futures.wait([future for _, future in submitted], PATIENCE).not_done
    assert not left, f"{len(left)} calls were never made"
    pool.shutdown()
    for key, future in submitted:
        assert told[key] == 1, f"{key}: called back {told[key]} times"
        wanted = 0 if future.cancelled() else 1
        assert made.get(key, 0) == wanted, f"{key}: made {made.get(key, 0)} times"
        if wanted:
            failed = future.exception()
            assert future.result() == key if failed is None else failed.args == (key,)
