"""signal.add_handler and remove_handler, which only threeply has."""

import signal as stdlib_signal

import pytest
from support.threads import Worker

from threeply import signal

ONE = stdlib_signal.SIGUSR1


class Stop(Exception):
    pass


@pytest.fixture(autouse=True)
def _handlers_as_before():
    before = stdlib_signal.getsignal(ONE)
    yield
    after = stdlib_signal.getsignal(ONE)
    stdlib_signal.signal(ONE, before)
    assert after is before


@pytest.fixture
def calls():
    """What was called, in its order."""
    return []


@pytest.fixture
def add(calls):
    """Adds handlers that say so by a word, until the test is over."""
    added = []

    def add(word):
        def handler(signalnum, frame):
            calls.append(word)

        signal.add_handler(ONE, handler)
        added.append(handler)
        return handler

    yield add
    for handler in added:
        signal.remove_handler(ONE, handler)


def test_each_handler_is_called_in_its_order(add, calls):
    add("one"), add("other")
    signal.raise_signal(ONE)
    assert calls == ["one", "other"]


def test_what_signal_sets_is_called_first_before_or_after(add, calls):
    add("added")
    before = signal.signal(ONE, lambda *_: calls.append("set"))
    add("added later")
    signal.raise_signal(ONE)
    assert calls == ["set", "added", "added later"]
    signal.signal(ONE, before)
    signal.raise_signal(ONE)
    assert calls[3:] == ["added", "added later"]


def test_signal_and_getsignal_know_nothing_of_what_was_added(add):
    def act(*_):
        pass

    add("added")
    assert signal.getsignal(ONE) is signal.SIG_DFL
    assert signal.signal(ONE, act) is signal.SIG_DFL
    assert signal.getsignal(ONE) is act
    assert signal.signal(ONE, signal.SIG_DFL) is act


@pytest.mark.parametrize("act", [stdlib_signal.SIG_DFL, stdlib_signal.SIG_IGN])
def test_a_default_effect_is_back_when_the_last_was_removed(act, add):
    before = signal.signal(ONE, act)
    try:
        one, other = add("one"), add("other")
        assert signal.remove_handler(ONE, one)
        assert stdlib_signal.getsignal(ONE) is not act
        assert signal.remove_handler(ONE, other)
        assert stdlib_signal.getsignal(ONE) is act
    finally:
        signal.signal(ONE, before)


def test_one_handler_may_be_added_twice(add, calls):
    handler = add("twice")
    signal.add_handler(ONE, handler)
    signal.raise_signal(ONE)
    assert calls == ["twice", "twice"]
    assert signal.remove_handler(ONE, handler)
    signal.raise_signal(ONE)
    assert calls[2:] == ["twice"]


def test_the_last_of_equal_handlers_is_removed(calls):
    class Handler:
        def __init__(self, word):
            self.word = word

        def __call__(self, *_):
            calls.append(self.word)

        def __eq__(self, other):
            return True

        __hash__ = None

    for word in ("one", "other"):
        signal.add_handler(ONE, Handler(word))
    assert signal.remove_handler(ONE, Handler("equal"))
    signal.raise_signal(ONE)
    assert calls == ["one"]
    assert signal.remove_handler(ONE, Handler("equal"))


def test_removing_what_was_not_added_says_so(add):
    assert not signal.remove_handler(ONE, print)
    add("one")
    assert not signal.remove_handler(ONE, print)


def test_each_is_called_whatever_another_raises(add, calls):
    def stop(*_):
        calls.append("raises")
        raise Stop

    def interrupt(*_):
        raise KeyboardInterrupt

    add("one")
    signal.add_handler(ONE, stop)
    add("other")
    signal.add_handler(ONE, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt) as raised:
            signal.raise_signal(ONE)
    finally:
        signal.remove_handler(ONE, interrupt)
        signal.remove_handler(ONE, stop)
    assert calls == ["one", "raises", "other"]
    assert isinstance(raised.value.__context__, Stop)


def test_a_handler_may_remove_itself(calls):
    def once(*_):
        calls.append("once")
        signal.remove_handler(ONE, once)

    signal.add_handler(ONE, once)
    signal.add_handler(ONE, once)
    signal.raise_signal(ONE)
    assert calls == ["once", "once"]


def test_what_a_handler_sets_while_another_is_removed_is_not_lost(calls):
    def act(*_):
        calls.append("set")

    def sets(*_):
        signal.signal(ONE, act)

    class Added:
        """The signal comes when it is compared."""

        def __call__(self, *_):
            calls.append("added")

        def __eq__(self, other):
            if not calls:
                signal.raise_signal(ONE)
            return other is remover

        __hash__ = None

    remover = object()
    signal.signal(ONE, sets)
    signal.add_handler(ONE, Added())
    assert signal.remove_handler(ONE, remover)
    assert calls == ["added"]
    assert stdlib_signal.getsignal(ONE) is act
    signal.signal(ONE, signal.SIG_DFL)


def test_receivers_are_told_as_well(add, calls):
    add("added")
    with signal.receive(ONE) as received:
        signal.raise_signal(ONE)
        assert received.get(timeout=60).si_signo == ONE
    assert calls == ["added"]


def test_a_standard_signal_takes_the_place_of_all(add, calls):
    handler = add("added")
    before = stdlib_signal.signal(ONE, lambda *_: calls.append("standard"))
    signal.raise_signal(ONE)
    assert calls == ["standard"]
    assert not signal.remove_handler(ONE, handler)
    # What it got is called as one, and put back as one.
    stdlib_signal.signal(ONE, before)
    signal.raise_signal(ONE)
    assert calls[1:] == ["added"]


def test_bad_input_is_refused_by_name():
    with pytest.raises(TypeError, match="handler must be callable, not int"):
        signal.add_handler(ONE, 3)
    with pytest.raises(ValueError, match="out of range"):
        signal.add_handler(4242, print)
    with pytest.raises(OSError, match="Invalid argument"):
        signal.add_handler(signal.SIGKILL, print)


@pytest.mark.parametrize("bad", [3, "x", None])
def test_signal_refuses_what_is_no_handler_and_loses_nothing(bad, add, calls):
    add("added")
    with pytest.raises(TypeError, match="must be"):
        signal.signal(ONE, bad)
    signal.raise_signal(ONE)
    assert calls == ["added"]


def test_only_the_main_thread_may_add_and_remove(add, calls):
    handler = add("one")
    for act in (signal.add_handler, signal.remove_handler):
        with pytest.raises(ValueError, match="main thread"):
            Worker(lambda act=act: act(ONE, handler)).result()
    signal.raise_signal(ONE)
    assert calls == ["one"]
