//! A process is waited for without polling, ended without mistaking it, and its outcome is kept.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "fork, waitpid and signals are unsafe")]
#![allow(clippy::disallowed_methods, reason = "a test forks as it likes")]

mod children;
mod support;

use children::{alone, has_child, idle_hook, open_fds, read, set_limit, steal};
use rustix::process::Resource;
use std::{
    convert::Infallible,
    fs, io,
    ops::ControlFlow,
    os::fd::AsRawFd,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    park::Parker,
    subprocess::{Child, Outcome, PIPE, Popen, Process},
    time::Deadline,
};

/// A child that runs until its standard input is closed.
fn waiting() -> Child {
    Popen::new("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap()
}

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

#[test]
fn handles_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Process>();
    shared::<Child>();
    shared::<Popen>();
}

#[test]
fn outcomes_keep_statuses_and_signals() {
    let _limit = Limit::new();
    for status in [0, 1, 127, 255] {
        let mut child = Popen::shell(format!("exit {status}")).spawn().unwrap();
        assert_eq!(child.wait(), Outcome::Exited(status));
        assert_eq!(child.wait().code(), status);
    }
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGUSR1, 64] {
        let child = waiting();
        child.process.send_signal(signal).unwrap();
        let outcome = child.process.wait();
        assert_eq!((outcome.signal(), outcome.code()), (Some(signal), -signal));
        assert!(!outcome.success());
    }
}

#[test]
fn a_poll_tells_whether_it_has_ended() {
    let _limit = Limit::new();
    let mut child = waiting();
    assert_eq!((child.poll(), child.process.outcome()), (None, None));
    child.stdin = None;
    until(|| child.poll().is_some());
    assert_eq!(child.process.outcome(), Some(Outcome::Exited(0)));
}

#[test]
fn a_wait_ends_at_its_deadline() {
    let _limit = Limit::new();
    let child = waiting();
    let start = Instant::now();
    for span in [Duration::ZERO, Duration::from_millis(20)] {
        assert!(child.process.wait_until(Deadline::after(span)).is_err());
    }
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(child.poll(), None);
    child.kill().unwrap();
    for far in [far(), Deadline::after(Duration::MAX), Deadline::NEVER] {
        assert_eq!(
            child.process.wait_until(far).unwrap().signal(),
            Some(libc::SIGKILL)
        );
    }
    assert!(child.process.wait_until(passed()).is_ok());
}

#[test]
fn a_wait_ends_with_the_process_and_not_at_a_tick() {
    // A wait that looked now and then would be late by half of its pause.
    let _limit = Limit::new();
    let mut late: Vec<_> = (0..21)
        .map(|_| {
            let child = waiting();
            thread::scope(|scope| {
                let (_, waiter) = with_parker(scope, || {
                    child.process.wait_until(far()).unwrap();
                    Instant::now()
                });
                until(is_sleeping_elsewhere);
                let killed = Instant::now();
                child.kill().unwrap();
                waiter.join().unwrap() - killed
            })
        })
        .collect();
    late.sort();
    assert!(late[10] < Duration::from_millis(5), "{late:?}");
}

/// Whether a thread of this process sleeps in `ppoll`.
fn is_sleeping_elsewhere() -> bool {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks.flatten().any(|task| {
        let call = fs::read_to_string(task.path().join("syscall")).unwrap_or_default();
        call.split(' ').next() == Some(&libc::SYS_ppoll.to_string())
    })
}

#[test]
fn all_waiters_get_the_same_outcome() {
    let _limit = Limit::new();
    let child = Popen::shell("read line; exit 5")
        .stdin(PIPE)
        .spawn()
        .unwrap();
    let start = Barrier::new(9);
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..8)
            .map(|n| {
                let (start, process) = (&start, &child.process);
                scope.spawn(move || {
                    start.wait();
                    if n % 2 == 0 {
                        return process.wait();
                    }
                    loop {
                        if let Some(outcome) = process.poll() {
                            return outcome;
                        }
                    }
                })
            })
            .collect();
        start.wait();
        rustix::io::write(child.stdin.as_ref().unwrap(), b"\n").unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Outcome::Exited(5));
        }
    });
}

#[test]
fn a_wait_can_be_ended_by_another_thread() {
    let _limit = Limit::new();
    let child = waiting();
    for deadline in [Deadline::NEVER, far()] {
        let stop = AtomicBool::new(false);
        let asked = AtomicU32::new(0);
        thread::scope(|scope| {
            let (parker, waiter) = with_parker(scope, || {
                child.process.wait_unless(deadline, || {
                    asked.fetch_add(1, Ordering::SeqCst);
                    if stop.load(Ordering::SeqCst) {
                        ControlFlow::Break("enough")
                    } else {
                        ControlFlow::Continue(())
                    }
                })
            });
            for n in 1..50 {
                parker.interrupt();
                until(|| asked.load(Ordering::SeqCst) >= n);
            }
            stop.store(true, Ordering::SeqCst);
            parker.interrupt();
            assert_eq!(waiter.join().unwrap(), Err("enough"));
        });
    }
    child.kill().unwrap();
}

