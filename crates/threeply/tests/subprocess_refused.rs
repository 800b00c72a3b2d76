//! Where a kernel has no such call, or a sandbox refuses it, children are started and waited for in the next best way.
//!
//! Each test runs in a process of its own, in which a filter turns calls down: with ENOSYS as an old kernel does, and with EPERM as
//! containers do.
#![cfg(target_os = "linux")]
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "filters are unsafe")]

mod children;
mod support;

use children::{
    alone, alone_for_each, has_child, leak, numbers, open_fds, output, set_limit, steal, stopping,
};
use rustix::process::{Resource, getgid, getuid};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    mem::offset_of,
    ops::ControlFlow,
    os::fd::AsRawFd,
    thread,
    time::Duration,
};
use support::{Limit, far, with_parker};
use threeply::{
    subprocess::{Child, Containment, Hook, Outcome, PIPE, Popen, SpawnError, Step},
    time::Deadline,
};

/// Which calls of a number are turned down.
#[derive(Clone, Copy)]
enum When {
    Always,
    /// Those with one of these bits in this argument, counted from 0.
    Flag(usize, i32),
    /// Those with this second argument.
    Second(u32),
}

type Rule = (libc::c_long, When);

const CLOSE_RANGE: Rule = (libc::SYS_close_range, When::Always);
const CLOSE_RANGE_UNSHARE: Rule = (libc::SYS_unshare, When::Always);
const LISTING: Rule = (libc::SYS_getdents64, When::Always);
const PIDFD_OPEN: Rule = (libc::SYS_pidfd_open, When::Always);
const PIDFD_SEND: Rule = (libc::SYS_pidfd_send_signal, When::Always);
/// A clone that takes its parent's signal handlers from the child. (No filter can look at its
/// flags.)
const CLONE3: Rule = (libc::SYS_clone3, When::Always);
const CLONE_PIDFD: Rule = (libc::SYS_clone, When::Flag(0, libc::CLONE_PIDFD));
const CLONE_VFORK: Rule = (libc::SYS_clone, When::Flag(0, libc::CLONE_VFORK));
/// The way in which a child opens a pipe of its parent's anew.
const REOPENING: Rule = (libc::SYS_openat, When::Flag(2, libc::O_NONBLOCK));
const EVENTFD: Rule = (libc::SYS_eventfd2, When::Always);
/// Signals for the group of a handle's process.
const PIDFD_GROUP: Rule = (libc::SYS_pidfd_send_signal, When::Flag(3, 1 << 2));
/// The making of folders, those that are cgroups too.
#[cfg(target_arch = "x86_64")]
const FOLDERS: Rule = (libc::SYS_mkdir, When::Always);
#[cfg(not(target_arch = "x86_64"))]
const FOLDERS: Rule = (libc::SYS_mkdirat, When::Always);
/// `PIDFD_GET_INFO` of 64 bytes.
const PIDFD_INFO: Rule = (libc::SYS_ioctl, When::Second(0xC040_FF0B));

