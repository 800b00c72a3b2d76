"""Thread.interrupt: an exception in another thread's native wait. Only ours has it."""

import threading as stdlib_threading

import pytest
from support.threads import wait_until_asleep

pytestmark = pytest.mark.threeply_only(
    reason="the standard Thread cannot be interrupted"
)


@pytest.fixture(autouse=True)
def _no_hook(monkeypatch):
    monkeypatch.setattr(stdlib_threading, "excepthook", lambda _: None)


def asleep(threading, wait, *args):
    thread = threading.Thread(target=wait, args=args)
    thread.start()
    assert wait_until_asleep(thread.native_id)
    return thread


def held_condition(threading):
    condition = threading.Condition()

    def wait():
        with condition:
            try:
                condition.wait()
            finally:
                assert condition._is_owned()

    return wait


def held_lock(threading):
    lock = threading.Lock()
    lock.acquire()
    return lock.acquire


def other_thread(threading):
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()
    return thread.join


WAITS = {
    "event": lambda rooms: rooms.threading.Event().wait,
    "semaphore": lambda rooms: rooms.threading.Semaphore(0).acquire,
    "lock": lambda rooms: held_lock(rooms.threading),
    "condition": lambda rooms: held_condition(rooms.threading),
    "queue": lambda rooms: rooms.queue.Queue().get,
    "join": lambda rooms: other_thread(rooms.threading),
}


@pytest.mark.parametrize("kind", WAITS)
def test_it_ends_a_wait(rooms, kind):
    thread = asleep(rooms.threading, WAITS[kind](rooms))
    assert thread.interrupt()
    with pytest.raises(rooms.threading.Interrupted):
        thread.result(30)


@pytest.mark.parametrize("exc", [KeyError, KeyError("key"), KeyboardInterrupt])
def test_the_exception_may_be_chosen(threading, exc):
    thread = asleep(threading, threading.Event().wait)
    thread.interrupt(exc)
    expected = exc if isinstance(exc, type) else type(exc)
    with pytest.raises(expected) as caught:
        thread.result(30)
    assert isinstance(exc, type) or caught.value is exc


def test_a_thread_that_does_not_wait_raises_in_its_next_wait(threading):
    go, computed = [], []

    def run():
        while not go:
            pass
        computed.append(True)
        threading.Event().wait()

    thread = threading.Thread(target=run)
    thread.start()
    thread.interrupt()
    go.append(True)
    with pytest.raises(threading.Interrupted):
        thread.result(30)
    assert computed == [True]


def test_it_may_be_caught_and_the_thread_go_on(threading):
    again = threading.Event()

    def run():
        try:
            threading.Event().wait()
        except threading.Interrupted:
            again.wait()
        return "went on"

    thread = asleep(threading, run)
    thread.interrupt()
    assert wait_until_asleep(thread.native_id)
    again.set()
    assert thread.result(30) == "went on"


def test_an_item_that_comes_with_it_is_not_lost(rooms):
    for _ in range(200):
        queue = rooms.queue.Queue()
        thread = rooms.threading.Thread(target=queue.get)
        thread.start()
        queue.put("item")
        thread.interrupt()
        try:
            assert thread.result(30) == "item"
        except rooms.threading.Interrupted:
            assert queue.get_nowait() == "item"


def test_it_tells_whether_the_thread_was_alive(threading):
    thread = threading.Thread()
    with pytest.raises(RuntimeError, match="before it is started"):
        thread.interrupt()
    thread.start()
    thread.join()
    assert thread.interrupt() is False


@pytest.mark.parametrize("exc", [None, 3, object, "text"])
def test_what_is_no_exception_is_refused(threading, exc):
    go = threading.Event()
    thread = asleep(threading, go.wait)
    with pytest.raises(TypeError, match="exc must be an exception"):
        thread.interrupt(exc)
    go.set()
    assert thread.result(30) is True
