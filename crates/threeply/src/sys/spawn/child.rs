#![expect(
    unsafe_code,
    reason = "the child of a clone gets an address, and ends in execve or _exit"
)]
//! What a child does between its birth and its program.
//!
//! # Invariants
//!
//! 1. Nothing here, or called from here, allocates, locks, unwinds, or runs a destructor. In a child that shares its parent's
//!    memory a lock may be held by a thread of the parent that waits for this one, and what is allocated is never
//!    given back; in a copy of the memory a lock may be held by nobody that lives. The caller's hook is the
//!    one exception, and its [maker](super::Hook::new) vouches for it.
//! 2. Nothing is written but the child's own stack, its [`Report`], and the C library's `errno` of the thread that waits for it.
//! 3. It never returns to the code of its parent.
//!
//! # Source
//!
//! `vfork(2)`, `clone(2)`, `signal-safety(7)`; `child_exec` in CPython's `Modules/_posixsubprocess.c`, whose order of steps this is.

use super::{
    call::{self, Errno, SignalBits},
    descriptors,
    plan::Plan,
    report::{Failure, Report, Step},
    signals,
    strings::CStrings,
};
use crate::sys::environ;
use libc::{c_int, c_void, pid_t};
use std::{
    io,
    os::fd::{AsRawFd, RawFd},
};

/// What the parent sees as the status of a child that failed, if it looks before the report.
const FAILED: c_int = 255;

/// The table of descriptors with which a child begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// A copy of its parent's.
    Copied,
    /// Its parent's, of which it takes a copy up to the highest number that it needs.
    Shared,
    /// The same, but what can be opened anew is.
    Bare,
}

/// The signal handlers with which a child begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handlers {
    /// Its parent's.
    Kept,
    /// None.
    Forgotten,
}

/// What a child is given to do.
#[derive(Clone, Copy)]
pub(super) struct Errand<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) report: &'a Report,
    /// What the thread that makes the child blocked before.
    pub(super) blocked: SignalBits,
    pub(super) parent: pid_t,
    pub(super) table: Table,
    pub(super) handlers: Handlers,
    /// A descriptor that the exec closes, and nobody else: its end tells the parent.
    pub(super) lifeline: Option<RawFd>,
    /// No descriptor of the parent has a higher number than this.
    pub(super) limit: RawFd,
}

/// Where a child of `clone` begins.
pub(super) extern "C" fn begin(errand: *mut c_void) -> c_int {
    // SAFETY: the parent gave the address of an errand, which it keeps until the child is gone from its memory.
    let errand = unsafe { &*errand.cast::<Errand<'_>>() };
    run(errand)
}

/// Runs the program, or reports why not, and ends.
pub(super) fn run(errand: &Errand<'_>) -> ! {
    let failure = match prepare(errand) {
        Err(failure) => failure,
        Ok(()) => exec(errand.plan),
    };
    errand.report.write(failure);
    // SAFETY: it runs no destructor and does not return.
    unsafe { libc::_exit(FAILED) }
}

fn prepare(errand: &Errand<'_>) -> Result<(), Failure> {
    let plan = errand.plan;
    // While it has its parent's descriptors and rights. Whoever ordered it asks whether it went well.
    if let Some(members) = plan.cgroup
        && call::join_cgroup(members.as_raw_fd()).is_ok()
    {
        errand.report.note_cgroup();
    }
    get_table(errand.table, plan).map_err(Failure::at(Step::Unshare))?;
    descriptors::place(plan.moves).map_err(Failure::at(Step::Descriptors))?;
    if let Some(directory) = plan.directory {
        call::change_directory(directory).map_err(Failure::at(Step::Directory))?;
    }
    if let Some(umask) = plan.umask {
        call::set_umask(umask);
    }
    set_signals(errand)?;
    if plan.session {
        call::start_session().map_err(Failure::at(Step::Session))?;
    }
    if let Some(group) = plan.group {
        call::join_group(group).map_err(Failure::at(Step::ProcessGroup))?;
    }
    // What may need the parent's rights comes before they are given up.
    if let Some(increment) = plan.nicer {
        call::be_nicer(increment).map_err(Failure::at(Step::Nice))?;
    }
    for (resource, limit) in plan.limits {
        call::limit(*resource, limit).map_err(Failure::at(Step::Limit))?;
    }
    change_identity(plan)?;
    // A change of the user takes it back, so it comes after.
    if let Some(signal) = plan.parent_death {
        follow_parent(signal, errand.parent)?;
    }
    if let Some(hook) = plan.hook {
        let result = hook.run();
        let errno = |error: io::Error| error.raw_os_error().unwrap_or(0);
        result.map_err(errno).map_err(Failure::at(Step::Hook))?;
    }
    // The hook may have opened some.
    if plan.closes_others {
        descriptors::close_others(plan.kept, errand.lifeline, errand.limit);
    }
    Ok(())
}

fn get_table(table: Table, plan: &Plan<'_>) -> Result<(), Errno> {
    match table {
        Table::Copied => Ok(()),
        Table::Shared => descriptors::leave_table(plan.highest.saturating_add(1)),
        Table::Bare => {
            descriptors::leave_table(plan.highest_taken.saturating_add(1))?;
            descriptors::reopen(plan.reopened).map_err(|_| descriptors::CANNOT_REOPEN)
        }
    }
}

fn set_signals(errand: &Errand<'_>) -> Result<(), Failure> {
    let plan = errand.plan;
    for signal in plan.restored {
        call::set_default(*signal);
    }
    let blocked = plan.blocked.unwrap_or(errand.blocked);
    // A hook finds the handlers that its process had, as after any fork.
    if plan.hook.is_none() && errand.handlers == Handlers::Kept {
        signals::forget_handlers(blocked);
    }
    let set = call::block_exactly(blocked);
    set.map(drop).map_err(Failure::at(Step::Signals))
}

/// The user comes last: only the old one may change the groups.
fn change_identity(plan: &Plan<'_>) -> Result<(), Failure> {
    if let Some(groups) = plan.groups {
        call::set_groups(groups).map_err(Failure::at(Step::Groups))?;
    }
    if let Some(gid) = plan.gid {
        call::set_group(gid).map_err(Failure::at(Step::Group))?;
    }
    if let Some(uid) = plan.uid {
        call::set_user(uid).map_err(Failure::at(Step::User))?;
    }
    Ok(())
}

fn follow_parent(signal: c_int, parent: pid_t) -> Result<(), Failure> {
    call::follow_parent(signal).map_err(Failure::at(Step::ParentDeath))?;
    // It may have ended before the kernel was asked.
    if call::parent() != parent {
        call::send_myself(signal);
    }
    Ok(())
}

/// Tries each program; the first error other than that there is none counts.
fn exec(plan: &Plan<'_>) -> Failure {
    let arguments = plan.arguments.as_ptr();
    let environment = plan
        .environment
        .map_or_else(environ::array, CStrings::as_ptr);
    let mut telling = None;
    let mut last = libc::ENOENT;
    for program in plan.programs.iter() {
        // SAFETY: a C string and two arrays of C strings with a null pointer at their end (`CStrings`, `environ`).
        unsafe { libc::execve(program.as_ptr(), arguments, environment) };
        last = io::Error::last_os_error().raw_os_error().unwrap_or(0);
        if last != libc::ENOENT && last != libc::ENOTDIR {
            telling = telling.or(Some(last));
        }
    }
    let errno = telling.unwrap_or(last);
    Failure {
        step: Step::Exec,
        errno,
    }
}
