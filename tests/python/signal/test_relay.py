"""SIGINT that another thread gets: the main thread answers it from any native wait.

The standard library leaves the main thread asleep then, until something else wakes it.
"""

import signal
import threading as stdlib_threading

import pytest
from support.rooms import THREEPLY, open_rooms
from support.signals import handler
from support.threads import Worker, wait_until_asleep
from support.waits import WAITS

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


def _send_to(bystander):
    """Sends SIGINT to the other thread once this one is asleep."""
    native = stdlib_threading.get_native_id()

    def send():
        wait_until_asleep(native)
        signal.pthread_kill(bystander.ident, signal.SIGINT)

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
