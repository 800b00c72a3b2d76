"""threading.Thread: start, join, name, daemon, registry; over both sides."""

import contextvars
import gc
import os
import signal
import subprocess
import sys
import threading as stdlib_threading
import weakref

import pytest
from support import interpreters
from support.signals import sent_while_blocked
from support.threads import Worker

ours_only = pytest.mark.threeply_only(reason="the standard Thread lacks it here")


def test_it_runs_its_target_with_its_arguments(threading):
    seen = []
    thread = threading.Thread(
        target=lambda *args, **kwargs: seen.append((args, kwargs)),
        args=(1, 2),
        kwargs={"three": 3},
    )
    thread.start()
    thread.join()
    assert seen == [((1, 2), {"three": 3})]


def test_a_subclass_overrides_run(threading):
    class Counter(threading.Thread):
        def run(self):
            self.seen = threading.current_thread()

    thread = Counter()
    thread.start()
    thread.join()
    assert thread.seen is thread


def test_run_patched_on_the_instance_is_what_runs(threading):
    seen = []
    thread = threading.Thread(target=seen.append, args=("target",))
    run = thread.run

    def patched():
        seen.append("before")
        run()

    thread.run = patched
    thread.start()
    thread.join()
    assert seen == ["before", "target"]
    assert thread.run is patched


def test_run_patched_on_the_standard_class_is_what_runs(threading, monkeypatch):
    seen = []
    before = stdlib_threading.Thread.run

    def traced(self):
        seen.append(self.name)
        return before(self)

    monkeypatch.setattr(stdlib_threading.Thread, "run", traced)
    thread = threading.Thread(name="traced")
    thread.start()
    thread.join()
    assert seen == ["traced"]


def test_its_life_is_told_by_is_alive_ident_and_repr(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait, name="waits")
    assert (thread.is_alive(), thread.ident, thread.native_id) == (False, None, None)
    assert "initial" in repr(thread)
    thread.start()
    assert thread.is_alive()
    assert thread.ident in sys._current_frames()
    assert os.path.exists(f"/proc/self/task/{thread.native_id}")
    assert "started" in repr(thread)
    assert thread in threading.enumerate()
    go.set()
    thread.join()
    assert not thread.is_alive()
    assert "stopped" in repr(thread)
    assert thread not in threading.enumerate()


def test_it_is_known_to_both_registries(threading):
    seen = []
    thread = threading.Thread(
        target=lambda: seen.append(stdlib_threading.current_thread())
    )
    thread.start()
    thread.join()
    assert seen == [thread]
    assert isinstance(thread, stdlib_threading.Thread)


def test_join_ends_by_its_timeout(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    for timeout in (0, 0.001, -1):
        assert thread.join(timeout) is None
        assert thread.is_alive()
    go.set()
    thread.join(30)
    assert not thread.is_alive()


def test_after_join_the_locals_of_the_thread_are_gone(threading):
    class Value:
        pass

    local = threading.local()
    born = []

    def run():
        local.value = Value()
        born.append(weakref.ref(local.value))

    for _ in range(50):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        gc.collect()
        assert born.pop()() is None


def test_many_threads_join_one(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    workers = [Worker(thread.join).blocked() for _ in range(3)]
    go.set()
    for worker in workers:
        assert worker.result() is None


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        (lambda thread: thread.join(), "cannot join thread before it is started"),
        (
            lambda thread: (thread.start(), thread.start()),
            "threads can only be started once",
        ),
    ],
)
def test_misuse_is_refused(threading, deed, message):
    thread = threading.Thread()
    with pytest.raises(RuntimeError, match=message):
        deed(thread)


def test_a_thread_does_not_join_itself(threading):
    caught = []

    def run():
        try:
            threading.current_thread().join()
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert caught == ["cannot join current thread"]


def test_a_subclass_that_forgets_init_is_told(threading):
    class Forgetful(threading.Thread):
        def __init__(self):
            pass

    with pytest.raises(RuntimeError, match="not called"):
        Forgetful().start()
    with pytest.raises(RuntimeError, match="not called"):
        Forgetful().join()


def test_names_are_made_and_given(threading):
    def work():
        pass

    assert threading.Thread(name="given").name == "given"
    made = threading.Thread(target=work).name
    assert made.startswith("Thread-")
    assert made.endswith("(work)")


def test_daemon_is_inherited_and_fixed_by_start(threading):
    seen = []
    thread = threading.Thread(
        target=lambda: seen.append(threading.Thread().daemon), daemon=True
    )
    thread.start()
    thread.join()
    assert seen == [True]
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    with pytest.raises(RuntimeError, match="daemon"):
        thread.daemon = True
    go.set()
    thread.join()


def test_an_uncaught_exception_reaches_the_hook_without_a_frame_of_ours(
    threading, monkeypatch
):
    caught = []

    def hook(args):
        names = []
        traceback = args.exc_traceback
        while traceback:
            names.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        caught.append((args.exc_type, args.thread, names))

    monkeypatch.setattr(stdlib_threading, "excepthook", hook)

    def fail():
        raise LookupError

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert caught == [(LookupError, thread, ["_bootstrap_inner", "run", "fail"])]


