"""The end of a program: C finds `_shutdown` in `sys.modules["threading"]`."""

import pytest

LATE = "import threading, concurrent.futures, threeply; threeply.install()\n"
STARTS = pytest.mark.parametrize(
    ("start", "on"), [("", True), (LATE, False)], ids=["first line", "late"]
)


@STARTS
def test_threads_that_are_not_daemons_are_joined(programs, start, on):
    out = programs.run(
        start
        + """
import os, sys, threading
reading, writing = os.pipe()
def wait():
    # The main thread is in _shutdown, or past it, when it waits for us.
    threading.main_thread().join()
    os.write(1, b"joined\\n")
threading.Thread(target=wait).start()
""",
        on=on,
    )
    assert out == "joined\n"


@STARTS
def test_threads_made_through_the_standard_module_are_joined(programs, start, on):
    out = programs.run(
        start
        + """
import os, threading
from threeply import _room
standard = _room.state_of(threading).standard
def wait():
    standard.main_thread().join()
    os.write(1, b"joined\\n")
standard.Thread(target=wait).start()
""",
        on=on,
    )
    assert out == "joined\n"


@STARTS
def test_queued_work_of_an_executor_is_done_before_the_end(programs, start, on):
    out = programs.run(
        start
        + """
import concurrent.futures, os
pool = concurrent.futures.ThreadPoolExecutor(1)
for number in range(5):
    pool.submit(os.write, 1, b"%d\\n" % number)
""",
        on=on,
    )
    assert out == "0\n1\n2\n3\n4\n"


def test_hooks_run_in_the_order_that_they_do_without_us(programs):
    text = """
import atexit, os, threading, weakref
threading._register_atexit(os.write, 1, b"threading\\n")
atexit.register(os.write, 1, b"atexit\\n")
class Last:
    pass
last = Last()
weakref.finalize(last, os.write, 1, b"finalize\\n")
"""
    assert programs.run(text) == programs.run(text, on=False)


def test_objects_die_at_the_end_as_they_do_without_us(programs):
    text = """
import os, queue, threading
class Loud:
    def __init__(self, name):
        self.name = name
    def __del__(self, write=os.write):
        write(1, self.name)
threading.mine = Loud(b"on the module\\n")
here = Loud(b"in main\\n")
items = queue.Queue()
items.put(Loud(b"in a queue\\n"))
"""
    ours, plain = (programs.run(text, on=on) for on in (True, False))
    assert ours == plain
    assert len(plain.splitlines()) == 3


def test_a_forked_child_has_one_thread(programs):
    programs.run(
        """
        import os, threading
        done = threading.Event()
        threading.Thread(target=done.wait).start()
        pid = os.fork()
        if pid == 0:
            os._exit(len(threading.enumerate()))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
        done.set()
        """,
        options=["-W", "ignore::DeprecationWarning"],
    )
