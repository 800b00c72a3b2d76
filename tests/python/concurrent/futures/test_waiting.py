"""wait and as_completed."""

import gc
import weakref

import pytest
from support.threads import Worker, blocked, finish


@pytest.fixture
def make(futures):
    """Makes so many pending futures."""
    return lambda count: [futures.Future() for _ in range(count)]


def ended(futures, *, cancelled=False):
    future = futures.Future()
    if cancelled:
        future.cancel()
        future.set_running_or_notify_cancel()
    else:
        future.set_result(None)
    return future


def test_none_are_done_at_once(futures):
    assert futures.wait([]) == (set(), set())
    assert list(futures.as_completed([])) == []


def test_wait_tells_those_that_are_done_from_the_others(futures, make):
    pending, other = make(2)
    done, cancelled = ended(futures), ended(futures, cancelled=True)
    result = futures.wait([pending, done, cancelled, other, done], timeout=0)
    assert result.done == {done, cancelled}
    assert result.not_done == {pending, other}


def test_one_that_nobody_knows_to_be_cancelled_is_not_done(futures, make):
    (future,) = make(1)
    future.cancel()
    assert futures.wait([future], timeout=0).not_done == {future}
    with pytest.raises(futures.TimeoutError, match=r"1 \(of 1\) futures unfinished"):
        list(futures.as_completed([future], timeout=0))


def test_wait_for_all_returns_with_the_last(futures, make):
    fs = make(3)
    (waiting,) = blocked(1, futures.wait, fs)
    fs[0].set_result(None)
    fs[1].set_exception(ValueError())
    waiting.blocked()
    fs[2].cancel()
    waiting.blocked()
    fs[2].set_running_or_notify_cancel()
    assert waiting.result() == (set(fs), set())


def test_wait_for_the_first_returns_with_it(futures, make):
    fs = make(3)
    (waiting,) = blocked(1, futures.wait, fs, None, futures.FIRST_COMPLETED)
    fs[1].set_result(None)
    assert waiting.result() == ({fs[1]}, {fs[0], fs[2]})


def test_wait_for_an_exception_passes_results_by(futures, make):
    fs = make(4)
    (waiting,) = blocked(1, futures.wait, fs, None, futures.FIRST_EXCEPTION)
    fs[0].set_result(None)
    fs[1].cancel()
    fs[1].set_running_or_notify_cancel()
    waiting.blocked()
    fs[2].set_exception(ValueError())
    assert waiting.result() == (set(fs[:3]), {fs[3]})


def test_wait_for_an_exception_that_never_comes_is_for_all(futures, make):
    fs = make(2)
    (waiting,) = blocked(1, futures.wait, fs, None, futures.FIRST_EXCEPTION)
    for future in fs:
        future.set_result(None)
    assert waiting.result() == (set(fs), set())


@pytest.mark.parametrize("until", ["FIRST_COMPLETED", "FIRST_EXCEPTION"])
def test_what_has_come_is_not_waited_for(futures, make, until):
    (pending,) = make(1)
    failed = futures.Future()
    failed.set_exception(ValueError())
    done, not_done = futures.wait([pending, failed], return_when=until)
    assert (done, not_done) == ({failed}, {pending})


def test_a_wrong_word_is_refused(futures, make):
    with pytest.raises(ValueError, match="Invalid return condition"):
        futures.wait(make(1), return_when="SOMETIME")


def test_what_is_no_future_is_refused(futures):
    for call in (futures.wait, lambda fs: list(futures.as_completed(fs))):
        with pytest.raises(AttributeError):
            call([1])
        with pytest.raises(TypeError):
            call(1)


def test_any_iterable_will_do_and_names_are_as_ever(futures, make):
    fs = make(2)
    for future in fs:
        future.set_result(None)
    assert futures.wait(fs=iter(fs), timeout=None, return_when="ALL_COMPLETED")[0] == {
        *fs
    }
    assert set(futures.as_completed(fs=iter(fs), timeout=None)) == set(fs)


def test_a_wait_that_times_out_again_and_again_leaves_nothing(futures, make):
    fs = make(2)
    for _ in range(100):
        assert futures.wait(fs, timeout=0).not_done == set(fs)
    for future in fs:
        future.set_result(None)
    assert futures.wait(fs).done == set(fs)


def test_futures_come_as_they_are_done(futures, make):
    fs = make(3)
    found = []

    def iterate():
        found.extend(futures.as_completed(fs))

    (iterating,) = blocked(1, iterate)
    for index in (2, 0, 1):
        fs[index].set_result(None)
        if index != 1:
            iterating.blocked()
    iterating.result()
    assert found == [fs[2], fs[0], fs[1]]


def test_each_comes_once(futures, make):
    fs = make(2)
    for future in fs:
        future.set_result(None)
    assert sorted(map(id, futures.as_completed([*fs, *fs]))) == sorted(map(id, fs))


def test_what_is_done_comes_before_a_timeout(futures, make):
    (pending,) = make(1)
    done = ended(futures)
    iterator = futures.as_completed([pending, done], timeout=0)
    assert next(iterator) is done
    with pytest.raises(futures.TimeoutError, match=r"1 \(of 2\) futures unfinished"):
        next(iterator)


def test_the_iterator_refers_no_more_to_what_it_gave(futures, make):
    fs = make(3)
    for future in fs:
        future.set_result(None)
    iterator = futures.as_completed(fs)
    references = [weakref.ref(future) for future in fs]
    del future, fs
    for _ in range(3):
        given = next(iterator)
        reference = weakref.ref(given)
        del given
        assert reference() is None
    assert [reference() for reference in references] == [None] * 3


def test_an_iterator_that_is_left_lets_go(futures, make):
    fs = make(2)
    fs[0].set_result(None)
    iterator = futures.as_completed(fs)
    next(iterator)
    iterator.close()
    reference = weakref.ref(fs[1])
    del fs, iterator
    gc.collect()
    assert reference() is None


def test_many_threads_wait_for_the_same(futures, make):
    fs = make(5)
    waiting = blocked(3, futures.wait, fs)
    enders = [Worker(future.set_result, None) for future in fs]
    assert finish(waiting) == [(set(fs), set())] * 3
    finish(enders)
