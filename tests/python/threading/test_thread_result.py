"""Thread.result: what the run returned, or what it raised. Only ours has it."""

import threading as stdlib_threading
import traceback

import pytest

pytestmark = pytest.mark.threeply_only(reason="the standard Thread has no result")


@pytest.fixture(autouse=True)
def hooked(monkeypatch):
    """Keeps what the hook is told, instead of printing it."""
    told = []
    monkeypatch.setattr(stdlib_threading, "excepthook", told.append)
    yield told
    # The arguments refer to the exception and its thread.
    told.clear()


def started(thread):
    thread.start()
    return thread


def test_it_is_what_the_target_returned(threading):
    assert started(threading.Thread(target=divmod, args=(7, 2))).result() == (3, 1)


def test_it_may_be_asked_twice(threading):
    thread = started(threading.Thread(target=object))
    assert thread.result() is thread.result()


def test_it_is_what_an_overridden_run_returned(threading):
    class Answer(threading.Thread):
        def run(self):
            return 42

    assert started(Answer()).result() == 42


def test_it_is_none_without_a_target(threading):
    assert started(threading.Thread()).result() is None


def test_an_exception_is_raised_again_and_the_hook_was_told(threading, hooked):
    error = LookupError("missing")

    def fail():
        raise error

    thread = started(threading.Thread(target=fail))
    with pytest.raises(LookupError) as caught:
        thread.result()
    assert caught.value is error
    assert "fail" in "".join(traceback.format_exception(caught.value))
    assert [(told.exc_value, told.thread) for told in hooked] == [(error, thread)]


def test_an_exit_is_raised_again_and_the_hook_says_nothing(threading):
    def leave():
        raise SystemExit(3)

    thread = started(threading.Thread(target=leave))
    with pytest.raises(SystemExit) as caught:
        thread.result()
    assert caught.value.code == 3


@pytest.mark.parametrize("timeout", [0, 0.001])
def test_a_timeout_is_an_error(threading, timeout):
    go = threading.Event()
    thread = started(threading.Thread(target=go.wait, name="slow"))
    with pytest.raises(TimeoutError, match="slow"):
        thread.result(timeout)
    go.set()
    assert thread.result(timeout=30) is True


def test_a_thread_that_was_not_started_has_none(threading):
    with pytest.raises(RuntimeError, match="before it is started"):
        threading.Thread().result()
