"""Pools of threads: calls, threads, initializers, the end of a pool."""

import gc
import logging
import subprocess
import sys
import threading
import time
import traceback
import weakref

import pytest
from support.threads import Worker, wait_until


@pytest.fixture
def pool(futures):
    with futures.ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def gate():
    """Calls wait for it; it opens at the end of the test at the latest."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_call_is_made_with_its_arguments(pool):
    def call(*args, **kwargs):
        return args, kwargs

    assert pool.submit(call).result() == ((), {})
    assert pool.submit(call, 1, a=2, fn=3, self=4).result() == (
        (1,),
        {"a": 2, "fn": 3, "self": 4},
    )


def test_submit_wants_something_to_call(pool):
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'fn'"):
        pool.submit()
    with pytest.raises(TypeError):
        pool.submit(fn=print)


def test_what_a_call_raises_is_the_futures_with_the_calls_frames(pool):
    def trouble():
        raise ValueError("in a worker")

    future = pool.submit(trouble)
    with pytest.raises(ValueError, match="in a worker") as raised:
        future.result()
    frames = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert "trouble" in frames
    assert future.exception() is raised.value


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_would_end_a_program_is_the_futures_too(pool, kind):
    def trouble():
        raise kind

    assert isinstance(pool.submit(trouble).exception(), kind)
    assert pool.submit(int).result() == 0


def test_what_cannot_be_called_is_the_futures_trouble(pool):
    assert isinstance(pool.submit(3).exception(), TypeError)


def test_a_call_that_runs_says_so_and_one_that_waits_can_be_cancelled(futures, gate):
    with futures.ThreadPoolExecutor(1) as pool:
        running, waiting = pool.submit(gate.wait), pool.submit(int)
        wait_until(running.running)
        assert not running.cancel()
        assert waiting.cancel()
        gate.set()
        assert futures.wait([waiting]).done == {waiting}
    assert waiting.cancelled()


def test_threads_are_started_when_none_is_idle(futures, gate):
    with futures.ThreadPoolExecutor(3) as pool:
        assert len(pool._threads) == 0
        pool.submit(int).result()
        for _ in range(20):
            wait_until(lambda: _is_idle(pool))
            pool.submit(int).result()
        assert len(pool._threads) == 1
        for _ in range(5):
            pool.submit(gate.wait)
        assert len(pool._threads) == 3
        gate.set()


def _is_idle(pool):
    semaphore = getattr(pool, "_idle_semaphore", None)
    if semaphore is None:
        return pool.statistics().idle
    return semaphore._value


def test_threads_have_names_and_no_end_but_the_pools(futures):
    with futures.ThreadPoolExecutor(1, thread_name_prefix="spinner") as pool:
        thread = pool.submit(threading.current_thread).result()
        assert thread.name == "spinner_0"
        assert thread in pool._threads
        assert not thread.daemon
    assert not thread.is_alive()
    with futures.ThreadPoolExecutor(1) as pool:
        name = pool.submit(threading.current_thread).result().name
    assert name.startswith("ThreadPoolExecutor-")


def test_each_thread_is_initialized_before_its_first_call(futures):
    own = threading.local()

    def initialize(value):
        own.value = value

    with futures.ThreadPoolExecutor(2, initializer=initialize, initargs=(7,)) as pool:
        found = pool.map(lambda _: own.value, range(10))
        assert set(found) == {7}


def test_an_initializer_that_raises_breaks_the_pool(futures, caplog):
    def trouble():
        raise ValueError("in an initializer")

    with caplog.at_level(logging.CRITICAL, "concurrent.futures"):
        with futures.ThreadPoolExecutor(1, initializer=trouble) as pool:
            future = pool.submit(int)
            with pytest.raises(futures.thread.BrokenThreadPool, match="initializer"):
                future.result()
            with pytest.raises(futures.BrokenExecutor, match="not usable"):
                pool.submit(int)
    assert "Exception in initializer" in caplog.text
    assert "ValueError: in an initializer" in caplog.text


@pytest.mark.parametrize("bad", [0, -1])
def test_a_pool_has_one_thread_at_least(futures, bad):
    with pytest.raises(ValueError, match="max_workers must be greater than 0"):
        futures.ThreadPoolExecutor(bad)


def test_an_initializer_must_be_callable(futures):
    with pytest.raises(TypeError, match="initializer must be a callable"):
        futures.ThreadPoolExecutor(initializer=3)


def test_a_pool_that_is_shut_down_takes_no_more(futures, gate):
    pool = futures.ThreadPoolExecutor(1)
    first, second = pool.submit(gate.wait), pool.submit(pow, 2, 3)
    pool.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(int)
    gate.set()
    assert first.result() is True
    assert second.result() == 8
    pool.shutdown()
    assert not any(thread.is_alive() for thread in pool._threads)


def test_a_shutdown_may_cancel_what_nobody_has_begun(futures, gate):
    pool = futures.ThreadPoolExecutor(1)
    first = pool.submit(gate.wait)
    waiting = [pool.submit(int) for _ in range(5)]
    wait_until(first.running)
    pool.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() for future in waiting)
    gate.set()
    pool.shutdown()
    assert first.result() is True


def test_a_pool_that_nobody_refers_to_ends_its_threads(futures, gate):
    pool = futures.ThreadPoolExecutor(2)
    last = [pool.submit(gate.wait), pool.submit(gate.wait), pool.submit(int)]
    threads = list(pool._threads)
    reference = weakref.ref(pool)
    del pool
    gc.collect()
    assert reference() is None
    gate.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert [future.result() for future in last] == [True, True, 0]


def test_what_a_call_was_given_dies_with_the_call(pool):
    class Argument:
        pass

    argument = Argument()
    reference = weakref.ref(argument)
    future = pool.submit(id, argument)
    future.result()
    del argument
    wait_until(lambda: reference() is None)


def test_a_callback_may_submit(futures, pool):
    done = threading.Event()

    def again(of):
        pool.submit(int).add_done_callback(lambda of: done.set())

    pool.submit(int).add_done_callback(again)
    assert done.wait(30)


def test_a_callback_that_is_to_end_the_program_is_logged(pool, caplog):
    def stop(of):
        raise SystemExit

    begun = threading.Event()
    with caplog.at_level(logging.CRITICAL, "concurrent.futures"):
        future = pool.submit(begun.wait)
        future.add_done_callback(stop)
        begun.set()
        assert future.result() is True
        wait_until(lambda: "Exception in worker" in caplog.text)


def test_many_threads_submit(futures, pool):
    def submit():
        submitted = [pool.submit(int, 1) for _ in range(50)]
        return sum(future.result() for future in submitted)

    workers = [Worker(submit) for _ in range(4)]
    assert [worker.result() for worker in workers] == [50] * 4


def test_map_gives_results_in_order(pool):
    def slow_first(number):
        if number == 0:
            time.sleep(0.01)
        return number

    assert list(pool.map(slow_first, range(20))) == list(range(20))
    assert list(pool.map(pow, [2, 3, 4], [5, 2])) == [32, 9]
    assert list(pool.map(int, [])) == []


def test_map_submits_before_it_is_asked(futures):
    done = []
    with futures.ThreadPoolExecutor(1) as pool:
        pool.map(done.append, range(3))
    assert done == [0, 1, 2]


def test_map_raises_where_the_call_did_and_cancels_the_rest(futures, gate):
    begun, made = threading.Event(), []

    def call(number):
        made.append(number)
        if number == 2:
            begun.set()
            gate.wait()
        return 1 // (number - 1)

    with futures.ThreadPoolExecutor(1) as pool:
        results = pool.map(call, range(5))
        assert next(results) == -1
        begun.wait()
        with pytest.raises(ZeroDivisionError) as caught:
            next(results)
        assert caught.traceback[-1].name == "call"
        assert list(results) == []
        gate.set()
    assert made == [0, 1, 2]


def test_map_has_a_timeout(futures, gate):
    begun = threading.Event()

    def call(last):
        if last:
            begun.set()
            gate.wait()
        return 1

    with futures.ThreadPoolExecutor(1) as pool:
        results = pool.map(call, [False, True], timeout=0.01)
        begun.wait()
        # What has come is given, however late it is asked for.
        assert next(results) == 1
        with pytest.raises(futures.TimeoutError):
            next(results)
        gate.set()


def test_leaving_a_map_cancels_what_nobody_has_begun(futures, gate):
    begun, made = threading.Event(), []

    def call(number):
        made.append(number)
        if number == 1:
            begun.set()
            gate.wait()

    with futures.ThreadPoolExecutor(1) as pool:
        results = pool.map(call, range(5))
        next(results)
        begun.wait()
        results.close()
        gate.set()
    assert made == [0, 1]


PROGRAM = """
import sys
from {module} import ThreadPoolExecutor
import threading, time
pool = ThreadPoolExecutor(1)
begun = threading.Event()
def call(number):
    begun.set()
    time.sleep(0.01)
    print(number, flush=True)
for number in range(5):
    pool.submit(call, number)
begun.wait()
{end}
"""


@pytest.mark.parametrize(
    ("end", "status"), [("", 0), ("sys.exit(3)", 3), ("raise ValueError", 1)]
)
def test_queued_calls_are_made_at_the_end_of_the_program(futures, end, status):
    program = PROGRAM.format(module=futures.__name__, end=end)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == status
    assert done.stdout.split() == list("01234")


def test_the_end_of_the_program_refuses_calls(futures):
    program = f"""if True:
        import atexit
        import threading
        from {futures.__name__} import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        pool.submit(int).result()
        def late():
            try:
                pool.submit(int)
            except RuntimeError as error:
                print(error)
        atexit.register(late)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    assert "cannot schedule new futures after" in done.stdout
