//! How many processors this thread may run on.
//!
//! # After fork
//!
//! The answer is kept in an atomic, not in a `OnceLock`: a fork while another thread computes it
//! would leave the child's copy locked, and the child's first wait would never end. Two threads that
//! compute it at once write the same.
//!
//! # Source
//!
//! `sched_getaffinity(2)`, through the standard library's `available_parallelism`, which also
//! honours cgroup quotas.

use std::sync::atomic::{AtomicU8, Ordering};

const UNKNOWN: u8 = 0;
const ONE: u8 = 1;
const SEVERAL: u8 = 2;

static PROCESSORS: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Says whether another thread can run while this one spins.
///
/// Asked once: a process that is later confined to one processor spins in vain a few times, and
/// the adaptive limit of `park::spin` takes care of that.
#[inline]
pub(crate) fn has_second_processor() -> bool {
    // Relaxed: the answer is all there is to see.
    match PROCESSORS.load(Ordering::Relaxed) {
        UNKNOWN => count(),
        answer => answer == SEVERAL,
    }
}

#[cold]
fn count() -> bool {
    let several = std::thread::available_parallelism().is_ok_and(|n| n.get() > 1);
    PROCESSORS.store(if several { SEVERAL } else { ONE }, Ordering::Relaxed);
    several
}
