//! Moments until which a wait may last.
//!
//! A [`Deadline`] is a moment of the monotonic clock, or no moment at all. Waits take it by value and
//! hand it to the kernel as it is: nothing is converted to a span and back on the way, so a wait
//! that is resumed (after a signal, after a lost race) ends when it would have ended.

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

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
        let span = Timespec::try_from(span).ok();
        Self(span.and_then(|span| now().checked_add(span)))
    }

    /// Says whether the moment lies behind.
    pub fn has_passed(self) -> bool {
        self.remaining() == Some(Duration::ZERO)
    }

    /// Returns the span until the moment, zero once it has passed, `None` for [`NEVER`](Self::NEVER).
    pub fn remaining(self) -> Option<Duration> {
        Some(span(now(), self.0?))
    }

    /// Returns the span since the moment, zero while it lies ahead.
    #[cfg(not(loom))]
    pub(crate) fn overdue(self) -> Duration {
        self.0.map_or(Duration::ZERO, |end| span(end, now()))
    }

    /// The moment that lies `span` before this one.
    #[cfg(not(loom))]
    pub(crate) fn sooner_by(self, span: Duration) -> Self {
        let sooner = |end: Timespec| end.checked_sub(span.try_into().ok()?);
        Self(self.0.map(|end| sooner(end).unwrap_or(end)))
    }

    /// The moment that lies `span` ahead, unless this one comes first.
    #[cfg(not(loom))]
    pub(crate) fn or_sooner(self, span: Duration) -> Self {
        match self.remaining() {
            Some(left) if left <= span => self,
            _ => Self::after(span),
        }
    }

    /// The moment as the kernel takes it.
    pub(crate) fn timespec(&self) -> Option<&Timespec> {
        self.0.as_ref()
    }
}

fn now() -> Timespec {
    clock_gettime(ClockId::Monotonic)
}

/// From one moment to a later one; zero if it is not later.
fn span(from: Timespec, to: Timespec) -> Duration {
    let span = to.checked_sub(from);
    span.and_then(|span| span.try_into().ok())
        .unwrap_or(Duration::ZERO)
}

impl From<Option<Duration>> for Deadline {
    fn from(span: Option<Duration>) -> Self {
        span.map_or(Self::NEVER, Self::after)
    }
}
