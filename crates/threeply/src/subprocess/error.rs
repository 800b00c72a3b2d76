//! Why a child did not start.

use crate::sys::spawn::{Failure, HoldsNul};
use std::{
    error::Error,
    ffi::{OsStr, OsString},
    fmt, io,
};

pub use crate::sys::spawn::Step;

/// A child did not start. None is left, nor a descriptor of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpawnError {
    /// A program, an argument, a directory, or a variable holds a NUL (Python: `ValueError`).
    HoldsNul,
    /// The name of a variable holds `=` (Python: `ValueError`).
    IllegalName(OsString),
    /// A step failed (Python: `OSError`; `SubprocessError` for a [`Step::Hook`] without an errno).
    Failed {
        /// What was being done.
        step: Step,
        /// How the kernel named it; 0 for a hook that failed without the kernel.
        errno: i32,
        /// What it was about: the directory of [`Step::Directory`], the program of [`Step::Exec`].
        subject: Option<OsString>,
    },
}

impl SpawnError {
    pub(super) fn at(step: Step, error: &io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(0);
        Self::failed(step, errno, None)
    }

    pub(super) fn of(failure: Failure, subject: Option<&OsStr>) -> Self {
        Self::failed(failure.step, failure.errno, subject)
    }

    fn failed(step: Step, errno: i32, subject: Option<&OsStr>) -> Self {
        let subject = subject.map(OsStr::to_owned);
        Self::Failed {
            step,
            errno,
            subject,
        }
    }

    /// The errno, where there is one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Failed { errno, .. } if *errno != 0 => Some(*errno),
            _ => None,
        }
    }

    /// The step that failed, where the arguments were good.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Failed { step, .. } => Some(*step),
            _ => None,
        }
    }
}

impl From<HoldsNul> for SpawnError {
    fn from(_: HoldsNul) -> Self {
        Self::HoldsNul
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HoldsNul => f.write_str("a string for a child holds a NUL"),
            Self::IllegalName(name) => {
                write!(f, "the name of a variable holds '=': {}", name.display())
            }
            Self::Failed {
                step,
                errno,
                subject,
            } => {
                write!(f, "failed to {}", step.purpose())?;
                if let Some(subject) = subject {
                    write!(f, " {}", subject.display())?;
                }
                match errno {
                    0 => Ok(()),
                    errno => write!(f, ": {}", io::Error::from_raw_os_error(*errno)),
                }
            }
        }
    }
}

impl Error for SpawnError {}

impl From<SpawnError> for io::Error {
    /// An error with the errno, where there is one.
    fn from(error: SpawnError) -> Self {
        match error.errno() {
            Some(errno) => Self::from_raw_os_error(errno),
            None if error.step().is_none() => Self::new(io::ErrorKind::InvalidInput, error),
            None => Self::other(error),
        }
    }
}
