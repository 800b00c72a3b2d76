"""The class: attributes, heirs, zombies, and what programs override."""

import gc
import os
import pickle
import signal
import subprocess as stdlib_subprocess
import types
import warnings
from abc import ABC

import pytest
from support.threads import wait_until


def test_it_is_a_standard_popen(subprocess):
    with subprocess.Popen(["true"]) as child:
        assert isinstance(child, stdlib_subprocess.Popen)
        assert isinstance(child, subprocess.Popen)
    assert issubclass(subprocess.Popen, stdlib_subprocess.Popen)


@pytest.mark.threeply_only(reason="there is one class only")
def test_a_standard_child_is_none_of_ours(subprocess):
    with stdlib_subprocess.Popen(["true"]) as child:
        assert not isinstance(child, subprocess.Popen)


def test_it_has_the_attributes(subprocess):
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as child:
        assert child.args == ["true"]
        assert child.stdout is None
        assert child.stderr is None
        assert child.pid > 0
        assert child.stdin.writable()
    assert (child.encoding, child.errors, child.pipesize) == (None, None, -1)


def test_the_representation(subprocess):
    with subprocess.Popen(["true"]) as child:
        assert repr(child) == "<Popen: returncode: None args: ['true']>"
    assert repr(child) == "<Popen: returncode: 0 args: ['true']>"
    with subprocess.Popen(["true", "x" * 100]) as child:
        assert len(repr(child)) == 80


def test_it_is_generic(subprocess):
    assert isinstance(subprocess.Popen[bytes], types.GenericAlias)


def test_it_does_not_pickle(subprocess):
    with subprocess.Popen(["true"]) as child:
        with pytest.raises(TypeError):
            pickle.dumps(child)


def test_an_heir_and_an_abstract_class(subprocess):
    class Tool(subprocess.Popen, ABC):
        def __init__(self, *args):
            super().__init__(["sh", "-c", *args])

    with Tool("exit 3") as child:
        assert child.wait() == 3


@pytest.mark.parametrize("name", ["wait", "poll", "send_signal", "communicate"])
def test_an_overridden_method_is_called(subprocess, name):
    called = []

    class Heir(subprocess.Popen):
        pass

    def method(self, *args, **kwargs):
        called.append(name)
        return getattr(subprocess.Popen, name)(self, *args, **kwargs)

    setattr(Heir, name, method)
    with Heir(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.communicate(b"x", timeout=60)
        child.kill()
    assert called


def test_a_start_may_be_overridden(subprocess):
    seen = {}

    class Heir(subprocess.Popen):
        def _execute_child(self, *args, **kwargs):
            seen["args"] = args
            super()._execute_child(*args, **kwargs)

    with Heir(["true"], cwd="/") as child:
        assert child.wait() == 0
    assert seen["args"][0] == ["true"]
    assert seen["args"][5] == "/"


def test_a_start_that_fails_leaves_nothing(subprocess):
    class Heir(subprocess.Popen):
        def _execute_child(self, *args, **kwargs):
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        Heir(["true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_the_return_code_can_be_written(subprocess):
    # As asyncio does, which reaps children itself.
    child = subprocess.Popen(["true"])
    os.waitpid(child.pid, 0)
    child.returncode = 5
    assert (child.poll(), child.wait()) == (5, 5)


def test_signals(subprocess):
    for name, code in (("terminate", -signal.SIGTERM), ("kill", -signal.SIGKILL)):
        with subprocess.Popen(["sleep", "1000"]) as child:
            getattr(child, name)()
            assert child.wait() == code
    with subprocess.Popen(["sleep", "1000"]) as child:
        child.send_signal(signal.SIGUSR1)
        assert child.wait() == -signal.SIGUSR1


def test_a_signal_to_a_child_that_has_ended_goes_nowhere(subprocess):
    child = subprocess.Popen(["true"])
    child.wait()
    child.send_signal(signal.SIGKILL)
    child = subprocess.Popen(["true"])
    os.waitpid(child.pid, 0)
    child.kill()
    child.wait()


@pytest.mark.threeply_only(reason="the standard one signals whoever has the number")
def test_a_signal_never_hits_another_process(subprocess):
    # The status is taken behind its back, and its number given to another process.
    child = subprocess.Popen(["true"])
    os.waitpid(child.pid, 0)
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        try:
            last.write(str(child.pid - 1))
            last.flush()
        except OSError:
            pytest.skip("the system does not let us choose a number")
    other = os.fork()
    if other == 0:
        signal.pause()
        os._exit(0)
    same = other == child.pid
    child.poll = lambda: None
    child.kill()
    del child.poll
    try:
        assert os.waitpid(other, os.WNOHANG) == (0, 0)
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)
    child.wait()
    if not same:
        pytest.skip("another process was faster")


def test_a_signal_that_is_none(subprocess):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        with pytest.raises(OSError, match="Invalid argument"):
            child.send_signal(12345)
        with pytest.raises(TypeError):
            child.send_signal("TERM")


def test_an_object_that_dies_before_its_child_warns(subprocess):
    child = subprocess.Popen(["sleep", "1000"])
    pid = child.pid
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del child
        gc.collect()
    assert f"subprocess {pid} is still running" in [str(one.message) for one in caught]
    os.kill(pid, signal.SIGKILL)
    # The next start reaps it.
    wait_until(lambda: _is_zombie(pid))
    with subprocess.Popen(["true"]):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _is_zombie(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def test_an_object_that_dies_after_its_child_reaps_it(subprocess):
    child = subprocess.Popen(["true"])
    pid = child.pid
    wait_until(lambda: _is_zombie(pid))
    with warnings.catch_warnings():
        # It was never asked, so it warns all the same.
        warnings.simplefilter("ignore", ResourceWarning)
        del child
        gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_object_whose_start_failed_dies_quietly(subprocess):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FileNotFoundError):
            subprocess.Popen(["no-such-program"])
        gc.collect()
