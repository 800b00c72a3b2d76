//! A child that cannot be leaves an errno, the step that failed, and nothing else.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "limits, users and hooks are unsafe")]

mod children;
mod support;

use children::{alone, has_child, idle_hook, open_fds, set_limit, text};
use rustix::process::{Resource, geteuid, getuid};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    os::fd::{AsRawFd, RawFd},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};
use support::Limit;
use threeply::subprocess::{DEVNULL, Hook, PIPE, Popen, Redirect, SpawnError, Step};

/// Starts a child that must fail, in a process of its own, and asserts that it leaves nothing.
#[track_caller]
fn failure(popen: &mut Popen) -> (Step, i32, Option<String>) {
    popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
    let open = open_fds();
    let error = popen.spawn().unwrap_err();
    assert_eq!(open_fds(), open, "a descriptor is left");
    assert!(!has_child(), "a zombie is left");
    let SpawnError::Failed {
        step,
        errno,
        subject,
    } = error
    else {
        panic!("{error:?}")
    };
    (step, errno, subject.map(|name| name.into_string().unwrap()))
}

fn named(step: Step, errno: i32, subject: &str) -> (Step, i32, Option<String>) {
    (step, errno, Some(subject.to_owned()))
}

fn nameless(step: Step, errno: i32) -> (Step, i32, Option<String>) {
    (step, errno, None)
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("threeply-failures-{name}"))
}