#[test]
fn an_interruption_before_the_wait_is_kept() {
    let _limit = Limit::new();
    let child = waiting();
    Parker::current().interrupt();
    let ended = child
        .process
        .wait_unless(Deadline::NEVER, || ControlFlow::Break(()));
    assert_eq!(ended, Err(()));
}

#[test]
fn bells_are_rung_by_many_and_none_is_left() {
    // Each sleep has a bell of its own. Wakers come at any moment of its life.
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let child = waiting();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let (parker, waiter) = with_parker(scope, || {
                for _ in 0..5_000 {
                    let slept = child.process.wait_unless(far(), || ControlFlow::Break(()));
                    assert_eq!(slept, Err(()));
                }
                done.store(true, Ordering::SeqCst);
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::SeqCst) {
                        parker.interrupt();
                        parker.unpark();
                    }
                });
            }
            waiter.join().unwrap();
        });
        child.kill().unwrap();
        child.process.wait();
        drop(child);
        assert_eq!(open_fds(), open);
    });
}

extern "C" fn nothing(_: libc::c_int) {}

#[test]
fn a_signal_handler_makes_the_wait_ask() {
    alone(|| {
        let _limit = Limit::new();
        let handler: extern "C" fn(libc::c_int) = nothing;
        // SAFETY: the handler does nothing.
        unsafe { libc::signal(libc::SIGUSR1, handler as usize) };
        let child = waiting();
        // SAFETY: it asks who this is.
        let me = unsafe { libc::pthread_self() };
        let asked = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                until(|| {
                    // SAFETY: the thread waits below until the flag is set.
                    unsafe { libc::pthread_kill(me, libc::SIGUSR1) };
                    asked.load(Ordering::SeqCst)
                });
            });
            let ended = child.process.wait_unless(Deadline::NEVER, || {
                asked.store(true, Ordering::SeqCst);
                ControlFlow::Break(())
            });
            assert_eq!(ended, Err(()));
        });
        child.kill().unwrap();
        // Handlers that run all the time change no outcome.
        assert_eq!(
            child
                .process
                .wait_unless(far(), go_on)
                .map(|ended| ended.and_then(Outcome::signal)),
            Ok(Some(libc::SIGKILL))
        );
    });
}

#[test]
fn a_wait_without_room_for_a_bell_goes_on() {
    alone(|| {
        let _limit = Limit::new();
        let child = waiting();
        set_limit(Resource::Nofile, 0);
        thread::scope(|scope| {
            let (parker, waiter) = with_parker(scope, || {
                let ended = child.process.wait_unless(far(), || ControlFlow::Break(()));
                assert_eq!(ended, Err(()));
            });
            parker.interrupt();
            waiter.join().unwrap();
        });
        assert!(
            child
                .process
                .wait_until(Deadline::after(Duration::from_millis(30)))
                .is_err()
        );
        child.kill().unwrap();
        assert_eq!(child.process.wait().signal(), Some(libc::SIGKILL));
    });
}

#[test]
fn a_stolen_status_is_lost_or_told_by_the_handle() {
    let _limit = Limit::new();
    let child = Popen::shell("exit 7").spawn().unwrap();
    steal(child.pid());
    let told = child.process.wait();
    assert!(
        matches!(told, Outcome::Exited(7) | Outcome::Lost),
        "{told:?}"
    );
    assert_eq!(child.poll(), Some(told));
    let child = waiting();
    child.kill().unwrap();
    steal(child.pid());
    let told = child.poll().unwrap();
    assert!(
        told == Outcome::Lost || told.signal() == Some(libc::SIGKILL),
        "{told:?}"
    );
}

#[test]
fn where_sigchld_is_ignored_the_end_is_seen_all_the_same() {
    alone(|| {
        let _limit = Limit::new();
        // SAFETY: it is ignored, which runs no code.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        let mut child = Popen::shell("exit 7").spawn().unwrap();
        assert!(matches!(child.wait(), Outcome::Exited(7) | Outcome::Lost));
        let child = waiting();
        assert_eq!(child.poll(), None);
        assert!(
            child
                .process
                .wait_until(Deadline::after(Duration::from_millis(5)))
                .is_err()
        );
        child.kill().unwrap();
        child.process.wait();
        // One that never began: there is nothing to reap, and that is no error.
        let error = Popen::new("/no/such").spawn().unwrap_err();
        assert_eq!(error.errno(), Some(libc::ENOENT));
        assert!(!has_child());
    });
}

#[test]
fn a_signal_never_hits_another_process_with_the_same_pid() {
    let _limit = Limit::new();
    children::assert_that_a_recycled_pid_is_spared();
}

