"""Trace and profile functions of all threads, over both sides."""

import sys
import threading as stdlib_threading
import warnings

import pytest
from support.threads import PATIENCE

KINDS = ("trace", "profile")
HAS_BOTH = sys.version_info >= (3, 12)


class Hook:
    """The functions about one kind of hook."""

    def __init__(self, threading, kind):
        self.kind = kind
        self.set = getattr(threading, f"set{kind}")
        self.get = getattr(threading, f"get{kind}")
        self.of_thread = getattr(sys, f"get{kind}")
        self.set_of_thread = getattr(sys, f"set{kind}")
        self.name = f"set{kind}_all_threads"
        self.set_all = getattr(threading, self.name, None)


@pytest.fixture(params=KINDS)
def hook(request, threading):
    """Puts back what was there, for this thread and for later ones."""
    hook = Hook(threading, request.param)
    later, here = hook.get(), hook.of_thread()
    yield hook
    hook.set(later)
    hook.set_of_thread(here)


@pytest.fixture
def everywhere(hook):
    if hook.set_all is None:
        pytest.skip("new in Python 3.12")
    return hook


@pytest.fixture
def other():
    """A thread that runs already, which says what its hooks are."""
    ask, answered = stdlib_threading.Event(), stdlib_threading.Event()
    hooks = {}

    def run():
        ask.wait(PATIENCE)
        hooks.update(trace=sys.gettrace(), profile=sys.getprofile())
        answered.set()

    def answer():
        ask.set()
        assert answered.wait(PATIENCE)
        thread.join(PATIENCE)
        return hooks

    thread = stdlib_threading.Thread(target=run)
    thread.start()
    yield answer
    ask.set()
    thread.join(PATIENCE)


def ignore(_frame, _event, _arg):
    return None


def hook_of_new_thread(threading, hook):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(hook.of_thread()))
    thread.start()
    thread.join(PATIENCE)
    return seen[0]


def set_quietly(hook, function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        hook.set_all(function)


def test_threads_started_later_have_the_function(threading, hook):
    hook.set(ignore)
    assert hook.get() is ignore
    assert hook_of_new_thread(threading, hook) is ignore
    hook.set(None)
    assert hook.get() is None
    assert hook_of_new_thread(threading, hook) is None


def test_of_all_threads_this_one_and_later_ones_have_it(threading, everywhere):
    set_quietly(everywhere, ignore)
    here = everywhere.of_thread()
    later = hook_of_new_thread(threading, everywhere)
    set_quietly(everywhere, None)
    assert here is later is ignore
    assert everywhere.of_thread() is None
    assert everywhere.get() is None
    assert hook_of_new_thread(threading, everywhere) is None


@pytest.mark.skipif(not HAS_BOTH, reason="the interpreter cannot, before 3.12")
@pytest.mark.filterwarnings("error")
def test_of_all_threads_running_ones_have_it_from_3_12_on(everywhere, other):
    everywhere.set_all(ignore)
    seen = other()
    everywhere.set_all(None)
    assert seen[everywhere.kind] is ignore


@pytest.mark.skipif(HAS_BOTH, reason="Python 3.12 has the functions itself")
@pytest.mark.threeply_only(reason="Python 3.11 has no such function")
def test_on_3_11_running_threads_are_left_alone_and_a_warning_says_so(
    everywhere, other
):
    # DIFFERENCE: settrace_all_threads leaves running threads alone on 3.11
    with pytest.warns(RuntimeWarning, match=f"{everywhere.name}: .* run already") as w:
        everywhere.set_all(ignore)
    everywhere.set_of_thread(None)
    assert other() == {"trace": None, "profile": None}
    assert w[0].filename == __file__


@pytest.mark.skipif(HAS_BOTH, reason="Python 3.12 has the functions itself")
@pytest.mark.threeply_only(reason="Python 3.11 has no such function")
@pytest.mark.usefixtures("other")
def test_where_the_warning_is_an_error_nothing_is_set(everywhere):
    before = everywhere.get(), everywhere.of_thread()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="run already"):
            everywhere.set_all(ignore)
    assert (everywhere.get(), everywhere.of_thread()) == before


@pytest.mark.threeply_only(reason="new in Python 3.12")
@pytest.mark.parametrize("kind", KINDS)
def test_the_names_are_public_on_every_python(threading, kind):
    name = f"set{kind}_all_threads"
    assert name in threading.__all__
    assert getattr(threading, name).__name__ == name
