//! What a child writes can be bounded, and shown as it comes.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(
    unsafe_code,
    reason = "a test puts something else in the place of its standard output"
)]

mod children;
mod support;

use children::{alone, has_child, open_fds, read};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::{
    convert::Infallible,
    io::{self, PipeReader, Read},
    ops::ControlFlow,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
    time::Duration,
};
use support::{Limit, far, passed};
use threeply::{
    subprocess::{
        Child, Communication, DEVNULL, Outcome, PIPE, Popen, RunError, Sink, TooMuchOutput,
    },
    time::Deadline,
};

const MIB: usize = 1 << 20;

fn shell(command: &str) -> Child {
    let mut popen = Popen::shell(command);
    popen.stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap()
}

fn go_on<I: AsRef<[u8]>, S: Sink>(
    talk: &mut Communication<I, S>,
    deadline: Deadline,
) -> io::Result<bool> {
    let Ok(over) = talk.go_on(deadline, || ControlFlow::<Infallible>::Continue(()));
    over
}

#[track_caller]
fn assert_too_much(over: &io::Result<bool>) {
    let error = over.as_ref().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    let reason = error.get_ref().map(ToString::to_string);
    assert_eq!(reason, Some(TooMuchOutput.to_string()));
}

#[test]
fn a_limit_is_the_most_that_may_come() {
    let _limit = Limit::new();
    for limit in [0, 1, 5, 65_535, 65_536, 65_537, 3 * MIB] {
        for length in [limit.saturating_sub(1), limit, limit + 1, limit + 2 * MIB] {
            let mut head = Popen::new("head");
            head.args(["-c", &length.to_string(), "/dev/zero"]);
            match head.stdout(PIPE).max_output(limit).run() {
                Ok(done) => {
                    assert!(length <= limit, "{length} of {limit}");
                    assert_eq!(done.stdout.len(), length);
                    assert!(done.outcome.success());
                }
                Err(RunError::TooMuchOutput { stdout, .. }) => {
                    assert!(length > limit, "{length} of {limit}");
                    assert_eq!(stdout.len(), limit);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn each_output_has_the_limit_for_itself() {
    let _limit = Limit::new();
    let mut popen = Popen::shell("printf 12345; printf abcde >&2");
    popen.stdin(DEVNULL).stdout(PIPE).stderr(PIPE).max_output(5);
    let done = popen.run().unwrap();
    assert_eq!(
        (&done.stdout[..], &done.stderr[..]),
        (&b"12345"[..], &b"abcde"[..])
    );
    let mut popen = Popen::shell("printf 1234; printf abcdef >&2; exec sleep 1000");
    popen.stdin(DEVNULL).stdout(PIPE).stderr(PIPE).max_output(5);
    let Err(RunError::TooMuchOutput { stdout, stderr, .. }) = popen.run() else {
        panic!("there are six")
    };
    assert_eq!((&stdout[..], &stderr[..]), (&b"1234"[..], &b"abcde"[..]));
}

#[test]
fn a_run_ends_a_child_that_writes_too_much_with_all_that_it_started() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        for own_tree in [false, true] {
            let (alive, mark) = io::pipe().unwrap();
            let background = if own_tree { "sleep 1000 &" } else { "" };
            let mut popen = Popen::shell(format!("{background} exec yes"));
            popen.stdout(PIPE).max_output(MIB).pass_fd(mark.as_raw_fd());
            if own_tree {
                popen.own_tree();
            }
            let error = popen.run().unwrap_err();
            assert_eq!(
                error.to_string(),
                "the child wrote more than it may, and was killed"
            );
            assert!(matches!(error, RunError::TooMuchOutput { stdout, .. } if stdout.len() == MIB));
            drop(mark);
            fcntl_setfl(&alive, OFlags::NONBLOCK).unwrap();
            assert_eq!(
                rustix::io::read(&alive, &mut [0; 1]),
                Ok(0),
                "somebody lives"
            );
            assert!(!has_child());
            drop(alive);
            assert_eq!(open_fds(), open);
        }
    });
}

#[test]
fn a_talk_beyond_its_limit_stays_so() {
    let _limit = Limit::new();
    let mut child = shell("yes");
    let mut talk = Communication::new(&mut child, "");
    talk.max_output(7);
    assert!(!talk.has_too_much());
    for deadline in [far(), passed(), Deadline::NEVER] {
        assert_too_much(&go_on(&mut talk, deadline));
        assert!(talk.has_too_much());
        assert_eq!(talk.stdout().unwrap(), b"y\ny\ny\ny");
    }
    child.kill().unwrap();
    child.wait();
}

#[test]
fn no_more_memory_is_taken_than_may_be_filled() {
    let _limit = Limit::new();
    for limit in [10, 100_000, 10 * MIB] {
        let mut child = shell("yes");
        let mut talk = Communication::new(&mut child, "");
        assert_too_much(&go_on(talk.max_output(limit), far()));
        assert_eq!(talk.stdout().unwrap().len(), limit);
        assert!(talk.stdout().unwrap().capacity() <= limit);
        child.kill().unwrap();
    }
}

#[test]
fn a_vector_with_room_to_spare_takes_no_more() {
    let _limit = Limit::new();
    let mut child = shell("yes");
    let with_room = || Vec::with_capacity(MIB);
    let mut talk = Communication::into_sinks(&mut child, "", with_room);
    assert_too_much(&go_on(talk.max_output(200_001), far()));
    let said = talk.stdout().unwrap();
    assert_eq!(said.len(), 200_001);
    assert!(said.iter().step_by(2).all(|byte| *byte == b'y'));
    child.kill().unwrap();
}

/// A sink that takes little at a time, and fails now and then.
#[derive(Debug, Default)]
struct Choosy {
    bytes: Vec<u8>,
    asked: usize,
}

impl Sink for Choosy {
    fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        assert!(most >= 1);
        self.asked += 1;
        if self.asked.is_multiple_of(3) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut piece = [0; 1000];
        let most = most.min(piece.len());
        let read = rustix::io::read(file, &mut piece[..most])?;
        self.bytes.extend_from_slice(&piece[..read]);
        Ok(read)
    }
}

#[test]
fn a_talk_goes_on_after_what_a_sink_says() {
    let _limit = Limit::new();
    let mut child = shell("cat");
    let input: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let mut talk = Communication::into_sinks(&mut child, &input, Choosy::default);
    let mut failures = 0;
    while let Err(error) = go_on(&mut talk, far()) {
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        failures += 1;
    }
    assert!(failures >= 50, "{failures}");
    assert!(talk.stdout().unwrap().bytes == input);
    assert_eq!(child.wait(), Outcome::Exited(0));
}

/// A talk whose standard output is shown in the pipe that comes back.
fn shown(child: &mut Child) -> (Communication<&'static str>, PipeReader) {
    let mut talk = Communication::new(child, "");
    let (screen, file) = io::pipe().unwrap();
    talk.tee(Some(file.into()), None);
    (talk, screen)
}

#[test]
fn what_comes_is_shown_as_it_comes() {
    let _limit = Limit::new();
    let (gate, go) = io::pipe().unwrap();
    let mut popen = Popen::shell("echo first; read go <&9; echo second; echo hidden >&2");
    popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
    let mut child = popen.pass_fd_as(gate.as_raw_fd(), 9).spawn().unwrap();
    let (mut talk, mut screen) = shown(&mut child);
    std::thread::scope(|scope| {
        let talker = scope.spawn(|| {
            let over = go_on(&mut talk, far());
            (over, talk.into_outputs())
        });
        let mut first = [0; 6];
        screen.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"first\n");
        // The child is still there, and says more only now.
        rustix::io::write(&go, b"\n").unwrap();
        let mut rest = Vec::new();
        screen.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"second\n");
        let (over, (stdout, stderr)) = talker.join().unwrap();
        assert!(over.unwrap());
        assert_eq!(stdout.unwrap(), b"first\nsecond\n");
        assert_eq!(stderr.unwrap(), b"hidden\n");
    });
}

