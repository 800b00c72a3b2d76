#![expect(
    unsafe_code,
    reason = "the lock's guards are what makes the data in its cell reachable"
)]
//! Data that many threads read at a time, or one writes.
//!
//! The lock is phase-fair: readers and writers take turns, and neither starves (`rwlock/raw.rs` tells how). It is not
//! re-entrant: a thread that reads and reads again may wait for a writer that waits for it. A panic leaves the data as it is, and the lock
//! free: there is no poisoning.
//!
//! # Invariants
//!
//! 1. A [`RwLockReadGuard`] exists only while a reader's hold of the raw lock is its own, a [`RwLockWriteGuard`] only
//!    while the writer's is; it gives up that hold when it is dropped, and nobody else does.
//! 2. The raw lock's hold of a writer excludes every other hold.
//!
//! # Source
//!
//! `parking_lot::RwLock` and `std::sync::RwLock` for the shape.

mod raw;

pub use raw::{NotHeld, RawRwLock};

use crate::{error::TimedOut, park::never_stop, primitive::UnsafeCell, time::Deadline};
use std::{
    fmt,
    ops::{ControlFlow, Deref, DerefMut},
};

/// Data behind a lock that many threads hold to read, or one to write.
///
/// # Examples
///
/// ```
/// use threeply::threading::RwLock;
///
/// let names = RwLock::new(vec!["Ada"]);
/// {
///     let first = names.read();
///     let second = names.read();
///     assert_eq!(first.len(), second.len());
///     assert!(names.try_write().is_none());
/// }
/// names.write().push("Grace");
/// assert_eq!(*names.read(), ["Ada", "Grace"]);
/// ```
#[derive(Default)]
pub struct RwLock<T> {
    raw: RawRwLock,
    data: UnsafeCell<T>,
}

// SAFETY: the data moves to where the lock is; it is reached from one thread at a time then.
unsafe impl<T: Send> Send for RwLock<T> {}
// SAFETY: a writer on another thread gets `&mut T`, which needs `Send`; readers on several threads get `&T` at once, which
// needs `Sync`; the two never at the same time (invariants 1 and 2).
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}

/// A reader's hold of a [`RwLock`]. Dropping it gives the hold up.
#[must_use = "the lock is released at once if its guard is not kept"]
pub struct RwLockReadGuard<'a, T> {
    lock: &'a RwLock<T>,
}

/// The writer's hold of a [`RwLock`]. Dropping it gives the hold up.
#[must_use = "the lock is released at once if its guard is not kept"]
pub struct RwLockWriteGuard<'a, T> {
    lock: &'a RwLock<T>,
}

impl<T> RwLock<T> {
    /// Puts `data` behind a lock.
    #[cfg(not(loom))]
    pub const fn new(data: T) -> Self {
        Self {
            raw: RawRwLock::new(),
            data: UnsafeCell::new(data),
        }
    }

    /// Puts `data` behind a lock.
    #[cfg(loom)]
    pub fn new(data: T) -> Self {
        Self {
            raw: RawRwLock::new(),
            data: UnsafeCell::new(data),
        }
    }

    /// Waits until no writer holds the lock or waits before this thread, then reads.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.raw.read();
        RwLockReadGuard { lock: self }
    }

    /// Reads unless a writer holds the lock or waits for it. Never blocks.
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        // Not `then_some`: a guard that is made too early releases what it does not have.
        self.raw.try_read().then(|| RwLockReadGuard { lock: self })
    }

    /// Reads as [`read`](Self::read) does, unless the deadline passes first.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn read_until(&self, deadline: Deadline) -> Result<RwLockReadGuard<'_, T>, TimedOut> {
        match self.read_unless(deadline, never_stop) {
            Ok(Some(guard)) => Ok(guard),
            Ok(None) | Err(_) => Err(TimedOut),
        }
    }

    /// Reads unless the deadline passes (`None`) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn read_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<RwLockReadGuard<'_, T>>, S> {
        let is_read = self.raw.read_unless(deadline, interrupted)?;
        Ok(is_read.then(|| RwLockReadGuard { lock: self }))
    }

    /// Waits until nobody else holds the lock, then writes.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.raw.write();
        RwLockWriteGuard { lock: self }
    }

    /// Writes if nobody holds the lock. Never blocks.
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.raw
            .try_write()
            .then(|| RwLockWriteGuard { lock: self })
    }

    /// Writes as [`write`](Self::write) does, unless the deadline passes first.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn write_until(&self, deadline: Deadline) -> Result<RwLockWriteGuard<'_, T>, TimedOut> {
        match self.write_unless(deadline, never_stop) {
            Ok(Some(guard)) => Ok(guard),
            Ok(None) | Err(_) => Err(TimedOut),
        }
    }

    /// Writes unless the deadline passes (`None`) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn write_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<RwLockWriteGuard<'_, T>>, S> {
        let is_written = self.raw.write_unless(deadline, interrupted)?;
        Ok(is_written.then(|| RwLockWriteGuard { lock: self }))
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

    /// How many readers hold the lock.
    pub fn readers(&self) -> usize {
        self.raw.readers()
    }

    /// Says whether a writer holds the lock.
    pub fn is_written(&self) -> bool {
        self.raw.is_written()
    }

    /// Counts the threads that wait, readers and writers.
    pub fn waiting(&self) -> usize {
        self.raw.waiting_readers() + self.raw.waiting_writers()
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Some(data) => shown.field("data", &*data),
            None => shown.field("data", &format_args!("<written>")),
        };
        shown.finish_non_exhaustive()
    }
}

impl<T> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.data.with(|data| {
            // SAFETY: this guard holds the lock to read (invariant 1), so no `&mut T` exists (invariant 2).
            unsafe { &*data }
        })
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.data.with(|data| {
            // SAFETY: this guard holds the lock to write (invariant 1), and is borrowed.
            unsafe { &*data }
        })
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.data.with_mut(|data| {
            // SAFETY: this guard holds the lock to write (invariant 1), which nobody else does in any way (invariant 2), and is
            // borrowed for itself alone.
            unsafe { &mut *data }
        })
    }
}

impl<T> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let left = self.lock.raw.unlock_read();
        debug_assert_eq!(left, Ok(()), "a guard holds the lock");
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let left = self.lock.raw.unlock_write();
        debug_assert_eq!(left, Ok(()), "a guard holds the lock");
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}