def test_a_thread_that_exits_leaves_no_cycle(threading, monkeypatch):
    monkeypatch.setattr(stdlib_threading, "excepthook", lambda _: None)

    class Holder:
        def __init__(self, deed):
            self.deed = deed
            self.thread = threading.Thread(target=self.run)
            self.thread.start()

        def run(self):
            self.deed()

    def leave():
        raise SystemExit

    gc.disable()
    try:
        for deed in (bool, leave):
            holder = Holder(deed)
            gone = weakref.ref(holder)
            holder.thread.join()
            del holder
            assert gone() is None
    finally:
        gc.enable()


@ours_only
def test_run_is_called_in_the_given_context(threading):
    variable = contextvars.ContextVar("variable", default="none")
    context = contextvars.copy_context()
    context.run(variable.set, "given")
    seen = []
    for given in (context, None):
        thread = threading.Thread(
            target=lambda: seen.append(variable.get()), context=given
        )
        thread.start()
        thread.join()
    assert seen == ["given", "none"]


@pytest.mark.threeply_only(reason="before 3.13 the standard join forgets the thread")
def test_ctrl_c_ends_a_join_and_the_thread_lives_on(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    for timeout in (None, 30):
        with sent_while_blocked(signal.SIGINT):
            with pytest.raises(KeyboardInterrupt):
                thread.join(timeout)
        assert thread.is_alive()
    go.set()
    thread.join()


def test_every_thread_that_is_found_is_a_thread(threading):
    found = [
        threading.current_thread(),
        *threading.enumerate(),
        threading.main_thread(),
    ]
    assert all(isinstance(thread, threading.Thread) for thread in found)


def test_a_child_does_not_wait_for_a_thread_that_stayed_in_the_parent(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    child = os.fork()
    if child == 0:
        thread.join(30)
        os._exit(int(thread.is_alive()))
    go.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_program_ends_after_its_threads(rooms):
    module = rooms.threading.__name__
    program = (
        f"import sys; from {module.rpartition('.')[0] or module} import "
        f"{'threading' if '.' in module else 'Thread'} as found\n"
        "Thread = getattr(found, 'Thread', found)\n"
        "def later(): print('later')\n"
        "def child(): Thread(target=later).start()\n"
        "Thread(target=child).start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("later\n", "")


ENDS_DURING_A_START = """
import _thread, atexit, threading as standard
from support.threads import wait_until, wait_until_asleep
main, printed = _thread.get_native_id(), []
def tell():
    print(slow in standard._limbo)
    printed.append(True)
atexit.register(tell)
from threeply import threading
begin = standard.Event()
class Slow(threading.Thread):
    def _bootstrap_inner(self):
        begin.wait()
        # It goes on when the end waits for it, or has passed it by.
        if not printed:
            wait_until_asleep(main)
        super()._bootstrap_inner()
slow = Slow(target=int, daemon=True)
threading.Thread(target=slow.start, daemon=True).start()
wait_until(lambda: slow in standard._limbo)
atexit.register(begin.set)
"""


@pytest.mark.threeply_only(reason="the standard one lets the start run into the end")
def test_the_program_s_end_waits_for_a_start(rooms):
    # The program opens our room itself, after it has said what is to be called last.
    assert interpreters.output("standard", ENDS_DURING_A_START) == "False\n"


AT_THE_END = """
import sys, time
{modules} threading, queue
from {futures} import Future
held, owned = threading.Lock(), threading.RLock()
ready = threading.Event()
def hold():
    with held, owned:
        ready.set()
        while True:
            time.sleep(1)
class Last:
    def __init__(self):
        self.itself = self
        self.thread = threading.Thread(target=hold, daemon=True)
        self.thread.start()
        ready.wait()
        never = threading.Event()
        condition = threading.Condition()
        def wait_notified(timeout=None):
            with condition:
                condition.wait(timeout)
        self.waits = [
            held.acquire, owned.acquire, never.wait, threading.Semaphore(0).acquire,
            wait_notified, queue.Queue().get, Future().result, self.thread.join,
        ]
    def __del__(self):
        for wait in self.waits:
            try:
                wait({arguments})
            except Exception as error:
                print(type(error).__name__)
            else:
                print("returned")
        assert held.acquire(False) is False
        assert threading.Lock().acquire()
# A cycle is freed when the daemon threads have stopped.
Last()
"""


@pytest.mark.parametrize("arguments", ["", "timeout=0.01"])
def test_a_wait_at_the_interpreters_end_is_refused(rooms, arguments):
    # DIFFERENCE: A wait without end at the interpreter's end is an error from 3.13 on
    least = (3, 13) if rooms.native and not arguments else (3, 15)
    if sys.version_info < least:
        pytest.skip("it waits, as long as it was told to")
    program = AT_THE_END.format(
        modules="from threeply import" if rooms.native else "import",
        futures=rooms.futures.__name__,
        arguments=arguments,
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["PythonFinalizationError"] * 8
