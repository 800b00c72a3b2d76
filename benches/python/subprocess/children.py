"""Children: how they start, how late their end is seen, many at once."""

import contextlib
import gc
import os
import resource
import statistics
import time

from harness import bench
from together import median, now

TRUE = ["/bin/true"]
GIB = 1 << 30


def _each(call, times=60):
    """Microseconds of one call, the median of many; the first is for what is opened once."""
    call()

    def once():
        start = now()
        call()
        return (now() - start) / 1e3

    return median(once, times)


@contextlib.contextmanager
def _resident(size):
    """So much memory of ours that is really there: every page of it is written."""
    memory = bytearray(b"x") * size
    try:
        yield
    finally:
        del memory
        gc.collect()


@contextlib.contextmanager
def _open_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 200
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(
            f"{count} open files need a hard limit of {wanted}, not {hard}"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(count)]
    try:
        yield
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@bench("run(true)", "run", "us", aim=1)
def run_true(side):
    return _each(lambda: side.run(TRUE))


@bench("run(true), 2 GiB resident", "run", "us", aim=1)
def run_true_large(side):
    with _resident(2 * GIB):
        return _each(lambda: side.run(TRUE))


@bench("run(true), 10,000 open files", "run", "us", aim=2)
def run_true_many_files(side):
    with _open_files(10_000):
        return _each(lambda: side.run(TRUE))


@bench("Popen: start with a limit of files, 2 GiB resident", "Popen", "us", most=1000)
def start_limited_large(side):
    limits = side.limit_files(64)

    def once():
        start = now()
        child = side.Popen(TRUE, **limits)
        spent = (now() - start) / 1e3
        child.wait()
        return spent

    with _resident(2 * GIB):
        return median(once, 5)


@bench(
    "wait(timeout): how much later than a blocking waitpid(2)",
    "Popen PIPE",
    "us",
    most=200,
)
def late_wait(side):
    """The kernel's own wait returns at the child's end, which nothing else tells."""

    def since_last_word(delay, wait):
        # What it writes is the moment at which it is about to end.
        command = ["sh", "-c", f"sleep {delay}; exec date +%s%N"]
        with side.Popen(command, stdout=side.PIPE) as child:
            wait(child)
            end = time.time_ns()
            return (end - int(child.stdout.read())) / 1e3

    # Several delays: where a wait polls, its lateness hangs on the moment.
    late, blocking = [], []
    for turn in range(15):
        delay = 0.02 + 0.0037 * turn
        late.append(since_last_word(delay, lambda child: child.wait(60)))
        blocking.append(since_last_word(delay, _block))
    # One microsecond is as good as none, and can be divided by.
    return max(statistics.median(late) - statistics.median(blocking), 1)


def _block(child):
    # It stays to be reaped by the child's own object.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


@bench("200 children at once", "Popen", "us", aim=1)
def many_at_once(side):
    def once():
        start = now()
        children = [side.Popen(TRUE) for _ in range(200)]
        for child in children:
            child.wait()
        return (now() - start) / 1e3

    return median(once, 3)