/// Has the kernel turn calls of this thread and of its children down.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the fields of a filter are small"
)]
fn refuse(rules: &[Rule], errno: i32) {
    let step = |code: u32, jump: (u8, u8), k: u32| libc::sock_filter {
        code: code as u16,
        jt: jump.0,
        jf: jump.1,
        k,
    };
    let load = |at: usize| {
        step(
            libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
            (0, 0),
            at as u32,
        )
    };
    let equal = |to: u32, otherwise: u8| {
        step(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            (0, otherwise),
            to,
        )
    };
    let any = |bits: u32, otherwise: u8| {
        step(
            libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K,
            (0, otherwise),
            bits,
        )
    };
    let end = |k: u32| step(libc::BPF_RET | libc::BPF_K, (0, 0), k);
    // The lower half of an argument comes first.
    let argument = |n: usize| load(offset_of!(libc::seccomp_data, args) + 8 * n);
    // By ENOSYS the C library makes its threads in the older way, and by nothing else; so that is
    // how sandboxes do it.
    let refusal = |call| {
        if call == libc::SYS_clone3 {
            libc::ENOSYS
        } else {
            errno
        }
    };
    let refusal = |call| end(libc::SECCOMP_RET_ERRNO | refusal(call) as u32);
    let mut steps = Vec::new();
    for (call, when) in rules {
        steps.push(load(offset_of!(libc::seccomp_data, nr)));
        match *when {
            When::Always => steps.push(equal(*call as u32, 1)),
            When::Flag(n, bits) => {
                steps.extend([equal(*call as u32, 3), argument(n), any(bits as u32, 1)]);
            }
            When::Second(value) => {
                steps.extend([equal(*call as u32, 3), argument(1), equal(value, 1)]);
            }
        }
        steps.push(refusal(*call));
    }
    steps.push(end(libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog {
        len: steps.len() as u16,
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: it takes numbers.
    let no_more = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(no_more, 0);
    let filter = libc::SECCOMP_MODE_FILTER;
    // SAFETY: a whole program, which the kernel copies.
    let set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, filter, &raw const program) };
    assert_eq!(set, 0);
}

/// Runs `body` where the calls are turned down, in a process for each errno: the engine asks for nothing again that was refused once.
#[track_caller]
fn without(rules: &[Rule], body: impl FnOnce()) {
    let _limit = Limit::new();
    alone_for_each(&[libc::ENOSYS, libc::EPERM], |errno| {
        refuse(rules, errno);
        body();
    });
}

fn waiting() -> Child {
    Popen::new("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap()
}

/// A child is started, waited for, ended; failures are told; nothing is left.
fn children_work() {
    let open = open_fds();
    let outcome = Popen::shell("exit 7").spawn().unwrap().wait();
    assert_eq!(outcome, Outcome::Exited(7));
    for _ in 0..50 {
        let mut child = Popen::new("true").stdin(PIPE).stdout(PIPE).spawn().unwrap();
        assert_eq!(child.wait_until(far()), Ok(Outcome::Exited(0)));
    }
    waits_end();
    let error = Popen::new("/no/such").stdin(PIPE).spawn().unwrap_err();
    assert_eq!(
        (error.step(), error.errno()),
        (Some(Step::Exec), Some(libc::ENOENT))
    );
    let error = Popen::new("true")
        .current_dir("/no/such")
        .spawn()
        .unwrap_err();
    assert_eq!(error.step(), Some(Step::Directory));
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    let mut id = Popen::new("id");
    id.arg("-u").user(uid).group(gid);
    assert_eq!(output(&mut id), format!("{uid}\n").into_bytes());
    // SAFETY: it returns what takes no memory.
    let hook = unsafe { Hook::new(|| Err(io::Error::from_raw_os_error(libc::EDOM))) };
    let error = Popen::new("true").before_exec(hook).spawn().unwrap_err();
    assert!(matches!(
        error,
        SpawnError::Failed {
            step: Step::Hook,
            errno: libc::EDOM,
            ..
        }
    ));
    assert_eq!(open_fds(), open);
    assert!(!has_child());
}

/// A wait ends by its deadline, by its owner, and by the end of the process.
fn waits_end() {
    let child = waiting();
    assert_eq!(child.poll(), None);
    assert!(
        child
            .process
            .wait_until(Deadline::after(Duration::from_millis(5)))
            .is_err()
    );
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            child
                .process
                .wait_unless(far(), || ControlFlow::Break("enough"))
        });
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    thread::scope(|scope| {
        let waiter = scope.spawn(|| child.process.wait());
        child.process.terminate().unwrap();
        assert_eq!(waiter.join().unwrap().signal(), Some(libc::SIGTERM));
    });
    child.kill().unwrap();
}

