"""What pools of threeply do and the standard ones do not."""

import contextvars
import os
import queue as stdlib_queue
import subprocess
import sys
import threading

import pytest
from support.threads import Worker, blocked, wait_until

from threeply import threading as threeply_threading
from threeply.concurrent import futures
from threeply.concurrent.futures import ThreadPoolExecutor, as_completed, wait


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture
def full(gate):
    """A pool of one thread that is busy, with one call waiting of one that may."""
    with ThreadPoolExecutor(1, max_queue=1) as pool:
        busy = pool.submit(gate.wait)
        wait_until(busy.running)
        pool.submit(int)
        yield pool
        gate.set()


def test_a_full_pool_refuses_at_once_or_in_time(full):
    with pytest.raises(stdlib_queue.Full):
        full.submit_nowait(int)
    with pytest.raises(stdlib_queue.Full):
        full.submit_within(0.01, int)


def test_submit_waits_for_room(full, gate):
    (submitting,) = blocked(1, full.submit, pow, 2, 3)
    gate.set()
    assert submitting.result().result() == 8
    assert full.submit_within(30, pow, 2, 4).result() == 16


def test_a_shutdown_ends_the_wait_for_room(full, gate):
    (submitting,) = blocked(1, full.submit, int)
    full.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="after shutdown"):
        submitting.result()


def test_a_worker_of_a_full_pool_makes_room_itself():
    with ThreadPoolExecutor(1, max_queue=1) as pool:

        def submit_many():
            return [pool.submit(pow, 2, n) for n in range(5)]

        found = pool.submit(submit_many).result()
        assert [future.result() for future in found] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("bad", [0, -1])
def test_a_queue_has_room_for_one_at_least(bad):
    with pytest.raises(ValueError, match="max_queue must be greater than 0"):
        ThreadPoolExecutor(1, max_queue=bad)


def test_smaller_numbers_come_first(gate):
    done = []
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(gate.wait)
        wait_until(busy.running)
        pool.submit(done.append, "plain")
        for priority in (5, -1, 5, 0):
            pool.submit_priority(priority, done.append, priority)
        gate.set()
    assert done == [-1, "plain", 0, 5, 5]


def test_a_priority_is_an_integer_of_64_bits():
    with ThreadPoolExecutor(1) as pool:
        for bad in (2**63, -(2**63) - 1):
            with pytest.raises(OverflowError, match="priority"):
                pool.submit_priority(bad, int)
        with pytest.raises(TypeError):
            pool.submit_priority("high", int)


@pytest.mark.parametrize("context", [False, True])
def test_calls_may_run_in_the_submitters_context(context):
    variable = contextvars.ContextVar("variable", default="none")
    with ThreadPoolExecutor(1, context=context) as pool:
        token = variable.set("mine")
        found = pool.submit(variable.get)
        variable.reset(token)
        assert found.result() == ("mine" if context else "none")


def test_a_call_waits_for_calls_of_its_own_pool():
    # DIFFERENCE: A call that waits for another of its pool makes it
    with ThreadPoolExecutor(1) as pool:

        def nest(depth):
            return depth and 1 + pool.submit(nest, depth - 1).result()

        assert pool.submit(nest, 40).result() == 40


@pytest.mark.parametrize(
    "gather",
    [
        lambda fs: sum(future.result() for future in wait(fs).done),
        lambda fs: sum(future.result() for future in as_completed(fs)),
        lambda fs: sum(f.result() for f in fs if f.exception() is None),
    ],
    ids=["wait", "as_completed", "exception"],
)
def test_a_call_waits_for_several_of_its_own_pool(gather):
    with ThreadPoolExecutor(1) as pool:

        def inner():
            return gather([pool.submit(pow, 2, n) for n in range(4)])

        assert pool.submit(inner).result() == 15


def test_a_call_maps_over_its_own_pool():
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: list(pool.map(int, "123")))
        assert found.result() == [1, 2, 3]


def test_a_call_with_a_timeout_waits_as_it_says():
    with ThreadPoolExecutor(1) as pool:

        def impatient():
            future = pool.submit(int)
            with pytest.raises(TimeoutError):
                future.result(timeout=0)
            return future

        assert pool.submit(impatient).result().result() == 0


def test_an_error_may_cancel_what_nobody_has_begun(gate):
    pool = ThreadPoolExecutor(1, cancel_on_error=True)
    busy = pool.submit(gate.wait)
    wait_until(busy.running)
    waiting = pool.submit(int)
    opener = Worker(lambda: (wait_until(waiting.cancelled), gate.set()))
    with pytest.raises(KeyError), pool:
        raise KeyError
    opener.result()
    assert waiting.cancelled()
    assert busy.result() is True


def test_without_an_error_nothing_is_cancelled():
    with ThreadPoolExecutor(1, cancel_on_error=True) as pool:
        found = [pool.submit(int) for _ in range(20)]
    assert [future.result() for future in found] == [0] * 20