#[test]
fn a_screen_that_nobody_looks_at_holds_up_neither_child_nor_deadline() {
    let _limit = Limit::new();
    let mut child = shell("head -c 3000000 /dev/zero");
    let (mut talk, mut screen) = shown(&mut child);
    // The child comes to its end, whose output is far more than the screen takes.
    while child.process.poll().is_none() {
        assert!(!go_on(&mut talk, Deadline::after(Duration::from_millis(1))).unwrap());
    }
    while talk.stdout().unwrap().len() < 3_000_000 {
        assert!(!go_on(&mut talk, Deadline::after(Duration::from_millis(1))).unwrap());
    }
    assert!(!talk.is_over());
    assert!(!go_on(&mut talk, passed()).unwrap());
    std::thread::scope(|scope| {
        let looker = scope.spawn(move || {
            let mut seen = Vec::new();
            screen.read_to_end(&mut seen).unwrap();
            seen.len()
        });
        assert!(go_on(&mut talk, far()).unwrap());
        let (stdout, _) = talk.into_outputs();
        assert_eq!(stdout.unwrap().len(), 3_000_000);
        assert_eq!(looker.join().unwrap(), 3_000_000);
    });
}

#[test]
fn a_screen_that_is_gone_is_told_once() {
    let _limit = Limit::new();
    let mut child = shell("head -c 1000000 /dev/zero");
    let (mut talk, screen) = shown(&mut child);
    drop(screen);
    let error = go_on(&mut talk, far()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert!(go_on(&mut talk, far()).unwrap());
    assert_eq!(talk.stdout().unwrap().len(), 1_000_000);
    assert_eq!(child.wait(), Outcome::Exited(0));
}

#[test]
fn what_is_beyond_the_limit_is_not_shown() {
    let _limit = Limit::new();
    let mut child = shell("yes");
    let (mut talk, screen) = shown(&mut child);
    talk.max_output(30_001);
    assert_too_much(&go_on(&mut talk, far()));
    drop(talk);
    assert_eq!(read(screen.into()).len(), 30_001);
    child.kill().unwrap();
}

/// Puts `file` in the place of a descriptor of this process while `body` runs.
fn replaced<R>(number: RawFd, file: &OwnedFd, body: impl FnOnce() -> R) -> R {
    let put = |from: RawFd| {
        // SAFETY: numbers; the place is a standard stream's, which nobody here owns.
        assert_eq!(unsafe { libc::dup2(from, number) }, number);
    };
    // SAFETY: open, and not -1.
    let before = unsafe { BorrowedFd::borrow_raw(number) };
    let before = before.try_clone_to_owned().unwrap();
    put(file.as_raw_fd());
    let result = body();
    put(before.as_raw_fd());
    result
}

#[test]
fn a_run_can_be_shown_on_this_process_s_own_outputs() {
    alone(|| {
        let _limit = Limit::new();
        let (out, stdout) = io::pipe().unwrap();
        let (err, stderr) = io::pipe().unwrap();
        let (stdout, stderr) = (OwnedFd::from(stdout), OwnedFd::from(stderr));
        let mut popen = Popen::shell("echo out; echo err >&2");
        popen.stdin(DEVNULL).stdout(PIPE).stderr(PIPE).tee();
        let run = || replaced(2, &stderr, || popen.run());
        let done = replaced(1, &stdout, run).unwrap();
        drop((stdout, stderr));
        assert_eq!(
            (&done.stdout[..], &done.stderr[..]),
            (&b"out\n"[..], &b"err\n"[..])
        );
        assert_eq!(read(out.into()), b"out\n");
        assert_eq!(read(err.into()), b"err\n");
        // Who looks goes away: the child is ended.
        let (out, stdout) = io::pipe().unwrap();
        drop(out);
        let mut popen = Popen::shell("yes");
        popen.stdin(DEVNULL).stdout(PIPE).tee();
        let Err(RunError::Pipe(error)) = replaced(1, &stdout.into(), || popen.run()) else {
            panic!("it cannot be shown")
        };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(!has_child());
    });
}

#[test]
fn a_run_without_a_place_to_show_it_does_not_start() {
    alone(|| {
        let _limit = Limit::new();
        // SAFETY: a standard stream, which nobody here owns.
        let before = unsafe { BorrowedFd::borrow_raw(1) };
        let before = before.try_clone_to_owned().unwrap();
        // SAFETY: as above.
        unsafe { libc::close(1) };
        let run = Popen::new("true").stdout(PIPE).tee().run();
        // SAFETY: nothing is under the number.
        assert_eq!(unsafe { libc::dup2(before.as_raw_fd(), 1) }, 1);
        let Err(RunError::Pipe(error)) = run else {
            panic!("there is no standard output")
        };
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        assert!(!has_child());
    });
}

#[test]
fn a_pipe_that_was_written_to_its_end_blocks_again() {
    // Its other names used to stay non-blocking when the talk had closed it.
    let _limit = Limit::new();
    for input in ["", "little"] {
        let mut child = shell("cat > /dev/null");
        let stdin = child.stdin.as_ref().unwrap();
        let other_name = stdin.as_fd().try_clone_to_owned().unwrap();
        let mut talk = Communication::new(&mut child, input);
        assert!(!go_on(&mut talk, passed()).unwrap());
        assert!(!fcntl_getfl(&other_name).unwrap().contains(OFlags::NONBLOCK));
        drop(other_name);
        assert!(go_on(&mut talk, far()).unwrap());
        child.wait();
    }
}
