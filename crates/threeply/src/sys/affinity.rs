//! How many processors this thread may run on.
//!
//! # Source
//!
//! `sched_getaffinity(2)`, through the standard library's `available_parallelism`, which also
//! honours cgroup quotas.

use std::sync::OnceLock;

/// Says whether another thread can run while this one spins.
///
/// Asked once: a process that is later confined to one processor spins in vain a few times, and
/// the adaptive limit of `park::spin` takes care of that.
pub(crate) fn has_second_processor() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| std::thread::available_parallelism().is_ok_and(|n| n.get() > 1))
}
