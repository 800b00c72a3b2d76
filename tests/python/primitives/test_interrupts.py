"""Ctrl-C and other signals while the main thread is blocked, over both sides."""

import signal
import threading as stdlib_threading

import pytest
from support import interpreters
from support.signals import handler, lasts_under_signals, sent_while_blocked
from support.threads import Worker, wait_until, wait_until_asleep
from support.waits import TIMED_WAITS, WAITS

EVERY_WAIT = """
    import concurrent.futures
    import signal
    import subprocess
    from support.rooms import Rooms
    from support.waits import WAITS
    rooms = Rooms("", threading, queue, signal, subprocess, concurrent.futures)
    for wait in WAITS:
        made = wait.make(rooms)
        print(wait, flush=True)
        try:
            wait.block(made, None)
        except KeyboardInterrupt:
            print("interrupted:", wait, flush=True)
"""


class Stop(Exception):
    """Raised by a handler."""


def _stop(*_):
    raise Stop


@pytest.fixture(params=WAITS, ids=str)
def wait(request):
    return request.param


@pytest.fixture(params=TIMED_WAITS, ids=str)
def timed(request):
    return request.param


def _wake_when_asleep(wait, made):
    """Another thread wakes this one once it is blocked."""
    native = stdlib_threading.get_native_id()

    def wake():
        wait_until_asleep(native)
        wait.wake(made)

    return Worker(wake)


def test_ctrl_c_ends_a_wait(rooms, wait):
    made = wait.make(rooms)
    with sent_while_blocked(signal.SIGINT):
        with pytest.raises(KeyboardInterrupt):
            wait.block(made, None)


def test_ctrl_c_from_outside_ends_every_wait_of_a_program(rooms):
    with interpreters.started(rooms.name, EVERY_WAIT) as program:
        for name in program.stdout:
            assert wait_until_asleep(program.pid, of_process=program.pid)
            program.send_signal(signal.SIGINT)
            assert program.stdout.readline() == f"interrupted: {name}"
        assert (program.wait(), program.stderr.read()) == (0, "")


def test_ctrl_c_nobody_catches_ends_a_program_as_it_ends_the_standard_one(rooms):
    with interpreters.started(rooms.name, "queue.Queue().get()") as program:
        wait_until_asleep(program.pid, of_process=program.pid)
        program.send_signal(signal.SIGINT)
        assert program.stderr.read().endswith("KeyboardInterrupt\n")
        assert program.wait() == -signal.SIGINT


def test_ctrl_c_ends_a_wait_with_a_timeout(rooms, timed):
    made = timed.make(rooms)
    with sent_while_blocked(signal.SIGINT):
        with pytest.raises(KeyboardInterrupt):
            timed.block(made, 30)


def test_an_interrupted_object_can_be_waited_for_again(rooms, wait):
    made = wait.make(rooms)
    for _ in range(3):
        with sent_while_blocked(signal.SIGINT):
            with pytest.raises(KeyboardInterrupt):
                wait.block(made, None)
    waker = _wake_when_asleep(wait, made)
    assert wait.block(made, None) is True
    waker.result()


def test_wake_ups_after_an_interrupt_go_to_who_still_waits(rooms, wait):
    made = wait.make(rooms)
    before = Worker(wait.block, made, None).blocked()
    with sent_while_blocked(signal.SIGINT):
        with pytest.raises(KeyboardInterrupt):
            wait.block(made, None)
    after = Worker(wait.block, made, None).blocked()
    # A wake-up of an event or a finished task reaches both; of the others, one.
    wait.wake(made)
    wait_until(lambda: not (before.running and after.running))
    if not wait.wakes_all:
        wait.wake(made)
    assert [before.result(), after.result()] == [True, True]


def test_an_exception_of_a_handler_ends_a_wait(rooms, wait):
    made = wait.make(rooms)
    with handler(signal.SIGUSR1, _stop), sent_while_blocked(signal.SIGUSR1):
        with pytest.raises(Stop):
            wait.block(made, None)


def test_a_handler_that_returns_leaves_the_wait_to_go_on(rooms, wait):
    made = wait.make(rooms)
    handled = []
    with handler(signal.SIGUSR1, lambda *_: handled.append(1)):
        # Started first: this thread sleeps a little while it starts another.
        waker = Worker(lambda: _handled_then_wake(handled, wait, made))
        with sent_while_blocked(signal.SIGUSR1):
            assert wait.block(made, None) is True
    waker.result()
    assert handled == [1]


def _handled_then_wake(handled, wait, made):
    wait_until(lambda: handled)
    wait.wake(made)


def test_a_handler_that_returns_leaves_the_wait_its_remaining_time(rooms, timed):
    # A wait that took its whole timeout anew would never end under these signals.
    made = timed.make(rooms)
    handled = []
    with handler(signal.SIGUSR1, lambda *_: handled.append(1)):
        lasts_under_signals(lambda seconds: timed.block(made, seconds))
    assert len(handled) >= 3


def test_a_handler_may_end_the_wait_it_interrupted(rooms, wait):
    made = wait.make(rooms)
    with handler(signal.SIGUSR1, lambda *_: wait.wake(made)):
        with sent_while_blocked(signal.SIGUSR1):
            assert wait.block(made, None) is True


def test_a_signal_for_another_thread_leaves_it_asleep(rooms, wait):
    made = wait.make(rooms)
    handled = []
    worker = Worker(wait.block, made, None).blocked()
    with handler(signal.SIGUSR1, lambda *_: handled.append(1)):
        signal.pthread_kill(worker.thread.ident, signal.SIGUSR1)
        worker.blocked()
    assert handled == [1]
    wait.wake(made)
    assert worker.result() is True


@pytest.mark.parametrize("immediate", [False, True])
@pytest.mark.shutdown
def test_a_handler_may_shut_down_the_queue_it_interrupted(queue, immediate):
    made = queue.Queue()
    with handler(signal.SIGUSR1, lambda *_: made.shutdown(immediate)):
        with sent_while_blocked(signal.SIGUSR1):
            with pytest.raises(queue.ShutDown):
                made.get()


def test_an_interrupted_get_takes_no_item(queue):
    made = queue.Queue()
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        made.get()
    made.put(1)
    assert (made.qsize(), made.get()) == (1, 1)


def test_an_interrupted_put_leaves_no_item(queue):
    made = queue.Queue(1)
    made.put(1)
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        made.put(2)
    assert made.unfinished_tasks == 1
    assert made.get() == 1
    assert made.empty()


def test_an_interrupted_acquire_takes_nothing(threading):
    semaphore = threading.Semaphore(0)
    with sent_while_blocked(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        semaphore.acquire()
    semaphore.release()
    assert semaphore._value == 1