def test_statistics_count(gate):
    with ThreadPoolExecutor(2) as pool:
        assert pool.statistics() == (0, 0, 0, 0, 0)
        running = [pool.submit(gate.wait) for _ in range(2)]
        queued = [pool.submit(int) for _ in range(3)]
        wait_until(lambda: all(future.running() for future in running))
        found = pool.statistics()
        assert (found.workers, found.running, found.queued) == (2, 2, 3)
        gate.set()
        wait(running + queued)
        wait_until(lambda: pool.statistics().idle == 2)
        assert pool.statistics().finished == 5


def test_a_daemon_pool_does_not_hold_up_the_end():
    program = """if True:
        import threading
        from threeply.concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1, daemon=True)
        begun = threading.Event()
        def for_ever():
            begun.set()
            threading.Event().wait()
        pool.submit(for_ever)
        pool.submit(print, "never")
        begun.wait()
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_map_reads_no_further_than_its_buffer():
    read = []

    def items():
        for number in range(10):
            read.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        results = pool.map(int, items(), buffersize=3)
        assert read == [0, 1, 2]
        assert next(results) == 0
        assert read == [0, 1, 2, 3]
        assert list(results) == list(range(1, 10))


@pytest.mark.parametrize(("bad", "error"), [("x", TypeError), (0, ValueError)])
def test_a_buffer_is_a_number(bad, error):
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(error, match="buffersize"):
            pool.map(int, [], buffersize=bad)


def test_workers_may_have_a_context_of_their_own():
    ended = []

    class Context(futures.thread.WorkerContext):
        def initialize(self):
            self.words = list(self.initargs)

        def run(self, task):
            fn, args, kwargs = task
            return self.words, fn(*args, **kwargs)

        def finalize(self):
            ended.append(self.words)

    class Pool(ThreadPoolExecutor):
        @classmethod
        def prepare_context(cls, initializer, initargs, more):
            return Context.prepare(initializer, (*initargs, more))

    with Pool(1, initargs=("a",), more="b") as pool:
        assert pool.submit(pow, 2, 3).result() == (["a", "b"], 8)
    assert ended == [["a", "b"]]


def test_standard_executors_are_executors():
    import concurrent.futures as stdlib_futures

    with stdlib_futures.ThreadPoolExecutor(1) as pool:
        assert isinstance(pool, futures.Executor)
    assert issubclass(stdlib_futures.ThreadPoolExecutor, futures.Executor)
    assert not isinstance(pool, futures.ThreadPoolExecutor)
    with ThreadPoolExecutor(1) as pool:
        assert isinstance(pool, stdlib_futures.ThreadPoolExecutor)


def test_waiters_are_told_what_a_shutdown_cancels(gate):
    # DIFFERENCE: Whoever waits for a call that no pool will make is told
    pool = ThreadPoolExecutor(1)
    pool.submit(gate.wait)
    left = [pool.submit(int) for _ in range(3)]
    left[0].cancel()
    waiting = [*blocked(1, wait, left), *blocked(1, list, as_completed(left))]
    pool.shutdown(wait=False, cancel_futures=True)
    done, iterated = (worker.result() for worker in waiting)
    assert done == (set(left), set())
    assert set(iterated) == set(left)


def test_a_shutdown_cancels_all_whatever_a_callback_raises(gate):
    def stop(of):
        raise SystemExit(3)

    pool = ThreadPoolExecutor(1)
    pool.submit(gate.wait)
    left = [pool.submit(int) for _ in range(3)]
    left[0].add_done_callback(stop)
    with pytest.raises(SystemExit):
        pool.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() for future in left)


def test_what_a_callback_raises_out_of_a_shutdown_leaves_no_cycle():
    program = """if True:
        import gc, threading, weakref
        from threeply.concurrent.futures import ThreadPoolExecutor

        class Stop(BaseException):
            pass

        def stop(of):
            raise Stop

        def ask():
            pool = ThreadPoolExecutor(1)
            pool.submit(gate.wait)
            pool.submit(int).add_done_callback(stop)
            try:
                pool.shutdown(wait=False, cancel_futures=True)
            except Stop as raised:
                return weakref.ref(raised)

        gate = threading.Event()
        gc.disable()
        reference = ask()
        gate.set()
        print(reference())
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr


def test_an_initializer_that_raises_fails_all_but_what_was_cancelled(gate):
    # DIFFERENCE: Whoever waits for a call that no pool will make is told
    def trouble():
        gate.wait()
        raise ValueError("in an initializer")

    with ThreadPoolExecutor(1, initializer=trouble) as pool:
        calls = [pool.submit(int) for _ in range(3)]
        calls[1].cancel()
        gate.set()
        done, _ = wait(calls)
    assert done == set(calls)
    assert calls[1].cancelled()
    for call in calls[::2]:
        assert isinstance(call.exception(), futures.thread.BrokenThreadPool)


