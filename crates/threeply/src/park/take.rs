//! Waiting for a thing of which each can have only one: a lock, a permit, an item.
//!
//! # Invariants
//!
//! 1. Whoever was woken and finds the thing gone waits again.
//! 2. Whoever was woken, and stopped, wakes another if the thing is there: the wake-up was for it.
//!
//! # Memory ordering
//!
//! The caller's closures take and look in the one order of all `SeqCst` operations, as a check in the queue must (see
//! `queue.rs`).

use super::{Stopped, WaitQueue, Wake};
use crate::time::Deadline;
use std::ops::ControlFlow;

impl WaitQueue {
    /// Waits until `try_take` says true (true), the deadline passes (false), or `interrupted` says `Break`.
    ///
    /// `is_there` says whether a `try_take` would succeed.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; nothing was taken then.
    #[cold]
    pub(crate) fn take<S>(
        &self,
        try_take: impl Fn() -> bool,
        is_there: impl Fn() -> bool,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        loop {
            match self.wait(&try_take, deadline, &mut interrupted) {
                Ok(Wake::Ready) => return Ok(true),
                Ok(Wake::Woken) if try_take() => return Ok(true),
                // Invariant 1.
                Ok(Wake::Woken) => {}
                Ok(Wake::TimedOut) => return Ok(false),
                Err(Stopped { reason, woken }) => {
                    // Invariant 2.
                    if woken && is_there() {
                        self.wake(1);
                    }
                    return Err(reason);
                }
            }
        }
    }

    /// Waits until `is_there` says true or a waker came by (true: the caller tries to take), the deadline passes (false), or
    /// `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason.
    pub(crate) fn wait_to_try<S>(
        &self,
        is_there: impl Fn() -> bool,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        match self.wait(&is_there, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => Ok(false),
            Err(Stopped { reason, woken }) => {
                // Invariant 2.
                if woken && is_there() {
                    self.wake(1);
                }
                Err(reason)
            }
        }
    }
}
