#![expect(
    unsafe_code,
    reason = "a signal by number, and what a pidfd knows of a process that is gone"
)]
//! Handles of processes: a pid that cannot come to mean another process.
//!
//! Linux has had them since 5.3, and a sandbox may refuse them. Without one a child is named by its pid, which stands for it until
//! somebody has waited for it.
//!
//! # Source
//!
//! `pidfd_open(2)`, `pidfd_send_signal(2)`, `waitid(2)`; the kernel's `include/uapi/linux/pidfd.h` for `PIDFD_GET_INFO`.

use libc::{c_int, pid_t};
use rustix::{
    fd::{AsFd, AsRawFd, OwnedFd},
    io::Errno,
    process::{Pid, PidfdFlags, WaitId, WaitIdOptions, WaitIdStatus, pidfd_open, waitid},
};
use std::io;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exited { status: c_int },
    Killed { signal: c_int, dumped: bool },
}

/// Whether to wait for what has not come yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Blocking,
    Looking,
}

/// A handle of the child `pid`, or `None` where there are none, or no room for one, or no such child.
///
/// Another waiter may have had its status already, and the number be a process's that is no child of this one.
pub(crate) fn open(pid: pid_t) -> Option<OwnedFd> {
    let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let looked = waitid(WaitId::PidFd(pidfd.as_fd()), options);
    (looked.err() != Some(Errno::CHILD)).then_some(pidfd)
}

/// Waits for the end of a child and takes its status, which can be had once. `Ok(None)`: it lives.
///
/// # Errors
///
/// `ECHILD`: another waiter had the status, or the process ignores `SIGCHLD` and nobody gets it.
pub(crate) fn wait(
    pid: pid_t,
    pidfd: Option<&OwnedFd>,
    patience: Patience,
) -> Result<Option<End>, Errno> {
    let mut options = WaitIdOptions::EXITED;
    if patience == Patience::Looking {
        options |= WaitIdOptions::NOHANG;
    }
    let by_pid = || Pid::from_raw(pid).map(WaitId::Pid).ok_or(Errno::CHILD);
    let mut id = match pidfd {
        Some(pidfd) => WaitId::PidFd(pidfd.as_fd()),
        None => by_pid()?,
    };
    loop {
        match (waitid(id.clone(), options), &id) {
            (Err(Errno::INTR), _) => {}
            // A kernel before 5.4 has handles, but does not wait for them.
            (Err(Errno::INVAL), WaitId::PidFd(_)) => id = by_pid()?,
            (result, _) => return Ok(result?.as_ref().and_then(end)),
        }
    }
}

fn end(status: &WaitIdStatus) -> Option<End> {
    if let Some(status) = status.exit_status() {
        return Some(End::Exited { status });
    }
    let signal = status.terminating_signal()?;
    let dumped = status.dumped();
    Some(End::Killed { signal, dumped })
}

/// Sends a signal to the process that the handle means, whoever has its pid by now.
pub(crate) fn send(pidfd: &OwnedFd, signal: c_int) -> Result<(), Errno> {
    let (fd, nothing) = (pidfd.as_raw_fd(), std::ptr::null::<libc::siginfo_t>());
    // SAFETY: three numbers, and a null pointer for "as kill(2) does".
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, nothing, 0) };
    answer(result)
}

/// Sends a signal to whatever process has the pid. That is the child as long as nobody has waited for it.
pub(crate) fn send_by_pid(pid: pid_t, signal: c_int) -> Result<(), Errno> {
    // SAFETY: two numbers.
    answer(unsafe { libc::kill(pid, signal) }.into())
}

fn answer(returned: libc::c_long) -> Result<(), Errno> {
    if returned < 0 {
        let errno = io::Error::last_os_error().raw_os_error();
        return Err(Errno::from_raw_os_error(errno.unwrap_or(0)));
    }
    Ok(())
}

/// `struct pidfd_info`, as long as the kernels were that first had it.
#[repr(C)]
#[derive(Default)]
struct Info {
    /// What is asked for, and then what there is.
    mask: u64,
    cgroup: u64,
    ids: [u32; 11],
    exit_code: i32,
}

const INFO_EXIT: u64 = 1 << 3;

/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const GET_INFO: libc::c_ulong =
    3 << 30 | (size_of::<Info>() as libc::c_ulong) << 16 | 0xFF << 8 | 0x0B;

/// The end of a process for which another waited, where the kernel (6.15) still knows it.
pub(crate) fn end_of_reaped(pidfd: &OwnedFd) -> Option<End> {
    let mut info = Info {
        mask: INFO_EXIT,
        ..Info::default()
    };
    // SAFETY: the request holds the size of what is ours to write.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_INFO, &raw mut info) };
    if result != 0 || info.mask & INFO_EXIT == 0 {
        return None;
    }
    let code = info.exit_code;
    if libc::WIFSIGNALED(code) {
        let (signal, dumped) = (libc::WTERMSIG(code), libc::WCOREDUMP(code));
        return Some(End::Killed { signal, dumped });
    }
    let status = libc::WEXITSTATUS(code);
    Some(End::Exited { status })
}
