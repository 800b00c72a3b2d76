#![expect(unsafe_code, reason = "system calls")]
//! The system calls that a child makes before its program runs: numbers in, an errno out.
//!
//! Raw calls, not the functions of the C library. The child may live in the memory of its
//! parent ([`way`](super::way)), where the library's own idea of a call may be a lock (`sigaction` and `abort`), a list of threads that
//! must all follow (`setuid`), or a number kept from the parent (`getpid`).
//!
//! # Source
//!
//! `syscall(2)`; `nptl(7)`, "NPTL and process credential changes"; the comment above `child_exec` in CPython's
//! `Modules/_posixsubprocess.c`.

use super::plan::Identity;
use libc::{c_int, c_long};
use std::{ffi::CStr, io, mem::MaybeUninit, os::fd::RawFd, ptr};

/// What the kernel answered instead of doing as it was told.
pub(super) type Errno = c_int;

/// The kernel's own set of signals: bit n - 1 stands for signal n.
pub(crate) type SignalBits = u64;

/// The first argument of `prlimit64` and `setpriority` for the calling process.
const MYSELF: c_long = 0;

fn last_errno() -> Errno {
    // It allocates nothing: an error of the system is a number in a pointer.
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

fn answer(returned: c_long) -> Result<c_long, Errno> {
    if returned < 0 {
        Err(last_errno())
    } else {
        Ok(returned)
    }
}

/// Makes a call that takes numbers only. The calls of this file that name it are such.
fn numbers(call: c_long, a: c_long, b: c_long, c: c_long) -> Result<c_long, Errno> {
    // SAFETY: the call takes no address (see the callers, all of them in this file), so it touches no memory.
    answer(unsafe { libc::syscall(call, a, b, c) })
}

fn done(result: Result<c_long, Errno>) -> Result<(), Errno> {
    result.map(drop)
}

// --- Descriptors

/// Makes `to` another name of what `from` is, without close-on-exec. The two differ.
pub(super) fn assign(from: RawFd, to: RawFd) -> Result<(), Errno> {
    // dup3 waits for nobody, but EBUSY tells of another thread that opens a file at `to` right now.
    loop {
        let result = numbers(libc::SYS_dup3, from.into(), to.into(), 0);
        if result != Err(libc::EBUSY) && result != Err(libc::EINTR) {
            return done(result);
        }
    }
}

/// Another number, not below `least`, for what `fd` is. It ends at the exec.
pub(super) fn duplicate(fd: RawFd, least: RawFd) -> Result<RawFd, Errno> {
    let command = libc::F_DUPFD_CLOEXEC.into();
    let spare = numbers(libc::SYS_fcntl, fd.into(), command, least.into())?;
    RawFd::try_from(spare).map_err(|_| libc::EMFILE)
}

/// Lets the program have `fd`.
pub(super) fn let_through(fd: RawFd) -> Result<(), Errno> {
    done(numbers(libc::SYS_fcntl, fd.into(), libc::F_SETFD.into(), 0))
}

/// Whether there is something under this number.
pub(crate) fn is_open(fd: RawFd) -> bool {
    numbers(libc::SYS_fcntl, fd.into(), libc::F_GETFD.into(), 0).is_ok()
}

/// Whoever closes does not care how it went.
pub(super) fn close(fd: RawFd) {
    let _ = numbers(libc::SYS_close, fd.into(), 0, 0);
}

/// Closes every descriptor from `first` to `last`.
pub(super) fn close_range(first: RawFd, last: RawFd, flags: c_long) -> Result<(), Errno> {
    done(numbers(
        libc::SYS_close_range,
        first.into(),
        last.into(),
        flags,
    ))
}

/// Gives the calling process a table of descriptors of its own.
pub(super) fn unshare_files() -> Result<(), Errno> {
    done(numbers(libc::SYS_unshare, libc::CLONE_FILES.into(), 0, 0))
}

/// Opens a directory to be read.
pub(super) fn open_directory(path: &CStr) -> Result<RawFd, Errno> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    let here = libc::AT_FDCWD;
    // SAFETY: a C string that lives.
    let fd = unsafe { libc::syscall(libc::SYS_openat, here, path.as_ptr(), flags) };
    RawFd::try_from(answer(fd)?).map_err(|_| libc::EMFILE)
}

