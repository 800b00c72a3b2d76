//! How a process ended.

use crate::sys::pidfd::End;
use std::fmt;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It called `exit` with this status.
    Exited(i32),
    /// A signal ended it.
    Killed {
        /// Its number.
        signal: i32,
        /// Whether the kernel wrote an image of its memory.
        dumped: bool,
    },
    /// It has ended, but its status went to another waiter (`waitpid(-1)`, or a process that ignores `SIGCHLD`), and the kernel
    /// does not tell it twice. (Python: returncode 0.)
    Lost,
}

impl Outcome {
    /// Whether it exited with status 0. That of a lost one nobody knows.
    pub fn success(self) -> bool {
        self == Self::Exited(0)
    }

    /// The number that Python calls `returncode`: the status, or the signal negated; 0 where the status was lost.
    #[doc(alias = "returncode")]
    pub fn code(self) -> i32 {
        match self {
            Self::Exited(status) => status,
            Self::Killed { signal, .. } => -signal,
            Self::Lost => 0,
        }
    }

    /// The signal that ended it.
    pub fn signal(self) -> Option<i32> {
        match self {
            Self::Killed { signal, .. } => Some(signal),
            _ => None,
        }
    }
}

impl From<End> for Outcome {
    fn from(end: End) -> Self {
        match end {
            End::Exited { status } => Self::Exited(status),
            End::Killed { signal, dumped } => Self::Killed { signal, dumped },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "exited with status {status}"),
            Self::Killed { signal, .. } => write!(f, "was killed by signal {signal}"),
            Self::Lost => f.write_str("ended, with a status that another waiter took"),
        }
    }
}
