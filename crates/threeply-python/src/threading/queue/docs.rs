//! The docstrings of `queue.Queue`, `LifoQueue` and `PriorityQueue`.

use std::ffi::CStr;

pub(super) const QUEUE: &CStr = c"Queue(maxsize=0)
--

A first-in, first-out queue that threads put items into and get them from.

It is safe to use from any thread; `put_nowait`, `get_nowait`, and `put` and `get` that
do not have to wait, also from signal handlers and from `__del__`.

Args:
    maxsize: The most items that it holds; zero or less for any number.

Raises:
    TypeError: `maxsize` is not a number.

Source: CPython Lib/queue.py, class Queue.";

pub(super) const LIFO_QUEUE: &CStr = c"LifoQueue(maxsize=0)
--

A queue that hands out what was put last first.

Args:
    maxsize: The most items that it holds; zero or less for any number.

Raises:
    TypeError: `maxsize` is not a number.

Source: CPython Lib/queue.py, class LifoQueue.";

pub(super) const PRIORITY_QUEUE: &CStr = c"PriorityQueue(maxsize=0)
--

A queue that hands out the smallest item first.

Only `<` is asked of the items, most often of tuples `(priority, item)`. It runs without any lock: an item's
`__lt__` may take its time while other threads put and get, or use this very queue. What it
raises, `put` and `get` raise, and the queue is as it was before.

Args:
    maxsize: The most items that it holds; zero or less for any number.

Raises:
    TypeError: `maxsize` is not a number.

Source: CPython Lib/queue.py, class PriorityQueue.";

pub(super) const PUT: &CStr = c"put($self, item, block=True, timeout=None)
--

Put `item` into the queue, waiting while the queue is full.

The wait ends when another thread makes room, when the queue is shut down, when `timeout` has
passed, or when a signal handler that runs in the main thread meanwhile raises (Ctrl-C).

Args:
    item: Any object.
    block: Whether to wait at all.
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Raises:
    Full: There was no room, at once or before the timeout.
    ShutDown: The queue was shut down.
    ValueError: `timeout` is negative (for a queue with a maxsize) or NaN.
    TypeError: `timeout` is not a number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

pub(super) const GET: &CStr = c"get($self, block=True, timeout=None)
--

Take an item out of the queue and return it, waiting while the queue is empty.

The wait ends when another thread puts an item, when the queue is shut down, when `timeout` has
passed, or when a signal handler that runs in the main thread meanwhile raises (Ctrl-C).

Args:
    block: Whether to wait at all.
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Returns:
    The item whose turn it is: the one that was put first, of a LifoQueue the one that was put last, of a
    PriorityQueue the smallest.

Raises:
    Empty: There was no item, at once or before the timeout.
    ShutDown: The queue was shut down and is empty.
    ValueError: `timeout` is negative or NaN.
    TypeError: `timeout` is not a number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

pub(super) const PUT_NOWAIT: &CStr = c"put_nowait($self, item)
--

Put `item` into the queue if there is room, as `put(item, block=False)`.

Raises:
    Full: There is no room.
    ShutDown: The queue was shut down.";

pub(super) const GET_NOWAIT: &CStr = c"get_nowait($self)
--

Take an item if there is one, as `get(block=False)`.

Raises:
    Empty: There is none.
    ShutDown: There is none, and the queue was shut down.";

pub(super) const QSIZE: &CStr = c"qsize($self)
--

Return the number of items; another thread may change it at once.";

pub(super) const EMPTY: &CStr = c"empty($self)
--

Return whether there is no item; another thread may change that at once.";

pub(super) const FULL: &CStr = c"full($self)
--

Return whether there is no room; another thread may change that at once.";

pub(super) const TASK_DONE: &CStr = c"task_done($self)
--

Report that an item that was taken is finished.

When all that were put are, the threads in `join` go on.

Raises:
    ValueError: It was called more often than items were put.";

pub(super) const JOIN: &CStr = c"join($self)
--

Wait until every item that was put is reported finished with `task_done`.

The wait also ends when a signal handler that runs in the main thread meanwhile raises
(Ctrl-C).";

pub(super) const SHUTDOWN: &CStr = c"shutdown($self, immediate=False)
--

Shut the queue down: `put` raises ShutDown from now on, `get` once it is empty.

Threads that wait to put or get are woken. Exists on every Python version.

Args:
    immediate: Drop the items that are left, each as if it had been taken and reported
        finished.";

pub(super) const HOOK: &CStr = c"A hook that subclasses override; it runs with `mutex` held.";

pub(super) const HAND_OVER: &CStr = c"_hand_over($self)
--

Give what is in the native queue to the open one, once.";
