"""Order between threads, forced."""

import contextlib
import threading
from collections.abc import Iterator

from support.threads import PATIENCE


class Sequencer:
    """Lets numbered blocks in many threads run one after another.

    `with turn(0): ...` in one thread and `with turn(1): ...` in another run in
    that order, whichever thread comes first.
    """

    def __init__(self) -> None:
        self._next = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def __call__(self, position: int) -> Iterator[None]:
        with self._changed:
            came = self._changed.wait_for(lambda: self._next == position, PATIENCE)
            assert came, f"turn {position} never came; it is {self._next}'s"
        try:
            yield
        finally:
            with self._changed:
                self._next += 1
                self._changed.notify_all()