/// A child has what it was to have, of many, and no more.
fn descriptors_are_closed() {
    let many: Vec<_> = (0..200).map(|_| File::open("/dev/null").unwrap()).collect();
    for file in &many {
        leak(file);
    }
    let (low, high) = (many[7].as_raw_fd(), many[150].as_raw_fd());
    assert_eq!(numbers(&mut stopping()), [0, 1, 2]);
    let mut child = stopping();
    child
        .stdin(PIPE)
        .pass_fd(low)
        .pass_fd(high)
        .pass_fd_as(low, 299);
    assert_eq!(numbers(&mut child), [0, 1, 2, low, high, 299]);
    assert!(many.iter().all(|file| file.metadata().is_ok()));
}

#[test]
fn nothing_is_refused() {
    // What the others are measured against.
    without(&[], || {
        children_work();
        descriptors_are_closed();
        assert!(waiting().process.pidfd().is_some());
    });
}

#[test]
fn there_is_no_close_range() {
    without(&[CLOSE_RANGE], || {
        descriptors_are_closed();
        children_work();
    });
}

#[test]
fn a_table_cannot_be_left() {
    without(&[CLOSE_RANGE, CLOSE_RANGE_UNSHARE], || {
        descriptors_are_closed();
        children_work();
    });
}

#[test]
fn descriptors_cannot_be_listed_either() {
    let _limit = Limit::new();
    alone(|| {
        set_limit(Resource::Nofile, 400);
        refuse(&[CLOSE_RANGE, CLOSE_RANGE_UNSHARE, LISTING], libc::EPERM);
        descriptors_are_closed();
        assert!(Popen::new("true").spawn().unwrap().wait().success());
    });
}

#[test]
fn pipes_cannot_be_opened_anew() {
    without(&[REOPENING], || {
        let many: Vec<_> = (0..600).map(|_| File::open("/dev/null").unwrap()).collect();
        for _ in 0..2 {
            let mut cat = Popen::new("cat");
            cat.stdin(PIPE).stdout(PIPE).stderr(PIPE);
            let done = cat.run_until(b"through", far()).unwrap();
            assert_eq!(done.stdout, b"through");
        }
        drop(many);
        descriptors_are_closed();
        waits_end();
        assert!(!has_child());
    });
}

#[test]
fn pipes_of_a_pipeline_cannot_be_opened_anew() {
    without(&[REOPENING], || {
        let many: Vec<_> = (0..600).map(|_| File::open("/dev/null").unwrap()).collect();
        for _ in 0..2 {
            let row = Popen::new("cat").stdin(PIPE) | Popen::new("cat").stdout(PIPE);
            let done = row.run_until(b"through", far()).unwrap();
            assert!(done.success() && done.output.stdout == b"through");
        }
        drop(many);
        assert!(!has_child());
    });
}

#[test]
fn a_clone_leaves_the_handlers_to_the_child() {
    without(&[CLONE3], || {
        children_work();
        descriptors_are_closed();
    });
}

#[test]
fn a_clone_returns_no_handle() {
    without(&[CLONE3, CLONE_PIDFD], || {
        children_work();
        descriptors_are_closed();
        assert!(waiting().process.pidfd().is_some());
    });
}

#[test]
fn there_are_no_handles() {
    without(&[CLONE3, CLONE_PIDFD, PIDFD_OPEN, PIDFD_SEND], || {
        children_work();
        descriptors_are_closed();
        assert!(waiting().process.pidfd().is_none());
    });
}

#[test]
fn a_handle_takes_no_signals() {
    without(&[PIDFD_SEND], children_work);
}

#[test]
fn a_clone_cannot_make_its_parent_wait() {
    without(&[CLONE3, CLONE_VFORK], || {
        children_work();
        descriptors_are_closed();
    });
}

#[test]
fn there_is_no_bell() {
    without(&[EVENTFD], children_work);
}

#[test]
fn a_stolen_status_is_told_by_nobody() {
    without(&[PIDFD_INFO], || {
        let child = Popen::shell("exit 7").spawn().unwrap();
        steal(child.pid());
        assert_eq!(child.process.wait(), Outcome::Lost);
        assert_eq!(child.process.wait().code(), 0);
        child.kill().unwrap();
    });
}

