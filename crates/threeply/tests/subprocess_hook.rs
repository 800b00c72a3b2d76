//! A start with a hook can be ended while the hook runs, and tells a runtime of its fork.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "hooks are unsafe")]

mod children;
mod support;

use children::{alone, has_child, open_fds, set_limit};
use rustix::{
    process::{Resource, geteuid},
    thread::gettid,
};
use std::{
    convert::Infallible,
    io::{self, PipeReader, PipeWriter},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use support::{Limit, until, with_parker};
use threeply::{
    park::Parker,
    subprocess::{Child, Hook, Outcome, PIPE, Popen, SpawnError, Step},
};

/// A hook that says that it runs, and ends when it is told to.
struct Gate {
    runs: PipeReader,
    go: PipeWriter,
}

fn gate() -> (Gate, Hook) {
    let ((runs, say), (told, go)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let function = move || {
        rustix::io::write(&say, b"r")?;
        // By the end of the pipe too: this process may be gone.
        rustix::io::read(&told, &mut [0; 1])?;
        Ok(())
    };
    // SAFETY: it makes two system calls.
    (Gate { runs, go }, unsafe { Hook::new(function) })
}

impl Gate {
    fn await_hook(&self) {
        assert_eq!(rustix::io::read(&self.runs, &mut [0; 1]), Ok(1));
    }

    fn open(&self) {
        rustix::io::write(&self.go, b"g").unwrap();
    }
}

fn never<T>() -> ControlFlow<T> {
    panic!("there is nothing to ask")
}

fn started(result: Result<Result<Child, SpawnError>, Infallible>) -> Child {
    let Ok(child) = result;
    child.unwrap()
}

#[test]
fn a_start_can_be_ended_while_its_hook_runs() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let (gate, hook) = gate();
        let mut popen = Popen::new("true");
        popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
        popen.before_exec(hook);
        thread::scope(|scope| {
            let (parker, starter) = with_parker(scope, || {
                popen.spawn_unless(|| ControlFlow::Break("enough"))
            });
            gate.await_hook();
            assert!(has_child());
            parker.interrupt();
            assert_eq!(starter.join().unwrap().unwrap_err(), "enough");
        });
        assert!(!has_child(), "a zombie is left, or a child");
        drop((popen, gate));
        assert_eq!(open_fds(), open, "a descriptor is left");
    });
}

#[test]
fn a_start_that_is_interrupted_may_go_on() {
    let _limit = Limit::new();
    let (gate, hook) = gate();
    let mut popen = Popen::shell("exit 6");
    popen.before_exec(hook);
    let asked = AtomicU32::new(0);
    thread::scope(|scope| {
        let (parker, starter) = with_parker(scope, || {
            let interrupted = || {
                asked.fetch_add(1, Ordering::SeqCst);
                ControlFlow::Continue(())
            };
            started(popen.spawn_unless(interrupted)).wait()
        });
        gate.await_hook();
        for n in 1..20 {
            parker.interrupt();
            until(|| asked.load(Ordering::SeqCst) >= n);
        }
        gate.open();
        assert_eq!(starter.join().unwrap(), Outcome::Exited(6));
    });
}

#[test]
fn a_start_without_a_hook_asks_nobody() {
    let _limit = Limit::new();
    Parker::current().interrupt();
    let mut child = started(Popen::new("true").spawn_unless(never));
    assert!(child.wait().success());
    let Ok(error) = Popen::new("/no/such").spawn_unless(never::<Infallible>);
    assert_eq!(error.unwrap_err().errno(), Some(libc::ENOENT));
}

#[test]
fn a_failure_after_an_interruption_is_told() {
    alone(|| {
        let _limit = Limit::new();
        let (gate, hook) = gate();
        let mut popen = Popen::new("/no/such");
        popen.before_exec(hook);
        thread::scope(|scope| {
            let (parker, starter) = with_parker(scope, || {
                popen.spawn_unless(|| ControlFlow::<Infallible>::Continue(()))
            });
            gate.await_hook();
            parker.interrupt();
            gate.open();
            let Ok(error) = starter.join().unwrap();
            let error = error.unwrap_err();
            let found = (error.step(), error.errno());
            assert_eq!(found, (Some(Step::Exec), Some(libc::ENOENT)));
        });
        assert!(!has_child());
    });
}

/// What happened, and on which thread.
type Diary = Arc<Mutex<Vec<(&'static str, i32)>>>;

fn note(diary: &Diary, what: &'static str) -> impl Fn() + Send + Sync + 'static {
    let diary = Arc::clone(diary);
    move || {
        let me = gettid().as_raw_nonzero().get();
        diary.lock().unwrap().push((what, me));
    }
}

#[test]
fn both_sides_of_a_fork_are_told_on_the_thread_that_forks() {
    let _limit = Limit::new();
    let diary = Diary::default();
    let (Gate { runs, go }, hook) = gate();
    let note_after = note(&diary, "after");
    // The hook ends only when this has run: it is right behind the fork, and not behind the exec.
    let after = move || {
        note_after();
        rustix::io::write(&go, b"g").unwrap();
    };
    let mut popen = Popen::new("true");
    popen.before_exec(hook.around_fork(note(&diary, "before"), after));
    let me = gettid().as_raw_nonzero().get();
    assert!(popen.spawn().unwrap().wait().success());
    assert_eq!(*diary.lock().unwrap(), [("before", me), ("after", me)]);
    assert_eq!(rustix::io::read(&runs, &mut [0; 1]), Ok(1));
}

#[test]
fn a_fork_that_fails_is_told_too() {
    alone(|| {
        let _limit = Limit::new();
        if !geteuid().is_root() {
            return;
        }
        let diary = Diary::default();
        // SAFETY: it does nothing.
        let hook = unsafe { Hook::new(|| Ok(())) };
        let mut popen = Popen::new("true");
        popen.before_exec(hook.around_fork(note(&diary, "before"), note(&diary, "after")));
        // SAFETY: it takes a number.
        assert_eq!(unsafe { libc::setuid(65_531) }, 0);
        set_limit(Resource::Nproc, 0);
        assert_eq!(popen.spawn().unwrap_err().step(), Some(Step::Clone));
        let told: Vec<_> = diary.lock().unwrap().iter().map(|entry| entry.0).collect();
        assert_eq!(told, ["before", "after"]);
    });
}

#[test]
fn a_panic_around_a_fork_leaves_no_child() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        for is_before in [true, false] {
            let (gate, hook) = gate();
            let panicking = move |now: bool| {
                move || {
                    assert!(!now, "as the test wants it");
                }
            };
            let mut popen = Popen::new("true");
            popen.before_exec(hook.around_fork(panicking(is_before), panicking(!is_before)));
            let start = AssertUnwindSafe(|| popen.stdin(PIPE).spawn());
            assert!(catch_unwind(start).is_err());
            assert!(!has_child());
            drop((popen, gate));
        }
        assert_eq!(open_fds(), open);
    });
}
