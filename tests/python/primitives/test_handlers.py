"""Signal handlers and threads that storm the same object."""

import signal
import threading as stdlib_threading

import pytest
from support.signals import handler
from support.threads import Worker, finish

ROUNDS = 3000

pytestmark = pytest.mark.threeply_only(
    reason="the standard one deadlocks when the handler runs with its lock held"
)


class Storm:
    """Sends a signal to the main thread until told that it is over."""

    def __init__(self):
        self._ident = stdlib_threading.get_ident()
        self.over = False
        self.worker = Worker(self._run)

    def _run(self):
        sent = 0
        while not self.over:
            signal.pthread_kill(self._ident, signal.SIGUSR1)
            sent += 1
        return sent

    def end(self):
        self.over = True
        return self.worker.result()


def stormed(act, body):
    """Runs the body over and over while the handler interrupts it anywhere."""
    handled = [0]

    def handle(*_):
        act()
        handled[0] += 1

    with handler(signal.SIGUSR1, handle):
        storm = Storm()
        try:
            rounds = 0
            while rounds < ROUNDS or handled[0] < 100:
                body()
                rounds += 1
        finally:
            storm.end()
    return rounds, handled[0]


def test_a_handler_may_put_into_the_queue_that_is_being_used(queue):
    made = queue.Queue()
    got = [0]

    def body():
        made.put("mine")
        made.get()
        got[0] += 1

    rounds, handled = stormed(lambda: made.put("handler's"), body)
    assert got[0] == rounds
    assert made.qsize() == handled
    assert made.unfinished_tasks == rounds + handled


def test_a_handler_may_get_from_the_queue_that_is_being_used(queue):
    made = queue.Queue()
    taken = [0]

    def take():
        try:
            made.get_nowait()
        except queue.Empty:
            return
        taken[0] += 1

    rounds, _ = stormed(take, lambda: made.put(1))
    assert made.qsize() == rounds - taken[0]


def test_a_handler_may_finish_the_tasks_of_the_queue_that_is_being_used(queue):
    made = queue.Queue()
    done = [0]

    def finish_task():
        made.put(1)
        made.task_done()
        done[0] += 1

    rounds, _ = stormed(finish_task, lambda: made.put(1))
    assert made.unfinished_tasks == rounds
    assert made.qsize() == rounds + done[0]


def test_a_handler_may_set_the_event_that_is_being_used(threading):
    event = threading.Event()

    def body():
        event.wait(0)
        event.set()
        assert event.wait(0) is True

    stormed(event.set, body)
    assert event.is_set()


def test_a_handler_may_set_and_clear_the_event_that_is_being_used(threading):
    event = threading.Event()

    def act():
        event.set()
        event.clear()

    def body():
        event.set()
        event.clear()

    stormed(act, body)
    assert not event.is_set()


def test_a_handler_may_release_the_semaphore_that_is_being_used(threading):
    semaphore = threading.Semaphore(1)

    def body():
        semaphore.acquire()
        semaphore.release()

    _, handled = stormed(semaphore.release, body)
    assert semaphore._value == handled + 1


def test_a_handler_may_take_and_give_back_the_bounded_semaphore_in_use(threading):
    semaphore = threading.BoundedSemaphore(2)

    def act():
        if semaphore.acquire(False):
            semaphore.release()

    def body():
        with semaphore:
            pass

    stormed(act, body)
    assert semaphore._value == 2


def test_a_handler_wakes_other_threads_that_wait(queue):
    made = queue.Queue()

    def take():
        count = 0
        while made.get() is not None:
            count += 1
        return count

    takers = [Worker(take) for _ in range(2)]
    rounds, handled = stormed(lambda: made.put("handler's"), lambda: made.put("mine"))
    made.put(None)
    made.put(None)
    assert sum(finish(takers)) == rounds + handled
