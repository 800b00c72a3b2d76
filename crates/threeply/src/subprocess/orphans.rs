//! Children that nobody waits for any more.
//!
//! Each start of a child asks once for every one of them whether it has ended, so that at most as many dead ones lie about as were
//! dropped since the last start.
//!
//! # After fork
//!
//! The lock is tried, never waited for without end: a thread of the parent may have held it. What is in the list then is of
//! the parent's children, which are none of the forked process; they drop out as they end.
//!
//! # Source
//!
//! `_active` and `_cleanup` in CPython's `Lib/subprocess.py`.

use crate::{
    primitive::Mutex,
    sys::{
        pidfd::{self, Patience},
        spawn::Spawned,
    },
};
use rustix::thread::sched_yield;
use std::sync::{MutexGuard, TryLockError};

static ORPHANS: Mutex<Vec<Spawned>> = Mutex::new(Vec::new());

fn try_lock() -> Option<MutexGuard<'static, Vec<Spawned>>> {
    match ORPHANS.try_lock() {
        Ok(orphans) => Some(orphans),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// How often a thread tries to get in before it takes the lock for one that nobody holds any more.
const TRIES: u32 = 10_000;

/// Takes over a child that lives.
pub(super) fn adopt(orphan: Spawned) {
    for _ in 0..TRIES {
        if let Some(mut orphans) = try_lock() {
            orphans.push(orphan);
            return;
        }
        sched_yield();
    }
}

/// Reaps those that have ended.
pub(super) fn reap() {
    let Some(mut orphans) = try_lock() else {
        return;
    };
    orphans.retain(|orphan| {
        let end = pidfd::wait(orphan.pid, orphan.pidfd.as_ref(), Patience::Looking);
        matches!(end, Ok(None))
    });
}