def test_a_forked_child_has_a_pool_with_threads_of_its_own():
    program = """if True:
        import os, warnings
        warnings.simplefilter("ignore")
        from threeply.concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(2)
        pool.submit(int).result()
        pid = os.fork()
        if pid == 0:
            print(pool.submit(pow, 2, 5).result(), flush=True)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        print(pool.submit(pow, 2, 6).result())
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert done.stdout.split() == ["32", "64"], done.stderr


def test_a_forked_child_does_not_make_its_parents_calls():
    # DIFFERENCE: A forked child does not make its parent's calls
    program = """if True:
        import os, threading, warnings
        warnings.simplefilter("ignore")
        from threeply.concurrent.futures import ThreadPoolExecutor
        gate, begun = threading.Event(), threading.Event()
        pool = ThreadPoolExecutor(1)
        pool.submit(lambda: (begun.set(), gate.wait()))
        left = [pool.submit(print, "made", flush=True) for _ in range(3)]
        for future in left:
            future.add_done_callback(lambda of: print(of.cancelled(), flush=True))
        begun.wait()
        pid = os.fork()
        if pid == 0:
            print("forked", flush=True)
            print(pool.submit(pow, 2, 5).result(), flush=True)
            assert all(future.cancelled() for future in left)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        gate.set()
        pool.shutdown()
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    told = done.stdout.split()
    assert told[:5] == ["forked", "True", "True", "True", "32"], done.stderr
    assert told[5:] == ["made", "False"] * 3


def test_a_worker_that_starts_while_the_program_ends_is_told():
    program = """if True:
        import threading
        exiting, submitted = threading.Event(), threading.Event()

        def after_all_pools_were_told():
            exiting.set()
            submitted.wait()

        # Those that are registered first are called last.
        threading._register_atexit(after_all_pools_were_told)

        from threeply import threading as ours
        from threeply.concurrent.futures import ThreadPoolExecutor
        start, starting = ours.Thread.start, threading.Event()

        def start_late(thread):
            starting.set()
            exiting.wait()
            start(thread)

        ours.Thread.start = start_late
        pool = ThreadPoolExecutor(1)

        def submit():
            try:
                pool.submit(print, "made", flush=True)
            except RuntimeError:
                print("refused")
            submitted.set()

        threading.Thread(target=submit).start()
        starting.wait()
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    # 3.12 starts no thread any more by then.
    came = "refused\n" if sys.version_info[:2] == (3, 12) else "made\n"
    assert (done.returncode, done.stdout) == (0, came), done.stderr


def test_a_worker_goes_on_after_what_a_callback_raised(caplog):
    # DIFFERENCE: A worker outlives what a callback raises
    def stop(of):
        raise SystemExit

    with ThreadPoolExecutor(1) as pool:
        begun = threading.Event()
        future = pool.submit(begun.wait)
        future.add_done_callback(stop)
        begun.set()
        future.result()
        assert pool.submit(threading.current_thread).result() in pool._threads
        assert len(pool._threads) == 1


def test_a_call_whose_thread_cannot_be_started_is_taken_back(monkeypatch):
    # DIFFERENCE: A pool's queue is native
    pool = ThreadPoolExecutor(1)
    made = []

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threeply_threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        pool.submit(made.append, 1)
    monkeypatch.undo()
    assert pool.submit(int).result() == 0
    pool.shutdown()
    assert made == []


def test_the_inside_of_a_future_is_made_when_it_is_asked_for():
    # DIFFERENCE: A future's inside is made when it is asked for
    future = futures.Future()
    assert vars(future) == {}
    future.add_done_callback(id)
    future.set_result(1)
    assert future._done_callbacks == []
    assert "_condition" in vars(future)


MAX_WORKERS = """
from threeply.concurrent.futures import ThreadPoolExecutor
print(ThreadPoolExecutor()._max_workers)
"""

TO_ONE_PROCESSOR = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
"""

IN_A_LIMITED_GROUP = """
mount -t tmpfs none /sys/fs/cgroup || exit
cd /sys/fs/cgroup
mkdir cpu
touch cgroup.controllers
echo "100000 100000" > cpu.max
echo 100000 > cpu/cpu.cfs_quota_us
echo 100000 > cpu/cpu.cfs_period_us
echo limited
exec "$@"
"""
"""Makes a quota of one processor, as either kind of control group tells it."""


def printed(*command, **environment):
    ran = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    return ran.stdout


def test_a_pool_counts_the_processors_that_the_process_may_run_on():
    code = TO_ONE_PROCESSOR + MAX_WORKERS
    assert printed(sys.executable, "-c", code) == "5\n"


def test_a_pool_counts_the_processors_of_its_control_group():
    python = (sys.executable, "-c", MAX_WORKERS)
    own_mounts = ("unshare", "--map-root-user", "--mount")
    told = printed(*own_mounts, "sh", "-c", IN_A_LIMITED_GROUP, "sh", *python)
    if not told.startswith("limited"):
        pytest.skip("this user may mount nothing, in no namespace")
    assert told == "limited\n5\n"


@pytest.mark.skipif(sys.version_info < (3, 13), reason="new in Python 3.13")
def test_a_number_of_processors_that_the_user_has_set_is_taken():
    told = printed(sys.executable, "-c", MAX_WORKERS, PYTHON_CPU_COUNT="7")
    assert told == "11\n"
