"""The wait slot: what `Thread.interrupt` sends an exception through. Only ours has it."""

import _thread
import gc
import os
import signal
import weakref

import pytest
from support.signals import handler
from support.threads import Worker, wait_until, wait_until_asleep

from threeply import _native, queue, threading

wait_slot = _native.extension.threading.wait_slot


class Sent(Exception):
    """What the tests send."""


class Last(Exception):
    """What they send last."""


def asleep(wait):
    """A thread asleep in the call, and its slot."""
    slots = []

    def run():
        slots.append(wait_slot())
        wait()

    worker = Worker(run).blocked()
    return worker, slots[0]


def wait_for_nothing():
    threading.Event().wait()


def test_it_ends_the_wait_of_the_thread_that_made_it():
    worker, slot = asleep(wait_for_nothing)
    assert slot.interrupt(Sent) is True
    with pytest.raises(Sent):
        worker.result()


def test_it_leaves_the_waits_of_other_threads_alone():
    event = threading.Event()
    other, _its_slot = asleep(event.wait)
    worker, slot = asleep(event.wait)
    slot.interrupt(Sent)
    with pytest.raises(Sent):
        worker.result()
    other.blocked()
    event.set()
    assert other.result() is None


def test_what_comes_outside_a_wait_is_raised_in_the_next_one_and_once():
    wait_slot().interrupt(Sent)
    with pytest.raises(Sent):
        wait_for_nothing()
    assert threading.Event().wait(0.0001) is False


def test_a_call_that_need_not_wait_leaves_it_pending():
    event, lock, items = threading.Event(), threading.Lock(), queue.Queue()
    wait_slot().interrupt(Sent)
    event.set()
    assert event.wait()
    assert lock.acquire()
    items.put(1)
    assert items.get() == 1
    with pytest.raises(Sent):
        lock.acquire()


def test_all_slots_of_a_thread_are_one():
    first, second = wait_slot(), wait_slot()
    first.interrupt(Sent)
    second.interrupt(Last)
    with pytest.raises(Last):
        wait_for_nothing()
    assert threading.Event().wait(0.0001) is False


def test_an_instance_is_raised_itself():
    sent = Sent("it")
    wait_slot().interrupt(exc=sent)
    with pytest.raises(Sent) as caught:
        wait_for_nothing()
    assert caught.value is sent


def test_a_later_one_takes_the_place_of_one_that_was_not_raised_and_frees_it():
    slot, before = wait_slot(), Sent()
    reference = weakref.ref(before)
    slot.interrupt(before)
    del before
    assert reference() is not None
    slot.interrupt(Last)
    assert reference() is None
    with pytest.raises(Last):
        wait_for_nothing()


def test_the_finalizer_of_one_that_is_replaced_may_send_another():
    slot = wait_slot()

    class Sending(Exception):
        def __del__(self):
            slot.interrupt(Last)

    slot.interrupt(Sending())
    # Were the slot locked while the finalizer runs, this would never return.
    slot.interrupt(Sent)
    with pytest.raises(Last):
        wait_for_nothing()
    assert threading.Event().wait(0.0001) is False


def test_a_handler_may_interrupt_the_wait_under_it():
    slot = wait_slot()
    ident, native = _thread.get_ident(), _thread.get_native_id()

    def send():
        wait_until_asleep(native)
        signal.pthread_kill(ident, signal.SIGUSR1)

    with handler(signal.SIGUSR1, lambda *_: slot.interrupt(Sent)):
        sender = Worker(send)
        with pytest.raises(Sent):
            wait_for_nothing()
    sender.result()


def test_what_many_threads_send_to_one_is_raised_and_the_last_is_never_lost():
    raised, slots, each = [], [], 300

    def run():
        slots.append(wait_slot())
        event = threading.Event()
        while True:
            try:
                event.wait(0.0002)
                event.wait()
            except Sent as sent:
                raised.append(sent.args[0])

    worker = Worker(run).blocked()
    (slot,) = slots

    def send(me):
        for number in range(each):
            assert slot.interrupt(Sent((me, number)))

    for sender in [Worker(send, me) for me in range(3)]:
        sender.result()
    # Every wait goes on after it was interrupted, until this one.
    slot.interrupt(Last)
    with pytest.raises(Last):
        worker.result()
    assert len(set(raised)) == len(raised) <= 3 * each
    for me in range(3):
        numbers = [number for sender, number in raised if sender == me]
        assert numbers == sorted(numbers)


# The thread's end


def test_an_ended_slot_takes_no_more_and_frees_what_was_not_raised():
    slots, references = [], []

    def run():
        slots.append(wait_slot())
        sent = Sent()
        references.append(weakref.ref(sent))
        slots[0].interrupt(sent)
        slots[0].end()
        return threading.Event().wait(0.0001)

    assert Worker(run).result() is False
    assert slots[0].interrupt(Sent) is False
    assert references[0]() is None


def test_a_thread_that_never_ended_its_slot_takes_no_more_once_it_is_gone():
    slots, over = [], []

    def run():
        slots.append(wait_slot())
        over.append(True)

    _thread.start_new_thread(run, ())
    wait_until(lambda: over)
    wait_until(lambda: not slots[0].interrupt(Sent))
    assert slots[0].interrupt(Last) is False


@pytest.mark.parametrize("refers", [False, True])
def test_a_thread_frees_what_it_was_sent_and_never_raised(refers):
    # A slot kept it: always when it referred to the thread, else if the thread was
    # forgotten before the system had ended it.
    references = []
    for _ in range(20):
        go = []

        def compute(go=go):
            while not go:
                pass

        thread, sent = threading.Thread(target=compute), Sent()
        thread.start()
        sent.thread = thread if refers else None
        assert thread.interrupt(sent)
        references.append(weakref.ref(sent))
        go.append(True)
        thread.join()
        assert thread.interrupt() is False
        del thread, sent
    gc.collect()
    assert [reference() for reference in references] == [None] * 20


# Forks


def test_the_forking_threads_slot_goes_on_in_the_child():
    slot = wait_slot()
    slot.interrupt(Sent)

    def raises(expected):
        try:
            wait_for_nothing()
        except expected:
            return True

    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        went_on = raises(Sent) and slot.interrupt(Last) and raises(Last)
        os._exit(7 if went_on else 1)
    assert raises(Sent)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


# Arguments


@pytest.mark.parametrize("exc", [None, 3, object, "text"])
def test_what_is_no_exception_is_refused(exc):
    with pytest.raises(TypeError, match="exc must be an exception class or instance"):
        wait_slot().interrupt(exc)
    assert threading.Event().wait(0.0001) is False


def test_calls_with_other_arguments_are_refused():
    with pytest.raises(TypeError, match="exc"):
        wait_slot().interrupt()
    with pytest.raises(TypeError, match="interrupt"):
        wait_slot().interrupt(Sent, Sent)
    with pytest.raises(TypeError, match="wait_slot"):
        wait_slot(Sent)


def test_no_class_derives_from_it():
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Own", (wait_slot,), {})


def test_it_can_be_referred_to_weakly():
    slot = wait_slot()
    reference = weakref.ref(slot)
    assert reference() is slot
    del slot
    assert reference() is None
