//! A child has the descriptors that were ordered, under the numbers that were ordered, and no others.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "descriptors by their numbers")]

mod children;
mod support;

use children::{
    alone, found, idle_hook, leak, numbers, open_fds, output, read, set_limit, stopping, text,
};
use proptest::prelude::*;
use rustix::process::Resource;
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Write},
    os::{
        fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
        unix::ffi::{OsStrExt, OsStringExt},
    },
};
use support::Limit;
use threeply::subprocess::{DEVNULL, PIPE, Popen, Redirect, STDOUT};
use threeply::time::Deadline;

/// A file without a name, that can be told from others.
fn file() -> OwnedFd {
    // SAFETY: a C string.
    let fd = unsafe { libc::memfd_create(c"threeply".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(fd >= 0);
    // SAFETY: it is new, and nobody else's.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// What tells files apart.
fn inode(fd: RawFd) -> u64 {
    // SAFETY: zeros are a `stat`.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `stat` is ours to write.
    assert_eq!(unsafe { libc::fstat(fd, &raw mut stat) }, 0);
    stat.st_ino
}

/// Makes `fd` come to be under `number` in this process as well, for good.
fn put(fd: RawFd, number: RawFd) {
    // SAFETY: numbers; the caller has this process for itself.
    assert_eq!(unsafe { libc::dup3(fd, number, libc::O_CLOEXEC) }, number);
}

fn close(number: RawFd) {
    // SAFETY: a number; the caller has this process for itself.
    unsafe { libc::close(number) };
}

#[test]
fn a_child_has_its_standard_streams_and_no_more() {
    let _limit = Limit::new();
    let leaky = file();
    leak(&leaky);
    assert_eq!(numbers(&mut stopping()), [0, 1, 2]);
    let mut child = stopping();
    child.stdin(PIPE).stdout(PIPE).stderr(PIPE);
    assert_eq!(numbers(&mut child), [0, 1, 2]);
}

#[test]
fn a_child_that_inherits_has_what_no_exec_closes() {
    alone(|| {
        let (leaky, own) = (file(), file());
        put(leaky.as_raw_fd(), 20);
        put(own.as_raw_fd(), 21);
        // SAFETY: it is open.
        leak(unsafe { BorrowedFd::borrow_raw(20) });
        let mut child = stopping();
        child.inherit_fds();
        let found = found(&mut child);
        assert_eq!(found.get(&20), Some(&inode(20)));
        assert!(!found.contains_key(&21));
        assert!(!found.contains_key(&leaky.as_raw_fd()));
    });
}

#[test]
fn what_is_passed_has_its_number_and_stays_closed_to_others() {
    let _limit = Limit::new();
    let (first, second) = (file(), file());
    let mut child = stopping();
    child.pass_fd(second.as_raw_fd()).pass_fd(first.as_raw_fd());
    let found = found(&mut child);
    for fd in [&first, &second] {
        assert_eq!(found.get(&fd.as_raw_fd()), Some(&inode(fd.as_raw_fd())));
        // SAFETY: it asks for a number.
        let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags, libc::FD_CLOEXEC);
    }
}

#[test]
fn the_standard_streams_may_be_swapped() {
    alone(|| {
        let files = [file(), file(), file()];
        for (number, file) in (0..).zip(&files) {
            put(file.as_raw_fd(), number);
        }
        let inodes = [inode(0), inode(1), inode(2)];
        for code in 0..27 {
            let sources = [code % 3, code / 3 % 3, code / 9];
            let mut child = stopping();
            let number = |n: usize| Redirect::Number(sources[n]);
            child.stdin(number(0)).stdout(number(1)).stderr(number(2));
            let found = found(&mut child);
            for (stream, source) in (0..).zip(sources) {
                let source = usize::try_from(source).unwrap();
                assert_eq!(found[&stream], inodes[source], "{sources:?}");
            }
        }
    });
}

#[test]
fn closed_standard_streams_are_no_trap() {
    // Our own pipes get the numbers 0 to 2 then, in every combination.
    alone(|| {
        let kept = [file(), file(), file()];
        for (number, file) in (0..).zip(&kept) {
            put(number, file.as_raw_fd());
        }
        for closed in 0..8 {
            for number in (0..3).filter(|number| closed & 1 << number != 0) {
                close(number);
            }
            let mut shell = Popen::shell("cat; echo err >&2");
            let mut child = shell.stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap();
            File::from(child.stdin.take().unwrap())
                .write_all(b"in")
                .unwrap();
            let (out, err) = (
                read(child.stdout.take().unwrap()),
                read(child.stderr.take().unwrap()),
            );
            assert_eq!((&out[..], &err[..]), (&b"in"[..], &b"err\n"[..]));
            assert!(child.wait().success());
            let mut shell = Popen::shell("cat; echo err >&2");
            shell.before_exec(idle_hook()).stderr(STDOUT).stdin(DEVNULL);
            assert_eq!(output(&mut shell), b"err\n");
            for (number, file) in (0..3).zip(&kept) {
                put(file.as_raw_fd(), number);
            }
        }
    });
}

#[test]
fn closed_standard_streams_stay_closed() {
    alone(|| {
        let kept = file();
        put(0, kept.as_raw_fd());
        close(0);
        let found = numbers(&mut stopping());
        put(kept.as_raw_fd(), 0);
        assert_eq!(found, [1, 2]);
    });
}

#[test]
fn a_child_s_streams_go_where_a_passed_one_lay() {
    let _limit = Limit::new();
    // A pipe's own end is passed as well, under a number that is in use for something else.
    let (reader, writer) = io::pipe().unwrap();
    let other = file();
    let mut shell = Popen::shell("echo there > /proc/self/fd/$0; echo here");
    shell.arg(other.as_raw_fd().to_string());
    shell.pass_fd_as(writer.as_raw_fd(), other.as_raw_fd());
    shell.pass_fd_as(other.as_raw_fd(), writer.as_raw_fd());
    assert_eq!(text(&mut shell), "here");
    drop(writer);
    assert_eq!(io::read_to_string(reader).unwrap(), "there\n");
}

#[test]
fn a_child_of_a_process_with_many_files_has_none_of_them() {
    alone(|| {
        set_limit(Resource::Nofile, 4000);
        let many: Vec<_> = (0..3000)
            .map(|_| File::open("/dev/null").unwrap())
            .collect();
        for file in &many {
            leak(file);
        }
        assert_eq!(numbers(&mut stopping()), [0, 1, 2]);
        let mut child = stopping();
        assert_eq!(numbers(child.stdin(PIPE)), [0, 1, 2]);
        let (low, high) = (many[100].as_raw_fd(), many[2999].as_raw_fd());
        let mut child = stopping();
        child.pass_fd(low).pass_fd(high);
        assert_eq!(numbers(&mut child), [0, 1, 2, low, high]);
        // None of ours were closed, though the child began in the same table.
        assert!(many.iter().all(|file| file.metadata().is_ok()));
    });
}

#[test]
fn the_pipes_of_a_process_with_many_files_are_as_any_others() {
    // Their numbers are high, so the child opens them anew instead of copying the table.
    alone(|| {
        set_limit(Resource::Nofile, 4000);
        let many: Vec<_> = (0..3000)
            .map(|_| File::open("/dev/null").unwrap())
            .collect();
        let mut shell = Popen::shell("cat; echo err >&2; grep flags /proc/$$/fdinfo/[012]");
        shell.stdin(PIPE).stdout(PIPE).stderr(PIPE);
        let done = shell.run_until(b"in\n", Deadline::NEVER).unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        let lines: Vec<_> = said.split_whitespace().collect();
        // Not O_NONBLOCK, and open for one thing each.
        assert_eq!(lines[0], "in");
        assert_eq!(
            [lines[2], lines[4], lines[6]].map(|flags| i32::from_str_radix(flags, 8).unwrap()
                & (libc::O_NONBLOCK | libc::O_ACCMODE)),
            [0, 1, 1]
        );
        assert_eq!(done.stderr, b"err\n");
        let mut shell = Popen::shell("echo out; cat; echo err >&2");
        shell.stdin(DEVNULL).stdout(PIPE).stderr(STDOUT);
        assert_eq!(output(&mut shell), b"out\nerr\n");
        // Together with one that is passed, low or high, and one that is moved.
        for file in [&many[5], &many[2990]] {
            let fd = file.as_raw_fd();
            let mut child = stopping();
            child
                .stdin(PIPE)
                .stdout(PIPE)
                .pass_fd(fd)
                .pass_fd_as(fd, 3500);
            assert_eq!(numbers(&mut child), [0, 1, 2, fd, 3500]);
        }
        // The pipes end when the child does: no copy is left.
        let mut child = Popen::new("true").stdout(PIPE).spawn().unwrap();
        assert_eq!(read(child.stdout.take().unwrap()), b"");
        child.wait();
    });
}

#[test]
fn a_child_that_shares_the_table_takes_no_lock_of_a_file_away() {
    // A lock of a file is given back when its process closes any descriptor of it.
    alone(|| {
        let path = format!("{}/threeply-locked", env!("CARGO_TARGET_TMPDIR"));
        let file = File::create(&path).unwrap();
        // SAFETY: zeros are a lock of the whole file, of a kind that follows.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = libc::F_WRLCK.try_into().unwrap();
        // SAFETY: a whole lock.
        let set = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw const lock) };
        assert_eq!(set, 0);
        assert!(Popen::new("true").spawn().unwrap().wait().success());
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let inode = format!(":{} ", inode(file.as_raw_fd()));
        assert!(locks.lines().any(|line| line.contains(&inode)), "{locks}");
    });
}

