"""An open queue: one whose inside somebody has touched or overrides.

A native queue keeps its items in the engine. When a subclass overrides `_init`,
`_qsize`, `_put` or `_get`, or somebody asks for `mutex`, `queue` or one of the
conditions, the queue opens: its state moves into its own dictionary, and from then
on each operation is the one here. The contract is the standard class's: hooks run
with `mutex` held, `with q.mutex:` holds everybody back, the conditions are notified
when the standard class notifies them.

Source: CPython Lib/queue.py, class Queue.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Condition
    from types import ModuleType
    from typing import Any, TypeAlias

    Open: TypeAlias = Any
    """A queue that is open: it has the attributes of a standard one."""


class ShutDown(Exception):
    """Raised when put/get with shut-down queue (as `queue.ShutDown` from 3.13 on)."""


class OpenQueue:
    """What open queues do, and the exceptions that all queues of one room raise.

    The extension calls these methods with the queue as the first argument.
    """

    def __init__(self, standard: ModuleType, threading: ModuleType) -> None:
        """Takes the exceptions of the room.

        Args:
            standard: The standard `queue` under the room.
            threading: The room of `threading`, whose lock and conditions it uses.
        """
        self.standard = standard
        self.threading = threading
        self.Empty: type[Exception] = standard.Empty
        self.Full: type[Exception] = standard.Full
        self.ShutDown: type[Exception] = getattr(standard, "ShutDown", ShutDown)

    # Opening.

    def start(self, queue: Open, maxsize: int) -> None:
        """Initialises a queue that is open from the start: its class has hooks."""
        self.open_up(queue)
        with queue.mutex:
            queue.__dict__.update(maxsize=maxsize, unfinished_tasks=0)
            queue.__dict__["is_shutdown"] = False
            queue._init(maxsize)

    def open_up(self, queue: Open) -> None:
        """Opens a queue, or waits until the thread that does so is through."""
        own = queue.__dict__
        # `setdefault` is atomic: all threads that get here meet at one lock.
        mutex = own.setdefault("mutex", self.threading.Lock())
        with mutex:
            handed_over = queue._hand_over()
            if handed_over is None:
                return
            items, unfinished, is_shutdown, maxsize = handed_over
            for name in ("not_empty", "not_full", "all_tasks_done"):
                own[name] = self.threading.Condition(mutex)
            own.update(maxsize=maxsize, unfinished_tasks=unfinished)
            own["is_shutdown"] = is_shutdown
            in_a_list = (self.standard.LifoQueue, self.standard.PriorityQueue)
            own["queue"] = items if isinstance(queue, in_a_list) else deque(items)
            # Everything has its place: from here on the queue counts as open.
            queue._hand_over()

    # Operations. They take what they need out of the queue's dictionary, since through
    # the queue each would be a call of the extension; they hold the lock itself, which
    # costs a third of holding it through a condition, and notify only who waits.

    def put(
        self, queue: Open, item: object, block: bool, timeout: float | None
    ) -> None:
        """Puts an item, waiting while the queue is full."""
        own = queue.__dict__
        with own["mutex"]:
            if own["is_shutdown"]:
                raise self.ShutDown
            if own["maxsize"] > 0 and queue._qsize() >= own["maxsize"]:
                self._wait_for_room(queue, block, timeout)
            elif block and timeout is not None and timeout < 0 < own["maxsize"]:
                raise ValueError(NEGATIVE)
            queue._put(item)
            own["unfinished_tasks"] += 1
            if getattr(own["not_empty"], "_waiters", True):
                own["not_empty"].notify()

    def get(self, queue: Open, block: bool, timeout: float | None) -> object:
        """Gets an item, waiting while the queue is empty."""
        own = queue.__dict__
        with own["mutex"]:
            if not queue._qsize():
                self._wait_for_item(queue, block, timeout)
            item: object = queue._get()
            if getattr(own["not_full"], "_waiters", True):
                own["not_full"].notify()
            return item

    def _wait_for_room(self, queue: Open, block: bool, timeout: float | None) -> None:
        own = queue.__dict__
        for _ in _turns(own["not_full"], block, timeout, self.Full):
            if own["is_shutdown"]:
                raise self.ShutDown
            if queue._qsize() < own["maxsize"]:
                return

    def _wait_for_item(self, queue: Open, block: bool, timeout: float | None) -> None:
        own = queue.__dict__
        for _ in _turns(own["not_empty"], block, timeout, self.Empty):
            if queue._qsize():
                return
            if own["is_shutdown"]:
                raise self.ShutDown

    def task_done(self, queue: Open) -> None:
        """Reports an item finished."""
        own = queue.__dict__
        with own["mutex"]:
            unfinished = own["unfinished_tasks"] - 1
            if unfinished <= 0:
                if unfinished < 0:
                    raise ValueError("task_done() called too many times")
                own["all_tasks_done"].notify_all()
            own["unfinished_tasks"] = unfinished

    def join(self, queue: Open) -> None:
        """Waits until nothing is unfinished."""
        own = queue.__dict__
        with own["mutex"]:
            while own["unfinished_tasks"]:
                own["all_tasks_done"].wait()

    def shutdown(self, queue: Open, immediate: bool) -> None:
        """Shuts the queue down."""
        own = queue.__dict__
        with own["mutex"]:
            own["is_shutdown"] = True
            if immediate:
                while queue._qsize():
                    queue._get()
                    if own["unfinished_tasks"] > 0:
                        own["unfinished_tasks"] -= 1
                own["all_tasks_done"].notify_all()
            own["not_empty"].notify_all()
            own["not_full"].notify_all()

    def qsize(self, queue: Open) -> int:
        """Counts the items."""
        with queue.__dict__["mutex"]:
            return int(queue._qsize())

    def empty(self, queue: Open) -> bool:
        """Tells whether there is no item."""
        with queue.__dict__["mutex"]:
            return not queue._qsize()

    def full(self, queue: Open) -> bool:
        """Tells whether there is no room."""
        own = queue.__dict__
        with own["mutex"]:
            return bool(0 < own["maxsize"] <= queue._qsize())

    # The hooks of the container that the extension does not do itself.

    def hook_init(self, queue: Open) -> None:
        """Makes the container."""
        queue.__dict__["queue"] = deque()

    def hook_init_lifo(self, queue: Open) -> None:
        """Makes the container of a queue that hands out last in, first out."""
        queue.__dict__["queue"] = []

    def hook_init_priority(self, queue: Open) -> None:
        """Makes the container of a queue that hands out the smallest item first."""
        queue.__dict__["queue"] = []

    def hook_put_priority(self, queue: Open, item: object) -> None:
        """Puts an item into that container."""
        heappush(queue.__dict__["queue"], item)

    def hook_get_priority(self, queue: Open) -> object:
        """Takes the smallest item out of it."""
        item: object = heappop(queue.__dict__["queue"])
        return item


NEGATIVE = "'timeout' must be a non-negative number"


def _turns(
    condition: Condition, block: bool, timeout: float | None, give_up: type[Exception]
) -> Iterator[None]:
    """Yields each time the caller should look again; raises `give_up` in the end."""
    if block and timeout is not None and timeout < 0:
        raise ValueError(NEGATIVE)
    yield
    if not block:
        raise give_up
    if timeout is None:
        while True:
            condition.wait()
            yield
    end = monotonic() + timeout
    while (remaining := end - monotonic()) > 0.0:
        condition.wait(remaining)
        yield
    raise give_up
