//! The parent's part of making a child.
//!
//! # Invariants
//!
//! 1. When [`spawn`] fails, no child is left, dead or alive, and no descriptor.
//! 2. What it returns is of a child which nobody of ours has waited for.

use super::{
    child::{Errand, Handlers, Table},
    descriptors::CANNOT_REOPEN,
    lifeline::Lifeline,
    memory::{SharedReport, Stack},
    plan::Plan,
    report::{Failure, Report, Step},
    signals::Blocked,
    starting::{Spawned, Starting},
    way::{self, Made, Refused},
};
use crate::sys::pidfd;
use rustix::process::{Resource, getpid, getrlimit};
use std::os::fd::RawFd;

/// A table of descriptors that is shared, and then left.
static SHARING: Refused = Refused::not_yet();

/// Files that are opened anew by way of `/proc`.
static REOPENING: Refused = Refused::not_yet();

/// Makes a child by a plan. Its program runs, unless it was forked.
pub(crate) fn spawn(plan: &Plan<'_>) -> Result<Starting, Failure> {
    if plan.hook.is_some() || plan.changes_identity() || way::CLONE.already() {
        forked(plan)
    } else {
        cloned(plan)
    }
}

fn cloned(plan: &Plan<'_>) -> Result<Starting, Failure> {
    loop {
        let table = table(plan);
        match clone(plan, table) {
            Err(failure) if failure.step == Step::Unshare => match (table, failure.errno) {
                (Table::Bare, CANNOT_REOPEN) => REOPENING.note(),
                (Table::Bare | Table::Shared, errno) if way::is_refusal(errno) => SHARING.note(),
                _ => return Err(failure),
            },
            result => return result,
        }
    }
}

/// The cheapest table that is to be had.
fn table(plan: &Plan<'_>) -> Table {
    if !plan.closes_others || SHARING.already() {
        Table::Copied
    } else if plan.reopened.is_empty() || REOPENING.already() {
        Table::Shared
    } else {
        Table::Bare
    }
}

/// Makes a child by `clone`, or by `fork` where that is refused.
fn clone(plan: &Plan<'_>, table: Table) -> Result<Starting, Failure> {
    let (report, stack) = (Report::default(), Stack::new()?);
    let blocked = Blocked::all().map_err(Failure::at(Step::Signals))?;
    let errand = Errand {
        table,
        ..errand(plan, &report, &blocked)
    };
    let made = way::clone(&errand, &stack);
    drop(blocked);
    match made {
        Err(errno) if way::is_refusal(errno) => {
            way::CLONE.note();
            forked(plan)
        }
        Err(errno) => Err(Failure::at(Step::Clone)(errno)),
        Ok(made) => Starting::new(spawned(made)).told_by(&report),
    }
}

/// Makes a child by `fork`. The end of a pipe, which an exec closes, says that the program runs.
fn forked(plan: &Plan<'_>) -> Result<Starting, Failure> {
    let report = SharedReport::new()?;
    let lifeline = Lifeline::new(plan);
    let mut lifeline = lifeline.map_err(|errno| Failure::at(Step::Open)(errno.raw_os_error()))?;
    if let Some(hook) = plan.hook {
        hook.before_fork();
    }
    let made = fork(plan, &report, &lifeline);
    lifeline.leave_to_child();
    // Soon: it may end, and its number be another's, before its parent looks again.
    let starting = made.map(|made| Starting::new(spawned(made)));
    if let Some(hook) = plan.hook {
        hook.after_fork();
    }
    Ok(starting?.awaiting(lifeline, report))
}

fn fork(plan: &Plan<'_>, report: &Report, lifeline: &Lifeline) -> Result<Made, Failure> {
    let blocked = Blocked::all().map_err(Failure::at(Step::Signals))?;
    let errand = Errand {
        lifeline: lifeline.number(),
        ..errand(plan, report, &blocked)
    };
    let made = lifeline.kept_by(|| way::fork(&errand));
    drop(blocked);
    made.map_err(Failure::at(Step::Clone))
}

fn spawned(made: Made) -> Spawned {
    let pid = made.pid;
    let pidfd = made.pidfd.or_else(|| pidfd::open(pid));
    Spawned {
        pid,
        pidfd,
        is_in_cgroup: false,
    }
}

fn errand<'a>(plan: &'a Plan<'a>, report: &'a Report, blocked: &Blocked) -> Errand<'a> {
    let limit = getrlimit(Resource::Nofile).current;
    Errand {
        plan,
        report,
        blocked: blocked.before(),
        parent: getpid().as_raw_nonzero().get(),
        table: Table::Copied,
        handlers: Handlers::Kept,
        lifeline: None,
        limit: limit.map_or(RawFd::MAX, |limit| limit.try_into().unwrap_or(RawFd::MAX)),
    }
}
