//! A child that was made, and whose program may not run yet.
//!
//! One that was cloned has come to its program, or failed, when its parent goes on. One that was forked is waited for, by
//! whoever ordered it and in its own way: a hook may take its time.
//!
//! # Invariants
//!
//! 1. A child that does not come to be a [`Spawned`] is killed and reaped.
//!
//! A known hole: one that became another user's may not be killed. It is reaped where it has ended, and stays where not.

use super::{
    lifeline::Lifeline,
    memory::SharedReport,
    report::{Failure, Report},
};
use crate::sys::pidfd::{self, Patience};
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    io::Errno,
};

/// A child whose program runs, or has ended.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) pid: libc::pid_t,
    /// `None` where the kernel has no such thing, or refuses it.
    pub(crate) pidfd: Option<OwnedFd>,
    /// Whether it joined the cgroup that it was to join.
    pub(crate) is_in_cgroup: bool,
}

/// A child that is on its way to its program. Dropped, it is killed and reaped.
pub(crate) struct Starting {
    /// `None` once it was handed on.
    child: Option<Spawned>,
    awaited: Option<(Lifeline, SharedReport)>,
}

impl Starting {
    pub(super) fn new(child: Spawned) -> Self {
        Self {
            child: Some(child),
            awaited: None,
        }
    }

    /// The same child, which this lifeline and this report tell of.
    pub(super) fn awaiting(mut self, lifeline: Lifeline, report: SharedReport) -> Self {
        self.awaited = Some((lifeline, report));
        self
    }

    /// The same child, if it reported nothing. The report is complete.
    pub(super) fn told_by(mut self, report: &Report) -> Result<Self, Failure> {
        let Some(failure) = report.read() else {
            if let Some(child) = &mut self.child {
                child.is_in_cgroup = report.is_in_cgroup();
            }
            return Ok(self);
        };
        if let Some(child) = self.child.take() {
            // It ends by itself, so this is soon over. Where another waiter had it, there is nothing left to reap.
            child.reap(Patience::Blocking);
        }
        Err(failure)
    }

    /// What becomes readable when the child has come to its program or failed; `None` where it has.
    pub(crate) fn awaited(&self) -> Option<BorrowedFd<'_>> {
        self.awaited.as_ref().map(|(lifeline, _)| lifeline.reader())
    }

    /// Waits for what is [awaited](Self::awaited), and hands the child on.
    pub(crate) fn finish(mut self) -> Result<Spawned, Failure> {
        if let Some((lifeline, report)) = self.awaited.take() {
            lifeline.await_end();
            self = self.told_by(&report)?;
        }
        Ok(self
            .child
            .take()
            .expect("it is taken here, by value, or at a failure"))
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(child) = &self.child {
            child.put_down();
        }
    }
}

impl Spawned {
    fn reap(&self, patience: Patience) -> bool {
        let reaped = pidfd::wait(self.pid, self.pidfd.as_ref(), patience);
        !matches!(reaped, Ok(None))
    }

    /// Kills the child and sees it dead.
    fn put_down(&self) {
        if self.reap(Patience::Looking) {
            return;
        }
        let killed = match &self.pidfd {
            None => pidfd::send_by_pid(self.pid, libc::SIGKILL),
            Some(pidfd) => match pidfd::send(pidfd, libc::SIGKILL) {
                Err(Errno::NOSYS | Errno::PERM) => pidfd::send_by_pid(self.pid, libc::SIGKILL),
                sent => sent,
            },
        };
        let may_not = killed == Err(Errno::PERM);
        self.reap(if may_not {
            Patience::Looking
        } else {
            Patience::Blocking
        });
    }
}