/// Opens a file that is there, to read or to write it, without waiting for anybody.
pub(super) fn open_at_once(path: &CStr, access: c_int) -> Result<RawFd, Errno> {
    let flags = access | libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY;
    let here = libc::AT_FDCWD;
    // SAFETY: a C string that lives.
    let fd = unsafe { libc::syscall(libc::SYS_openat, here, path.as_ptr(), flags) };
    RawFd::try_from(answer(fd)?).map_err(|_| libc::EMFILE)
}

/// Lets reads and writes wait.
pub(super) fn let_block(fd: RawFd, access: c_int) -> Result<(), Errno> {
    let command = libc::F_SETFL.into();
    done(numbers(libc::SYS_fcntl, fd.into(), command, access.into()))
}

/// What a file is.
pub(super) fn identity(fd: RawFd) -> Result<Identity, Errno> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: `fstat` writes one whole `stat`, and is the system call itself in the C library of 64-bit systems.
    if unsafe { libc::fstat(fd, stat.as_mut_ptr()) } < 0 {
        return Err(last_errno());
    }
    // SAFETY: written just now.
    let stat = unsafe { stat.assume_init() };
    Ok((stat.st_dev, stat.st_ino))
}

/// Reads entries of a directory into `entries` and says how many bytes they take; 0 at its end.
pub(super) fn read_directory(fd: RawFd, entries: &mut [u8]) -> Result<usize, Errno> {
    let (start, length) = (entries.as_mut_ptr(), entries.len());
    // SAFETY: the kernel writes at most `length` bytes at `start`, which are ours to change.
    let read = unsafe { libc::syscall(libc::SYS_getdents64, fd, start, length) };
    usize::try_from(answer(read)?).map_err(|_| libc::EIO)
}

// --- What the program finds around it

pub(super) fn change_directory(path: &CStr) -> Result<(), Errno> {
    // SAFETY: a C string that lives.
    done(answer(unsafe {
        libc::syscall(libc::SYS_chdir, path.as_ptr())
    }))
}

pub(super) fn set_umask(mask: libc::mode_t) {
    // The only answer is the mask before.
    let _ = numbers(libc::SYS_umask, mask.into(), 0, 0);
}

pub(super) fn start_session() -> Result<(), Errno> {
    done(numbers(libc::SYS_setsid, 0, 0, 0))
}

/// Puts the calling process into the cgroup of this list of members.
pub(super) fn join_cgroup(members: RawFd) -> Result<(), Errno> {
    // 0 is whoever writes it.
    let myself = b"0";
    // SAFETY: one byte, that lives.
    let written = unsafe { libc::syscall(libc::SYS_write, members, myself.as_ptr(), myself.len()) };
    done(answer(written))
}

/// Puts the calling process into the process group `group`; 0 is one of its own.
pub(super) fn join_group(group: libc::pid_t) -> Result<(), Errno> {
    done(numbers(libc::SYS_setpgid, MYSELF, group.into(), 0))
}

/// Makes the calling process nicer by `increment`, cut to what there is.
pub(super) fn be_nicer(increment: c_int) -> Result<(), Errno> {
    let this = libc::PRIO_PROCESS.into();
    // The call answers 20 - nice, so that no answer looks like an error.
    let now = 20 - numbers(libc::SYS_getpriority, this, MYSELF, 0)?;
    // The kernel would cut it too, but takes an `int`, in which the sum may have no room.
    let nicer = now.saturating_add(increment.into()).clamp(-20, 19);
    done(numbers(libc::SYS_setpriority, this, MYSELF, nicer))
}

