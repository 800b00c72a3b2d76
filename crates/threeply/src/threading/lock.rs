//! Mutual exclusion without data: what `Mutex<T>` and the binding's locks stand on.
//!
//! [`RawLock`] may be released by another thread than the one that acquired it, as `threading.Lock` may;
//! [`RawRLock`] belongs to its owner, who may acquire it again. Neither guards data; Rust programs use
//! `Mutex<T>`.
//!
//! # State
//!
//! | value    | meaning                        |
//! |----------|--------------------------------|
//! | `FREE`   | nobody holds it                |
//! | `HELD`   | somebody does                  |
//!
//! A re-entrant lock adds its owner and how often the owner acquired it.
//!
//! # Transitions
//!
//! `acquire`: `FREE` → `HELD`; `release`: `HELD` → `FREE`, then the thread that has waited longest is woken. It competes with
//! whoever comes meanwhile: a lock that is handed over instead would make every release of a busy lock a
//! switch of threads.
//!
//! # Invariants
//!
//! 1. A thread that was woken and leaves without the lock (its owner stopped it) wakes another if the lock is free.
//! 2. `owner` and `depth` are written only by the thread that holds the lock inside. Others may read `owner`: it is theirs only if they
//!    wrote it.
//!
//! # Memory ordering
//!
//! Acquiring acquires, releasing is `SeqCst` before the queue is asked, and so is the attempt in the queue (see `park/queue.rs`).
//!
//! # After fork
//!
//! The state is as it was: a lock that another thread held stays held in the child, whose copy `reset` frees. Waiting threads
//! stay in the parent.
//!
//! # Source
//!
//! CPython `Modules/_threadmodule.c`, `lock_PyThread_acquire_lock`, `rlock_acquire`.

use crate::{
    park::{WaitQueue, never_stop},
    primitive::{AtomicU32, AtomicUsize, Ordering},
    time::Deadline,
};
use std::{num::NonZeroUsize, ops::ControlFlow};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// A lock that anybody may release.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RawLock {
    state: AtomicU32,
    waiting: WaitQueue,
}

