//! Receivers of signals keep what their documentation promises.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(clippy::disallowed_methods, reason = "a test may fork")]
#![expect(
    unsafe_code,
    reason = "handlers are set, and processes forked, through C"
)]

mod support;

use std::{
    io::ErrorKind,
    mem,
    ops::ControlFlow,
    os::fd::AsFd,
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    park::{Watched, poll},
    signal::{Receiver, SignalSet, raise, receive},
    time::Deadline,
};

const SIGNAL: i32 = libc::SIGUSR1;
const OTHER: i32 = libc::SIGUSR2;

fn only(signal: i32) -> SignalSet {
    [signal].into_iter().collect()
}

fn action(signal: i32) -> libc::sigaction {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: the second argument may be null, the third is ours to write.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    assert_eq!(status, 0);
    action
}

fn set(signal: i32, address: usize) {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = address;
    // SAFETY: the handlers of this file touch one atomic; the third argument may be null.
    let status = unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    assert_eq!(status, 0);
}

static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn handler(_: i32) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

/// A signal's handler belongs to the process: one test at a time, each from the same start.
struct Turn {
    _limit: Limit,
    _turn: MutexGuard<'static, ()>,
}

fn turn() -> Turn {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for signal in [SIGNAL, OTHER] {
        set(signal, libc::SIG_DFL);
    }
    HANDLED.store(0, Ordering::SeqCst);
    Turn {
        _limit: Limit::new(),
        _turn: turn,
    }
}

fn next(receiver: &Receiver) -> Option<i32> {
    let received = receiver.try_recv().unwrap();
    received.map(|received| received.signal)
}

#[test]
fn each_receiver_gets_each_of_its_signals_in_order() {
    let _turn = turn();
    let one = receive(only(SIGNAL)).unwrap();
    let both = receive([SIGNAL, OTHER].into_iter().collect()).unwrap();
    for signal in [SIGNAL, OTHER, SIGNAL] {
        raise(signal).unwrap();
    }
    assert_eq!(
        [next(&one), next(&one), next(&one)],
        [Some(SIGNAL), Some(SIGNAL), None]
    );
    let got: Vec<_> = std::iter::from_fn(|| next(&both)).collect();
    assert_eq!(got, [SIGNAL, OTHER, SIGNAL]);
}

#[test]
fn the_sender_is_told() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    raise(SIGNAL).unwrap();
    let received = receiver.recv().unwrap();
    assert_eq!(received.pid.unsigned_abs(), std::process::id());
    // SAFETY: it only asks.
    assert_eq!(received.uid, unsafe { libc::getuid() });
}

#[test]
fn a_handler_that_was_there_runs_as_well() {
    let _turn = turn();
    set(SIGNAL, handler as *const () as usize);
    let receiver = receive(only(SIGNAL)).unwrap();
    raise(SIGNAL).unwrap();
    assert_eq!(
        (HANDLED.load(Ordering::SeqCst), next(&receiver)),
        (1, Some(SIGNAL))
    );
    drop(receiver);
    raise(SIGNAL).unwrap();
    assert_eq!(HANDLED.load(Ordering::SeqCst), 2);
}

#[test]
fn what_was_ignored_is_received_and_ignored_again_after_that() {
    let _turn = turn();
    set(SIGNAL, libc::SIG_IGN);
    let receiver = receive(only(SIGNAL)).unwrap();
    raise(SIGNAL).unwrap();
    assert_eq!(next(&receiver), Some(SIGNAL));
    drop(receiver);
    assert_eq!(action(SIGNAL).sa_sigaction, libc::SIG_IGN);
}

#[test]
fn the_last_receiver_gives_the_default_effect_back() {
    let _turn = turn();
    let [one, other] = [(); 2].map(|()| receive(only(SIGNAL)).unwrap());
    drop(one);
    raise(SIGNAL).unwrap();
    assert_eq!(next(&other), Some(SIGNAL));
    drop(other);
    assert_eq!(action(SIGNAL).sa_sigaction, libc::SIG_DFL);
}

#[test]
fn a_handler_that_is_set_later_hides_signals_until_the_next_wait() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    set(SIGNAL, handler as *const () as usize);
    raise(SIGNAL).unwrap();
    assert_eq!(next(&receiver), None);
    assert_eq!(
        receiver
            .recv_until(Deadline::after(Duration::from_micros(1)))
            .unwrap(),
        None
    );
    raise(SIGNAL).unwrap();
    assert_eq!(
        (HANDLED.load(Ordering::SeqCst), next(&receiver)),
        (2, Some(SIGNAL))
    );
}

