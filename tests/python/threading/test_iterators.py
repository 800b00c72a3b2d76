"""Iterators for many threads: standard from Python 3.15 on, ours on every Python."""

import inspect
import itertools
import signal
import sys
import weakref

import pytest
from support.signals import handler
from support.threads import Worker, blocked, finish

THREADS = 8
EACH = 2000


@pytest.fixture(autouse=True)
def _is_there(rooms):
    if not rooms.native and sys.version_info < (3, 15):
        pytest.skip("new in Python 3.15")


def counted(stop):
    """Items whose generator fails if two threads are in it."""
    yield from range(stop)


class Fragile:
    """An iterator that loses and doubles items when two threads advance it."""

    def __init__(self, stop):
        self.stop = stop
        self.number = 0

    def __iter__(self):
        return self

    def __next__(self):
        number = self.number
        if number == self.stop:
            raise StopIteration
        # Calls, at which the interpreter may switch threads.
        for _ in map(str, range(3)):
            pass
        self.number = number + 1
        return number


# serialize_iterator


@pytest.mark.parametrize("source", [counted, Fragile])
def test_every_item_goes_to_one_of_eight_threads(threading, source):
    iterator = threading.serialize_iterator(source(EACH))
    parts = finish([Worker(list, iterator) for _ in range(THREADS)])
    assert sorted(itertools.chain(*parts)) == list(range(EACH))
    assert [part == sorted(part) for part in parts] == [True] * THREADS


def test_a_thread_waits_while_another_advances_the_iterator(threading):
    inside, over = threading.Event(), threading.Event()

    def slow():
        inside.set()
        over.wait()
        yield 1
        yield 2

    iterator = threading.serialize_iterator(slow())
    first = Worker(next, iterator)
    inside.wait()
    others = blocked(1, next, iterator)
    over.set()
    assert (first.result(), finish(others)) == (1, [2])


def test_it_is_an_iterator_over_any_iterable(threading):
    iterator = threading.serialize_iterator("ab")
    assert iter(iterator) is iterator
    assert next(iterator) == "a"
    assert list(iterator) == ["b"]
    assert list(threading.serialize_iterator(iterable=[1, 2])) == [1, 2]
    with pytest.raises(StopIteration):
        next(iterator)
    with pytest.raises(TypeError):
        threading.serialize_iterator(7)
    with pytest.raises(TypeError):
        threading.serialize_iterator()


def test_an_error_of_the_iterator_is_the_callers_and_frees_the_lock(threading):
    def failing():
        yield 1
        raise ArithmeticError("source")

    iterator = threading.serialize_iterator(failing())
    assert next(iterator) == 1
    with pytest.raises(ArithmeticError, match="source"):
        next(iterator)
    assert Worker(list, iterator).result() == []


def test_a_generator_is_sent_to_thrown_at_and_closed(threading):
    log = []

    def conversation():
        try:
            while True:
                try:
                    log.append((yield len(log)))
                except KeyError as error:
                    log.append(error.args)
        finally:
            log.append("closed")

    iterator = threading.serialize_iterator(conversation())
    assert next(iterator) == 0
    assert iterator.send("hello") == 1
    assert iterator.throw(KeyError("one")) == 2
    assert iterator.throw(KeyError) == 3
    assert iterator.close() is None
    assert log == ["hello", ("one",), (), "closed"]
    with pytest.raises(StopIteration):
        next(iterator)


@pytest.mark.filterwarnings("ignore:the .*signature of throw:DeprecationWarning")
def test_throw_takes_class_value_and_traceback(threading):
    def catching():
        while True:
            try:
                yield None
            except KeyError as error:
                yield error

    def raised():
        try:
            raise LookupError
        except LookupError as error:
            return error.__traceback__

    iterator = threading.serialize_iterator(catching())
    next(iterator)
    assert iterator.throw(KeyError, "value").args == ("value",)
    next(iterator)
    traceback = raised()
    error = iterator.throw(KeyError, KeyError("v"), traceback)
    assert error.args == ("v",)
    assert traceback in iter_tracebacks(error.__traceback__)


