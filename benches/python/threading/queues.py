"""Queue, LifoQueue, PriorityQueue and SimpleQueue."""

import threading

from harness import alone, bench
from together import busy_thread, lateness, median, now, round_trip, wake_up


def _methods(queue):
    return {
        "put": queue.put,
        "get": queue.get,
        "put_nowait": queue.put_nowait,
        "get_nowait": queue.get_nowait,
        "task_done": queue.task_done,
        "qsize": queue.qsize,
    }


def _simple_queue(side):
    queue = side.SimpleQueue()
    return {"put": queue.put, "get": queue.get}


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


alone("queue_put_get", "Queue: put and get", "Queue", "put(1)\nget()", _queue, aim=11)
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
    aim=11,
)
alone(
    "priority_put_get",
    "PriorityQueue: put and get",
    "PriorityQueue",
    "put(1)\nget()",
    lambda side: _methods(side.PriorityQueue()),
    aim=4,
)
alone(
    "simple_queue_put_get",
    "SimpleQueue: put and get",
    "SimpleQueue",
    "put(1)\nget()",
    _simple_queue,
    aim=1,
)
alone(
    "simple_queue_new",
    "SimpleQueue: make one",
    "SimpleQueue",
    "new()",
    lambda side: {"new": side.SimpleQueue},
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


@bench("Queue: one producer, one consumer", "Queue", "k/s", aim=7)
def queue_1p1c(side):
    return median(lambda: _thousands_of_items(side.Queue(), 1, 1, 40_000))


@bench("Queue: four producers, four consumers", "Queue", "k/s")
def queue_4p4c(side):
    return median(lambda: _thousands_of_items(side.Queue(), 4, 4, 40_000))


@bench("Queue(100): one producer, one consumer", "Queue", "k/s")
def queue_bounded_1p1c(side):
    return median(lambda: _thousands_of_items(side.Queue(100), 1, 1, 20_000))


@bench("Queue(100): four producers, four consumers", "Queue", "k/s")
def queue_bounded_4p4c(side):
    return median(lambda: _thousands_of_items(side.Queue(100), 4, 4, 20_000))


# A turn to and fro, from a sleeping thread's point of view


def _to_and_fro(side, rounds=3_000):
    ping, pong = side.Queue(), side.Queue()
    return round_trip(
        lambda: ping.put(1), ping.get, lambda: pong.put(1), pong.get, rounds
    )


@bench("Queue: an item to and fro", "Queue", "us", aim=1)
def ping_pong_queue(side):
    return median(lambda: _to_and_fro(side))


@bench("Queue: an item to and fro beside a busy thread", "Queue", "us", aim=1)
def ping_pong_queue_busy(side):
    with busy_thread():
        return median(lambda: _to_and_fro(side, 30))


@bench("Queue: from put until the sleeper has it", "Queue", "us")
def wake_up_queue(side):
    def measure():
        queue = side.Queue()
        return wake_up(lambda: queue.put(1), queue.get)

    return median(measure, 3)


@bench("Queue: lateness of a 1 ms timeout", "Queue", "us", most=40)
def late_queue(side):
    queue = side.Queue()

    def get(seconds):
        try:
            queue.get(timeout=seconds)
        except Exception:
            return

    return lateness(get)
