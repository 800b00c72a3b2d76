#![expect(
    unsafe_code,
    reason = "the last reader moves the value out while its writer may hold the memory yet"
)]
//! What the handles of a future and whoever runs its call have in common.
//!
//! Whoever runs the call keeps the memory a moment longer than the value needs it, and a queue of work keeps it until it comes
//! to an entry whose call was run elsewhere. So the count of an `Arc` does not say who may move the value out; handles are
//! counted on their own.
//!
//! # State
//!
//! | bits     | meaning                                                         |
//! |----------|-----------------------------------------------------------------|
//! | `RUNNER` | nobody has called the callbacks of a finished call              |
//! | the rest | how many [`Future`]s there are                                  |
//!
//! # Invariants
//!
//! 1. The value is read through a [`Future`] only, and no longer than that is borrowed.
//! 2. A `Future` comes from one that there is, from the making of all, from [`Shared::finish`] before `RUNNER` is gone, or from
//!    [`Shared::cancel`], after which there is and will be no value.
//! 3. The value is moved out by the only `Future`, which ends, after `RUNNER` is gone; so there is and will be no other.
//!
//! # Memory ordering
//!
//! A `Future` that ends releases, and the one that finds itself the last acquires: reads are over before the value is moved.
//!
//! # After fork
//!
//! Counts are as they were: a handle of a thread that is gone stays counted, and the value stays where it is.

use super::{Cancel, Completion, Failure, Future};
use crate::primitive::{AtomicU32, Mutex, Ordering, UnsafeCell, lock};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

const RUNNER: u32 = 1 << 31;

/// What a call came to.
pub(super) type Outcome<T> = Result<T, Failure>;

/// What is to be called when a future is done.
pub(super) type Callback<T> = Box<dyn FnOnce(&Future<T>) + Send>;

/// The call itself.
pub(super) type Call<T> = Box<dyn FnOnce() -> T + Send>;

/// A value that its last reader moves out.
pub(super) struct Kept<T>(UnsafeCell<Option<T>>);

// SAFETY: it is read by `&` from several threads, for which `T` is `Sync`, and moved out by one that alone has it (invariant
// 3), for which `T` is `Send`.
unsafe impl<T: Send + Sync> Sync for Kept<T> {}

/// The memory of a future.
pub(super) struct Shared<T> {
    holders: AtomicU32,
    pub(super) completion: Completion<Kept<Outcome<T>>, Callback<T>>,
    call: Mutex<Option<Call<T>>>,
    /// The number of the pool whose workers may run it, 0 for none.
    pub(super) home: usize,
}

impl<T> Shared<T> {
    /// Makes one with its first handle.
    pub(super) fn new(call: Option<Call<T>>, home: usize) -> (Arc<Self>, Future<T>) {
        let shared = Arc::new(Self {
            holders: AtomicU32::new(RUNNER | 1),
            completion: Completion::new(),
            call: Mutex::new(call),
            home,
        });
        let future = Future {
            shared: Arc::clone(&shared),
        };
        (shared, future)
    }

    /// Takes the call out, to be run or dropped.
    pub(super) fn take_call(&self) -> Option<Call<T>> {
        lock(&self.call).take()
    }

    /// Writes the outcome and calls the callbacks. Gives it back if it was cancelled or finished before.
    pub(super) fn finish(self: &Arc<Self>, outcome: Outcome<T>) -> Result<(), Outcome<T>> {
        let failed = outcome.is_err();
        let kept = Kept(UnsafeCell::new(Some(outcome)));
        let callbacks = match self.completion.finish(kept, failed) {
            Ok(callbacks) => callbacks,
            Err(kept) => return Err(kept.0.into_inner().expect("nobody has seen it")),
        };
        if callbacks.is_empty() {
            self.holders.fetch_sub(RUNNER, Ordering::Release);
        } else {
            self.holders.fetch_sub(RUNNER - 1, Ordering::Release);
            let shared = Arc::clone(self);
            call_all(callbacks, &Future { shared });
        }
        Ok(())
    }
}

impl<T> Shared<T> {
    /// Cancels what has not begun, and calls the callbacks. Says whether it is cancelled, now or before.
    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        match self.completion.cancel() {
            Cancel::Refused => false,
            Cancel::Already => true,
            Cancel::Now(callbacks) => {
                // Tells the rounds, unless a worker that came to it has. (CPython's learn of it by the worker only.)
                let _ = self.completion.start();
                drop(self.take_call());
                if !callbacks.is_empty() {
                    self.holders.fetch_add(1, Ordering::Relaxed);
                    let shared = Arc::clone(self);
                    call_all(callbacks, &Future { shared });
                }
                true
            }
        }
    }
}

impl<T> Future<T> {
    /// The outcome, once it is finished.
    pub(super) fn outcome(&self) -> Option<&Outcome<T>> {
        let kept = self.shared.completion.value()?;
        // SAFETY: this is a `Future`, and stays one while the reference lives: nobody moves the value out (invariant 3).
        let value = kept.0.with(|value| unsafe { &*value });
        value.as_ref()
    }

    /// Moves the outcome of a finished one out, if there is no other handle.
    pub(super) fn take_outcome(self) -> Option<Outcome<T>> {
        let kept = self.shared.completion.value()?;
        loop {
            match self.shared.holders.load(Ordering::Acquire) {
                1 => break,
                // Between the two steps of `Shared::finish`, which neither waits nor calls out there.
                holders if holders & RUNNER != 0 => thread::yield_now(),
                _ => return None,
            }
        }
        // SAFETY: this is the only `Future` and there will be none (invariant 3), so nobody refers to the value.
        kept.0.with_mut(|value| unsafe { (*value).take() })
    }
}

impl<T> Clone for Future<T> {
    fn clone(&self) -> Self {
        // Relaxed: it is made from one that is there.
        self.shared.holders.fetch_add(1, Ordering::Relaxed);
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> Drop for Future<T> {
    fn drop(&mut self) {
        self.shared.holders.fetch_sub(1, Ordering::Release);
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.completion.state();
        f.debug_struct("Future")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

/// Calls what is to be called. One that panics does not keep the next from being called.
pub(super) fn call_all<T>(callbacks: Vec<Callback<T>>, future: &Future<T>) {
    for callback in callbacks {
        // The panic's message was printed by the hook, as everywhere.
        let _ = catch_unwind(AssertUnwindSafe(|| callback(future)));
    }
}
