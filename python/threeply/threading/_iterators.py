"""Iterators that many threads may use: what `threading` has from Python 3.15 on.

Source: CPython Doc/library/threading.rst, serialize_iterator, synchronized_iterator
and concurrent_tee.
"""

from __future__ import annotations

from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading as stdlib_threading
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType, TracebackType
    from typing import Any

_NOT_GIVEN: Any = object()


def names(
    standard: ModuleType, new_lock: Callable[[], stdlib_threading._RLock]
) -> dict[str, Any]:
    """Makes the class and the two functions.

    Args:
        standard: The standard `threading` under the room.
        new_lock: Our `RLock`, which knows its owner.
    """
    parent: type[Any] = getattr(standard, "serialize_iterator", object)
    inherited = getattr(parent, "__slots__", ())
    mine = ("__weakref__", "_iterator", "_lock")

    class serialize_iterator(parent):  # type: ignore[misc]
        """An iterator that threads advance one at a time; each item goes to one of them.

        A call blocks while another thread is in a call of the same object.

        Args:
            iterable: What it iterates over, a generator for example.

        Source: CPython Doc/library/threading.rst, serialize_iterator.
        """

        __slots__ = tuple(name for name in mine if name not in inherited)

        def __init__(self, iterable: Iterable[Any]) -> None:
            self._iterator: Any = iter(iterable)
            self._lock = new_lock()

        def __iter__(self) -> serialize_iterator:
            return self

        def __next__(self) -> object:
            lock = self._lock
            _refuse_to_come_back(lock, "serialize_iterator")
            with lock:
                return next(self._iterator)

        def send(self, value: object, /) -> object:
            """Sends a value into the generator and returns what it yields next.

            Raises:
                AttributeError: The iterator has no `send`.
                RuntimeError: This thread is in a call of this object already.
            """
            _refuse_to_come_back(self._lock, "serialize_iterator")
            with self._lock:
                return self._iterator.send(value)

        def throw(
            self,
            typ: BaseException | type[BaseException],
            val: object = _NOT_GIVEN,
            tb: TracebackType | None = _NOT_GIVEN,
        ) -> object:
            """Raises an exception inside the generator; returns what it yields next.

            Args:
                typ: The exception, or its class.
                val: Its value, where `typ` is a class.
                tb: Its traceback.

            Raises:
                AttributeError: The iterator has no `throw`.
                RuntimeError: This thread is in a call of this object already.
            """
            if tb is _NOT_GIVEN:
                more: tuple[object, ...] = () if val is _NOT_GIVEN else (val,)
            else:
                more = (None if val is _NOT_GIVEN else val, tb)
            _refuse_to_come_back(self._lock, "serialize_iterator")
            with self._lock:
                return self._iterator.throw(typ, *more)

        def close(self) -> None:
            """Closes the generator.

            Raises:
                AttributeError: The iterator has no `close`.
                RuntimeError: This thread is in a call of this object already, or the
                    generator went on.
            """
            _refuse_to_come_back(self._lock, "serialize_iterator")
            with self._lock:
                self._iterator.close()

    def synchronized_iterator(
        func: Callable[..., Iterable[Any]],
    ) -> Callable[..., Iterator[Any]]:
        """Makes each iterator that a function returns a `serialize_iterator`.

        A decorator for generator functions whose generators many threads use.

        Args:
            func: Any callable that returns an iterable.

        Source: CPython Doc/library/threading.rst, synchronized_iterator.
        """

        @wraps(func)
        def synchronized(*args: object, **kwargs: object) -> Iterator[Any]:
            return serialize_iterator(func(*args, **kwargs))

        return synchronized

    def concurrent_tee(
        iterable: Iterable[Any], n: int = 2
    ) -> tuple[Iterator[Any], ...]:
        """Returns `n` iterators over the items of one, each for a thread of its own.

        Every one of them has every item, in the same order. What one has had and
        another has not is kept. For one of them in several threads, see
        `serialize_iterator`.

        Args:
            iterable: Where the items come from. It is advanced by one thread at a time.
            n: How many iterators.

        Raises:
            ValueError: `n` is negative.

        Source: CPython Doc/library/threading.rst, concurrent_tee.
        """
        if n < 0:
            message = f"n must be >= 0, not {n}"
            raise ValueError(message)
        if n == 0:
            return ()
        if isinstance(iterable, _Branch):
            source, cell = iterable.place()
        else:
            source, cell = _Source(iter(iterable), new_lock()), _Cell()
        return tuple(_Branch(source, cell) for _ in range(n))

    made: dict[str, Any] = {
        "serialize_iterator": serialize_iterator,
        "synchronized_iterator": synchronized_iterator,
        "concurrent_tee": concurrent_tee,
    }
    for name, value in made.items():
        value.__module__ = "threeply.threading"
        value.__qualname__ = name
    return made


def _refuse_to_come_back(lock: stdlib_threading._RLock, name: str) -> None:
    """Refuses a thread that is in the iterator already, by a handler or by recursion.

    It would wait for itself for ever, or advance the iterator inside of itself.
    """
    if lock._is_owned():  # type: ignore[attr-defined]
        message = f"{name}: this thread is already advancing the iterator"
        raise RuntimeError(message)


class _Cell:
    """An item, once it is known, and the cell after it."""

    __slots__ = ("after", "item")

    def __init__(self) -> None:
        self.after: _Cell | None = None
        self.item: object = None


class _Source:
    """The iterator of a tee, and the lock of all that hang on it."""

    __slots__ = ("iterator", "lock")

    def __init__(self, iterator: Iterator[Any], lock: stdlib_threading._RLock) -> None:
        self.iterator = iterator
        self.lock = lock


class _Branch:
    """One of the iterators of a tee: a place in the chain of items.

    What all branches have passed nobody refers to any more, and it dies.
    """

    __slots__ = ("__weakref__", "_cell", "_source")

    def __init__(self, source: _Source, cell: _Cell) -> None:
        self._source = source
        self._cell = cell

    @property
    def lock(self) -> stdlib_threading._RLock:
        """The lock of all branches, as the standard ones have it."""
        return self._source.lock

    def place(self) -> tuple[_Source, _Cell]:
        """Returns where it is, for a tee of a tee, which shares the chain."""
        with self._source.lock:
            return self._source, self._cell

    def __iter__(self) -> _Branch:
        return self

    def __next__(self) -> object:
        source = self._source
        _refuse_to_come_back(source.lock, "concurrent_tee")
        with source.lock:
            cell = self._cell
            if cell.after is None:
                cell.item = next(source.iterator)
                cell.after = _Cell()
            self._cell = cell.after
            return cell.item