#[test]
fn a_signal_ends_a_wait_on_any_thread() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.recv_until(far()).unwrap().unwrap().signal);
        raise(SIGNAL).unwrap();
        assert_eq!(waiting.join().unwrap(), SIGNAL);
    });
    assert_eq!(receiver.recv_until(passed()).unwrap(), None);
}

#[test]
fn the_descriptor_is_readable_while_a_signal_is_there() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    let ready = || {
        let file = receiver.as_fd();
        let Ok(ready) = poll(&mut [Watched::to_read(&file)], passed(), || {
            ControlFlow::<std::convert::Infallible>::Continue(())
        });
        ready.unwrap()
    };
    assert_eq!(ready(), 0);
    raise(SIGNAL).unwrap();
    assert_eq!(ready(), 1);
    assert_eq!(next(&receiver), Some(SIGNAL));
    assert_eq!(ready(), 0);
}

#[test]
fn an_interruption_ends_a_wait_if_its_owner_says_so() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            receiver
                .recv_unless(Deadline::NEVER, || ControlFlow::Break("stop"))
                .map(Result::unwrap)
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Err("stop"));
    });
}

#[test]
fn closing_ends_a_wait_when_all_is_taken() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    raise(SIGNAL).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| [(); 2].map(|()| receiver.recv().map(|got| got.signal)));
        receiver.close();
        let [first, then] = waiting.join().unwrap();
        assert_eq!(first.unwrap(), SIGNAL);
        assert_eq!(then.unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
    assert!(receiver.is_closed());
    assert_eq!(action(SIGNAL).sa_sigaction, libc::SIG_DFL);
}

#[test]
fn what_cannot_be_handled_is_refused() {
    let _turn = turn();
    for signal in [libc::SIGKILL, libc::SIGSTOP] {
        let refused = receive(only(signal)).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(libc::EINVAL));
    }
}

#[test]
fn there_are_so_many_receivers_and_no_more() {
    let _turn = turn();
    let all: Vec<_> = (0..64).map(|_| receive(only(SIGNAL)).unwrap()).collect();
    assert_eq!(
        receive(only(SIGNAL)).unwrap_err().kind(),
        ErrorKind::QuotaExceeded
    );
    raise(SIGNAL).unwrap();
    assert!(all.iter().all(|receiver| next(receiver) == Some(SIGNAL)));
    drop(all);
    assert!(receive(only(SIGNAL)).is_ok());
}

#[test]
fn signals_that_nobody_takes_are_counted() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    let mut sent = 0;
    while receiver.missed() == 0 {
        raise(SIGNAL).unwrap();
        sent += 1;
    }
    let got = std::iter::from_fn(|| next(&receiver)).count();
    assert_eq!(got + receiver.missed(), sent);
}

/// Runs `body` in a forked child, and returns its status as `waitpid` has it.
fn in_a_child(body: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child makes system calls, touches atomics, and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = body();
        // SAFETY: it takes a number and does not return.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: a child of ours, and a place to write to.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    status
}

#[test]
fn a_forked_child_receives_nothing_and_is_ended_by_its_signals() {
    let _turn = turn();
    let receiver = receive(only(SIGNAL)).unwrap();
    let status = in_a_child(|| {
        // SAFETY: it takes a number.
        unsafe { libc::raise(SIGNAL) };
        0
    });
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == SIGNAL);
    assert_eq!(next(&receiver), None);
    let status = in_a_child(|| {
        let refused = receiver.try_recv().map_err(|error| error.kind());
        i32::from(!matches!(refused, Err(ErrorKind::Unsupported)))
    });
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
    raise(SIGNAL).unwrap();
    assert_eq!(next(&receiver), Some(SIGNAL));
}

#[test]
fn receivers_may_come_and_go_while_signals_come() {
    const ROUNDS: u32 = 300;
    let _turn = turn();
    let steady = receive(only(SIGNAL)).unwrap();
    thread::scope(|scope| {
        let storm = scope.spawn(|| {
            for _ in 0..ROUNDS {
                raise(SIGNAL).unwrap();
            }
        });
        while !storm.is_finished() {
            drop(receive(only(SIGNAL)).unwrap());
        }
    });
    let got = std::iter::from_fn(|| next(&steady)).count();
    assert_eq!(got + steady.missed(), ROUNDS as usize);
}
