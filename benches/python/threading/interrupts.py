"""Ctrl-C while the main thread waits."""

import os
import signal
import statistics
import time

from harness import bench
from together import Call


@bench("Event.wait: from kill until KeyboardInterrupt", "InterruptibleEvent", "us")
def interrupt_event(side):
    return _interrupt_latency(side.InterruptibleEvent().wait)


@bench("Queue.get: from kill until KeyboardInterrupt", "QueueClass", "us")
def interrupt_queue(side):
    return _interrupt_latency(side.QueueClass().get)


def _interrupt_latency(wait: Call):
    """Microseconds from another process's kill until the exception is caught."""
    rounds, spent = 50, []
    ask_out, ask_in = os.pipe()
    answer_out, answer_in = os.pipe()
    main = os.getpid()
    killer = os.fork()
    if killer == 0:
        for _ in range(rounds):
            os.read(ask_out, 1)
            time.sleep(0.003)
            called = time.monotonic_ns()
            os.kill(main, signal.SIGINT)
            os.write(answer_in, called.to_bytes(8, "little"))
        os._exit(0)
    for _ in range(rounds):
        try:
            os.write(ask_in, b"?")
            wait()
        except KeyboardInterrupt:
            caught = time.monotonic_ns()
        called = int.from_bytes(os.read(answer_out, 8), "little")
        spent.append(caught - called)
    os.waitpid(killer, 0)
    for descriptor in (ask_out, ask_in, answer_out, answer_in):
        os.close(descriptor)
    return statistics.median(spent) / 1e3