#[test]
fn a_stolen_status_without_a_handle_is_lost() {
    without(&[CLONE3, CLONE_PIDFD, PIDFD_OPEN], || {
        let child = Popen::shell("exit 7").spawn().unwrap();
        steal(child.pid());
        assert_eq!(child.process.wait(), Outcome::Lost);
        // It must not reach whoever has the pid now.
        child.kill().unwrap();
    });
}

/// A tree with an orphan in it is killed by what it is known by now.
fn a_tree_ends(by: Containment) {
    let mut popen = Popen::shell("(sleep 1000 &); sleep 1000 & echo ready; wait");
    let mut child = popen.stdout(PIPE).own_tree().spawn().unwrap();
    assert_eq!(child.process.containment(), by);
    let mut said = BufReader::new(File::from(child.stdout.take().unwrap()));
    said.read_line(&mut String::new()).unwrap();
    child.process.kill_tree().unwrap();
    assert_eq!(said.read(&mut [0; 1]).unwrap(), 0);
    assert_eq!(child.wait().signal(), Some(libc::SIGKILL));
    let error = Popen::new("/no/such").own_tree().spawn().unwrap_err();
    assert_eq!(error.errno(), Some(libc::ENOENT));
    assert!(!has_child());
}

#[test]
fn there_are_no_cgroups() {
    without(&[FOLDERS], || a_tree_ends(Containment::Session));
}

#[test]
fn a_handle_stands_for_no_group() {
    without(&[FOLDERS, PIDFD_GROUP], || {
        a_tree_ends(Containment::Session);
    });
}

#[test]
fn a_tree_is_killed_without_handles() {
    without(
        &[FOLDERS, CLONE3, CLONE_PIDFD, PIDFD_OPEN, PIDFD_SEND],
        || {
            a_tree_ends(Containment::Session);
        },
    );
}

#[test]
fn a_tree_is_killed_where_handles_take_no_signals() {
    without(&[FOLDERS, PIDFD_SEND], || a_tree_ends(Containment::Session));
}

#[test]
fn a_tree_is_not_killed_by_a_number_that_is_free() {
    without(
        &[FOLDERS, CLONE3, CLONE_PIDFD, PIDFD_OPEN, PIDFD_SEND],
        || {
            let mut popen = Popen::shell("cat & echo ready");
            let mut child = popen.stdin(PIPE).stdout(PIPE).own_tree().spawn().unwrap();
            child.process.wait();
            // What is left of the tree has a number that the child does not keep any more, so it is
            // left alone.
            child.process.kill_tree().unwrap();
            drop(child.stdin.take());
            let said = io::read_to_string(File::from(child.stdout.take().unwrap())).unwrap();
            assert_eq!(said, "ready\n");
        },
    );
}

#[test]
fn there_is_no_list_of_processes() {
    without(&[FOLDERS, LISTING], || {
        let mut popen = Popen::shell("sleep 1000 & echo ready; wait");
        let mut child = popen.stdout(PIPE).own_tree().spawn().unwrap();
        let mut said = BufReader::new(File::from(child.stdout.take().unwrap()));
        said.read_line(&mut String::new()).unwrap();
        // That it cannot look is told, and the group is killed all the same.
        assert!(child.process.kill_tree().is_err());
        assert_eq!(said.read(&mut [0; 1]).unwrap(), 0);
        assert_eq!(child.wait().signal(), Some(libc::SIGKILL));
    });
}

#[test]
fn all_is_refused_together() {
    let rules = [
        CLOSE_RANGE,
        CLOSE_RANGE_UNSHARE,
        CLONE3,
        CLONE_VFORK,
        CLONE_PIDFD,
        PIDFD_OPEN,
        PIDFD_SEND,
        EVENTFD,
        PIDFD_INFO,
    ];
    without(&rules, || {
        children_work();
        descriptors_are_closed();
        let child = Popen::new("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap();
        File::from(child.stdin.unwrap())
            .write_all(b"through")
            .unwrap();
        assert_eq!(
            io::read_to_string(File::from(child.stdout.unwrap())).unwrap(),
            "through"
        );
        assert_eq!(child.process.wait(), Outcome::Exited(0));
    });
}
