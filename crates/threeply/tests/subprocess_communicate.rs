//! A talk with a child loses nothing, blocks nobody, and can be resumed.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod children;
mod support;

use children::{alone, has_child, open_fds};
use proptest::prelude::*;
use rustix::fs::{OFlags, fcntl_getfl};
use std::{
    convert::Infallible,
    fs, io,
    ops::ControlFlow,
    os::fd::{AsFd, OwnedFd},
    thread,
    time::Duration,
};
use support::{Limit, far, passed, with_parker};
use threeply::{
    subprocess::{
        Child, Communication, Completed, DEVNULL, Outcome, PIPE, Popen, RunError, STDOUT, Step,
    },
    time::Deadline,
};

const MIB: usize = 1 << 20;

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

/// Goes on until the deadline; true if all was said.
fn talk<I: AsRef<[u8]>>(talk: &mut Communication<I>, deadline: Deadline) -> bool {
    let Ok(over) = talk.go_on(deadline, go_on);
    over.unwrap()
}

/// A child with three pipes, whose shell runs `command`.
fn shell(command: &str) -> Child {
    let mut popen = Popen::shell(command);
    popen.stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap()
}

/// Bytes without a pattern that a lost piece could hide in.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn what_goes_in_comes_out() {
    let _limit = Limit::new();
    for length in [0, 1, 65_535, 65_536, 65_537, MIB + 1, 20 * MIB] {
        let input = noise(length);
        let mut cat = Popen::new("cat");
        cat.stdin(PIPE).stdout(PIPE);
        let done = cat
            .run_until(&input, Deadline::NEVER)
            .unwrap()
            .check()
            .unwrap();
        assert!(done.stdout == input, "{length}");
        assert!(done.stderr.is_empty());
    }
}

#[test]
fn both_outputs_are_read_while_they_are_written() {
    // The first one would fill up while the second is read to its end, or the other way round.
    let _limit = Limit::new();
    for order in ["1 2", "2 1"] {
        let write = "for fd in $0; do head -c 3000000 /dev/zero >&$fd; done; cat >&2";
        let mut popen = Popen::shell(write.replace("$0", order));
        popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
        let done = popen.run_until(&noise(MIB), Deadline::NEVER).unwrap();
        assert_eq!(done.outcome, Outcome::Exited(0));
        assert_eq!(done.stdout.len(), 3_000_000);
        assert!(done.stderr[3_000_000..] == noise(MIB));
    }
}

#[test]
fn outputs_may_be_one() {
    let _limit = Limit::new();
    let mut popen = Popen::shell("echo a; echo b >&2; echo c");
    let done = popen
        .stdin(DEVNULL)
        .stdout(PIPE)
        .stderr(STDOUT)
        .run()
        .unwrap();
    assert_eq!(done.stdout, b"a\nb\nc\n");
}

#[test]
fn an_input_that_nobody_wants_is_no_error() {
    let _limit = Limit::new();
    let mut popen = Popen::shell("head -c 3; exit 4");
    let done = popen
        .stdin(PIPE)
        .stdout(PIPE)
        .run_until(&noise(MIB), far())
        .unwrap();
    assert_eq!(
        done,
        Completed {
            outcome: Outcome::Exited(4),
            stdout: noise(3),
            stderr: Vec::new(),
        }
    );
    // Nor one for which there is no pipe.
    let done = Popen::new("true").run_until(b"input", far()).unwrap();
    assert_eq!(done.outcome, Outcome::Exited(0));
}

#[test]
fn a_talk_goes_on_after_its_deadline() {
    let _limit = Limit::new();
    let mut child = shell("echo begin; read line; echo \"$line\"; cat; echo end");
    let mut talks = Communication::new(&mut child, Vec::new());
    // Nothing is sent, so the child's input is closed at the first go.
    while !talks.stdout().unwrap().starts_with(b"begin\n") {
        talk(&mut talks, Deadline::after(Duration::from_millis(1)));
    }
    assert!(talk(&mut talks, far()));
    assert_eq!(
        talks.into_outputs(),
        (Some(b"begin\n\nend\n".to_vec()), Some(Vec::new()))
    );
    assert_eq!(child.wait(), Outcome::Exited(0));
}

#[test]
fn input_is_sent_from_where_it_was_left() {
    let _limit = Limit::new();
    // The child does not read before it is told to by a file of its own.
    let (gate, open): (_, OwnedFd) = {
        let (reader, writer) = io::pipe().unwrap();
        (OwnedFd::from(reader), writer.into())
    };
    let mut popen = Popen::shell("read go < /proc/self/fd/9; cat");
    popen.stdin(PIPE).stdout(PIPE);
    let gate_number = std::os::fd::AsRawFd::as_raw_fd(&gate);
    let mut child = popen.pass_fd_as(gate_number, 9).spawn().unwrap();
    let input = noise(3 * MIB);
    let mut talks = Communication::new(&mut child, &input);
    for _ in 0..3 {
        assert!(!talk(&mut talks, Deadline::after(Duration::from_millis(2))));
        assert!(!talk(&mut talks, passed()));
    }
    assert_eq!(talks.stdout().map(Vec::len), Some(0));
    rustix::io::write(&open, b"go\n").unwrap();
    assert!(talk(&mut talks, Deadline::NEVER));
    assert!(talks.is_over());
    assert!(talks.into_outputs().0.unwrap() == input);
    assert_eq!(child.wait(), Outcome::Exited(0));
}

