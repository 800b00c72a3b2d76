#![expect(unsafe_code, reason = "clone and fork")]
//! The ways in which a child can be made.
//!
//! | way        | the child's memory                 | when                                                                  | the parent goes on    |
//! |------------|------------------------------------|-----------------------------------------------------------------------|-----------------------|
//! | [`clone`]  | its parent's                       | nothing stands against it                                             | when the program runs |
//! | [`fork`]   | a copy, put right by the C library | the child changes its user or groups, or a hook runs in it; or the kernel refuses the other | at once |
//!
//! In borrowed memory the time does not grow with the parent's memory. A process of another user must not live in that memory, though:
//! it could be stopped or looked into by that user's others. A hook wants an allocator and a C library in order.
//!
//! A sandbox may refuse `clone` with such flags, and an old kernel knows no pidfds. What was refused once is not tried again.
//!
//! # After fork
//!
//! Nothing to do: what is refused here is refused in the child too.
//!
//! # Source
//!
//! `clone(2)`, `vfork(2)`, `fork(2)`; `do_fork_exec` in CPython's `Modules/_posixsubprocess.c`.

use super::{
    call::Errno,
    child::{self, Errand, Table},
    clone3::clone3,
    memory::Stack,
};
use libc::{c_int, c_void, pid_t};
use std::{
    io,
    os::fd::{FromRawFd, OwnedFd, RawFd},
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether something was refused in this process.
pub(super) struct Refused(AtomicBool);

impl Refused {
    pub(super) const fn not_yet() -> Self {
        Self(AtomicBool::new(false))
    }

    // Relaxed, both: a thread that does not see it yet asks in vain.
    pub(super) fn already(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A clone that makes the parent wait.
pub(super) static CLONE: Refused = Refused::not_yet();

/// A clone that takes its parent's signal handlers from the child.
static CLEARING: Refused = Refused::not_yet();

/// A clone that returns a pidfd.
static PIDFD: Refused = Refused::not_yet();

/// Whether the errno says that such a call is not to be had, rather than that it went wrong.
pub(super) fn is_refusal(errno: Errno) -> bool {
    matches!(errno, libc::ENOSYS | libc::EPERM | libc::EINVAL)
}

/// A child, made.
pub(super) struct Made {
    pub(super) pid: pid_t,
    /// `None` where a clone has none to give.
    pub(super) pidfd: Option<OwnedFd>,
}

/// Makes a child that has its parent's memory, and waits until its program runs or it has ended.
pub(super) fn clone(errand: &Errand<'_>, stack: &Stack) -> Result<Made, Errno> {
    let mut flags = libc::CLONE_VM | libc::CLONE_VFORK;
    if errand.table != Table::Copied {
        flags |= libc::CLONE_FILES;
    }
    let with_pidfd = flags | libc::CLONE_PIDFD;
    if !CLEARING.already() {
        match clone3(with_pidfd.unsigned_abs().into(), errand, stack) {
            Err(errno) if is_refusal(errno) => CLEARING.note(),
            result => return result,
        }
    }
    if !PIDFD.already() {
        match clone_with(with_pidfd, errand, stack) {
            Err(errno) if is_refusal(errno) => PIDFD.note(),
            result => return result,
        }
    }
    clone_with(flags, errand, stack)
}

fn clone_with(flags: c_int, errand: &Errand<'_>, stack: &Stack) -> Result<Made, Errno> {
    let mut pidfd: RawFd = -1;
    let (errand, place) = (ptr::from_ref(errand).cast_mut(), &raw mut pidfd);
    // SAFETY: the child runs `begin` on a stack of its own. It reads the errand, which outlives it here, since
    // CLONE_VFORK has this thread wait until the child has left this memory. `place` is for CLONE_PIDFD to write, and
    // ignored without (also by a kernel that does not know the flag).
    let pid = unsafe {
        libc::clone(
            child::begin,
            stack.top(),
            flags | libc::SIGCHLD,
            errand.cast::<c_void>(),
            place,
        )
    };
    if pid < 0 {
        return Err(io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    // SAFETY: the kernel made it for us: nobody else has it.
    let pidfd = (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) });
    Ok(Made { pid, pidfd })
}

/// Makes a child in the way of the C library, whose handlers for forks run.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that forks"
)]
pub(super) fn fork(errand: &Errand<'_>) -> Result<Made, Errno> {
    // SAFETY: the child does only what `child` may do; a hook was vouched for by its maker.
    match unsafe { libc::fork() } {
        0 => child::run(errand),
        pid if pid > 0 => Ok(Made { pid, pidfd: None }),
        _ => Err(io::Error::last_os_error().raw_os_error().unwrap_or(0)),
    }
}
