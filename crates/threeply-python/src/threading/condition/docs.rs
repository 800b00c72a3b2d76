//! The docstrings of `threading.Condition`.

use std::ffi::CStr;

pub(super) const CONDITION: &CStr = c"Condition(lock=None)
--

Threads that wait, with a lock released meanwhile, until another one notifies them.

Only who holds the lock waits and notifies. Any object with `acquire` and `release` serves
as the lock.

Args:
    lock: The lock; None makes an RLock.

Source: CPython Lib/threading.py, class Condition.";

pub(super) const RELEASE: &CStr = c"release($self, /)
--

Release the lock.

Raises:
    RuntimeError: The calling thread does not hold it.";

pub(super) const LOCKED: &CStr = c"locked($self, /)
--

Return whether a thread holds the lock. Exists on every Python version.";

pub(super) const ENTER: &CStr = c"__enter__($self, /)
--

Acquire the lock.";

pub(super) const EXIT: &CStr = c"__exit__($self, /, *exc_info)
--

Release the lock.";

pub(super) const WAIT: &CStr = c"wait($self, timeout=None)
--

Release the lock, wait until notified, and acquire the lock again.

The wait ends when another thread calls `notify` or `notify_all`, when `timeout` has
passed, or when a signal handler that runs in the main thread meanwhile raises (Ctrl-C).
In each case the lock is acquired again, as often as before, first.

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever,
        zero or less not at all.

Returns:
    True when notified, False when the timeout passed.

Raises:
    RuntimeError: The calling thread does not hold the lock.
    TypeError: `timeout` is not a number.
    ValueError: `timeout` is NaN.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

pub(super) const WAIT_FOR: &CStr = c"wait_for($self, predicate, timeout=None)
--

Wait until `predicate()` is true. It is called with the lock held.

Args:
    predicate: A callable without arguments.
    timeout: The most seconds to wait in all, an int or a float; None waits for ever.

Returns:
    What the predicate returned last.

Raises:
    RuntimeError: The calling thread does not hold the lock, and had to wait.
    TypeError: `timeout` is not a number.
    ValueError: `timeout` is NaN.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

pub(super) const NOTIFY: &CStr = c"notify($self, n=1)
--

Wake up to `n` threads that wait, those that came first. They go on once they have the lock.

Args:
    n: How many; zero or less wakes none.

Raises:
    RuntimeError: The calling thread does not hold the lock.
    TypeError: `n` is not an integer.";

pub(super) const NOTIFY_ALL: &CStr = c"notify_all($self, /)
--

Wake every thread that waits. They go on, one by one, once they have the lock.

Raises:
    RuntimeError: The calling thread does not hold the lock.";

pub(super) const NOTIFY_ALL_OLD: &CStr = c"notifyAll($self, /)
--

Wake every thread that waits.

This method is deprecated, use `notify_all` instead.

Raises:
    DeprecationWarning: where warnings are errors.";

pub(super) const IS_OWNED: &CStr = c"_is_owned($self, /)
--

Return whether the calling thread may wait and notify.";

pub(super) const RELEASE_SAVE: &CStr = c"_release_save($self, /)
--

Free the lock, and return what `_acquire_restore` needs.";

pub(super) const ACQUIRE_RESTORE: &CStr = c"_acquire_restore($self, x, /)
--

Acquire the lock as it was before `_release_save`.";
