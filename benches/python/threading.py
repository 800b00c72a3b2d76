"""Event, the semaphores and the queues, alone and between threads."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from harness import alone, bench

Call = Callable[[], Any]
now = time.perf_counter_ns


# What one thread does alone


def _event(side):
    event = side.Event()
    return {"set": event.set, "clear": event.clear}


def _set_event(side):
    event = side.Event()
    event.set()
    return {"wait": event.wait, "is_set": event.is_set}


def _semaphore(side):
    semaphore = side.Semaphore(5)
    return {"acquire": semaphore.acquire, "release": semaphore.release}


def _bounded(side):
    semaphore = side.BoundedSemaphore(5)
    return {"acquire": semaphore.acquire, "release": semaphore.release}


def _methods(queue):
    return {
        "put": queue.put,
        "get": queue.get,
        "put_nowait": queue.put_nowait,
        "get_nowait": queue.get_nowait,
        "task_done": queue.task_done,
        "qsize": queue.qsize,
    }


def _queue(side):
    return _methods(side.Queue())


def _opened_queue(side):
    queue = side.QueueClass()
    with queue.mutex:
        return _methods(queue)


def _subclassed_queue(side):
    class Stack(side.QueueClass):
        def _init(self, maxsize):
            self.queue = []

        def _put(self, item):
            self.queue.append(item)

        def _get(self):
            return self.queue.pop()

    return _methods(Stack())


alone(
    "event_set_clear", "Event: set and clear", "Event", "set()\nclear()", _event, aim=10
)
alone("event_wait_set", "Event: wait when set", "Event", "wait()", _set_event, aim=9)
alone("event_is_set", "Event: is_set", "Event", "is_set()", _set_event)
alone(
    "event_new", "Event: make one", "Event", "new()", lambda side: {"new": side.Event}
)
alone(
    "semaphore_acquire_release",
    "Semaphore: acquire and release",
    "Semaphore",
    "acquire()\nrelease()",
    _semaphore,
    aim=12,
)
alone(
    "semaphore_with",
    "Semaphore: `with`",
    "Semaphore",
    "with semaphore: pass",
    lambda side: {"semaphore": side.Semaphore(5)},
)
alone(
    "bounded_acquire_release",
    "BoundedSemaphore: acquire and release",
    "BoundedSemaphore",
    "acquire()\nrelease()",
    _bounded,
)
alone(
    "semaphore_new",
    "Semaphore: make one",
    "Semaphore",
    "new(1)",
    lambda side: {"new": side.Semaphore},
)
alone("queue_put_get", "Queue: put and get", "Queue", "put(1)\nget()", _queue, aim=10)
alone(
    "queue_put_get_nowait",
    "Queue: put_nowait and get_nowait",
    "Queue",
    "put_nowait(1)\nget_nowait()",
    _queue,
)
alone(
    "queue_put_get_timeout",
    "Queue: put and get with a timeout",
    "Queue",
    "put(1, True, 1)\nget(True, 1)",
    _queue,
)
alone(
    "queue_put_get_keywords",
    "Queue: put and get with keywords",
    "Queue",
    "put(1, block=True)\nget(timeout=1)",
    _queue,
)
alone(
    "queue_put_get_task_done",
    "Queue: put, get and task_done",
    "Queue",
    "put(1)\nget()\ntask_done()",
    _queue,
)
alone(
    "queue_bounded_put_get",
    "Queue(10): put and get",
    "Queue",
    "put(1)\nget()",
    lambda side: _methods(side.Queue(10)),
)
alone("queue_qsize", "Queue: qsize", "Queue", "qsize()", _queue)
alone(
    "queue_new", "Queue: make one", "Queue", "new()", lambda side: {"new": side.Queue}
)
alone(
    "queue_opened_put_get",
    "Queue whose mutex was used: put and get",
    "QueueClass",
    "put(1)\nget()",
    _opened_queue,
)
alone(
    "queue_subclass_put_get",
    "Queue subclass with its own _put and _get: put and get",
    "QueueClass",
    "put(1)\nget()",
    _subclassed_queue,
)
alone(
    "lifo_put_get",
    "LifoQueue: put and get",
    "LifoQueue",
    "put(1)\nget()",
    lambda side: _methods(side.LifoQueue()),
)
alone(
    "priority_put_get",
    "PriorityQueue: put and get",
    "PriorityQueue",
    "put(1)\nget()",
    lambda side: _methods(side.PriorityQueue()),
)


# Producers and consumers


def _thousands_of_items(queue, producers, consumers, total):
    each = total // producers

    def produce():
        put = queue.put
        for number in range(each):
            put(number)

    def consume():
        get = queue.get
        while get() is not None:
            pass

    making = [threading.Thread(target=produce) for _ in range(producers)]
    taking = [threading.Thread(target=consume) for _ in range(consumers)]
    start = now()
    for thread in making + taking:
        thread.start()
    for thread in making:
        thread.join()
    for _ in taking:
        queue.put(None)
    for thread in taking:
        thread.join()
    return each * producers / (now() - start) * 1e6


def _median(measure: Callable[[], float], times: int = 5) -> float:
    return statistics.median(measure() for _ in range(times))


@bench("Queue: one producer, one consumer", "Queue", "k/s", aim=6)
def queue_1p1c(side):
    return _median(lambda: _thousands_of_items(side.Queue(), 1, 1, 40_000))


@bench("Queue: four producers, four consumers", "Queue", "k/s")
def queue_4p4c(side):
    return _median(lambda: _thousands_of_items(side.Queue(), 4, 4, 40_000))


@bench("Queue(100): one producer, one consumer", "Queue", "k/s")
def queue_bounded_1p1c(side):
    return _median(lambda: _thousands_of_items(side.Queue(100), 1, 1, 20_000))


@bench("Queue(100): four producers, four consumers", "Queue", "k/s")
def queue_bounded_4p4c(side):
    return _median(lambda: _thousands_of_items(side.Queue(100), 4, 4, 20_000))


@bench("Semaphore(1): eight threads acquire and release", "Semaphore", "k/s")
def semaphore_8_threads(side):
    def measure():
        semaphore, each, threads = side.Semaphore(1), 2_000, 8
        ready = threading.Barrier(threads + 1)

        def visit():
            acquire, release = semaphore.acquire, semaphore.release
            ready.wait()
            for _ in range(each):
                acquire()
                release()

        visitors = [threading.Thread(target=visit) for _ in range(threads)]
        for visitor in visitors:
            visitor.start()
        ready.wait()
        start = now()
        for visitor in visitors:
            visitor.join()
        return threads * each / (now() - start) * 1e6

    return _median(measure)


# A turn to and fro


def _round_trip(signal_one: Call, wait_one: Call, signal_two: Call, wait_two: Call):
    """Microseconds for a turn to the other thread and back."""
    rounds = 3_000

    def answer():
        for _ in range(rounds):
            wait_one()
            signal_two()

    thread = threading.Thread(target=answer)
    thread.start()
    start = now()
    for _ in range(rounds):
        signal_one()
        wait_two()
    spent = now() - start
    thread.join()
    return spent / rounds / 1e3


@bench("Event: a turn to and fro", "Event", "us", aim=1)
def ping_pong_event(side):
    def measure():
        ping, pong = side.Event(), side.Event()

        def wait(event):
            event.wait()
            event.clear()

        return _round_trip(ping.set, lambda: wait(ping), pong.set, lambda: wait(pong))

    return _median(measure)


@bench("Semaphore: a turn to and fro", "Semaphore", "us", aim=1)
def ping_pong_semaphore(side):
    def measure():
        ping, pong = side.Semaphore(0), side.Semaphore(0)
        return _round_trip(ping.release, ping.acquire, pong.release, pong.acquire)

    return _median(measure)


@bench("Queue: an item to and fro", "Queue", "us", aim=1)
def ping_pong_queue(side):
    def measure():
        ping, pong = side.Queue(), side.Queue()
        return _round_trip(lambda: ping.put(1), ping.get, lambda: pong.put(1), pong.get)

    return _median(measure)


# From a sleeping thread's point of view


def _wake_up(wake: Call, wait: Call):
    """Microseconds from the call that wakes until the woken thread runs."""
    rounds, spent, called = 200, [], [0]
    back = threading.Semaphore(0)

    def sleeper():
        for _ in range(rounds):
            wait()
            spent.append(now() - called[0])
            back.release()

    thread = threading.Thread(target=sleeper)
    thread.start()
    for _ in range(rounds):
        time.sleep(0.0005)
        called[0] = now()
        wake()
        back.acquire()
    thread.join()
    return statistics.median(spent) / 1e3


@bench("Event: from set until the sleeper runs", "Event", "us")
def wake_up_event(side):
    def measure():
        event = side.Event()

        def wait():
            event.wait()
            event.clear()

        return _wake_up(event.set, wait)

    return _median(measure, 3)


@bench("Queue: from put until the sleeper has it", "Queue", "us")
def wake_up_queue(side):
    def measure():
        queue = side.Queue()
        return _wake_up(lambda: queue.put(1), queue.get)

    return _median(measure, 3)


def _lateness(wait: Callable[[float], Any]):
    """By how many microseconds a timeout of one millisecond is late."""
    late = []
    for _ in range(150):
        start = now()
        wait(0.001)
        late.append((now() - start - 1_000_000) / 1e3)
    return statistics.median(late)


@bench("Event: lateness of a 1 ms timeout", "Event", "us")
def late_event(side):
    return _lateness(side.Event().wait)


@bench("Semaphore: lateness of a 1 ms timeout", "QueueClass", "us")
def late_semaphore(side):
    semaphore = side.Semaphore(0)
    return _lateness(lambda seconds: semaphore.acquire(timeout=seconds))


@bench("Queue: lateness of a 1 ms timeout", "Queue", "us")
def late_queue(side):
    queue = side.Queue()

    def get(seconds):
        try:
            queue.get(timeout=seconds)
        except Exception:
            return

    return _lateness(get)


@bench("Event.wait: from kill until KeyboardInterrupt", "InterruptibleEvent", "us")
def interrupt_event(side):
    return _interrupt_latency(side.InterruptibleEvent().wait)


@bench("Queue.get: from kill until KeyboardInterrupt", "QueueClass", "us")
def interrupt_queue(side):
    return _interrupt_latency(side.QueueClass().get)


def _interrupt_latency(wait: Call):
    """Microseconds from another process's kill until the exception is caught."""
    rounds, spent = 50, []
    ask_out, ask_in = os.pipe()
    answer_out, answer_in = os.pipe()
    main = os.getpid()
    killer = os.fork()
    if killer == 0:
        for _ in range(rounds):
            os.read(ask_out, 1)
            time.sleep(0.003)
            called = time.monotonic_ns()
            os.kill(main, signal.SIGINT)
            os.write(answer_in, called.to_bytes(8, "little"))
        os._exit(0)
    for _ in range(rounds):
        try:
            os.write(ask_in, b"?")
            wait()
        except KeyboardInterrupt:
            caught = time.monotonic_ns()
        called = int.from_bytes(os.read(answer_out, 8), "little")
        spent.append(caught - called)
    os.waitpid(killer, 0)
    for descriptor in (ask_out, ask_in, answer_out, answer_in):
        os.close(descriptor)
    return statistics.median(spent) / 1e3
