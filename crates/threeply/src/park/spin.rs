//! How long a thread looks before it sleeps.
//!
//! Waking a sleeping thread costs 20 to 40 µs on a virtual machine; what a thread waits for is often
//! one microsecond away, on another processor. So a thread looks for up to `MOST` rounds (about 5 µs)
//! first. Where that keeps failing — the event is far away, the other processor is busy — the
//! limit halves each time, until only every `PROBE`-th wait looks at all; each success raises it.
//!
//! # Memory ordering
//!
//! The limit is a guess that threads share; lost updates only make it a worse guess. All relaxed.

#[cfg(not(loom))]
use crate::{
    primitive::{AtomicU32, Ordering, spin_hint},
    sys::affinity,
};

/// Rounds of a full look: a round is a load and a pause, some 5 to 40 ns by processor.
#[cfg(not(loom))]
const MOST: u32 = 160;

/// Below this limit only every `PROBE`-th wait looks.
#[cfg(not(loom))]
const LEAST: u32 = MOST / 8;

#[cfg(not(loom))]
const PROBE: u32 = 32;

#[cfg(not(loom))]
static LIMIT: AtomicU32 = AtomicU32::new(MOST);

#[cfg(not(loom))]
static WAITS: AtomicU32 = AtomicU32::new(0);

/// Looks for a few microseconds whether `done` comes true, and returns whether it did.
#[cfg(not(loom))]
pub(super) fn look(mut done: impl FnMut() -> bool) -> bool {
    if !affinity::has_second_processor() {
        return done();
    }
    let limit = match LIMIT.load(Ordering::Relaxed) {
        limit if limit >= LEAST => limit,
        _ if WAITS.fetch_add(1, Ordering::Relaxed).is_multiple_of(PROBE) => MOST,
        _ => return done(),
    };
    for _ in 0..limit {
        if done() {
            LIMIT.store((limit + LEAST).min(MOST), Ordering::Relaxed);
            return true;
        }
        spin_hint();
    }
    LIMIT.store(limit / 2, Ordering::Relaxed);
    false
}

/// A model tries every order anyway.
#[cfg(loom)]
pub(super) fn look(mut done: impl FnMut() -> bool) -> bool {
    done()
}
