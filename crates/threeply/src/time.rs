//! Moments until which a wait may last.
//!
//! A [`Deadline`] is a moment of the monotonic clock, or no moment at all. Waits take it by value and
//! hand it to the kernel as it is: nothing is converted to a span and back on the way, so a wait
//! that is resumed (after a signal, after a lost race) ends when it would have ended.

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A moment of `CLOCK_MONOTONIC`, or never.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use threeply::time::Deadline;
///
/// assert!(Deadline::after(Duration::ZERO).has_passed());
/// assert!(!Deadline::NEVER.has_passed());
/// ```
///
/// # Source
///
/// `clock_gettime(2)`, `futex(2)` (`FUTEX_WAIT_BITSET`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Timespec>);

impl Deadline {
    /// The deadline of a wait that only its event ends.
    pub const NEVER: Self = Self(None);

    /// Returns the moment that lies `span` ahead; a span too long for the clock is [`NEVER`](Self::NEVER).
    pub fn after(span: Duration) -> Self {
        let now = clock_gettime(ClockId::Monotonic);
        let nanos = now.tv_nsec + i64::from(span.subsec_nanos());
        let Ok(secs) = i64::try_from(span.as_secs()) else {
            return Self::NEVER;
        };
        let moment = now
            .tv_sec
            .checked_add(secs)
            .and_then(|sum| sum.checked_add(nanos / NANOS_PER_SEC))
            .map(|tv_sec| Timespec {
                tv_sec,
                tv_nsec: nanos % NANOS_PER_SEC,
            });
        Self(moment)
    }

    /// Says whether the moment lies behind.
    pub fn has_passed(self) -> bool {
        self.remaining() == Some(Duration::ZERO)
    }

    /// Returns the span until the moment, zero once it has passed, `None` for [`NEVER`](Self::NEVER).
    pub fn remaining(self) -> Option<Duration> {
        let end = self.0?;
        let now = clock_gettime(ClockId::Monotonic);
        // Seconds and nanoseconds stay apart: 292 years of nanoseconds are all that 64 bits hold.
        let nanos = end.tv_nsec - now.tv_nsec;
        let secs = end.tv_sec - now.tv_sec + nanos.div_euclid(NANOS_PER_SEC);
        let nanos = u32::try_from(nanos.rem_euclid(NANOS_PER_SEC)).unwrap_or(0);
        Some(u64::try_from(secs).map_or(Duration::ZERO, |secs| Duration::new(secs, nanos)))
    }

    /// The moment as the kernel takes it.
    pub(crate) fn timespec(&self) -> Option<&Timespec> {
        self.0.as_ref()
    }
}

impl From<Option<Duration>> for Deadline {
    fn from(span: Option<Duration>) -> Self {
        span.map_or(Self::NEVER, Self::after)
    }
}
