"""A signal that another thread gets: the main thread answers it from any native wait.

The standard library leaves the main thread asleep then, until something else wakes it.
"""

import signal
import threading as stdlib_threading

import pytest
from support.rooms import THREEPLY, open_rooms
from support.signals import handler
from support.threads import Worker, wait_until_asleep
from support.waits import WAITS

from threeply import signal as room

# An open queue waits on a standard condition, which nothing relays to.
NATIVE = [
    wait for wait in WAITS if str(wait).startswith(("Event", "Sem", "Bou", "Queue."))
]


@pytest.fixture(params=NATIVE, ids=str)
def wait(request):
    return request.param


@pytest.fixture
def bystander():
    """A thread that sleeps until the test is over."""
    over = stdlib_threading.Event()
    thread = stdlib_threading.Thread(target=over.wait)
    thread.start()
    yield thread
    over.set()
    thread.join()


def _send_to(bystander, number=signal.SIGINT):
    """Sends the signal to the other thread once this one is asleep."""
    native = stdlib_threading.get_native_id()

    def send():
        wait_until_asleep(native)
        signal.pthread_kill(bystander.ident, number)

    return Worker(send)


def test_a_ctrl_c_that_another_thread_gets_ends_the_wait_of_the_main_thread(
    wait, bystander
):
    made = wait.make(open_rooms(THREEPLY))
    sender = _send_to(bystander)
    with pytest.raises(KeyboardInterrupt):
        wait.block(made, None)
    sender.result()


def test_a_handler_set_later_is_followed_too(wait, bystander):
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    made = wait.make(open_rooms(THREEPLY))
    with handler(signal.SIGINT, stop):
        sender = _send_to(bystander)
        with pytest.raises(Stop):
            wait.block(made, None)
        sender.result()


class Stop(Exception):
    pass


def stop(*_):
    raise Stop


@pytest.fixture
def handled():
    """SIGUSR1 has a handler that raises, set through the room."""
    before = room.signal(signal.SIGUSR1, stop)
    yield
    assert room.signal(signal.SIGUSR1, before) is stop


@pytest.mark.usefixtures("handled")
def test_a_signal_with_a_handler_of_ours_ends_the_wait_too(wait, bystander):
    made = wait.make(open_rooms(THREEPLY))
    sender = _send_to(bystander, signal.SIGUSR1)
    with pytest.raises(Stop):
        wait.block(made, None)
    sender.result()


@pytest.mark.usefixtures("handled")
def test_a_signal_that_does_not_interrupt_calls_ends_the_wait_too(wait):
    # With SA_RESTART the kernel goes on with the sleep by itself.
    room.siginterrupt(signal.SIGUSR1, False)
    made = wait.make(open_rooms(THREEPLY))
    sender = _send_to(stdlib_threading.main_thread(), signal.SIGUSR1)
    with pytest.raises(Stop):
        wait.block(made, None)
    sender.result()


@pytest.mark.usefixtures("handled")
def test_a_handler_runs_once_for_one_signal():
    seen = []
    room.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    for count in range(1, 20):
        room.raise_signal(signal.SIGUSR1)
        assert len(seen) == count
    room.signal(signal.SIGUSR1, stop)
