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
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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

    def __init__(self, standard: ModuleType) -> None:
        """Takes the exceptions of the room.

        Args:
            standard: The standard `queue` under the room.
        """
        self.standard = standard
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
        threading = self.standard.threading
        # `setdefault` is atomic: all threads that get here meet at one lock.
        mutex = own.setdefault("mutex", threading.Lock())
        with mutex:
            handed_over = queue._hand_over()
            if handed_over is None:
                return
            items, unfinished, is_shutdown, maxsize = handed_over
            for name in ("not_empty", "not_full", "all_tasks_done"):
                own[name] = threading.Condition(mutex)
            own.update(maxsize=maxsize, unfinished_tasks=unfinished)
            own["is_shutdown"] = is_shutdown
            own["queue"] = deque(items)
            # Everything has its place: from here on the queue counts as open.
            queue._hand_over()

    # Operations.

    def put(
        self, queue: Open, item: object, block: bool, timeout: float | None
    ) -> None:
        """Puts an item, waiting while the queue is full."""
        with queue.not_full:
            if queue.is_shutdown:
                raise self.ShutDown
            if queue.maxsize > 0:

                def is_full() -> bool:
                    if queue.is_shutdown:
                        raise self.ShutDown
                    return bool(queue._qsize() >= queue.maxsize)

                _wait_while(is_full, queue.not_full, block, timeout, self.Full)
            queue._put(item)
            queue.unfinished_tasks += 1
            queue.not_empty.notify()

    def get(self, queue: Open, block: bool, timeout: float | None) -> object:
        """Gets an item, waiting while the queue is empty."""
        with queue.not_empty:

            def is_empty() -> bool:
                if queue._qsize():
                    return False
                if queue.is_shutdown:
                    raise self.ShutDown
                return True

            _wait_while(is_empty, queue.not_empty, block, timeout, self.Empty)
            item = queue._get()
            queue.not_full.notify()
            return item

    def task_done(self, queue: Open) -> None:
        """Reports an item finished."""
        with queue.all_tasks_done:
            unfinished = queue.unfinished_tasks - 1
            if unfinished <= 0:
                if unfinished < 0:
                    raise ValueError("task_done() called too many times")
                queue.all_tasks_done.notify_all()
            queue.unfinished_tasks = unfinished

    def join(self, queue: Open) -> None:
        """Waits until nothing is unfinished."""
        with queue.all_tasks_done:
            while queue.unfinished_tasks:
                queue.all_tasks_done.wait()

    def shutdown(self, queue: Open, immediate: bool) -> None:
        """Shuts the queue down."""
        with queue.mutex:
            queue.is_shutdown = True
            if immediate:
                while queue._qsize():
                    queue._get()
                    if queue.unfinished_tasks > 0:
                        queue.unfinished_tasks -= 1
                queue.all_tasks_done.notify_all()
            queue.not_empty.notify_all()
            queue.not_full.notify_all()

    def qsize(self, queue: Open) -> int:
        """Counts the items."""
        with queue.mutex:
            return int(queue._qsize())

    def empty(self, queue: Open) -> bool:
        """Tells whether there is no item."""
        with queue.mutex:
            return not queue._qsize()

    def full(self, queue: Open) -> bool:
        """Tells whether there is no room."""
        with queue.mutex:
            return bool(0 < queue.maxsize <= queue._qsize())

    # Hooks, where a subclass does not override them (or calls `super()`).

    def hook_init(self, queue: Open, maxsize: int) -> None:
        """Makes the container."""
        queue.queue = deque()

    def hook_qsize(self, queue: Open) -> int:
        """Counts what is in the container."""
        return len(queue.queue)

    def hook_put(self, queue: Open, item: object) -> None:
        """Adds to the container."""
        queue.queue.append(item)

    def hook_get(self, queue: Open) -> object:
        """Takes from the container."""
        item: object = queue.queue.popleft()
        return item


def _wait_while(
    busy: Callable[[], bool],
    condition: Condition,
    block: bool,
    timeout: float | None,
    give_up: type[Exception],
) -> None:
    """Waits on `condition` while `busy()`, and raises `give_up` when time is up."""
    if not block:
        if busy():
            raise give_up
    elif timeout is None:
        while busy():
            condition.wait()
    elif timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    else:
        end = monotonic() + timeout
        while busy():
            remaining = end - monotonic()
            if remaining <= 0.0:
                raise give_up
            condition.wait(remaining)
