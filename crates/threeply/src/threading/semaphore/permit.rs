//! A permit that gives itself back.

use super::Semaphore;
use crate::{error::TimedOut, park::never_stop, time::Deadline};
use std::{fmt, mem, ops::ControlFlow};

/// A permit of a [`Semaphore`]; dropping it gives it back.
///
/// # Examples
///
/// ```
/// use threeply::threading::Semaphore;
///
/// let seats = Semaphore::bounded(1);
/// {
///     let _seat = seats.permit();
///     assert!(seats.try_permit().is_none());
/// }
/// assert!(seats.try_permit().is_some());
/// ```
#[doc(alias = "__enter__")]
#[must_use = "a permit that is dropped at once has been given back"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// Takes a permit, waiting until there is one. Only a permit that comes back ends the wait.
    pub fn permit(&self) -> Permit<'_> {
        self.acquire();
        Permit { semaphore: self }
    }

    /// Takes a permit if there is one. Never blocks.
    pub fn try_permit(&self) -> Option<Permit<'_>> {
        // Not `then_some`: a permit that is made too early gives back what it does not have.
        self.try_acquire().then(|| Permit { semaphore: self })
    }

    /// Takes a permit, waiting until there is one or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn permit_until(&self, deadline: Deadline) -> Result<Permit<'_>, TimedOut> {
        match self.permit_unless(deadline, never_stop) {
            Ok(Some(permit)) => Ok(permit),
            Ok(None) | Err(_) => Err(TimedOut),
        }
    }

    /// Takes a permit unless the deadline passes (`None`) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn permit_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<Permit<'_>>, S> {
        let is_taken = self.acquire_unless(deadline, interrupted)?;
        Ok(is_taken.then(|| Permit { semaphore: self }))
    }
}

impl Permit<'_> {
    /// Keeps the permit out of its semaphore: it is given back by [`Semaphore::release`], or never.
    #[expect(
        clippy::mem_forget,
        reason = "a permit that is not dropped is not given back"
    )]
    pub fn forget(self) {
        mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // Refused only where somebody released a permit that was never taken; then there are as many as there may be.
        let _ = self.semaphore.release(1);
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("semaphore", self.semaphore)
            .finish()
    }
}