#[test]
fn a_pipe_blocks_again_after_the_talk() {
    let _limit = Limit::new();
    let mut child = shell("read go; cat");
    let other_name = child
        .stdin
        .as_ref()
        .unwrap()
        .as_fd()
        .try_clone_to_owned()
        .unwrap();
    let mut talks = Communication::new(&mut child, noise(3 * MIB));
    assert!(!talk(&mut talks, Deadline::after(Duration::from_millis(2))) || talks.is_over());
    assert!(!fcntl_getfl(&other_name).unwrap().contains(OFlags::NONBLOCK));
    child.kill().unwrap();
}

#[test]
fn a_talk_can_be_ended_by_another_thread() {
    let _limit = Limit::new();
    let mut child = shell("cat; cat >&2");
    let mut talks = Communication::new(&mut child, noise(10));
    // Whoever holds the other end goes on.
    let mut other = Popen::shell("exec sleep 1000")
        .stdout(PIPE)
        .spawn()
        .unwrap();
    let mut silent = Communication::new(&mut other, "");
    thread::scope(|scope| {
        let (parker, talker) = with_parker(scope, || {
            silent
                .go_on(far(), || ControlFlow::Break("enough"))
                .map(Result::unwrap)
        });
        parker.interrupt();
        assert_eq!(talker.join().unwrap(), Err("enough"));
    });
    other.kill().unwrap();
    assert!(talk(&mut silent, far()));
    assert!(talk(&mut talks, far()));
}

#[test]
fn a_run_beyond_its_deadline_kills_and_tells_what_was_said() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let mut popen = Popen::shell("echo said; echo wrong >&2; exec sleep 1000");
        let popen = popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
        // A deadline that has passed finds a child that may have said nothing; so does the next one, perhaps.
        for span in [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] {
            let deadline = Deadline::after(Duration::from_millis(span));
            let Err(RunError::TimedOut { stdout, stderr }) = popen.run_until(b"", deadline) else {
                panic!("it sleeps")
            };
            assert!(!has_child());
            assert_eq!(open_fds(), open);
            if !stderr.is_empty() {
                assert_eq!(
                    (&stdout[..], &stderr[..]),
                    (&b"said\n"[..], &b"wrong\n"[..])
                );
                return;
            }
        }
        panic!("it said nothing in four seconds");
    });
}

#[test]
fn a_run_waits_no_longer_than_its_deadline_for_what_its_child_started() {
    let _limit = Limit::new();
    // The grandchild has the pipe; only the deadline ends the talk.
    let mut popen = Popen::shell("sleep 1000 & echo $!");
    let deadline = Deadline::after(Duration::from_millis(50));
    let Err(RunError::TimedOut { stdout, .. }) = popen.stdout(PIPE).run_until(b"", deadline) else {
        panic!("the pipe is open")
    };
    if let Ok(pid) = String::from_utf8(stdout).unwrap().trim().parse() {
        let grandchild = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(grandchild, rustix::process::Signal::KILL).unwrap();
    }
}

#[test]
fn failures_are_told_apart() {
    let _limit = Limit::new();
    let failed = Popen::shell("echo no >&2; exit 9")
        .stderr(PIPE)
        .run()
        .unwrap()
        .check()
        .unwrap_err();
    assert_eq!(failed.to_string(), "the child exited with status 9");
    assert_eq!(
        (failed.0.outcome.code(), &failed.0.stderr[..]),
        (9, &b"no\n"[..])
    );
    let killed = Popen::shell("kill -9 $$")
        .run()
        .unwrap()
        .check()
        .unwrap_err();
    assert_eq!(killed.to_string(), "the child was killed by signal 9");
    let Err(RunError::Spawn(error)) = Popen::new("/no/such").run() else {
        panic!("there is none")
    };
    assert_eq!(error.step(), Some(Step::Exec));
}

#[test]
fn output_takes_no_more_memory_than_it_has_bytes() {
    alone(|| {
        let _limit = Limit::new();
        let length = 200 * MIB;
        let before = peak();
        let mut popen = Popen::new("head");
        popen
            .args(["-c", &length.to_string(), "/dev/zero"])
            .stdout(PIPE);
        let done = popen.run().unwrap();
        assert_eq!(done.stdout.len(), length);
        let grown = peak() - before;
        assert!(grown < length * 6 / 5, "{grown} bytes for {length}");
    });
}

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 1024
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_amount_goes_through(length in 0_usize..300_000, size in 1_usize..200_000) {
        // Made all at once: byte by byte it took longer than all the talks.
        let input = noise(length);
        let mut cat = Popen::new("cat");
        cat.stdin(PIPE).stdout(PIPE).pipe_size(size);
        let done = cat.run_until(&input, Deadline::NEVER).unwrap();
        prop_assert!(done.stdout == input);
    }
}
