//! A child with its pipes.

use super::{outcome::Outcome, process::Process};
use crate::{error::TimedOut, time::Deadline};
use std::{io, os::fd::OwnedFd};

/// A child: its process, and this side of its pipes.
///
/// Dropped, it closes the pipes and leaves the process running.
#[derive(Debug)]
pub struct Child {
    /// The process.
    pub process: Process,
    /// What is written here, the child reads. `Some` where a pipe was ordered.
    pub stdin: Option<OwnedFd>,
    /// Here can be read what the child writes to its standard output.
    pub stdout: Option<OwnedFd>,
    /// Here can be read what the child writes to its standard error.
    pub stderr: Option<OwnedFd>,
}

impl Child {
    pub(super) fn new(process: Process, pipes: [Option<OwnedFd>; 3]) -> Self {
        let [stdin, stdout, stderr] = pipes;
        Self {
            process,
            stdin,
            stdout,
            stderr,
        }
    }

    /// The number of the process.
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Returns the outcome if the process has ended.
    pub fn poll(&self) -> Option<Outcome> {
        self.process.poll()
    }

    /// Closes the child's standard input and waits until it has ended. One that fills a pipe that nobody reads does not end.
    pub fn wait(&mut self) -> Outcome {
        self.stdin = None;
        self.process.wait()
    }

    /// Closes the child's standard input and waits until it has ended or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first. The child runs on.
    pub fn wait_until(&mut self, deadline: Deadline) -> Result<Outcome, TimedOut> {
        self.stdin = None;
        self.process.wait_until(deadline)
    }

    /// Ends the process (`SIGKILL`).
    ///
    /// # Errors
    ///
    /// As of [`Process::send_signal`].
    pub fn kill(&self) -> io::Result<()> {
        self.process.kill()
    }
}
