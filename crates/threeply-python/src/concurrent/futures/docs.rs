//! The docstrings of `Future`.

use std::ffi::CStr;

pub(super) const FUTURE: &CStr = c"Future()
--

What a call that runs elsewhere comes to.

An executor's `submit` returns one; programs do not make them but for tests.

    >>> from threeply.concurrent.futures import Future
    >>> future = Future()
    >>> future.set_result('rope')
    >>> future.result()
    'rope'

All methods may be called from any thread. `cancel`, `done`, `set_result` and the others that do not
wait may be called from signal handlers and `__del__` as well.

Source: CPython Lib/concurrent/futures/_base.py, class Future.";

pub(super) const CANCEL: &CStr = c"cancel($self, /)
--

Cancel the call if it has not begun.

Returns:
    Whether it is cancelled, by this or before. A call that runs or has run cannot be.";

pub(super) const CANCELLED: &CStr = c"cancelled($self, /)
--

Return whether the call was cancelled.";

pub(super) const RUNNING: &CStr = c"running($self, /)
--

Return whether the call runs.";

pub(super) const DONE: &CStr = c"done($self, /)
--

Return whether the call was cancelled or has ended.";

pub(super) const RESULT: &CStr = c"result($self, /, timeout=None)
--

Wait for the call's end and return what it returned.

The wait ends then, by `cancel`, when `timeout` has passed, by Ctrl-C or another handler that raises (in the
main thread), and by `Thread.interrupt`.

Args:
    timeout: The most seconds to wait; None waits for ever.

Raises:
    CancelledError: The call was cancelled.
    TimeoutError: The time has passed.
    BaseException: What the call raised: the very object.
    ValueError: `timeout` is NaN.
    TypeError: `timeout` is no number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX`.

Source: CPython Lib/concurrent/futures/_base.py, Future.result.";

pub(super) const RESULT_OR_CANCEL: &CStr = c"_result_or_cancel($self, /, timeout=None)
--

As `result`; cancels the call where that raises. For `Executor.map`.";

pub(super) const EXCEPTION: &CStr = c"exception($self, /, timeout=None)
--

Wait for the call's end and return what it raised; None if it returned.

The wait ends as that of `result`.

Args:
    timeout: The most seconds to wait; None waits for ever.

Raises:
    CancelledError: The call was cancelled.
    TimeoutError: The time has passed.
    ValueError: `timeout` is NaN.
    TypeError: `timeout` is no number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX`.

Source: CPython Lib/concurrent/futures/_base.py, Future.exception.";

pub(super) const ADD_DONE_CALLBACK: &CStr = c"add_done_callback($self, /, fn)
--

Have `fn(future)` called when the call was cancelled or has ended; at once if that is so.

Callbacks run in their order, on the thread that ran or cancelled the call. An `Exception` that one raises is
logged on \"concurrent.futures\" and goes no further.

Args:
    fn: A callable.

Source: CPython Lib/concurrent/futures/_base.py, Future.add_done_callback.";

pub(super) const SET_RUNNING: &CStr = c"set_running_or_notify_cancel($self, /)
--

Say that the call begins, or learn that it must not. For executors and tests.

Returns:
    False if it was cancelled, of which `wait` and `as_completed` are told by this.

Raises:
    RuntimeError: It has begun before, or this was called for a cancelled one before.

Source: CPython Lib/concurrent/futures/_base.py, Future.set_running_or_notify_cancel.";

pub(super) const SET_RESULT: &CStr = c"set_result($self, /, result)
--

Say what the call returned. For executors and tests.

Raises:
    InvalidStateError: It was cancelled or has ended.

Source: CPython Lib/concurrent/futures/_base.py, Future.set_result.";

pub(super) const SET_EXCEPTION: &CStr = c"set_exception($self, /, exception)
--

Say what the call raised. For executors and tests.

Raises:
    InvalidStateError: It was cancelled or has ended.

Source: CPython Lib/concurrent/futures/_base.py, Future.set_exception.";

pub(super) const GET_SNAPSHOT: &CStr = c"_get_snapshot($self, /)
--

Get `(done, cancelled, result, exception)` as of one moment. For asyncio.";

pub(super) const HAND_OVER: &CStr = c"_hand_over($self, /)
--

Give up the state, to whoever opens the future; None if that was done.";