def iter_tracebacks(traceback):
    found = []
    while traceback is not None:
        found.append(traceback)
        traceback = traceback.tb_next
    return found


def test_sends_of_many_threads_come_one_at_a_time(threading):
    got = []

    def collect():
        while True:
            got.append((yield))

    iterator = threading.serialize_iterator(collect())
    next(iterator)

    def send(me):
        for number in range(200):
            iterator.send((me, number))

    finish([Worker(send, me) for me in range(THREADS)])
    assert sorted(got) == [(me, n) for me in range(THREADS) for n in range(200)]


def test_an_iterator_that_is_no_generator_cannot_be_sent_to(threading):
    iterator = threading.serialize_iterator([1, 2])
    with pytest.raises(AttributeError, match="send"):
        iterator.send(1)
    with pytest.raises(AttributeError, match="throw"):
        iterator.throw(KeyError)
    assert next(iterator) == 1


def test_what_cannot_be_closed_says_so(threading):
    with pytest.raises(AttributeError, match="close"):
        threading.serialize_iterator([1]).close()


def test_the_branches_of_a_tee_have_one_lock(threading):
    branches = threading.concurrent_tee([1], 3)
    assert len({id(branch.lock) for branch in branches}) == 1


@pytest.mark.threeply_only(reason="the documentation leaves it open")
@pytest.mark.parametrize("act", ["next", "send", "throw", "close"])
def test_a_thread_that_comes_back_gets_an_error_and_no_deadlock(threading, act):
    # DIFFERENCE: An iterator that comes back to itself is an error
    again = {
        "next": lambda: next(iterator),
        "send": lambda: iterator.send(None),
        "throw": lambda: iterator.throw(KeyError),
        "close": lambda: iterator.close(),
    }

    def recursive():
        with pytest.raises(RuntimeError, match="already advancing the iterator"):
            again[act]()
        yield 1

    iterator = threading.serialize_iterator(recursive())
    assert next(iterator) == 1
    assert next(iterator, "end") == "end"


@pytest.mark.threeply_only(reason="the documentation leaves it open")
def test_a_signal_handler_that_comes_back_gets_an_error(threading):
    seen = []

    def act(_number, _frame):
        with pytest.raises(RuntimeError, match="already advancing the iterator"):
            next(iterator)
        seen.append(1)

    def interrupted():
        signal.raise_signal(signal.SIGUSR1)
        yield 1

    iterator = threading.serialize_iterator(interrupted())
    with handler(signal.SIGUSR1, act):
        assert next(iterator) == 1
    assert seen == [1]


def test_a_class_can_derive_from_it(threading):
    class Doubled(threading.serialize_iterator):
        def __next__(self):
            return 2 * super().__next__()

    iterator = Doubled(Fragile(EACH))
    parts = finish([Worker(list, iterator) for _ in range(THREADS)])
    assert sorted(itertools.chain(*parts)) == list(range(0, 2 * EACH, 2))


# synchronized_iterator


def test_each_call_makes_an_iterator_for_many_threads(threading):
    @threading.synchronized_iterator
    def numbers(stop, *, start=0):
        """Counts."""
        yield from range(start, stop)

    iterator = numbers(EACH, start=10)
    assert isinstance(iterator, threading.serialize_iterator)
    parts = finish([Worker(list, iterator) for _ in range(THREADS)])
    assert sorted(itertools.chain(*parts)) == list(range(10, EACH))
    assert numbers(3) is not numbers(3)
    assert (numbers.__name__, numbers.__doc__) == ("numbers", "Counts.")
    assert list(numbers.__wrapped__(2)) == [0, 1]


def test_any_callable_that_returns_an_iterable_can_be_decorated(threading):
    make = threading.synchronized_iterator(func=lambda: [1, 2])
    assert list(make()) == [1, 2]
    with pytest.raises(TypeError):
        threading.synchronized_iterator(lambda: 7)()


# concurrent_tee