pub(super) fn limit(resource: c_int, limit: &libc::rlimit64) -> Result<(), Errno> {
    let (limit, nothing) = (ptr::from_ref(limit), ptr::null_mut::<libc::rlimit64>());
    // SAFETY: the kernel reads a whole limit, and writes none to a null pointer.
    let result = unsafe { libc::syscall(libc::SYS_prlimit64, MYSELF, resource, limit, nothing) };
    done(answer(result))
}

// --- Who the program runs as

pub(super) fn set_groups(groups: &[libc::gid_t]) -> Result<(), Errno> {
    let (length, start) = (groups.len(), groups.as_ptr());
    // SAFETY: `length` groups lie at `start`.
    done(answer(unsafe {
        libc::syscall(libc::SYS_setgroups, length, start)
    }))
}

/// Sets the real, the effective and thereby the saved group.
pub(super) fn set_group(group: libc::gid_t) -> Result<(), Errno> {
    done(numbers(libc::SYS_setregid, group.into(), group.into(), 0))
}

/// Sets the real, the effective and thereby the saved user.
pub(super) fn set_user(user: libc::uid_t) -> Result<(), Errno> {
    done(numbers(libc::SYS_setreuid, user.into(), user.into(), 0))
}

/// Has the kernel send `signal` to the calling process when the thread that made it ends.
pub(super) fn follow_parent(signal: c_int) -> Result<(), Errno> {
    let option = libc::PR_SET_PDEATHSIG.into();
    done(numbers(libc::SYS_prctl, option, signal.into(), 0))
}

pub(super) fn parent() -> libc::pid_t {
    let parent = numbers(libc::SYS_getppid, 0, 0, 0);
    parent.map_or(0, |parent| libc::pid_t::try_from(parent).unwrap_or(0))
}

/// Sends `signal` to the calling process.
pub(super) fn send_myself(signal: c_int) {
    // Neither call can fail here: the process exists, and the number was taken by `follow_parent`.
    let myself = numbers(libc::SYS_getpid, 0, 0, 0).unwrap_or(0);
    let _ = numbers(libc::SYS_kill, myself, signal.into(), 0);
}

// --- Signals

/// Replaces the calling thread's set of blocked signals and returns the set before.
pub(super) fn block_exactly(signals: SignalBits) -> Result<SignalBits, Errno> {
    let (mut before, size): (SignalBits, _) = (0, size_of::<SignalBits>());
    let (new, old) = (&raw const signals, &raw mut before);
    // SAFETY: both are sets of the kernel's size, the second one ours to write.
    let result =
        unsafe { libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, new, old, size) };
    answer(result).map(|_| before)
}

/// The kernel's own `sigaction`, whose fields up to the handler's flags are the same everywhere we run.
#[repr(C)]
#[derive(Default)]
struct Action {
    handler: usize,
    flags: libc::c_ulong,
    restorer: usize,
    mask: SignalBits,
}

/// Whether a function of the program's runs on `signal`.
pub(super) fn is_handled(signal: c_int) -> bool {
    let (mut action, size) = (Action::default(), size_of::<SignalBits>());
    let (nothing, old) = (ptr::null::<Action>(), &raw mut action);
    // SAFETY: the kernel reads nothing from a null pointer and writes one whole action.
    let result = unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, nothing, old, size) };
    result == 0 && action.handler != libc::SIG_DFL && action.handler != libc::SIG_IGN
}

/// Gives `signal` its default effect. `SIGKILL` and `SIGSTOP` have no other.
pub(super) fn set_default(signal: c_int) {
    let (action, size) = (Action::default(), size_of::<SignalBits>());
    let (new, nothing) = (&raw const action, ptr::null_mut::<Action>());
    // SAFETY: the kernel reads one whole action, whose zeros are SIG_DFL, and writes nothing to a null pointer.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, new, nothing, size) };
}
