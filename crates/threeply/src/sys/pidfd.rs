#![expect(
    unsafe_code,
    reason = "a status with what it cost, a signal by number, and what a pidfd knows of a process that is gone"
)]
//! Handles of processes: a pid that cannot come to mean another process.
//!
//! Linux has had them since 5.3, and a sandbox may refuse them. Without one a child is named by its pid, which stands for it until
//! somebody has waited for it.
//!
//! # Source
//!
//! `pidfd_open(2)`, `pidfd_send_signal(2)`, `waitid(2)`; the kernel's `include/uapi/linux/pidfd.h` for `PIDFD_GET_INFO`.

use libc::{c_int, c_long, pid_t};
use rustix::{
    fd::{AsFd, AsRawFd, OwnedFd},
    io::Errno,
    process::{Pid, PidfdFlags, WaitId, WaitIdOptions, getpid, pidfd_open, waitid},
};
use std::{io, mem::MaybeUninit};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exited { status: c_int },
    Killed { signal: c_int, dumped: bool },
}

/// A child whose status was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reaped {
    pub(crate) end: End,
    /// What it used, with those of its own children for which it had waited.
    pub(crate) usage: libc::rusage,
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

/// A handle of whatever process has the pid, child or not.
///
/// # Errors
///
/// `ESRCH` where none has; `EMFILE` and the like.
pub(crate) fn open_any(pid: pid_t) -> Result<OwnedFd, Errno> {
    let pid = Pid::from_raw(pid).ok_or(Errno::SRCH)?;
    pidfd_open(pid, PidfdFlags::empty())
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
) -> Result<Option<Reaped>, Errno> {
    let options = match patience {
        Patience::Blocking => libc::WEXITED,
        Patience::Looking => libc::WEXITED | libc::WNOHANG,
    };
    let by_pid = (libc::P_PID, pid);
    let by_handle = pidfd.map(|pidfd| (libc::P_PIDFD, pidfd.as_raw_fd()));
    let mut child = by_handle.unwrap_or(by_pid);
    loop {
        match reap(child, options) {
            Err(Errno::INTR) => {}
            // A kernel before 5.4 has handles, but does not wait for them.
            Err(Errno::INVAL) if child != by_pid => child = by_pid,
            result => return result,
        }
    }
}

/// `waitid`, whose function in the C library keeps the last argument to itself.
fn reap((kind, child): (libc::idtype_t, c_int), options: c_int) -> Result<Option<Reaped>, Errno> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let (told, used) = (info.as_mut_ptr(), usage.as_mut_ptr());
    // SAFETY: the kernel writes at most one of each, in its own form, which is the C library's on 64-bit systems.
    let result = unsafe { libc::syscall(libc::SYS_waitid, kind, child, told, options, used) };
    answer(result)?;
    // SAFETY: zeros are one, and so is what the kernel wrote.
    let info = unsafe { info.assume_init() };
    // SAFETY: as above.
    let usage = unsafe { usage.assume_init() };
    Ok(end(&info).map(|end| Reaped { end, usage }))
}

/// How a child ended of which `waitid` tells; `None` where it told nothing.
fn end(info: &libc::siginfo_t) -> Option<End> {
    // SAFETY: the numbers that `waitid` writes lie where these of SIGCHLD do.
    let status = unsafe { info.si_status() };
    match info.si_code {
        libc::CLD_EXITED => Some(End::Exited { status }),
        code @ (libc::CLD_KILLED | libc::CLD_DUMPED) => Some(End::Killed {
            signal: status,
            dumped: code == libc::CLD_DUMPED,
        }),
        _ => None,
    }
}

/// Sends a signal to the process that the handle means, whoever has its pid by now.
pub(crate) fn send(pidfd: &OwnedFd, signal: c_int) -> Result<(), Errno> {
    send_as(pidfd, signal, 0)
}

/// Whether handles take signals at all: a sandbox may refuse it. This one is asked first, and one of this process if that may not be.
pub(crate) fn takes_signals(pidfd: &OwnedFd) -> bool {
    let is_refused = |pidfd: &OwnedFd| matches!(send(pidfd, 0), Err(Errno::NOSYS | Errno::PERM));
    let own = || open_any(getpid().as_raw_nonzero().get());
    !is_refused(pidfd) || own().is_ok_and(|own| !is_refused(&own))
}

/// Sends a signal to the process group that the process of this handle leads, or led when it lived: the number of a group, like that of a
/// process, can come to mean another one, and the handle cannot.
///
/// # Errors
///
/// `EINVAL` from a kernel before 6.9; `ESRCH` where the group is empty.
pub(crate) fn send_group(pidfd: &OwnedFd, signal: c_int) -> Result<(), Errno> {
    const PROCESS_GROUP: c_long = 1 << 2;
    send_as(pidfd, signal, PROCESS_GROUP)
}

fn send_as(pidfd: &OwnedFd, signal: c_int, flags: c_long) -> Result<(), Errno> {
    let (fd, nothing) = (pidfd.as_raw_fd(), std::ptr::null::<libc::siginfo_t>());
    // SAFETY: three numbers, and a null pointer for "as kill(2) does".
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, nothing, flags) };
    answer(result)
}

/// Sends a signal to whatever process has the pid. That is the child as long as nobody has waited for it.
pub(crate) fn send_by_pid(pid: pid_t, signal: c_int) -> Result<(), Errno> {
    // SAFETY: two numbers.
    answer(unsafe { libc::kill(pid, signal) }.into())
}

fn answer(returned: c_long) -> Result<(), Errno> {
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
