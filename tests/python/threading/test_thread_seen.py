"""What is seen of a thread from inside it and from outside; over both sides."""

import copy
import gc
import pickle
import sys
import threading as stdlib_threading
import weakref

import pytest


def frames_inside(threading, **kwargs):
    """The names of a thread's frames, from its first, as its target sees them."""
    names = []

    def look():
        frame = sys._getframe()
        while frame is not None:
            names.append(frame.f_code.co_name)
            frame = frame.f_back

    thread = threading.Thread(target=look, **kwargs)
    thread.start()
    thread.join()
    return names[::-1]


def test_the_frames_of_the_standard_thread_are_there(threading):
    names = frames_inside(threading)
    # What the standard module adds of its own versions lies between.
    assert names[0] == "_bootstrap"
    assert names[-2:] == ["run", "look"]
    assert "_bootstrap_inner" in names


@pytest.mark.threeply_only(reason="DIFFERENCE: A thread's stack has a frame more")
def test_one_frame_of_ours_is_among_them(threading):
    own = frames_inside(threading)
    standard = frames_inside(stdlib_threading)
    own.remove("_bootstrap_inner")
    assert own == standard


@pytest.mark.parametrize("name", ["_bootstrap_inner", "run", "start"])
def test_a_method_patched_on_the_standard_class_is_called_once(
    threading, monkeypatch, name
):
    seen = []
    before = getattr(stdlib_threading.Thread, name)

    def traced(self):
        seen.append(self)
        return before(self)

    monkeypatch.setattr(stdlib_threading.Thread, name, traced)
    thread = threading.Thread()
    thread.start()
    thread.join()
    assert seen == [thread]


@pytest.mark.parametrize("name", ["_bootstrap_inner", "run", "start"])
def test_a_method_patched_on_the_class_is_called_once(threading, monkeypatch, name):
    seen = []
    before = getattr(threading.Thread, name)

    def traced(self):
        seen.append(self)
        return before(self)

    monkeypatch.setattr(threading.Thread, name, traced)
    thread = threading.Thread()
    thread.start()
    thread.join()
    assert seen == [thread]


def test_trace_and_profile_hooks_are_called_in_it(threading):
    seen = set()

    def hook(frame, event, arg):
        seen.add((frame.f_code.co_name, event))

    def work():
        pass

    for put in (threading.settrace, threading.setprofile):
        seen.clear()
        put(hook)
        try:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        finally:
            put(None)
        assert ("work", "call") in seen


@pytest.mark.parametrize("deed", [pickle.dumps, copy.deepcopy])
def test_it_is_not_pickled_nor_copied(threading, deed):
    with pytest.raises(TypeError, match="cannot pickle"):
        deed(threading.Thread(name="kept"))


def fail():
    raise LookupError


def test_it_dies_with_its_last_reference(threading):
    gc.disable()
    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        gone = weakref.ref(thread)
        del thread
        assert gone() is None
    finally:
        gc.enable()


def test_the_collector_frees_a_thread_that_failed(threading, monkeypatch):
    # DIFFERENCE: A thread that failed is freed by the collector
    monkeypatch.setattr(stdlib_threading, "excepthook", lambda _: None)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    gone = weakref.ref(thread)
    del thread
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("timeout", ["1", object(), [1]])
def test_join_refuses_a_timeout_that_is_no_number(threading, timeout):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    try:
        with pytest.raises(TypeError):
            thread.join(timeout)
    finally:
        go.set()
        thread.join()


def test_join_refuses_nan(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    try:
        with pytest.raises(ValueError, match="NaN"):
            thread.join(float("nan"))
    finally:
        go.set()
        thread.join()


def test_join_refuses_more_than_the_greatest_timeout(threading):
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    try:
        with pytest.raises(OverflowError):
            thread.join(threading.TIMEOUT_MAX * 2)
    finally:
        go.set()
        thread.join()
