//! A signal, on whatever thread and whenever it comes, ends the wait of the thread that answers it.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "signal handlers are set through C")]

mod support;

use std::{
    mem,
    ops::ControlFlow,
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use support::{Limit, until};
use threeply::{signal::Relay, threading::Event, time::Deadline};

const SIGNAL: i32 = libc::SIGUSR1;

static HANDLED: AtomicU32 = AtomicU32::new(0);
static HANDLED_OTHERWISE: AtomicU32 = AtomicU32::new(0);

extern "C" fn handler(_: i32) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

extern "C" fn other_handler(_: i32) {
    HANDLED_OTHERWISE.fetch_add(1, Ordering::SeqCst);
}

fn action() -> libc::sigaction {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: the second argument may be null, the third is ours to write.
    let status = unsafe { libc::sigaction(SIGNAL, ptr::null(), &raw mut action) };
    assert_eq!(status, 0);
    action
}

fn set(address: usize, flags: i32) {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = address;
    action.sa_flags = flags;
    // SAFETY: the handlers of this file touch one atomic; the third argument may be null.
    let status = unsafe { libc::sigaction(SIGNAL, &raw const action, ptr::null_mut()) };
    assert_eq!(status, 0);
}

fn set_handler(handler: extern "C" fn(i32), flags: i32) {
    set(handler as *const () as usize, flags);
}

/// Raises the signal on the calling thread.
fn raise() {
    // SAFETY: it takes a number; a handler is in place.
    assert_eq!(unsafe { libc::raise(SIGNAL) }, 0);
}

/// A signal's handler belongs to the process: one test at a time, each from the same start.
struct Turn {
    _limit: Limit,
    _turn: MutexGuard<'static, ()>,
}

fn turn() -> Turn {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    set_handler(handler, 0);
    HANDLED.store(0, Ordering::SeqCst);
    HANDLED_OTHERWISE.store(0, Ordering::SeqCst);
    Turn {
        _limit: Limit::new(),
        _turn: turn,
    }
}

/// The answering thread's question: has a signal been handled?
fn answer() -> ControlFlow<u32> {
    match HANDLED.load(Ordering::SeqCst) {
        0 => ControlFlow::Continue(()),
        handled => ControlFlow::Break(handled),
    }
}

#[test]
fn a_signal_on_another_thread_ends_the_wait() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    let event = Event::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            until(|| event.waiting() == 1);
            raise();
        });
        relay.answer_here();
        assert_eq!(event.wait_unless(Deadline::NEVER, answer), Err(1));
    });
}

#[test]
fn a_signal_just_before_the_wait_ends_it() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    relay.answer_here();
    thread::scope(|scope| scope.spawn(raise).join().unwrap());
    assert_eq!(Event::new().wait_unless(Deadline::NEVER, answer), Err(1));
}

#[test]
fn a_signal_on_the_answering_thread_just_before_its_wait_ends_it() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    relay.answer_here();
    raise();
    assert_eq!(Event::new().wait_unless(Deadline::NEVER, answer), Err(1));
}

/// With `SA_RESTART` the kernel goes on sleeping after the handler: the relay has to wake it.
#[test]
fn a_signal_on_the_sleeping_thread_itself_ends_the_wait() {
    for flags in [0, libc::SA_RESTART] {
        let _turn = turn();
        set_handler(handler, flags);
        let relay = Relay::after_present_handler(SIGNAL).unwrap();
        relay.answer_here();
        assert_eq!(action().sa_flags & libc::SA_RESTART, flags);
        let event = Event::new();
        // SAFETY: it takes nothing and cannot fail.
        let sleeper = unsafe { libc::pthread_self() };
        thread::scope(|scope| {
            scope.spawn(|| {
                until(|| event.waiting() == 1);
                // SAFETY: the thread lives: it waits for this signal.
                assert_eq!(unsafe { libc::pthread_kill(sleeper, SIGNAL) }, 0);
            });
            assert_eq!(event.wait_unless(Deadline::NEVER, answer), Err(1));
        });
    }
}

#[test]
fn signals_that_race_the_beginning_of_the_wait_are_never_missed() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    let event = Event::new();
    for round in 1..=500 {
        relay.answer_here();
        thread::scope(|scope| {
            scope.spawn(raise);
            let ended =
                event.wait_unless(Deadline::NEVER, || match HANDLED.load(Ordering::SeqCst) {
                    handled if handled == round => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                });
            assert_eq!(ended, Err(()));
        });
    }
}

#[test]
fn another_handler_that_was_set_meanwhile_is_left_alone() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    set_handler(other_handler, 0);
    relay.answer_here();
    assert_eq!(action().sa_sigaction, other_handler as *const () as usize);
    raise();
    assert_eq!(HANDLED_OTHERWISE.load(Ordering::SeqCst), 1);
    assert_eq!(HANDLED.load(Ordering::SeqCst), 0);
}

#[test]
fn the_known_handler_set_again_is_followed_again() {
    let _turn = turn();
    let relay = Relay::after_present_handler(SIGNAL).unwrap();
    relay.answer_here();
    set_handler(handler, 0);
    assert_eq!(action().sa_sigaction, handler as *const () as usize);
    relay.answer_here();
    assert_ne!(action().sa_sigaction, handler as *const () as usize);
    raise();
    assert_eq!(Event::new().wait_unless(Deadline::NEVER, answer), Err(1));
}

/// The second used to take the relay itself for the known handler, and to follow nothing afterwards.
#[test]
fn a_second_relay_knows_the_same_handler() {
    let _turn = turn();
    Relay::after_present_handler(SIGNAL).unwrap().answer_here();
    let second = Relay::after_present_handler(SIGNAL).unwrap();
    set_handler(handler, 0);
    second.answer_here();
    thread::scope(|scope| scope.spawn(raise).join().unwrap());
    assert_eq!(Event::new().wait_unless(Deadline::NEVER, answer), Err(1));
}

#[test]
fn there_is_no_relay_where_there_is_no_handler() {
    let _turn = turn();
    for none in [libc::SIG_IGN, libc::SIG_DFL] {
        set(none, 0);
        assert!(Relay::after_present_handler(SIGNAL).is_none());
    }
    assert!(Relay::after_present_handler(0).is_none());
    assert!(Relay::after_present_handler(-1).is_none());
    assert!(Relay::after_present_handler(1000).is_none());
}