fn script(name: &str, text: &[u8], mode: u32) -> String {
    let path = scratch(name);
    File::create(&path).unwrap().write_all(text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.into_os_string().into_string().unwrap()
}

#[test]
fn there_is_no_such_program() {
    alone(|| {
        let mut popen = Popen::new("threeply-no-such-program");
        assert_eq!(
            failure(&mut popen),
            named(Step::Exec, libc::ENOENT, "threeply-no-such-program")
        );
        assert_eq!(
            failure(&mut Popen::new("/no/such")),
            named(Step::Exec, libc::ENOENT, "/no/such")
        );
        assert_eq!(
            failure(&mut Popen::new("")),
            named(Step::Exec, libc::EACCES, "")
        );
        let mut popen = Popen::new("a name");
        popen.executable("./no");
        assert_eq!(failure(&mut popen), named(Step::Exec, libc::ENOENT, "./no"));
        assert_eq!(
            failure(&mut Popen::new("/bin/sh/x")),
            named(Step::Exec, libc::ENOTDIR, "/bin/sh/x")
        );
    });
}

#[test]
fn there_is_no_such_directory() {
    alone(|| {
        let mut popen = Popen::new("true");
        popen.current_dir("/no/such");
        assert_eq!(
            failure(&mut popen),
            named(Step::Directory, libc::ENOENT, "/no/such")
        );
        popen.current_dir("/bin/sh");
        assert_eq!(
            failure(&mut popen),
            named(Step::Directory, libc::ENOTDIR, "/bin/sh")
        );
        // Of two failures the first counts.
        let mut popen = Popen::new("/no/program");
        popen.current_dir("/no/directory");
        assert_eq!(failure(&mut popen).0, Step::Directory);
    });
}

#[test]
fn the_program_may_not_be_run() {
    alone(|| {
        let file = script("plain", b"#!/bin/sh\n", 0o644);
        assert_eq!(
            failure(&mut Popen::new(&file)),
            named(Step::Exec, libc::EACCES, &file)
        );
        assert_eq!(
            failure(&mut Popen::new("/bin/")),
            named(Step::Exec, libc::EACCES, "/bin/")
        );
        // In a search, that there is one which may not be run tells more than that there is none.
        let mut popen = Popen::new("threeply-failures-plain");
        popen.env("PATH", format!("/no:{}:/none", env!("CARGO_TARGET_TMPDIR")));
        assert_eq!(failure(&mut popen).1, libc::EACCES);
    });
}

#[test]
fn the_program_is_none() {
    alone(|| {
        let file = script("text", b"echo no interpreter\n", 0o755);
        assert_eq!(
            failure(&mut Popen::new(&file)),
            named(Step::Exec, libc::ENOEXEC, &file)
        );
        let file = script("empty", b"", 0o755);
        assert_eq!(failure(&mut Popen::new(&file)).1, libc::ENOEXEC);
        let file = script("elsewhere", b"#!/no/such/interpreter\n", 0o755);
        assert_eq!(
            failure(&mut Popen::new(&file)),
            named(Step::Exec, libc::ENOENT, &file)
        );
    });
}

#[test]
fn the_arguments_are_too_long() {
    alone(|| {
        let mut popen = Popen::new("true");
        popen.arg("x".repeat(1 << 20));
        assert_eq!(failure(&mut popen), named(Step::Exec, libc::E2BIG, "true"));
        let mut popen = Popen::new("true");
        popen.env("THREEPLY_LONG", "x".repeat(1 << 20));
        assert_eq!(failure(&mut popen).1, libc::E2BIG);
    });
}

#[test]
fn a_string_holds_what_it_must_not() {
    let _limit = Limit::new();
    let refused = |popen: &mut Popen| popen.spawn().unwrap_err();
    assert_eq!(refused(&mut Popen::new("a\0b")), SpawnError::HoldsNul);
    assert_eq!(refused(Popen::new("true").arg("\0")), SpawnError::HoldsNul);
    assert_eq!(
        refused(Popen::new("true").executable("tr\0ue")),
        SpawnError::HoldsNul
    );
    assert_eq!(
        refused(Popen::new("true").current_dir("/\0")),
        SpawnError::HoldsNul
    );
    assert_eq!(
        refused(Popen::new("true").env("A", "\0")),
        SpawnError::HoldsNul
    );
    assert_eq!(
        refused(Popen::new("true").env("\0", "a")),
        SpawnError::HoldsNul
    );
    let illegal = SpawnError::IllegalName(OsString::from("a=b"));
    assert_eq!(refused(Popen::new("true").env("a=b", "c")), illegal);
    let error = io::Error::from(illegal);
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_descriptor_is_not_open() {
    alone(|| {
        for popen in [
            Popen::new("true").pass_fd(77),
            Popen::new("true").pass_fd(-1),
            Popen::new("true").pass_fd_as(0, -1),
            // The numbers that our own pipes would get.
            Popen::new("true")
                .pass_fd(3)
                .pass_fd(4)
                .pass_fd(5)
                .pass_fd(6),
        ] {
            assert_eq!(failure(popen), nameless(Step::Descriptors, libc::EBADF));
        }
        for popen in [
            Popen::new("true").stdin(Redirect::Number(77)),
            Popen::new("true").stdout(Redirect::Number(-5)),
            Popen::new("true").stderr(Redirect::Number(3)),
        ] {
            let error = popen.spawn().unwrap_err();
            assert_eq!(
                (error.step(), error.errno()),
                (Some(Step::Descriptors), Some(libc::EBADF))
            );
        }
        assert!(!has_child());
    });
}

#[test]
fn a_descriptor_is_to_come_above_the_limit() {
    alone(|| {
        set_limit(Resource::Nofile, 64);
        let mut popen = Popen::new("true");
        assert_eq!(
            failure(popen.pass_fd_as(1, 64)),
            nameless(Step::Descriptors, libc::EBADF)
        );
        let mut shell = Popen::shell("echo here > /proc/self/fd/63");
        let (reader, writer) = io::pipe().unwrap();
        let child = shell.pass_fd_as(writer.as_raw_fd(), 63).spawn().unwrap();
        drop(writer);
        assert_eq!(io::read_to_string(reader).unwrap(), "here\n");
        assert!(child.process.wait().success());
    });
}

#[test]
fn a_descriptor_above_the_child_s_own_limit_is_passed() {
    let _limit = Limit::new();
    let null = File::open("/dev/null").unwrap();
    let nofile = i32::try_from(libc::RLIMIT_NOFILE).unwrap();
    let mut popen = Popen::new("readlink");
    popen
        .arg("/proc/self/fd/200")
        .pass_fd_as(null.as_raw_fd(), 200)
        .limit(nofile, 20, 20);
    assert_eq!(text(&mut popen), "/dev/null");
}

#[test]
fn the_group_is_another_session_s() {
    alone(|| {
        assert_eq!(
            failure(Popen::new("true").process_group(1)),
            nameless(Step::ProcessGroup, libc::EPERM)
        );
        // The leader of a session cannot leave its group.
        let mut popen = Popen::new("true");
        assert_eq!(
            failure(popen.session().process_group(0)),
            nameless(Step::ProcessGroup, libc::EPERM)
        );
    });
}

#[test]
fn there_is_no_such_limit_or_signal() {
    alone(|| {
        assert_eq!(
            failure(Popen::new("true").limit(1000, 0, 0)),
            nameless(Step::Limit, libc::EINVAL)
        );
        let mut popen = Popen::new("true");
        popen.limit(libc::RLIMIT_CORE.try_into().unwrap(), 2, 1);
        assert_eq!(failure(&mut popen), nameless(Step::Limit, libc::EINVAL));
        let mut popen = Popen::new("true");
        assert_eq!(
            failure(popen.parent_death_signal(65)),
            nameless(Step::ParentDeath, libc::EINVAL)
        );
    });
}

#[test]
fn another_user_may_not_become_somebody() {
    alone(|| {
        if !become_nobody() {
            return;
        }
        assert_eq!(
            failure(Popen::new("true").user(0)),
            nameless(Step::User, libc::EPERM)
        );
        assert_eq!(
            failure(Popen::new("true").group(0)),
            nameless(Step::Group, libc::EPERM)
        );
        assert_eq!(
            failure(Popen::new("true").groups([0])),
            nameless(Step::Groups, libc::EPERM)
        );
        assert_eq!(
            failure(Popen::new("true").nice(-1)),
            nameless(Step::Nice, libc::EACCES)
        );
        let mut popen = Popen::new("true");
        popen.limit(libc::RLIMIT_NOFILE.try_into().unwrap(), u64::MAX, u64::MAX);
        assert_eq!(failure(&mut popen), nameless(Step::Limit, libc::EPERM));
    });
}

#[test]
fn the_hook_says_no() {
    alone(|| {
        // SAFETY: it does nothing but return a number.
        let with_errno = unsafe { Hook::new(|| Err(io::Error::from_raw_os_error(libc::EDOM))) };
        let mut popen = Popen::new("true");
        assert_eq!(
            failure(popen.before_exec(with_errno)),
            nameless(Step::Hook, libc::EDOM)
        );
        // SAFETY: it returns what takes no memory.
        let without = unsafe { Hook::new(|| Err(io::ErrorKind::Other.into())) };
        assert_eq!(failure(popen.before_exec(without)), nameless(Step::Hook, 0));
        popen.before_exec(idle_hook());
        popen.executable("/no/such");
        assert_eq!(
            failure(&mut popen),
            named(Step::Exec, libc::ENOENT, "/no/such")
        );
    });
}

#[test]
fn a_hook_that_ends_the_child_is_no_failure() {
    let _limit = Limit::new();
    let function = || {
        // SAFETY: it takes a number and does not return.
        unsafe { libc::_exit(9) }
    };
    // SAFETY: it makes one system call.
    let hook = unsafe { Hook::new(function) };
    let mut child = Popen::new("true").before_exec(hook).spawn().unwrap();
    assert_eq!(child.wait().code(), 9);
}

#[test]
fn there_is_no_room_for_a_descriptor() {
    alone(|| {
        let room = i32::try_from(open_fds().len()).unwrap();
        let start = || {
            Popen::new("true")
                .stdin(PIPE)
                .stdout(PIPE)
                .stderr(DEVNULL)
                .spawn()
        };
        let mut failures = 0;
        for limit in room.. {
            let open = open_fds();
            set_limit(Resource::Nofile, limit.try_into().unwrap());
            let started = start();
            set_limit(Resource::Nofile, 1000);
            match started {
                Err(error) => {
                    assert_eq!(error.errno(), Some(libc::EMFILE), "{error}");
                    assert!(
                        matches!(error.step(), Some(Step::Open | Step::Clone)),
                        "{error}"
                    );
                    assert_eq!(open_fds(), open);
                    assert!(!has_child());
                    failures += 1;
                }
                Ok(mut child) => {
                    assert!(child.wait().success());
                    break;
                }
            }
        }
        // Two pipes, /dev/null and the handle.
        assert_eq!(failures, 6);
    });
}

#[test]
fn there_is_no_room_for_a_process() {
    alone(|| {
        if !become_nobody() {
            return;
        }
        set_limit(Resource::Nproc, 0);
        assert_eq!(
            failure(&mut Popen::new("true")),
            nameless(Step::Clone, libc::EAGAIN)
        );
        let mut popen = Popen::new("true");
        assert_eq!(
            failure(popen.before_exec(idle_hook())),
            nameless(Step::Clone, libc::EAGAIN)
        );
        assert_eq!(
            failure(Popen::new("true").user(getuid().as_raw())),
            nameless(Step::Clone, libc::EAGAIN)
        );
    });
}

#[test]
fn there_is_no_room_for_memory() {
    alone(|| {
        let mut popen = Popen::new("true");
        let open = open_fds();
        // What is mapped is all that there may be; there is a little in the heap.
        set_limit(Resource::As, 0);
        let error = popen.stdin(DEVNULL).spawn().unwrap_err();
        set_limit(Resource::As, u64::MAX);
        assert_eq!(
            (error.step(), error.errno()),
            (Some(Step::Memory), Some(libc::ENOMEM))
        );
        assert_eq!(open_fds(), open);
        assert!(popen.spawn().unwrap().wait().success());
    });
}

/// Gives up this process's rights. False where it has none.
fn become_nobody() -> bool {
    if !geteuid().is_root() {
        return false;
    }
    // SAFETY: no groups lie at a null pointer.
    assert_eq!(unsafe { libc::setgroups(0, std::ptr::null()) }, 0);
    // SAFETY: it takes a number.
    assert_eq!(unsafe { libc::setgid(65_531) }, 0);
    // SAFETY: it takes a number.
    assert_eq!(unsafe { libc::setuid(65_531) }, 0);
    true
}

#[test]
fn errors_tell_what_failed() {
    let _limit = Limit::new();
    let error = Popen::new("/no/such").spawn().unwrap_err();
    let text = "failed to run the program /no/such: No such file or directory (os error 2)";
    assert_eq!(error.to_string(), text);
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    let error = Popen::new("true").pass_fd(RawFd::MAX).spawn().unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to place a descriptor: Bad file descriptor (os error 9)"
    );
}