#[test]
fn a_signal_for_one_that_has_ended_is_no_error() {
    let _limit = Limit::new();
    let child = waiting();
    child.kill().unwrap();
    child.kill().unwrap();
    assert_eq!(child.process.wait().signal(), Some(libc::SIGKILL));
    child.process.terminate().unwrap();
    let child = waiting();
    let no_signal = child.process.send_signal(4711).unwrap_err();
    assert_eq!(no_signal.raw_os_error(), Some(libc::EINVAL));
    child.process.send_signal(0).unwrap();
    assert_eq!(child.poll(), None);
    child.kill().unwrap();
}

#[test]
fn a_forked_process_knows_the_children_of_its_parent() {
    let _limit = Limit::new();
    let child = waiting();
    // SAFETY: the child runs the engine, which works in a child of a process with threads.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        // SAFETY: it takes a number.
        unsafe { libc::alarm(20) };
        let alive = child.poll().is_none();
        let killed = child.kill().is_ok();
        let outcome = child.process.wait();
        let good = outcome == Outcome::Lost || outcome.signal() == Some(libc::SIGKILL);
        // SAFETY: it does not return.
        unsafe { libc::_exit(i32::from(!(alive && killed && good))) };
    }
    // The status is this process's to take, and not before the other has seen the end.
    let mut status = -1;
    // SAFETY: `status` is ours to write.
    assert_eq!(unsafe { libc::waitpid(forked, &raw mut status, 0) }, forked);
    assert_eq!(status, 0);
    assert_eq!(child.process.wait().signal(), Some(libc::SIGKILL));
}

/// The two ends at which a thread that forks stops: it writes to the one and reads from the other.
static STOP: [AtomicI32; 2] = [const { AtomicI32::new(-1) }; 2];
/// That thread.
static STARTER: AtomicI32 = AtomicI32::new(0);

extern "C" fn before_fork() {
    if rustix::thread::gettid().as_raw_nonzero().get() == STARTER.load(Ordering::SeqCst) {
        let mut byte = 0_u8;
        let [tell, gate] = STOP.each_ref().map(|end| end.load(Ordering::SeqCst));
        // SAFETY: one byte, that lives.
        unsafe { libc::write(tell, (&raw const byte).cast(), 1) };
        // SAFETY: as above, and ours to write.
        unsafe { libc::read(gate, (&raw mut byte).cast(), 1) };
    }
}

#[test]
fn a_start_does_not_wait_for_a_process_that_another_thread_forks_meanwhile() {
    // Such a process has copies of all descriptors, also of those by which a start learns that it is over.
    alone(|| {
        let _limit = Limit::new();
        let ((gate, open), (told, tell)) = (io::pipe().unwrap(), io::pipe().unwrap());
        STOP[0].store(tell.as_raw_fd(), Ordering::SeqCst);
        STOP[1].store(gate.as_raw_fd(), Ordering::SeqCst);
        // SAFETY: the handler makes system calls.
        let set = unsafe { libc::pthread_atfork(Some(before_fork), None, None) };
        assert_eq!(set, 0);
        thread::scope(|scope| {
            let starter = scope.spawn(|| {
                STARTER.store(
                    rustix::thread::gettid().as_raw_nonzero().get(),
                    Ordering::SeqCst,
                );
                Popen::new("true").before_exec(idle_hook()).spawn().unwrap()
            });
            // The other thread is about to fork.
            rustix::io::read(&told, &mut [0; 1]).unwrap();
            // SAFETY: the child makes one system call, which waits for its end.
            let forked = unsafe { libc::fork() };
            if forked == 0 {
                // SAFETY: it takes a number.
                unsafe { libc::alarm(20) };
                loop {
                    // SAFETY: it takes nothing.
                    unsafe { libc::pause() };
                }
            }
            rustix::io::write(&open, b"x").unwrap();
            assert!(starter.join().unwrap().wait().success());
            // SAFETY: numbers; it is a child of this process.
            unsafe { libc::kill(forked, libc::SIGKILL) };
            steal(forked);
        });
    });
}

#[test]
fn ended_processes_that_are_kept_cost_no_descriptors() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let children: Vec<_> = (0..50)
            .map(|_| Popen::new("true").session().spawn().unwrap())
            .collect();
        for child in &children {
            let waiting = child.process.pidfd();
            assert_eq!(child.process.wait(), Outcome::Exited(0));
            assert!(child.process.pidfd().is_none());
            // Whoever has it keeps it.
            drop(waiting);
        }
        assert_eq!(open_fds(), open);
    });
}

#[test]
fn one_that_is_dropped_is_reaped_by_the_next_start() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let child = waiting();
        let mut stdout = child.stdout;
        drop((child.process, child.stdin));
        // It has ended, or is about to, when its output is closed.
        assert_eq!(read(stdout.take().unwrap()), b"");
        until(|| {
            Popen::new("true").spawn().unwrap().wait();
            !has_child()
        });
        assert_eq!(open_fds(), open);
    });
}
