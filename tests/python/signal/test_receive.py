"""signal.receive, which only threeply has."""

import asyncio
import os
import signal as stdlib_signal
import subprocess
import sys

import pytest
from support.signals import handler, sent_while_blocked
from support.threads import Worker

from threeply import signal

ONE, OTHER = stdlib_signal.SIGUSR1, stdlib_signal.SIGUSR2


@pytest.fixture(autouse=True)
def _handlers_as_before():
    before = {number: stdlib_signal.getsignal(number) for number in (ONE, OTHER)}
    yield
    for number, act in before.items():
        assert stdlib_signal.getsignal(number) == act


def send(number=ONE):
    stdlib_signal.raise_signal(number)


def numbers(receiver):
    found = iter(receiver.get_nowait, None)
    return [info.si_signo for info in found]


def test_each_receiver_gets_each_of_its_signals():
    with signal.receive(ONE) as one, signal.receive(ONE, OTHER) as both:
        for number in (ONE, OTHER, ONE):
            send(number)
        assert numbers(one) == [ONE, ONE]
        assert numbers(both) == [ONE, OTHER, ONE]


def test_the_sender_is_told():
    with signal.receive(ONE) as received:
        send()
        info = received.get(timeout=60)
    assert isinstance(info, stdlib_signal.struct_siginfo)
    assert (info.si_pid, info.si_uid) == (os.getpid(), os.getuid())


def test_a_python_handler_runs_as_well():
    seen = []
    with handler(ONE, lambda *_: seen.append(1)), signal.receive(ONE) as received:
        send()
        assert seen == [1]
        assert numbers(received) == [ONE]


def test_a_handler_that_is_set_later_runs_and_the_receiver_goes_on():
    seen = []
    with signal.receive(ONE) as received:
        with handler(ONE, lambda *_: seen.append(1)):
            assert received.get(timeout=0) is None
            send()
            assert seen == [1]
            assert numbers(received) == [ONE]
        received.renew()
        send()
        assert numbers(received) == [ONE]
    assert seen == [1]


def test_any_thread_may_wait():
    with signal.receive(ONE) as received:
        worker = Worker(received.get).blocked()
        send()
        assert worker.result().si_signo == ONE


def test_a_wait_ends_by_its_timeout():
    with signal.receive(ONE) as received:
        assert received.get(timeout=0.01) is None
        assert received.get(0) is None
        assert received.get(-1) is None


def test_what_a_handler_raises_ends_a_wait():
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    with handler(OTHER, stop), signal.receive(ONE) as received:
        with sent_while_blocked(OTHER), pytest.raises(Stop):
            received.get()


def test_iteration_ends_when_it_is_closed():
    received = signal.receive(ONE)
    send()
    worker = Worker(lambda: [info.si_signo for info in received]).blocked()
    received.close()
    assert worker.result() == [ONE]
    assert received.closed
    with pytest.raises(ValueError, match="the receiver is closed"):
        received.get()
    received.close()


def test_asynchronous_iteration():
    async def main():
        got = []

        async def collect():
            async for info in received:
                got.append(info.si_signo)
                if len(got) == 2:
                    received.close()

        with signal.receive(ONE, OTHER) as received:
            collecting = asyncio.create_task(collect())
            for number in (ONE, OTHER):
                await asyncio.sleep(0)
                send(number)
            await collecting
        return got

    assert asyncio.run(asyncio.wait_for(main(), 60)) == [ONE, OTHER]


def test_two_tasks_wait_for_one_receiver():
    async def main():
        with signal.receive(ONE, OTHER) as received:
            tasks = [asyncio.create_task(anext(received)) for _ in range(2)]
            await asyncio.sleep(0)
            send(ONE)
            send(OTHER)
            return {info.si_signo for info in await asyncio.gather(*tasks)}

    assert asyncio.run(asyncio.wait_for(main(), 60)) == {ONE, OTHER}


def test_closing_ends_asynchronous_iteration():
    async def main():
        with signal.receive(ONE) as received:
            waiting = asyncio.create_task(anext(received, None))
            await asyncio.sleep(0)
            received.close()
            return await waiting

    assert asyncio.run(asyncio.wait_for(main(), 60)) is None


@pytest.mark.parametrize("number", [stdlib_signal.SIGKILL, stdlib_signal.SIGSTOP])
def test_what_cannot_be_handled_is_an_os_error(number):
    with pytest.raises(OSError, match="Invalid argument"):
        signal.receive(number)


@pytest.mark.parametrize("wrong", [(), (0,), (65,)])
def test_what_names_no_signal_is_a_value_error(wrong):
    with pytest.raises(ValueError, match="signal"):
        signal.receive(*wrong)


def test_it_describes_itself():
    received = signal.receive(ONE, OTHER)
    assert repr(received) == "<Receiver of SIGUSR1, SIGUSR2>"
    assert received.signals == {ONE, OTHER}
    received.close()
    assert repr(received) == "<Receiver of SIGUSR1, SIGUSR2 closed>"


PROGRAM = """
import os, signal, sys
from threeply.signal import receive
received = receive(signal.SIGTERM)
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGTERM)
    os._exit(0)
status = os.waitpid(child, 0)[1]
print(os.WTERMSIG(status) == signal.SIGTERM, received.get_nowait(), flush=True)
info = received.get()
print(info.si_pid == os.getppid())
received.close()
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_a_child_is_ended_and_the_parent_is_not_until_it_closes():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout.readline() == "True None\n"
        run.terminate()
        assert run.stdout.read() == "True\n"
        assert run.wait() == -stdlib_signal.SIGTERM


def test_a_receiver_without_init_is_refused():
    bare = signal.Receiver.__new__(signal.Receiver)
    with pytest.raises(RuntimeError, match=r"__init__\(\) was not called"):
        bare.get()
