//! The pidfd of a process, until nobody needs it.
//!
//! Ended processes that a program keeps, as it does in lists of results, must not cost it a descriptor each. Whoever waits keeps the
//! handle alive for as long as its wait lasts.
//!
//! # After fork
//!
//! A thread that held the lock, for the moment of a copy, is not there in the child. The lock is tried for a while and then left: the process
//! has no handle then, as on a system without pidfds.

use crate::primitive::Mutex;
use rustix::{fd::OwnedFd, thread::sched_yield};
use std::sync::{Arc, MutexGuard, TryLockError};

/// How often a thread tries to get in before it does without.
const TRIES: u32 = 10_000;

/// The pidfd of a process, if the system has them.
#[derive(Debug)]
pub(super) struct Handle(Mutex<Option<Arc<OwnedFd>>>);

impl Handle {
    pub(super) fn new(pidfd: Option<OwnedFd>) -> Self {
        Self(Mutex::new(pidfd.map(Arc::new)))
    }

    pub(super) fn get(&self) -> Option<Arc<OwnedFd>> {
        self.lock()?.clone()
    }

    /// Lets go of it: it is closed when the last one that has it is done.
    pub(super) fn release(&self) -> Option<Arc<OwnedFd>> {
        self.lock()?.take()
    }

    fn lock(&self) -> Option<MutexGuard<'_, Option<Arc<OwnedFd>>>> {
        for _ in 0..TRIES {
            match self.0.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => sched_yield(),
            }
        }
        None
    }
}