impl RawLock {
    /// Makes a lock that nobody holds.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            state: AtomicU32::new(FREE),
            waiting: WaitQueue::new(),
        }
    }

    /// Makes a lock that nobody holds.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            state: AtomicU32::new(FREE),
            waiting: WaitQueue::new(),
        }
    }

    /// Acquires the lock if nobody holds it. Never blocks.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        self.state
            .compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Acquires the lock, waiting as long as somebody holds it.
    #[inline]
    pub fn acquire(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.acquire_unless(Deadline::NEVER, never_stop);
    }

    /// Acquires the lock (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the lock was not acquired then.
    #[inline]
    pub fn acquire_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.try_acquire() {
            return Ok(true);
        }
        self.acquire_slow(deadline, interrupted)
    }

    fn acquire_slow<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        self.waiting.take(
            || self.try_acquire_ordered(),
            || self.state.load(Ordering::SeqCst) == FREE,
            deadline,
            interrupted,
        )
    }

    /// Acquires in the one order of all `SeqCst` operations, for the check in the queue.
    fn try_acquire_ordered(&self) -> bool {
        self.state
            .compare_exchange(FREE, HELD, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// Releases the lock and wakes one thread that waits for it; false if nobody held it. Never blocks.
    #[inline]
    pub fn release(&self) -> bool {
        let was_held = self.state.swap(FREE, Ordering::SeqCst) == HELD;
        self.waiting.wake(1);
        was_held
    }

    /// Says whether somebody holds the lock.
    #[inline]
    pub fn is_held(&self) -> bool {
        self.state.load(Ordering::Relaxed) == HELD
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// A lock that belongs to the thread that acquired it, which may acquire it again.
///
/// Callers say who they are by a number that is theirs alone among live threads.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RawRLock {
    lock: RawLock,
    /// The owner's number, 0 for none.
    owner: AtomicUsize,
    depth: AtomicUsize,
}

/// The lock is not the caller's to release.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOwner;

impl RawRLock {
    /// Makes a lock that nobody owns.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            lock: RawLock::new(),
            owner: AtomicUsize::new(0),
            depth: AtomicUsize::new(0),
        }
    }

    /// Makes a lock that nobody owns.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            lock: RawLock::new(),
            owner: AtomicUsize::new(0),
            depth: AtomicUsize::new(0),
        }
    }

    /// Acquires the lock if nobody else owns it. Never blocks.
    #[inline]
    pub fn try_acquire(&self, me: NonZeroUsize) -> bool {
        if self.is_owned_by(me) {
            self.set_depth(self.depth() + 1);
            return true;
        }
        let acquired = self.lock.try_acquire();
        if acquired {
            self.take_over(me, 1);
        }
        acquired
    }

    /// Acquires the lock (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the lock was not acquired then.
    #[inline]
    pub fn acquire_unless<S>(
        &self,
        me: NonZeroUsize,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.try_acquire(me) {
            return Ok(true);
        }
        let acquired = self.lock.acquire_slow(deadline, interrupted)?;
        if acquired {
            self.take_over(me, 1);
        }
        Ok(acquired)
    }

    /// Takes back one `acquire`; the last one frees the lock and wakes one thread that waits for it.
    ///
    /// # Errors
    ///
    /// [`NotOwner`], and nothing changed.
    #[inline]
    pub fn release(&self, me: NonZeroUsize) -> Result<(), NotOwner> {
        if !self.is_owned_by(me) {
            return Err(NotOwner);
        }
        let left = self.depth() - 1;
        self.set_depth(left);
        if left == 0 {
            self.give_up();
        }
        Ok(())
    }

    /// Frees the lock however often it was acquired, and returns how often that was.
    ///
    /// # Errors
    ///
    /// [`NotOwner`], and nothing changed.
    pub fn release_all(&self, me: NonZeroUsize) -> Result<usize, NotOwner> {
        if !self.is_owned_by(me) {
            return Err(NotOwner);
        }
        let depth = self.depth();
        self.give_up();
        Ok(depth)
    }

    /// Acquires the lock as often as [`release_all`](Self::release_all) said, if nobody else owns it. Never blocks.
    pub fn try_acquire_all(&self, me: NonZeroUsize, depth: usize) -> bool {
        let acquired = self.lock.try_acquire();
        if acquired {
            self.take_over(me, depth);
        }
        acquired
    }

    /// Acquires the lock as often as [`release_all`](Self::release_all) said. Nothing but the lock's release ends the wait.
    pub fn acquire_all(&self, me: NonZeroUsize, depth: usize) {
        self.lock.acquire();
        self.take_over(me, depth);
    }

    /// Says whether the lock is `me`'s.
    #[inline]
    pub fn is_owned_by(&self, me: NonZeroUsize) -> bool {
        // Relaxed: only the owner itself finds its own number here (invariant 2).
        self.owner.load(Ordering::Relaxed) == me.get()
    }

    /// The owner's number. Another thread may change it at once.
    pub fn owner(&self) -> Option<NonZeroUsize> {
        NonZeroUsize::new(self.owner.load(Ordering::Relaxed))
    }

    /// How often the owner has acquired the lock. For other threads than the owner it may be out of date.
    #[inline]
    pub fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// Says whether somebody owns the lock.
    pub fn is_held(&self) -> bool {
        self.lock.is_held()
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    /// Frees the lock whoever owns it: for a child in which its owner does not exist.
    pub fn reset(&self) {
        self.give_up();
    }

    #[inline]
    fn take_over(&self, me: NonZeroUsize, depth: usize) {
        self.owner.store(me.get(), Ordering::Relaxed);
        self.set_depth(depth);
    }

    #[inline]
    fn give_up(&self) {
        self.set_depth(0);
        self.owner.store(0, Ordering::Relaxed);
        self.lock.release();
    }

    #[inline]
    fn set_depth(&self, depth: usize) {
        self.depth.store(depth, Ordering::Relaxed);
    }
}
