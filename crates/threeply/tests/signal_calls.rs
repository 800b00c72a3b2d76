//! Sets, masks, waits and timers of signals keep what their documentation promises.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "a signal is sent to one thread through C")]

mod support;

use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    park::Parker,
    signal::{
        How, NoSuchSignal, Schedule, SignalSet, Timer, alarm, block, change_mask, describe, pause,
        pending, raise, wait, wait_unless, wait_until,
    },
    time::Deadline,
};

/// Signals that are sent to one thread, and are blocked there: nobody else sees them.
fn two() -> SignalSet {
    [libc::SIGUSR1, libc::SIGUSR2].into_iter().collect()
}

/// What sends a signal to the calling thread.
fn sender() -> impl Fn(i32) + Send {
    // SAFETY: it only asks.
    let thread = unsafe { libc::pthread_self() };
    move |signal| {
        // SAFETY: the tests join the thread after the last signal.
        assert_eq!(unsafe { libc::pthread_kill(thread, signal) }, 0);
    }
}

/// The process has one timer of a kind, and one alarm: one test at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

proptest! {
    #[test]
    fn a_set_is_a_set(numbers in prop::collection::vec(1..=64, 0..20), other in -3..70) {
        let set: SignalSet = numbers.iter().copied().collect();
        let wanted: BTreeSet<i32> = numbers.into_iter().collect();
        prop_assert!(set.iter().eq(wanted.iter().copied()));
        prop_assert_eq!(set.contains(other), wanted.contains(&other));
        prop_assert_eq!(set.is_empty(), wanted.is_empty());
        let mut more = set;
        let is_one = (1..=64).contains(&other);
        prop_assert_eq!(more.insert(other), if is_one { Ok(()) } else { Err(NoSuchSignal(other)) });
        prop_assert_eq!(more.contains(other), is_one);
        prop_assert_eq!(more.remove(other), is_one);
        prop_assert!(!more.contains(other));
    }
}

#[test]
fn all_signals_are_those_that_a_program_may_use() {
    let all = SignalSet::all();
    assert!(all.contains(libc::SIGINT) && all.contains(libc::SIGRTMIN()) && all.contains(64));
    // The C library keeps these two for itself.
    assert!(!all.contains(32) && !all.contains(33));
}

#[test]
fn a_guard_blocks_and_restores() {
    let before = change_mask(How::Block, SignalSet::EMPTY).unwrap();
    let guard = block(two()).unwrap();
    let inside = change_mask(How::Block, SignalSet::EMPTY).unwrap();
    assert!(two().iter().all(|signal| inside.contains(signal)));
    drop(guard);
    let after = change_mask(How::Block, SignalSet::EMPTY).unwrap();
    assert_eq!(after, before);
}

#[test]
fn a_blocked_signal_is_pending_until_it_is_taken() {
    let _blocked = block(two()).unwrap();
    assert!(!pending().unwrap().contains(libc::SIGUSR1));
    raise(libc::SIGUSR1).unwrap();
    assert!(pending().unwrap().contains(libc::SIGUSR1));
    let received = wait(two()).unwrap();
    assert_eq!(received.signal, libc::SIGUSR1);
    assert_eq!(received.pid.unsigned_abs(), std::process::id());
    assert!(!pending().unwrap().contains(libc::SIGUSR1));
    assert_eq!(wait_until(two(), passed()).unwrap(), None);
}

#[test]
fn a_signal_ends_a_wait() {
    let _limit = Limit::new();
    let (here, there) = mpsc::channel();
    let received = thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let _blocked = block(two()).unwrap();
            here.send(sender()).unwrap();
            wait_until(two(), far()).unwrap()
        });
        (there.recv().unwrap())(libc::SIGUSR2);
        waiting.join().unwrap().unwrap()
    });
    assert_eq!(received.signal, libc::SIGUSR2);
}

#[test]
fn a_wait_ends_by_its_deadline() {
    let soon = Deadline::after(Duration::from_millis(2));
    assert_eq!(wait_until(two(), soon).unwrap(), None);
    assert!(soon.has_passed());
}

#[test]
fn an_interruption_ends_a_wait_if_its_owner_says_so() {
    let _limit = Limit::new();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            wait_unless(two(), Deadline::NEVER, || ControlFlow::Break("stop")).map(Result::unwrap)
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Err("stop"));
    });
}

#[test]
fn an_interruption_ends_a_pause() {
    let _limit = Limit::new();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || pause(|| ControlFlow::<()>::Continue(())));
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Ok(()));
    });
}

#[test]
fn an_interruption_before_a_pause_does_not_end_it() {
    let _limit = Limit::new();
    Parker::current().interrupt();
    let mut asked = 0;
    let ended = pause(|| {
        asked += 1;
        // The first question is that of the beginning; the next one is this interruption's.
        Parker::current().interrupt();
        match asked {
            1 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(asked),
        }
    });
    assert_eq!(ended, Err(2));
}

#[test]
fn a_timer_tells_what_is_left() {
    let _turn = turn();
    let hour = Duration::from_secs(3600);
    let schedule = Schedule {
        first: hour,
        then: hour / 2,
    };
    for timer in [Timer::Real, Timer::Virtual, Timer::Prof] {
        assert_eq!(timer.set(schedule).unwrap(), Schedule::default());
        let left = timer.get().unwrap();
        // The kernel counts in ticks, and rounds up.
        assert!(left.first > hour / 2 && left.first <= hour + Duration::from_secs(1));
        assert_eq!(left.then, hour / 2);
        assert!(timer.set(Schedule::default()).unwrap().first > hour / 2);
        assert_eq!(timer.get().unwrap(), Schedule::default());
    }
}

#[test]
fn an_alarm_tells_what_was_left() {
    let _turn = turn();
    assert_eq!(alarm(3600), 0);
    assert!((3590..=3600).contains(&alarm(0)));
    assert_eq!(alarm(0), 0);
}

#[test]
fn what_is_no_signal_is_refused() {
    assert_eq!(raise(65).unwrap_err().raw_os_error(), Some(libc::EINVAL));
    assert_eq!(describe(0), None);
    assert_eq!(describe(1000), None);
    assert_eq!(describe(libc::SIGINT).unwrap(), "Interrupt");
}