#[test]
fn nothing_is_left_after_a_thousand_children() {
    alone(|| {
        let open = open_fds();
        for n in 0..1000 {
            let mut popen = Popen::new(if n % 5 == 0 { "/no/such" } else { "/bin/true" });
            if let Ok(mut child) = popen.stdin(PIPE).stdout(PIPE).spawn() {
                assert!(child.wait().success());
            }
        }
        assert_eq!(open_fds(), open);
        assert!(!children::has_child());
    });
}

fn os(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// Any bytes that a C string can hold.
fn bytes(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1_u8.., length)
}

/// The strings that end at each NUL.
fn strings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut strings: Vec<_> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(strings.pop().as_deref(), Some(&[][..]));
    strings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_arguments_arrive(arguments in prop::collection::vec(bytes(0..200), 0..20)) {
        let mut shell = Popen::shell("cat /proc/$$/cmdline");
        shell.arg("0").args(arguments.iter().map(|argument| os(argument)));
        let found = strings(&output(&mut shell));
        prop_assert_eq!(&found[..4], &[&b"/bin/sh"[..], b"-c", b"cat /proc/$$/cmdline", b"0"]);
        prop_assert_eq!(&found[4..], arguments);
    }

    #[test]
    fn any_environment_arrives(
        variables in prop::collection::btree_map(
            bytes(1..20).prop_map(|mut name| {
                name.iter_mut().filter(|byte| **byte == b'=').for_each(|byte| *byte = b'~');
                name
            }),
            bytes(0..200),
            0..20,
        )
    ) {
        let mut cat = Popen::new("/bin/cat");
        cat.env_clear().arg("/proc/self/environ");
        let mut expected = Vec::new();
        for (name, value) in &variables {
            cat.env(os(name), os(value));
            expected.push([&name[..], b"=", value].concat());
        }
        let found = output(&mut cat);
        let found = if variables.is_empty() { Vec::new() } else { strings(&found) };
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_directory_is_reached(name in bytes(1..100)) {
        let name: Vec<u8> = name.into_iter().map(|byte| if byte == b'/' { b'-' } else { byte }).collect();
        prop_assume!(name != b"." && name != b"..");
        let mut path = OsString::from_vec(env!("CARGO_TARGET_TMPDIR").into());
        path.push("/threeply-dir-");
        path.push(os(&name));
        fs::create_dir_all(&path).unwrap();
        let found = output(Popen::new("readlink").arg("/proc/self/cwd").current_dir(&path));
        fs::remove_dir(&path).unwrap();
        prop_assert_eq!(os(found.strip_suffix(b"\n").unwrap()), path);
    }
}

