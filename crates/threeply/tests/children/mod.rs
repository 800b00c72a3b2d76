//! What the tests of children share.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(unreachable_pub, reason = "a module of a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(
    unsafe_code,
    reason = "waitid is a system call, and a hook is vouched for"
)]

use rustix::{
    io::{FdFlags, fcntl_setfd},
    process::{Pid, Resource, WaitOptions, getrlimit, setrlimit, waitpid},
};
use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd, RawFd},
        unix::fs::MetadataExt,
    },
    thread,
};
use threeply::subprocess::{DEVNULL, Hook, Outcome, PIPE, Popen};

/// The variable that tells a test binary that it runs one test, alone.
const ALONE: &str = "THREEPLY_TEST_ALONE";

/// Runs `body` in a process in which nothing else runs: this test binary, started anew for the calling test.
#[track_caller]
pub fn alone(body: impl FnOnce()) {
    alone_for_each(&[0], |_| body());
}

/// Runs `body` for each of the numbers, each time in a process of its own.
#[track_caller]
pub fn alone_for_each(numbers: &[i32], body: impl FnOnce(i32)) {
    if let Some(number) = env::var_os(ALONE) {
        return body(number.to_str().unwrap().parse().unwrap());
    }
    let name = thread::current().name().unwrap().to_owned();
    for number in numbers {
        let mut child = Popen::new(env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture", "--test-threads=1"])
            .env(ALONE, number.to_string())
            .stdin(DEVNULL)
            .spawn()
            .unwrap();
        assert_eq!(child.wait(), Outcome::Exited(0), "see above ({number})");
    }
}

/// Reads to the end.
pub fn read(from: OwnedFd) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::from(from).read_to_end(&mut bytes).unwrap();
    bytes
}

/// What the child writes to its standard output. It must succeed.
#[track_caller]
pub fn output(popen: &mut Popen) -> Vec<u8> {
    let mut child = popen.stdout(PIPE).spawn().unwrap();
    let bytes = read(child.stdout.take().unwrap());
    assert_eq!(child.wait(), Outcome::Exited(0));
    bytes
}

/// The same as text, without the line end.
#[track_caller]
pub fn text(popen: &mut Popen) -> String {
    String::from_utf8(output(popen))
        .unwrap()
        .trim_end()
        .to_owned()
}

/// What `/bin/sh` writes when it runs `command`.
#[track_caller]
pub fn sh(command: &str) -> String {
    text(&mut Popen::shell(command))
}

fn number(name: &OsStr) -> RawFd {
    name.to_str().unwrap().parse().unwrap()
}

/// The descriptors of this process. (The one with which they are listed is gone when this returns.)
pub fn open_fds() -> Vec<RawFd> {
    let listed = fs::read_dir("/proc/self/fd").unwrap();
    let mut open: Vec<RawFd> = listed
        .map(|entry| number(&entry.unwrap().file_name()))
        .collect();
    open.retain(|fd| fs::read_link(format!("/proc/self/fd/{fd}")).is_ok());
    open.sort_unstable();
    open
}

/// Sets the soft limit of a resource for this process, cut to what there may be.
pub fn set_limit(resource: Resource, soft: u64) {
    let mut limit = getrlimit(resource);
    limit.current = Some(limit.maximum.map_or(soft, |most| most.min(soft)));
    setrlimit(resource, limit).unwrap();
}

/// Has an exec leave the descriptor open.
pub fn leak(fd: impl AsFd) {
    fcntl_setfd(fd, FdFlags::empty()).unwrap();
}

/// A hook that does nothing, so that the child is made by `fork`.
pub fn idle_hook() -> Hook {
    // SAFETY: it does nothing.
    unsafe { Hook::new(|| Ok(())) }
}

/// Takes the status of a child away from under its owner.
pub fn steal(pid: i32) {
    let pid = Pid::from_raw(pid).unwrap();
    let (stolen, _) = waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap();
    assert_eq!(stolen, pid);
}

/// Whether this process has a child, dead or alive.
pub fn has_child() -> bool {
    // SAFETY: a zeroed `siginfo_t` is one.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: `info` is ours to write.
    let found = unsafe { libc::waitid(libc::P_ALL, 0, &raw mut info, options) };
    found == 0
}

/// No test opens a descriptor above this.
const HIGHEST: RawFd = 4096;

/// A child that stops.
pub fn stopping() -> Popen {
    Popen::shell("kill -STOP $$")
}

/// What a child that stops has open: the inodes by their numbers.
#[track_caller]
pub fn found(popen: &mut Popen) -> BTreeMap<RawFd, u64> {
    let child = popen.spawn().unwrap();
    let id = libc::id_t::try_from(child.pid()).unwrap();
    // SAFETY: zeros are a `siginfo_t`.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: `info` is ours to write.
    let stopped = unsafe { libc::waitid(libc::P_PID, id, &raw mut info, libc::WSTOPPED) };
    assert_eq!(stopped, 0);
    let folder = format!("/proc/{}/fd", child.pid());
    let named = |entry: io::Result<fs::DirEntry>| Ok(number(&entry?.file_name()));
    let listed = fs::read_dir(&folder).and_then(|entries| entries.map(named).collect());
    // Some tests have listing refused.
    let numbers: Vec<RawFd> = listed.unwrap_or_else(|_| (0..HIGHEST).collect());
    let inode = |number| {
        Some((
            number,
            fs::metadata(format!("{folder}/{number}")).ok()?.ino(),
        ))
    };
    let found = numbers.into_iter().filter_map(inode).collect();
    child.kill().unwrap();
    assert_eq!(child.process.wait().signal(), Some(libc::SIGKILL));
    found
}

/// The numbers of what it has open.
#[track_caller]
pub fn numbers(popen: &mut Popen) -> Vec<RawFd> {
    found(popen).into_keys().collect()
}

/// Has a child's pid given to another one, before its owner knows that it has ended, and signals the first. Where pids cannot be
/// chosen there is nothing to see.
pub fn assert_that_a_recycled_pid_is_spared() {
    let last_pid = "/proc/sys/kernel/ns_last_pid";
    for _ in 0..1000 {
        let child = Popen::shell("exit 0").spawn().unwrap();
        steal(child.pid());
        if fs::write(last_pid, (child.pid() - 1).to_string()).is_err() {
            return;
        }
        let other = Popen::new("cat").stdin(PIPE).spawn().unwrap();
        let is_same = other.pid() == child.pid();
        if is_same {
            child.kill().unwrap();
            child.process.send_signal(libc::SIGTERM).unwrap();
        }
        // It ends by itself, by its input's end.
        let mut other = other;
        assert_eq!(other.wait(), Outcome::Exited(0));
        if is_same {
            assert!(child.poll().is_some());
            return;
        }
    }
    panic!("the number never came back");
}
