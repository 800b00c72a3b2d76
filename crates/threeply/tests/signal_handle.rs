//! Handlers of signals keep what their documentation promises.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(clippy::disallowed_methods, reason = "a test may fork")]
#![expect(
    unsafe_code,
    reason = "actions are read, and processes forked, through C"
)]

mod support;

use std::{
    mem, ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver},
    },
};
use support::Limit;
use threeply::signal::{Handling, Received, block, default_int_handler, raise, signal};

const SIGNAL: i32 = libc::SIGUSR1;

/// A signal's handlers belong to the process: one test at a time.
fn turn() -> (Limit, MutexGuard<'static, ()>) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (Limit::new(), turn)
}

fn address(signal: i32) -> usize {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: the second argument may be null, the third is ours to write.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    assert_eq!(status, 0);
    action.sa_sigaction
}

/// A handler that tells of what it was called with.
fn told() -> (Handling, Receiver<Received>) {
    let (sender, told) = mpsc::channel();
    let handling = signal(SIGNAL, move |received| sender.send(received).unwrap()).unwrap();
    (handling, told)
}

#[test]
fn a_handler_is_called_with_each_signal_and_its_sender() {
    let _turn = turn();
    let (_handling, told) = told();
    for _ in 0..2 {
        raise(SIGNAL).unwrap();
        let received = told.recv().unwrap();
        assert_eq!(received.signal, SIGNAL);
        assert_eq!(received.pid.unsigned_abs(), std::process::id());
    }
}

#[test]
fn every_handler_of_a_signal_is_called() {
    let _turn = turn();
    let handlers = [told(), told(), told()];
    raise(SIGNAL).unwrap();
    for (_, told) in &handlers {
        assert_eq!(told.recv().unwrap().signal, SIGNAL);
    }
}

#[test]
fn the_default_effect_is_back_with_the_last_handler_gone() {
    let _turn = turn();
    let (one, other) = (told(), told());
    drop(one);
    assert_ne!(address(SIGNAL), libc::SIG_DFL);
    raise(SIGNAL).unwrap();
    assert_eq!(other.1.recv().unwrap().signal, SIGNAL);
    drop(other);
    assert_eq!(address(SIGNAL), libc::SIG_DFL);
}

#[test]
fn dropping_waits_for_the_call_that_is_under_way() {
    let _turn = turn();
    let (inside, is_inside) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let is_over = Arc::new(Mutex::new(false));
    let sets = Arc::clone(&is_over);
    let handling = signal(SIGNAL, move |_| {
        inside.send(()).unwrap();
        gone.recv().unwrap();
        *sets.lock().unwrap() = true;
    })
    .unwrap();
    raise(SIGNAL).unwrap();
    is_inside.recv().unwrap();
    go.send(()).unwrap();
    drop(handling);
    assert!(*is_over.lock().unwrap());
    assert_eq!(
        Arc::strong_count(&is_over),
        1,
        "the handler was not dropped"
    );
}

#[test]
fn a_handler_may_drop_itself() {
    let _turn = turn();
    let own = Arc::new(Mutex::new(None));
    let (sender, told) = mpsc::channel();
    let its = Arc::clone(&own);
    let handling = signal(SIGNAL, move |_| {
        drop(its.lock().unwrap().take());
        sender.send(()).unwrap();
    })
    .unwrap();
    *own.lock().unwrap() = Some(handling);
    raise(SIGNAL).unwrap();
    told.recv().unwrap();
    assert!(told.recv().is_err(), "the handler lives on");
    assert_eq!(address(SIGNAL), libc::SIG_DFL);
}

#[test]
fn a_handler_that_panics_is_called_no_more() {
    let _turn = turn();
    let handling = signal(SIGNAL, |_| panic!("as it should")).unwrap();
    raise(SIGNAL).unwrap();
    while !handling.is_over() {
        std::thread::yield_now();
    }
    drop(handling);
    assert_eq!(address(SIGNAL), libc::SIG_DFL);
}

#[test]
fn a_kept_handler_stays() {
    let _turn = turn();
    let (handling, told) = told();
    handling.keep();
    raise(SIGNAL).unwrap();
    assert_eq!(told.recv().unwrap().signal, SIGNAL);
    // The channel's end would make it panic, and so end it: for the tests after this one.
    drop(told);
    raise(SIGNAL).unwrap();
    while address(SIGNAL) != libc::SIG_DFL {
        std::thread::yield_now();
    }
}

#[test]
fn what_cannot_be_handled_is_refused() {
    let _turn = turn();
    for bad in [libc::SIGKILL, libc::SIGSTOP] {
        let error = signal(bad, |_| ()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
    }
    for bad in [-1, 0, 65, 4242] {
        let error = signal(bad, |_| ()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&bad.to_string()), "{error}");
    }
}

#[test]
fn the_default_handler_ends_the_process_by_the_signal() {
    let _turn = turn();
    let (_handling, told) = told();
    raise(SIGNAL).unwrap();
    let received = told.recv().unwrap();
    for is_blocked in [false, true] {
        // SAFETY: the child makes system calls only.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let _blocked = is_blocked.then(|| block([SIGNAL].into_iter().collect()));
            default_int_handler(received);
            // SAFETY: it takes a number.
            unsafe { libc::_exit(3) };
        }
        let mut status = 0;
        // SAFETY: the status is ours to write.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert!(libc::WIFSIGNALED(status), "{status:#x}");
        assert_eq!(libc::WTERMSIG(status), SIGNAL);
    }
}
