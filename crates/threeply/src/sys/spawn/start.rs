//! The parent's part of making a child.
//!
//! # Invariants
//!
//! 1. When [`spawn`] fails, no child is left, dead or alive, and no descriptor.
//! 2. The pid that it returns is that of a child which nobody of ours has waited for.

use super::{
    child::Errand,
    lifeline::Lifeline,
    memory::{SharedReport, Stack},
    plan::Plan,
    report::{Failure, Report, Step},
    signals::Blocked,
    way::{self, Made, Memory, Refused},
};
use crate::sys::pidfd::{self, Patience};
use rustix::{
    fd::OwnedFd,
    process::{Resource, getpid, getrlimit},
};
use std::os::fd::RawFd;

/// A table of descriptors that is shared, and then left.
static SHARING: Refused = Refused::not_yet();

/// A child whose program runs, or has ended.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) pid: libc::pid_t,
    /// `None` where the kernel has no such thing, or refuses it.
    pub(crate) pidfd: Option<OwnedFd>,
}

/// Makes a child by a plan. Returns when its program runs.
pub(crate) fn spawn(plan: &Plan<'_>) -> Result<Spawned, Failure> {
    let made = if plan.hook.is_some() || way::CLONE.already() {
        forked(plan)
    } else {
        cloned(plan)
    }?;
    let pid = made.pid;
    let pidfd = made.pidfd.or_else(|| pidfd::open(pid));
    Ok(Spawned { pid, pidfd })
}

fn cloned(plan: &Plan<'_>) -> Result<Made, Failure> {
    if plan.changes_identity() {
        let report = SharedReport::new()?;
        return clone(Memory::Copied, plan, &report, false);
    }
    if plan.closes_others && !SHARING.already() {
        match clone(Memory::Borrowed, plan, &Report::default(), true) {
            Err(failure) if failure.step == Step::Unshare && way::is_refusal(failure.errno) => {
                SHARING.note();
            }
            result => return result,
        }
    }
    clone(Memory::Borrowed, plan, &Report::default(), false)
}

/// Makes a child by `clone`, or by `fork` where that is refused.
fn clone(
    memory: Memory,
    plan: &Plan<'_>,
    report: &Report,
    shares_files: bool,
) -> Result<Made, Failure> {
    let stack = Stack::new()?;
    let blocked = Blocked::all().map_err(Failure::at(Step::Signals))?;
    let errand = Errand {
        shares_files,
        ..errand(plan, report, &blocked)
    };
    let made = way::clone(memory, &errand, &stack);
    drop(blocked);
    match made {
        Err(errno) if way::is_refusal(errno) => {
            way::CLONE.note();
            forked(plan)
        }
        Err(errno) => Err(Failure::at(Step::Clone)(errno)),
        Ok(made) => successful(made, report),
    }
}

/// Makes a child by `fork`. The end of a pipe, which an exec closes, says that the program runs.
fn forked(plan: &Plan<'_>) -> Result<Made, Failure> {
    let report = SharedReport::new()?;
    let lifeline = Lifeline::new(plan);
    let lifeline = lifeline.map_err(|errno| Failure::at(Step::Open)(errno.raw_os_error()))?;
    let blocked = Blocked::all().map_err(Failure::at(Step::Signals))?;
    let errand = Errand {
        lifeline: lifeline.number(),
        ..errand(plan, &report, &blocked)
    };
    let made = lifeline.kept_by(|| way::fork(&errand));
    drop(blocked);
    let mut made = made.map_err(Failure::at(Step::Clone))?;
    // Soon: it may end, and its number be another's, before its parent looks again.
    made.pidfd = pidfd::open(made.pid);
    lifeline.await_end();
    successful(made, &report)
}

fn errand<'a>(plan: &'a Plan<'a>, report: &'a Report, blocked: &Blocked) -> Errand<'a> {
    let limit = getrlimit(Resource::Nofile).current;
    Errand {
        plan,
        report,
        blocked: blocked.before(),
        parent: getpid().as_raw_nonzero().get(),
        shares_files: false,
        lifeline: None,
        limit: limit.map_or(RawFd::MAX, |limit| limit.try_into().unwrap_or(RawFd::MAX)),
    }
}

fn successful(made: Made, report: &Report) -> Result<Made, Failure> {
    match report.read() {
        None => Ok(made),
        Some(failure) => {
            // It ends by itself, so this is soon over. Where another waiter had it, there is nothing left to reap.
            let _ = pidfd::wait(made.pid, made.pidfd.as_ref(), Patience::Blocking);
            Err(failure)
        }
    }
}
