//! How long a thread looks before it sleeps.
//!
//! Waking a sleeping thread costs 20 to 40 µs on a virtual machine; what a thread waits for is often
//! one microsecond away, on another processor. So a thread looks for up to `MOST` rounds (about 5 µs)
//! first. Where that keeps failing — the event is far away, the other processor is busy — the
//! limit halves each time, until only some waits look at all, the probes; a success sets it to the full time. Each
//! kind of event has a [`Spin`] of its own, so that one kind does not learn from another.
//!
//! A probe looks longer (`PROBE_ROUNDS`, some 50 µs). Two threads that hand work to and fro and have both come to sleep would
//! never find out that they need not: the answer of a thread that must first be woken takes as long as
//! that. One long look catches it, after which both find the other awake within a microsecond. Where probes keep failing they
//! get rarer, from every `OFTEN`-th wait down to every `SELDOM`-th: on a machine whose other processor is busy for long they would
//! be a cost without a gain.
//!
//! Nobody looks past a deadline: a short one is watched while looking, and one that has passed allows a single look.
//!
//! # Memory ordering
//!
//! The limit is a guess that threads share; lost updates only make it a worse guess. All relaxed.

#[cfg(not(loom))]
use crate::primitive::{AtomicU32, Ordering};
use crate::time::Deadline;
#[cfg(not(loom))]
use std::time::Duration;

/// Rounds of a full look: a round is a load and a pause, some 5 to 40 ns by processor.
#[cfg(not(loom))]
const MOST: u32 = 160;

/// Below this limit only probes look.
#[cfg(not(loom))]
const LEAST: u32 = MOST / 8;

/// Every so many waits one is a probe, at first.
#[cfg(not(loom))]
const OFTEN: u32 = 32;

/// Where probes keep failing.
#[cfg(not(loom))]
const SELDOM: u32 = 256;

/// Rounds of a probe.
#[cfg(not(loom))]
const PROBE_ROUNDS: u32 = 10 * MOST;

/// No look takes longer than this, a probe of slow rounds included.
#[cfg(not(loom))]
const LONGEST: Duration = Duration::from_micros(200);

/// A look that may meet its deadline asks the clock every so many rounds: a look at the clock takes as long as one.
#[cfg(not(loom))]
const CLOCK: u32 = 8;

/// How long to look for one kind of event: shared by all who wait for that kind.
///
/// # Examples
///
/// ```
/// use threeply::park::Spin;
///
/// static ANSWERS: Spin = Spin::new();
/// assert!(ANSWERS.look(|| true));
/// ```
#[derive(Debug)]
pub struct Spin {
    #[cfg(not(loom))]
    limit: AtomicU32,
    #[cfg(not(loom))]
    waits: AtomicU32,
    /// How many waits there are to a probe.
    #[cfg(not(loom))]
    interval: AtomicU32,
    #[cfg(not(loom))]
    probe_rounds: u32,
}

#[cfg(not(loom))]
impl Spin {
    /// Makes one that looks for the full time at first, and whose probes look long.
    pub const fn new() -> Self {
        Self::with_probe(PROBE_ROUNDS)
    }

    /// Makes one whose probes are no longer than a full look: for an event that nobody sleeps over.
    pub const fn brief() -> Self {
        Self::with_probe(MOST)
    }

    const fn with_probe(probe_rounds: u32) -> Self {
        Self {
            limit: AtomicU32::new(MOST),
            waits: AtomicU32::new(0),
            interval: AtomicU32::new(OFTEN),
            probe_rounds,
        }
    }

    /// Looks for a few microseconds whether `done` comes true, and returns whether it did.
    pub fn look(&self, done: impl FnMut() -> bool) -> bool {
        self.look_while(done, || true)
    }

    /// Looks whether `done` comes true, as [`look`](Self::look) does but no longer than to the deadline.
    pub fn look_until(&self, deadline: Deadline, mut done: impl FnMut() -> bool) -> bool {
        match deadline.remaining() {
            Some(left) if left.is_zero() => done(),
            Some(left) if left < LONGEST => {
                let mut rounds = 0_u32;
                self.look_while(done, || {
                    rounds += 1;
                    !rounds.is_multiple_of(CLOCK) || !deadline.has_passed()
                })
            }
            _ => self.look(done),
        }
    }

    /// Looks as long as `go_on` says; a look that it ends says nothing about the next.
    #[inline]
    fn look_while(&self, mut done: impl FnMut() -> bool, mut go_on: impl FnMut() -> bool) -> bool {
        if done() {
            return true;
        }
        if !crate::sys::affinity::has_second_processor() {
            return false;
        }
        let limit = self.limit.load(Ordering::Relaxed);
        let is_probe = limit < LEAST;
        if is_probe && !self.is_turn_of_a_probe() {
            return false;
        }
        for _ in 0..if is_probe { self.probe_rounds } else { limit } {
            crate::primitive::spin_hint();
            if done() {
                self.limit.store(MOST, Ordering::Relaxed);
                self.interval.store(OFTEN, Ordering::Relaxed);
                return true;
            }
            if !go_on() {
                return false;
            }
        }
        if is_probe {
            let interval = self.interval.load(Ordering::Relaxed);
            self.interval
                .store(SELDOM.min(interval * 2), Ordering::Relaxed);
        } else {
            self.limit.store(limit / 2, Ordering::Relaxed);
        }
        false
    }

    fn is_turn_of_a_probe(&self) -> bool {
        self.waits
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(self.interval.load(Ordering::Relaxed))
    }
}

#[cfg(loom)]
impl Spin {
    /// Makes one that never looks twice: a model tries every order anyway.
    pub const fn new() -> Self {
        Self {}
    }

    /// The same.
    pub const fn brief() -> Self {
        Self {}
    }

    /// Looks once.
    pub fn look(&self, mut done: impl FnMut() -> bool) -> bool {
        done()
    }

    /// The same.
    pub fn look_until(&self, _: Deadline, done: impl FnMut() -> bool) -> bool {
        self.look(done)
    }
}

impl Default for Spin {
    fn default() -> Self {
        Self::new()
    }
}
