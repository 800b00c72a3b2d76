#![expect(
    unsafe_code,
    reason = "the lock's guard is what makes the data in its cell reachable"
)]
//! Data that one thread reaches at a time.
//!
//! The lock is the raw one (`lock.rs` tells how it works): whoever has waited longest is woken, and competes with who comes
//! meanwhile. It is not re-entrant. A panic leaves the data as it is, and the lock free: there is no poisoning.
//!
//! # Invariants
//!
//! 1. A [`MutexGuard`] exists only while its hold of the raw lock is its own; it gives up that hold when it is dropped. A
//!    [`Condvar`](super::Condvar) gives it up and takes it again while it borrows the guard.
//!
//! # Source
//!
//! `parking_lot::Mutex` and `std::sync::Mutex` for the shape.

use super::RawLock;
use crate::{error::TimedOut, park::never_stop, primitive::UnsafeCell, time::Deadline};
use std::{
    cell::Cell,
    fmt,
    marker::PhantomData,
    ops::{ControlFlow, Deref, DerefMut},
};

/// Data behind a lock that one thread holds at a time. Python: `threading.Lock`, which has no data.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::Mutex;
///
/// let sum = Mutex::new(0);
/// thread::scope(|scope| {
///     for number in 1..=4 {
///         let sum = &sum;
///         scope.spawn(move || *sum.lock() += number);
///     }
/// });
/// assert_eq!(*sum.lock(), 10);
/// ```
#[doc(alias = "Lock")]
#[derive(Default)]
pub struct Mutex<T> {
    raw: RawLock,
    data: UnsafeCell<T>,
}

// SAFETY: the data moves to where the lock is; it is reached from one thread at a time then.
unsafe impl<T: Send> Send for Mutex<T> {}
// SAFETY: the data is reached by the holder alone (invariant 1), on whichever thread it is, which needs `Send`.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// The hold of a [`Mutex`]. Dropping it gives the hold up.
#[must_use = "the lock is released at once if its guard is not kept"]
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    /// A guard that is shared shares its data, which only `T: Sync` allows.
    not_sync: PhantomData<Cell<()>>,
}

// SAFETY: a shared guard gives `&T`, nothing else.
unsafe impl<T: Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// Puts `data` behind a lock.
    #[cfg(not(loom))]
    pub const fn new(data: T) -> Self {
        Self {
            raw: RawLock::new(),
            data: UnsafeCell::new(data),
        }
    }

    /// Puts `data` behind a lock.
    #[cfg(loom)]
    pub fn new(data: T) -> Self {
        Self {
            raw: RawLock::new(),
            data: UnsafeCell::new(data),
        }
    }

    /// Waits until nobody holds the lock, and holds it. Only the holder's release ends the wait.
    #[doc(alias = "acquire")]
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.acquire();
        self.guard()
    }

    /// Holds the lock if nobody does. Never blocks.
    #[doc(alias = "acquire(blocking=False)")]
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        // Not `then_some`: a guard that is made too early releases what it does not have.
        self.raw.try_acquire().then(|| self.guard())
    }

    /// Holds the lock as [`lock`](Self::lock) does, unless the deadline passes first.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    #[doc(alias = "acquire(timeout=…)")]
    pub fn lock_until(&self, deadline: Deadline) -> Result<MutexGuard<'_, T>, TimedOut> {
        match self.lock_unless(deadline, never_stop) {
            Ok(Some(guard)) => Ok(guard),
            Ok(None) | Err(_) => Err(TimedOut),
        }
    }

    /// Holds the lock unless the deadline passes (`None`) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn lock_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<MutexGuard<'_, T>>, S> {
        let is_held = self.raw.acquire_unless(deadline, interrupted)?;
        Ok(is_held.then(|| self.guard()))
    }

    /// To be called by who holds the raw lock and has no guard yet (invariant 1).
    #[inline]
    fn guard(&self) -> MutexGuard<'_, T> {
        MutexGuard {
            lock: self,
            not_sync: PhantomData,
        }
    }

    /// Reaches the data without the lock, which nobody else can have.
    pub fn get_mut(&mut self) -> &mut T {
        self.data.with_mut(|data| {
            // SAFETY: `&mut self`: no guard lives, and nobody else has the cell.
            unsafe { &mut *data }
        })
    }

    /// Takes the data out of its lock.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }

    /// Says whether a thread holds the lock.
    #[doc(alias = "locked")]
    pub fn is_locked(&self) -> bool {
        self.raw.is_held()
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.raw.waiting()
    }
}

impl<T> MutexGuard<'_, T> {
    /// The raw lock that the guard holds.
    pub(super) fn raw(&self) -> &RawLock {
        &self.lock.raw
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Some(data) => shown.field("data", &*data),
            None => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.data.with(|data| {
            // SAFETY: this guard holds the lock (invariant 1), and is borrowed: no `&mut T` exists.
            unsafe { &*data }
        })
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.data.with_mut(|data| {
            // SAFETY: this guard holds the lock (invariant 1), and is borrowed for this reference alone.
            unsafe { &mut *data }
        })
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.release();
    }
}
