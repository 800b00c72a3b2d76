//! Threads that wait for what another one does to the data of a mutex.
//!
//! # Transitions
//!
//! `wait`: the thread takes its place in the queue, releases the mutex, sleeps, and acquires the mutex again, whatever ended
//! its sleep. `notify`: the threads that came first are taken out of the queue and woken; they go on once they have the mutex.
//!
//! # Invariants
//!
//! 1. The place is taken before the mutex is released: a notification by whoever holds the mutex next is not lost.
//! 2. A notification that reaches a thread whose owner stopped it is passed on.
//!
//! # Memory ordering
//!
//! The mutex orders the data. A notification needs no order of its own.
//!
//! # After fork
//!
//! The waiting threads stay in the parent.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Condition`; `parking_lot::Condvar` for the shape.

use super::MutexGuard;
use crate::{
    error::TimedOut,
    park::{Stopped, WaitQueue, Wake, never_stop},
    time::Deadline,
};
use std::ops::ControlFlow;

/// A place where threads wait, with a mutex released meanwhile, until they are notified. Python: `threading.Condition`.
///
/// A wait may end without its condition (another thread may have come first): ask again, or use
/// [`wait_while`](Self::wait_while).
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::{Condvar, Mutex};
///
/// let (jobs, more) = (Mutex::new(vec![]), Condvar::new());
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         jobs.lock().push("work");
///         more.notify_one();
///     });
///     let mut jobs = jobs.lock();
///     more.wait_while(&mut jobs, |jobs| jobs.is_empty());
///     assert_eq!(jobs.pop(), Some("work"));
/// });
/// ```
#[doc(alias = "Condition")]
#[derive(Debug, Default)]
pub struct Condvar {
    waiting: WaitQueue,
}

impl Condvar {
    /// Makes one that nobody waits for.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
        }
    }

    /// Makes one that nobody waits for.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
        }
    }

    /// Waits until notified, with the mutex released meanwhile.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.wait_unless(guard, Deadline::NEVER, never_stop);
    }

    /// Waits until notified, with the mutex released meanwhile, or until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first. The mutex is held again then too.
    #[doc(alias = "wait(timeout=…)")]
    pub fn wait_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Deadline,
    ) -> Result<(), TimedOut> {
        match self.wait_unless(guard, deadline, never_stop) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TimedOut),
        }
    }

    /// Waits until notified (true), unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. The mutex is held again then too.
    pub fn wait_unless<T, S>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        let place = self.waiting.enter();
        guard.raw().release();
        let ended = place.wait(deadline, interrupted);
        guard.raw().acquire();
        match ended {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => Ok(false),
            Err(Stopped { reason, woken }) => {
                if woken {
                    self.waiting.wake(1);
                }
                Err(reason)
            }
        }
    }

    /// Waits as long as `condition` holds of the data. It is asked with the mutex held.
    #[doc(alias = "wait_for")]
    pub fn wait_while<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// Waits as [`wait_while`](Self::wait_while) does, or until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed and the condition still holds.
    #[doc(alias = "wait_for(timeout=…)")]
    pub fn wait_while_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Deadline,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Result<(), TimedOut> {
        let mut is_late = false;
        while condition(guard) {
            if is_late {
                return Err(TimedOut);
            }
            is_late = self.wait_until(guard, deadline).is_err();
        }
        Ok(())
    }

    /// Wakes the thread that has waited longest; false if none waits. Never blocks.
    #[doc(alias = "notify")]
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.waiting.wake(1) == 1
    }

    /// Wakes every thread that waits, and returns how many. Never blocks.
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.waiting.wake_all()
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
