//! Timers of the process that end by a signal.

use crate::sys::signals;
use std::{io, time::Duration};

/// What a timer counts, and which signal it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// Time that passes; SIGALRM. Python: `ITIMER_REAL`.
    Real,
    /// Time that the process computes; SIGVTALRM. Python: `ITIMER_VIRTUAL`.
    Virtual,
    /// Time that the process computes, or the kernel for it; SIGPROF. Python: `ITIMER_PROF`.
    Prof,
}

/// When a timer sends its signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Schedule {
    /// In how long for the first time; zero for never.
    pub first: Duration,
    /// Every how long after that; zero for not again.
    pub then: Duration,
}

impl Timer {
    /// Sets the timer, and returns what was left of it.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a span that is too long for the kernel.
    ///
    /// # Source
    ///
    /// `setitimer(2)`. Python: `signal.setitimer`.
    #[doc(alias = "setitimer")]
    pub fn set(self, schedule: Schedule) -> io::Result<Schedule> {
        signals::set_timer(self.number(), schedule.first, schedule.then).map(Schedule::from)
    }

    /// What is left of the timer.
    ///
    /// # Errors
    ///
    /// None that Linux documents.
    #[doc(alias = "getitimer")]
    pub fn get(self) -> io::Result<Schedule> {
        signals::timer(self.number()).map(Schedule::from)
    }

    fn number(self) -> i32 {
        match self {
            Self::Real => libc::ITIMER_REAL,
            Self::Virtual => libc::ITIMER_VIRTUAL,
            Self::Prof => libc::ITIMER_PROF,
        }
    }
}

impl From<[Duration; 2]> for Schedule {
    fn from([first, then]: [Duration; 2]) -> Self {
        Self { first, then }
    }
}

/// Has SIGALRM sent in some seconds, 0 for never; returns the seconds that were left. It is [`Timer::Real`] by another name.
///
/// # Source
///
/// `alarm(2)`. Python: `signal.alarm`.
pub fn alarm(seconds: u32) -> u32 {
    signals::alarm(seconds)
}