@pytest.mark.parametrize("source", [counted, Fragile])
def test_each_of_eight_threads_has_every_item_in_order(threading, source):
    branches = threading.concurrent_tee(source(EACH), n=THREADS)
    assert isinstance(branches, tuple)
    parts = finish([Worker(list, branch) for branch in branches])
    assert parts == [list(range(EACH))] * THREADS


def test_two_by_default_none_for_zero(threading):
    assert len(threading.concurrent_tee([1])) == 2
    assert threading.concurrent_tee([1], 0) == ()
    assert threading.concurrent_tee(iterable="a", n=1)[0].__next__() == "a"


def test_a_negative_number_is_a_value_error(threading):
    with pytest.raises(ValueError, match="n must be"):
        threading.concurrent_tee([1], -1)


def test_what_cannot_be_iterated_over_is_a_type_error(threading):
    with pytest.raises(TypeError):
        threading.concurrent_tee(7)


def test_one_branch_runs_ahead_of_another(threading):
    left, right = threading.concurrent_tee(counted(5))
    assert [next(left) for _ in range(3)] == [0, 1, 2]
    assert next(right) == 0
    assert list(left) == [3, 4]
    assert list(right) == [1, 2, 3, 4]
    assert iter(left) is left
    assert list(left) == []


def test_the_source_is_advanced_only_when_asked(threading):
    taken = []
    left, right = threading.concurrent_tee(map(taken.append, range(9)))
    assert taken == []
    next(left)
    next(right)
    assert taken == [0]


def test_what_every_branch_has_had_is_let_go(threading):
    class Item:
        pass

    left, right = threading.concurrent_tee(Item() for _ in range(3))
    reference = weakref.ref(next(left))
    assert reference() is not None
    next(right)
    assert reference() is None


def test_what_a_dead_branch_has_not_had_is_let_go(threading):
    class Item:
        pass

    left, right = threading.concurrent_tee(Item() for _ in range(3))
    reference = weakref.ref(next(left))
    del right
    assert reference() is None


def test_a_long_chain_of_items_dies_without_a_crash(threading):
    left, right = threading.concurrent_tee(range(200_000))
    assert sum(1 for _ in left) == 200_000
    del right


def test_an_error_of_the_source_is_the_callers_and_loses_nothing(threading):
    def failing():
        yield 1
        raise ArithmeticError("source")

    left, right = threading.concurrent_tee(failing())
    assert next(left) == 1
    with pytest.raises(ArithmeticError, match="source"):
        next(left)
    assert next(right) == 1
    assert list(right) == []


def test_a_tee_of_a_tee_goes_on_where_it_was(threading):
    left, right = threading.concurrent_tee(range(6))
    assert next(left) == 0
    first, second = threading.concurrent_tee(left)
    parts = finish([Worker(list, branch) for branch in (first, second, right)])
    assert parts == [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]]


@pytest.mark.threeply_only(reason="the documentation leaves it open")
def test_a_source_that_asks_its_own_branch_gets_an_error(threading):
    # DIFFERENCE: An iterator that comes back to itself is an error
    def recursive():
        with pytest.raises(RuntimeError, match="already advancing the iterator"):
            next(right)
        yield 1

    left, right = threading.concurrent_tee(recursive())
    assert next(left) == 1
    assert next(right) == 1


def test_a_branch_shared_by_threads_through_a_lock_loses_nothing(threading):
    one, other = threading.concurrent_tee(counted(EACH))
    shared = threading.serialize_iterator(one)
    workers = [Worker(list, shared) for _ in range(4)]
    assert list(other) == list(range(EACH))
    parts = finish(workers)
    assert sorted(itertools.chain(*parts)) == list(range(EACH))


# Names


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("serialize_iterator", "(iterable)"),
        ("synchronized_iterator", "(func)"),
        ("concurrent_tee", "(iterable, n=2)"),
    ],
)
def test_the_names_are_public_with_the_documented_signature(threading, name, signature):
    value = getattr(threading, name)
    assert name in threading.__all__
    assert value.__qualname__ == value.__name__ == name
    assert value.__doc__
    parameters = inspect.signature(value).parameters.values()
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    assert str(inspect.Signature(bare)) == signature
