//! What a queue of work answers.

use std::{error::Error, fmt};

/// Who will run the work that was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a new worker may have to be started"]
pub enum RunBy {
    /// A worker that was idle and has been woken.
    Idle,
    /// A worker that the caller is to start. It is counted already.
    New,
    /// One of those that are busy, when it is done: there may be no more.
    Busy,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<W> {
    /// To run this.
    Work(W),
    /// There is nothing at the moment.
    Nothing,
    /// To leave: there is nothing, and will be nothing.
    Over,
}

/// Why work was not taken; it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<W> {
    /// As much is queued as may be. Python: `queue.Full`.
    Full(W),
    /// No more work is taken. Python: `RuntimeError`.
    ShutDown(W),
}

impl<W> Refused<W> {
    /// The work that was not taken.
    pub fn into_work(self) -> W {
        match self {
            Self::Full(work) | Self::ShutDown(work) => work,
        }
    }
}

impl<W> fmt::Display for Refused<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue of the pool is full",
            Self::ShutDown(_) => "the pool is shut down",
        })
    }
}

impl<W: fmt::Debug> Error for Refused<W> {}

/// How much work waits, and what the workers do, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Work that nobody has begun.
    pub queued: usize,
    /// Workers that run something.
    pub running: usize,
    /// Workers that wait and were not woken for what is queued.
    pub idle: usize,
    /// Workers: those that are busy or idle, and those that were asked for.
    pub workers: usize,
    /// How many workers there may be.
    pub max_workers: usize,
    /// Work that was taken out and that no worker runs any more.
    pub done: u64,
}