/// For each number of the child, which of some files comes there.
type Map = Vec<(RawFd, usize)>;

/// Maps of numbers to files, which themselves lie at some of these numbers.
fn maps() -> impl Strategy<Value = (Vec<RawFd>, Map)> {
    let numbers = || prop::sample::select((0..20).collect::<Vec<RawFd>>());
    let lying =
        prop::collection::hash_set(numbers(), 1..8).prop_map(|set| set.into_iter().collect());
    (
        lying,
        prop::collection::hash_map(numbers(), 0_usize..8, 0..12),
    )
        .prop_map(|(lying, map): (Vec<RawFd>, _)| {
            let map = map
                .into_iter()
                .map(|(to, file)| (to, file % lying.len()))
                .collect();
            (lying, map)
        })
}

#[test]
fn any_map_of_descriptors_is_what_the_child_finds() {
    alone(|| {
        // Out of the way of the numbers that are tried.
        for number in 0..3 {
            // SAFETY: numbers.
            assert!(unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 100) } >= 100);
        }
        let streams: Vec<RawFd> = open_fds().into_iter().filter(|fd| *fd >= 100).collect();
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(200)
        });
        let result = runner.run(&(maps(), any::<bool>()), |((lying, map), forked)| {
            let files: Vec<OwnedFd> = lying.iter().map(|_| file()).collect();
            let far: Vec<RawFd> = (200..).take(files.len()).collect();
            for (file, far) in files.iter().zip(&far) {
                put(file.as_raw_fd(), *far);
            }
            drop(files);
            for (number, far) in lying.iter().zip(&far) {
                put(*far, *number);
            }
            let mut child = stopping();
            if forked {
                child.before_exec(idle_hook());
            }
            for (to, file) in &map {
                child.pass_fd_as(lying[*file], *to);
            }
            let mut found = found(&mut child);
            for (to, file) in &map {
                prop_assert_eq!(found.remove(to), Some(inode(far[*file])), "{}", to);
            }
            // And nothing else but the standard streams.
            prop_assert!(found.keys().all(|number| *number < 3), "{:?}", found);
            for number in lying.iter().copied().chain(far) {
                close(number);
            }
            for (number, stream) in (0..3).zip(&streams) {
                put(*stream, number);
            }
            Ok(())
        });
        result.unwrap();
    });
}
