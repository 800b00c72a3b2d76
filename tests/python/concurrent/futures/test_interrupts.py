"""What ends a wait of futures: Ctrl-C, and other handlers that raise."""

import signal
import threading

import pytest
from support.signals import handler, sent_again_and_again, sent_while_blocked
from support.threads import Worker, wait_until


class Stop(Exception):
    pass


def stop(*_):
    raise Stop


def waits(futures, pool, future):
    yield future.result
    yield future.exception
    yield lambda: futures.wait([future])
    yield lambda: list(futures.as_completed([future]))
    if pool is not None:
        yield lambda: list(pool.map(lambda _: future.result(), range(1)))
        yield pool.shutdown


@pytest.mark.parametrize("index", range(6))
def test_a_handler_that_raises_ends_the_wait(futures, index):
    gate = threading.Event()
    with futures.ThreadPoolExecutor(2) as pool:
        future = pool.submit(gate.wait)
        wait = list(waits(futures, pool, future))[index]
        try:
            with handler(signal.SIGUSR1, stop):
                with pytest.raises(Stop):
                    with sent_while_blocked(signal.SIGUSR1):
                        wait()
        finally:
            gate.set()
        assert future.result() is True


@pytest.mark.parametrize("index", range(4))
def test_a_handler_that_does_not_raise_does_not_end_it(futures, index):
    future = futures.Future()
    wait = list(waits(futures, None, future))[index]
    handled = []

    def finish():
        wait_until(lambda: len(handled) >= 3)
        future.set_result(None)

    with handler(signal.SIGUSR1, lambda *_: handled.append(1)):
        ender = Worker(finish)
        with sent_again_and_again(signal.SIGUSR1, least=3):
            wait()
    ender.result()
