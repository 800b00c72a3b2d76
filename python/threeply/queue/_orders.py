"""`PriorityQueue`: our `Queue` that hands out in another order."""

from __future__ import annotations

from heapq import heappop, heappush

TYPE_CHECKING = False
if TYPE_CHECKING:
    import queue as stdlib_queue
    from types import ModuleType
    from typing import Any


def types(
    queue: type[stdlib_queue.Queue[Any]], standard: ModuleType
) -> dict[str, type]:
    """Makes the class.

    Args:
        queue: Our `Queue`.
        standard: The standard module, whose class ours is a subclass of too.
    """
    # An open queue has its container in its dictionary; reading it there spares a call of
    # the extension.

    class PriorityQueue(queue, standard.PriorityQueue):  # type: ignore[misc, valid-type, name-defined]
        """A queue that hands out the smallest item first."""

        def _init(self, maxsize: int) -> None:
            self.queue: list[Any] = []

        def _qsize(self) -> int:
            return len(self.__dict__["queue"])

        def _put(self, item: object) -> None:
            heappush(self.__dict__["queue"], item)

        def _get(self) -> object:
            return heappop(self.__dict__["queue"])

    made: dict[str, type] = {"PriorityQueue": PriorityQueue}
    for name, made_type in made.items():
        made_type.__module__ = "threeply.queue"
        made_type.__qualname__ = name
    return made
