//! A counter of permits that threads take and give back.
//!
//! # State
//!
//! The number of permits left. A thread that finds none waits; each release wakes as many threads as it
//! gave permits. A permit is not handed over but taken again, so a thread that comes by may take it
//! first (as in CPython): that keeps a busy semaphore from passing through the kernel each time.
//!
//! # Memory ordering
//!
//! A release is `SeqCst` before the queue is asked, and so is the attempt in the queue (see `park/queue.rs`). Taking
//! acquires what the release wrote.
//!
//! # After fork
//!
//! The permits keep their number; the waiting threads stay in the parent.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Semaphore`, `class BoundedSemaphore`; `sem_overview(7)`.

mod permit;

pub use permit::Permit;

use crate::{
    error::TimedOut,
    park::{WaitQueue, never_stop},
    primitive::{AtomicUsize, Ordering},
    time::Deadline,
};
use std::{error::Error, fmt, ops::ControlFlow};

/// Where the owner's notes lie beside the queue.
const NOTES: usize = 0;

/// A number of permits, and the threads that wait for one.
///
/// # Examples
///
/// ```
/// use threeply::threading::Semaphore;
///
/// let permits = Semaphore::new(1);
/// permits.acquire();
/// assert!(!permits.try_acquire());
/// permits.release(1)?;
/// assert!(permits.try_acquire());
/// # Ok::<(), threeply::threading::TooManyPermits>(())
/// ```
///
/// With a bound, a release too many is an error:
///
/// ```
/// use threeply::threading::{Semaphore, TooManyPermits};
///
/// let seats = Semaphore::bounded(2);
/// assert_eq!(seats.release(1), Err(TooManyPermits { bound: 2 }));
/// ```
#[doc(alias = "BoundedSemaphore")]
#[derive(Debug)]
pub struct Semaphore {
    permits: AtomicUsize,
    bound: AtomicUsize,
    waiting: WaitQueue,
}

/// A release would have left more permits than the semaphore may have. Nothing was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyPermits {
    /// The most permits that the semaphore may have.
    pub bound: usize,
}

impl fmt::Display for TooManyPermits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a release too many: the semaphore has at most {} permits",
            self.bound
        )
    }
}

impl Error for TooManyPermits {}

impl Semaphore {
    /// The most permits that any semaphore may have.
    pub const MAX: usize = usize::MAX >> 1;

    /// Makes a semaphore with `permits` permits, which may grow up to [`MAX`](Self::MAX).
    ///
    /// # Panics
    ///
    /// If `permits` is more than `MAX`.
    pub fn new(permits: usize) -> Self {
        assert!(
            permits <= Self::MAX,
            "a semaphore has at most {} permits",
            Self::MAX
        );
        Self::with_bound(permits, Self::MAX)
    }

    /// Makes a semaphore with `permits` permits, which never has more.
    ///
    /// # Panics
    ///
    /// If `permits` is more than [`MAX`](Self::MAX).
    pub fn bounded(permits: usize) -> Self {
        assert!(
            permits <= Self::MAX,
            "a semaphore has at most {} permits",
            Self::MAX
        );
        Self::with_bound(permits, permits)
    }

    fn with_bound(permits: usize, bound: usize) -> Self {
        Self {
            permits: AtomicUsize::new(permits),
            bound: AtomicUsize::new(bound),
            waiting: WaitQueue::new(),
        }
    }

    /// Takes a permit if there is one. Never blocks.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        let mut left = self.permits.load(Ordering::Relaxed);
        while left > 0 {
            let taken = self.permits.compare_exchange_weak(
                left,
                left - 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            );
            match taken {
                Ok(_) => return true,
                Err(now) => left = now,
            }
        }
        false
    }

    /// Takes a permit, waiting until there is one. Only `release` ends the wait.
    pub fn acquire(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.acquire_unless(Deadline::NEVER, never_stop);
    }

    /// Takes a permit, waiting until there is one or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn acquire_until(&self, deadline: Deadline) -> Result<(), TimedOut> {
        match self.acquire_unless(deadline, never_stop) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TimedOut),
        }
    }

    /// Takes a permit (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; no permit was taken then.
    #[inline]
    pub fn acquire_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.try_acquire() {
            return Ok(true);
        }
        self.waiting.take(
            || self.try_acquire_ordered(),
            || self.permits.load(Ordering::SeqCst) > 0,
            deadline,
            interrupted,
        )
    }

    /// Takes a permit in the one order of all `SeqCst` operations, for the check in the queue.
    fn try_acquire_ordered(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        self.permits
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .is_ok()
    }

    /// Gives `permits` permits and wakes as many threads. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TooManyPermits`] if that would be more than the semaphore may have; it has as many as before then.
    #[inline]
    pub fn release(&self, permits: usize) -> Result<(), TooManyPermits> {
        let bound = self.bound();
        let give = |left: usize| left.checked_add(permits).filter(|sum| *sum <= bound);
        let given = self
            .permits
            .fetch_update(Ordering::SeqCst, Ordering::Relaxed, give);
        if given.is_err() {
            return Err(TooManyPermits { bound });
        }
        self.waiting.wake(permits);
        Ok(())
    }

    /// The number of permits left.
    #[inline]
    pub fn permits(&self) -> usize {
        self.permits.load(Ordering::Acquire)
    }

    /// Sets the number of permits left, and wakes threads if there are any now.
    ///
    /// # Errors
    ///
    /// [`TooManyPermits`] if that is more than the semaphore may have.
    pub fn set_permits(&self, permits: usize) -> Result<(), TooManyPermits> {
        let bound = self.bound();
        if permits > bound {
            return Err(TooManyPermits { bound });
        }
        self.permits.store(permits, Ordering::SeqCst);
        self.waiting.wake(permits);
        Ok(())
    }

    /// The most permits that the semaphore may have.
    #[inline]
    pub fn bound(&self) -> usize {
        // Relaxed: it changes only in `reset`, which says nothing about permits taken meanwhile.
        self.bound.load(Ordering::Relaxed)
    }

    /// Begins anew with `permits` permits and a bound; threads that wait go on waiting for these.
    ///
    /// # Errors
    ///
    /// [`TooManyPermits`] if `bound` is more than [`MAX`](Self::MAX) or `permits` more than `bound`.
    pub fn reset(&self, permits: usize, bound: usize) -> Result<(), TooManyPermits> {
        if bound > Self::MAX {
            return Err(TooManyPermits { bound: Self::MAX });
        }
        if permits > bound {
            return Err(TooManyPermits { bound });
        }
        self.bound.store(bound, Ordering::Relaxed);
        self.set_permits(permits)
    }

    /// Bits that the semaphore's owner noted; the semaphore itself makes nothing of them.
    #[doc(hidden)]
    #[inline]
    pub fn notes(&self) -> u8 {
        // Relaxed: whoever shares more than the bits orders that itself.
        self.waiting.beside()[NOTES].load(Ordering::Relaxed)
    }

    /// Notes bits, for good.
    #[doc(hidden)]
    pub fn note(&self, bits: u8) {
        self.waiting.beside()[NOTES].fetch_or(bits, Ordering::Relaxed);
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
