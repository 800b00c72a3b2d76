"""Pools of threads."""

import gc
import os
import resource
import signal
import threading
import time

from harness import bench
from together import busy_thread, median, now

MANY = 10_000


def _to_and_fro(side, rounds):
    with side.ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()

        def once():
            start = now()
            for _ in range(rounds):
                pool.submit(int).result()
            return (now() - start) / rounds / 1e3

        return median(once)


@bench("submit and result, pool idle", "ThreadPoolExecutor", "us", most=4)
def submit_result(side):
    return _to_and_fro(side, 3_000)


@bench("submit and result beside a busy thread", "ThreadPoolExecutor", "us", aim=0.9)
def submit_result_busy(side):
    with busy_thread():
        return _to_and_fro(side, 20)


@bench("submit alone, each of 10,000", "ThreadPoolExecutor", "us")
def submit_alone(side):
    def once():
        gate = threading.Event()
        with side.ThreadPoolExecutor(1) as pool:
            pool.submit(gate.wait)
            start = now()
            for _ in range(MANY):
                pool.submit(int)
            spent = now() - start
            gate.set()
        return spent / MANY / 1e3

    return median(once)


@bench("map of 10,000, each", "ThreadPoolExecutor", "us", aim=20)
def map_many(side):
    with side.ThreadPoolExecutor(2) as pool:

        def once():
            start = now()
            for _ in pool.map(int, range(MANY)):
                pass
            return (now() - start) / MANY / 1e3

        return median(once)


@bench("start a pool of one, a call, stop it", "ThreadPoolExecutor", "us", aim=2)
def start_stop(side):
    rounds = 100

    def once():
        start = now()
        for _ in range(rounds):
            with side.ThreadPoolExecutor(1) as pool:
                pool.submit(int)
        return (now() - start) / rounds / 1e3

    return median(once)


@bench(
    "1,000,000 submits that wait, each",
    "ThreadPoolExecutor",
    "B",
    clock="resident memory",
    most=250,
)
def memory_submit(side):
    count, gate = 1_000_000, threading.Event()
    with side.ThreadPoolExecutor(1) as pool:
        pool.submit(gate.wait)
        gc.collect()
        before = _resident()
        futures = [pool.submit(int) for _ in range(count)]
        # The list is the bench's own.
        held = _resident() - before - 8 * count
        gate.set()
        del futures
        pool.shutdown(cancel_futures=True)
    return held / count


def _resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def _interrupted(wait):
    """How long after a Ctrl-C the wait has raised it."""
    sent = []

    def send():
        # The main thread is asleep by then.
        time.sleep(0.02)
        sent.append(now())
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        wait()
    except KeyboardInterrupt:
        spent = now() - sent[0]
    sender.join()
    return spent / 1e3


def _interrupted_call(side, wait):
    """The same of a wait for a pool whose only thread has a call that goes on."""

    def once():
        gate = threading.Event()
        with side.ThreadPoolExecutor(1) as pool:
            running = pool.submit(gate.wait)
            try:
                return _interrupted(lambda: wait(pool, running))
            finally:
                gate.set()

    return median(once, 9)


@bench("a Ctrl-C until result() has raised it", "ThreadPoolExecutor", "us", most=1000)
def interrupt_result(side):
    return _interrupted_call(side, lambda pool, running: running.result())


@bench("a Ctrl-C until wait() has raised it", "ThreadPoolExecutor", "us", most=1000)
def interrupt_wait(side):
    return _interrupted_call(side, lambda pool, running: side.wait_for_all([running]))


@bench(
    "a Ctrl-C until as_completed() has raised it", "ThreadPoolExecutor", "us", most=1000
)
def interrupt_as_completed(side):
    def gather(pool, running):
        return list(side.as_completed([running]))

    return _interrupted_call(side, gather)


@bench("a Ctrl-C until map() has raised it", "ThreadPoolExecutor", "us", most=1000)
def interrupt_map(side):
    return _interrupted_call(side, lambda pool, running: list(pool.map(int, [1])))


@bench("a Ctrl-C until shutdown() has raised it", "ThreadPoolExecutor", "us", most=1000)
def interrupt_shutdown(side):
    return _interrupted_call(side, lambda pool, running: pool.shutdown())
