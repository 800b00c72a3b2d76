"""Signals that reach the main thread exactly while it is blocked."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from support.threads import Worker, wait_until_asleep


@contextlib.contextmanager
def handler(number: int, act: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Handles the signal by `act` inside the block."""
    before = signal.signal(number, act)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextlib.contextmanager
def sent_while_blocked(number: int) -> Iterator[None]:
    """Sends the signal once, as soon as this thread is blocked in the body."""
    ident, native = threading.get_ident(), threading.get_native_id()

    def send() -> None:
        wait_until_asleep(native)
        signal.pthread_kill(ident, number)

    sender = Worker(send)
    yield
    sender.result()


@contextlib.contextmanager
def sent_again_and_again(number: int, least: int = 0) -> Iterator[list[int]]:
    """Sends the signal whenever this thread is blocked, until the body ends.

    A wait that starts afresh after each handler would never end under it. Yields
    a list whose only item counts the signals; the body is over too early when
    fewer than `least` were sent.
    """
    ident, native = threading.get_ident(), threading.get_native_id()
    sent = [0]
    over = threading.Event()

    def send() -> None:
        while not over.is_set():
            wait_until_asleep(native)
            if not over.is_set():
                signal.pthread_kill(ident, number)
                sent[0] += 1

    sender = Worker(send)
    try:
        yield sent
    finally:
        over.set()
        sender.result()
    assert sent[0] >= least, f"only {sent[0]} signals were sent"


def lasts_under_signals(block: Callable[[float], Any], least: int = 3) -> None:
    """Fails unless `block(seconds)` returns False, and not before, while signals come in.

    The time is tried longer where it was too short for so many signals.
    """
    for seconds in (0.03, 0.3, 3):
        with sent_again_and_again(signal.SIGUSR1) as sent:
            start = time.monotonic()
            assert block(seconds) is False
            assert time.monotonic() - start >= seconds
        if sent[0] >= least:
            return
    raise AssertionError(f"only {sent[0]} signals were sent")
