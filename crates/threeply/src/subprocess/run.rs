//! A child from its start to its end, in one call.

use super::{
    child::Child, communication::Communication, error::SpawnError, outcome::Outcome, popen::Popen,
};
use crate::{park::never_stop, time::Deadline};
use rustix::io::fcntl_dupfd_cloexec;
use std::{error::Error, fmt, io, os::fd::OwnedFd};

/// What became of a child.
#[doc(alias = "CompletedProcess")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// How it ended.
    pub outcome: Outcome,
    /// What it wrote to its standard output, where that was a pipe.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error, where that was a pipe.
    pub stderr: Vec<u8>,
}

impl Completed {
    /// Makes an end other than success an error.
    ///
    /// # Errors
    ///
    /// [`Unsuccessful`], with all that is known of the child.
    #[doc(alias = "check_returncode")]
    pub fn check(self) -> Result<Self, Unsuccessful> {
        match self.outcome {
            Outcome::Exited(0) => Ok(self),
            _ => Err(Unsuccessful(self)),
        }
    }
}

/// A child that failed, was killed, or whose status was lost.
#[doc(alias = "CalledProcessError")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsuccessful(pub Completed);

impl fmt::Display for Unsuccessful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the child {}", self.0.outcome)
    }
}

impl Error for Unsuccessful {}

/// Why there is nothing complete to tell of a child. None is left running.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// It did not start.
    Spawn(SpawnError),
    /// A pipe could not be read or written, or an output not be [shown](Popen::tee); the child was killed.
    Pipe(io::Error),
    /// The child wrote more than it [may](Popen::max_output), and was killed. This is what it wrote up to the limit.
    TooMuchOutput {
        /// To its standard output.
        stdout: Vec<u8>,
        /// To its standard error.
        stderr: Vec<u8>,
    },
    /// The deadline passed; the child was killed. This is what it wrote until then.
    #[doc(alias = "TimeoutExpired")]
    TimedOut {
        /// To its standard output.
        stdout: Vec<u8>,
        /// To its standard error.
        stderr: Vec<u8>,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn(error) => error.fmt(f),
            Self::Pipe(error) => write!(f, "failed to talk to the child: {error}"),
            Self::TooMuchOutput { .. } => {
                f.write_str("the child wrote more than it may, and was killed")
            }
            Self::TimedOut { .. } => f.write_str("the deadline passed, and the child was killed"),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Spawn(error) => Some(error),
            Self::Pipe(error) => Some(error),
            Self::TooMuchOutput { .. } | Self::TimedOut { .. } => None,
        }
    }
}

pub(super) fn run(popen: &Popen, input: &[u8], deadline: Deadline) -> Result<Completed, RunError> {
    // Before there is a child.
    let screens = popen.tee.then(screens).transpose();
    let screens = screens.map_err(RunError::Pipe)?;
    let mut child = popen.spawn().map_err(RunError::Spawn)?;
    let mut talk = Communication::new(&mut child, input);
    if let Some(bytes) = popen.max_output {
        talk.max_output(bytes);
    }
    if let Some([stdout, stderr]) = screens {
        talk.tee(Some(stdout), Some(stderr));
    }
    let Ok(over) = talk.go_on(deadline, never_stop);
    let outcome = match over {
        Ok(true) => child.process.wait_until(deadline).ok(),
        Ok(false) | Err(_) => None,
    };
    if outcome.is_none() {
        end(popen, &child);
    }
    let has_too_much = talk.has_too_much();
    let (stdout, stderr) = talk.into_outputs();
    let (stdout, stderr) = (stdout.unwrap_or_default(), stderr.unwrap_or_default());
    match (outcome, over) {
        (Some(outcome), _) => Ok(Completed {
            outcome,
            stdout,
            stderr,
        }),
        (None, Err(_)) if has_too_much => Err(RunError::TooMuchOutput { stdout, stderr }),
        (None, Err(error)) => Err(RunError::Pipe(error)),
        (None, Ok(_)) => Err(RunError::TimedOut { stdout, stderr }),
    }
}

/// This process's own standard output and error, under numbers of our own.
pub(super) fn screens() -> io::Result<[OwnedFd; 2]> {
    let stdout = fcntl_dupfd_cloexec(io::stdout(), 3)?;
    Ok([stdout, fcntl_dupfd_cloexec(io::stderr(), 3)?])
}

/// Kills a child and sees it dead.
pub(super) fn end(popen: &Popen, child: &Child) {
    // It fails for one that has become another user's. What may be killed is, and the child is waited for as it is.
    let _ = if popen.own_tree {
        child.process.kill_tree()
    } else {
        child.kill()
    };
    child.process.wait();
}
