//! A wait for files keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test starts itself once more, with few files"
)]

mod support;

use std::{
    convert::Infallible,
    env,
    fs::File,
    io::{self, Read, Write},
    ops::ControlFlow,
    os::fd::AsRawFd,
    process::Command,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    park::{Parker, Watched, poll},
    time::Deadline,
};

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn ready(files: &mut [Watched<'_>], deadline: Deadline) -> usize {
    let Ok(ready) = poll(files, deadline, go_on);
    ready.unwrap()
}

#[test]
fn what_can_be_read_is_told_from_what_cannot() {
    let (silent, _writer) = io::pipe().unwrap();
    let (full, mut writer) = io::pipe().unwrap();
    writer.write_all(b"x").unwrap();
    let mut files = [Watched::to_read(&silent), Watched::to_read(&full)];
    assert_eq!(ready(&mut files, far()), 1);
    assert_eq!(files.map(|file| file.is_ready()), [false, true]);
}

#[test]
fn nothing_is_ready_by_the_deadline() {
    let (silent, _writer) = io::pipe().unwrap();
    let mut files = [Watched::to_read(&silent)];
    assert_eq!(ready(&mut files, passed()), 0);
    let soon = Deadline::after(Duration::from_millis(2));
    assert_eq!(ready(&mut files, soon), 0);
    assert!(soon.has_passed());
    assert!(!files[0].is_ready());
}

#[test]
fn no_files_are_a_sleep() {
    let soon = Deadline::after(Duration::from_millis(2));
    assert_eq!(ready(&mut [], soon), 0);
    assert!(soon.has_passed());
}

#[test]
fn room_in_a_pipe_ends_a_wait() {
    let _limit = Limit::new();
    let (mut reader, mut writer) = io::pipe().unwrap();
    while ready(&mut [Watched::to_write(&writer)], passed()) == 1 {
        writer.write_all(&[0; 4096]).unwrap();
    }
    thread::scope(|scope| {
        let waiting = scope.spawn(|| ready(&mut [Watched::to_write(&writer)], far()));
        reader.read_exact(&mut [0; 4096]).unwrap();
        assert_eq!(waiting.join().unwrap(), 1);
    });
}

#[test]
fn the_other_end_s_close_ends_a_wait() {
    let _limit = Limit::new();
    let (reader, writer) = io::pipe().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| ready(&mut [Watched::to_read(&reader)], far()));
        drop(writer);
        assert_eq!(waiting.join().unwrap(), 1);
    });
}

#[test]
fn an_interruption_ends_a_wait_if_its_owner_says_so() {
    let _limit = Limit::new();
    let (reader, mut writer) = io::pipe().unwrap();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            poll(&mut [Watched::to_read(&reader)], Deadline::NEVER, || {
                ControlFlow::Break("stop")
            })
            .map(io::Result::unwrap)
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Err("stop"));
    });
    writer.write_all(b"x").unwrap();
    assert_eq!(ready(&mut [Watched::to_read(&reader)], passed()), 1);
}

#[test]
fn an_interruption_before_the_wait_is_kept_for_it() {
    let (reader, _writer) = io::pipe().unwrap();
    Parker::current().interrupt();
    let stopped = poll(&mut [Watched::to_read(&reader)], far(), || {
        ControlFlow::Break("stop")
    });
    assert_eq!(stopped.map(io::Result::unwrap), Err("stop"));
}

#[test]
fn a_wait_that_goes_on_after_interruptions_still_ends_by_its_file() {
    const TIMES: usize = 2_000;
    let _limit = Limit::new();
    let (reader, mut writer) = io::pipe().unwrap();
    let asked = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            let Ok(ready) = poll(&mut [Watched::to_read(&reader)], Deadline::NEVER, || {
                asked.fetch_add(1, Ordering::Relaxed);
                go_on()
            });
            ready.unwrap()
        });
        for time in 0..TIMES {
            parker.interrupt();
            parker.unpark();
            // Now and then it is seen that an interruption by itself gets through.
            if time % 100 == 0 {
                let before = asked.load(Ordering::Relaxed);
                parker.interrupt();
                until(|| asked.load(Ordering::Relaxed) > before);
            }
        }
        writer.write_all(b"x").unwrap();
        assert_eq!(waiting.join().unwrap(), 1);
    });
}

#[test]
fn a_wake_up_that_was_not_for_it_does_not_end_a_wait() {
    let (reader, _writer) = io::pipe().unwrap();
    Parker::current().unpark();
    let soon = Deadline::after(Duration::from_millis(2));
    assert_eq!(ready(&mut [Watched::to_read(&reader)], soon), 0);
    assert!(soon.has_passed());
}

#[test]
fn waits_leave_no_file_open() {
    let (reader, _writer) = io::pipe().unwrap();
    let mut files = [Watched::to_read(&reader)];
    let highest = || File::open("/dev/null").unwrap().as_raw_fd();
    let before = highest();
    for _ in 0..100 {
        ready(&mut files, Deadline::after(Duration::from_micros(10)));
    }
    // Other tests of this process open some, but not a hundred.
    assert!(highest() < before + 100);
}

/// To be run by the test below, in a process that may open few files.
#[test]
#[ignore = "it takes all files that its process may open"]
fn where_no_file_can_be_opened_a_wait_ends_by_its_file() {
    let _limit = Limit::new();
    let (reader, mut writer) = io::pipe().unwrap();
    // Their threads exist before the last file is taken.
    let (start, started) = mpsc::channel();
    thread::scope(|scope| {
        let reader = &reader;
        let waiting = scope.spawn(move || {
            started.recv().unwrap();
            ready(&mut [Watched::to_read(reader)], Deadline::NEVER)
        });
        let taken: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        assert!(!taken.is_empty());
        start.send(()).unwrap();
        writer.write_all(b"x").unwrap();
        assert_eq!(waiting.join().unwrap(), 1);
        let soon = Deadline::after(Duration::from_millis(2));
        assert_eq!(ready(&mut [], soon), 0);
    });
}

#[test]
fn a_wait_needs_no_file_of_its_own() {
    let test = "where_no_file_can_be_opened_a_wait_ends_by_its_file";
    let run = Command::new("sh")
        .args(["-c", "ulimit -n 40 && exec \"$0\" --exact --ignored \"$1\""])
        .arg(env::current_exe().unwrap())
        .arg(test)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}
