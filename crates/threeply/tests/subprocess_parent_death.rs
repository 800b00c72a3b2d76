//! A child that asked for a signal at its parent's end gets it also if that came before it could ask.
#![cfg(target_os = "linux")]
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(clippy::disallowed_methods, reason = "a test forks as it likes")]
#![expect(unsafe_code, reason = "fork and ptrace are unsafe")]

mod children;
mod support;

use children::{alone, idle_hook};
use std::{ffi::c_void, fs, process, ptr};
use support::{Limit, until};
use threeply::subprocess::Popen;

/// Makes a call of `ptrace` whose arguments are numbers.
fn trace(request: libc::c_uint, pid: libc::pid_t, data: libc::c_int) {
    let data = ptr::without_provenance_mut::<c_void>(usize::try_from(data).unwrap());
    // SAFETY: the requests of this file but for the one below take no address.
    let result = unsafe { libc::ptrace(request, pid, ptr::null_mut::<c_void>(), data) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// The child that stopped its tracee at its birth.
fn born(parent: libc::pid_t) -> libc::pid_t {
    let mut pid: libc::c_ulong = 0;
    let place = ptr::from_mut(&mut pid).cast::<c_void>();
    let nothing = ptr::null_mut::<c_void>();
    // SAFETY: the kernel writes one number to `pid`.
    let result = unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, parent, nothing, place) };
    assert_eq!(result, 0);
    pid.try_into().unwrap()
}

fn wait(pid: libc::pid_t) -> libc::c_int {
    let mut status = 0;
    // SAFETY: `status` is ours to write.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) };
    assert_eq!(waited, pid);
    status
}

fn parent_of(pid: libc::pid_t) -> libc::pid_t {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Starts a child in a process that is killed before the child makes its first step. Tells how the child ends.
fn orphaned_at_birth(popen: &Popen) -> libc::c_int {
    // SAFETY: numbers. Whoever loses its parent comes to this process.
    let adopts = unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
    assert_eq!(adopts, 0);
    // SAFETY: the child runs the engine, which works in a child of a process with threads.
    let parent = unsafe { libc::fork() };
    if parent == 0 {
        trace(libc::PTRACE_TRACEME, 0, 0);
        // SAFETY: a number.
        unsafe { libc::raise(libc::SIGSTOP) };
        let started = popen.spawn().is_ok();
        // SAFETY: it does not return.
        unsafe { libc::_exit(i32::from(started)) };
    }
    assert!(libc::WIFSTOPPED(wait(parent)));
    let births = libc::PTRACE_O_TRACEFORK | libc::PTRACE_O_TRACEVFORK | libc::PTRACE_O_TRACECLONE;
    let options = births | libc::PTRACE_O_EXITKILL;
    trace(libc::PTRACE_SETOPTIONS, parent, options);
    trace(libc::PTRACE_CONT, parent, 0);
    let stopped = wait(parent);
    assert_ne!(stopped >> 16, 0, "it made a child: {stopped:x}");
    let child = born(parent);
    assert!(libc::WIFSTOPPED(wait(child)));
    // SAFETY: numbers; it is a child of this process.
    unsafe { libc::kill(parent, libc::SIGKILL) };
    assert!(libc::WIFSIGNALED(wait(parent)));
    let me = libc::pid_t::try_from(process::id()).unwrap();
    until(|| parent_of(child) == me);
    trace(libc::PTRACE_DETACH, child, 0);
    wait(child)
}

#[test]
fn a_parent_that_ended_before_the_child_could_ask_is_noticed() {
    alone(|| {
        let _limit = Limit::new();
        for is_forked in [false, true] {
            let mut popen = Popen::new("true");
            if is_forked {
                popen.before_exec(idle_hook());
            }
            let without = orphaned_at_birth(&popen);
            assert!(libc::WIFEXITED(without), "{without:x}");
            let with = orphaned_at_birth(popen.parent_death_signal(libc::SIGUSR1));
            assert!(libc::WIFSIGNALED(with), "{with:x}");
            assert_eq!(libc::WTERMSIG(with), libc::SIGUSR1);
        }
    });
}
