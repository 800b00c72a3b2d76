//! The semaphore keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use proptest::prelude::*;
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    error::TimedOut,
    threading::{Semaphore, TooManyPermits},
    time::Deadline,
};

#[test]
fn permits_are_taken_until_none_is_left() {
    let permits = Semaphore::new(2);
    assert!(permits.try_acquire());
    permits.acquire();
    assert!(!permits.try_acquire());
    assert_eq!(permits.acquire_until(passed()), Err(TimedOut));
    assert_eq!((permits.permits(), permits.waiting()), (0, 0));
}

#[test]
fn a_permit_is_taken_though_the_deadline_has_passed() {
    assert_eq!(Semaphore::new(1).acquire_until(passed()), Ok(()));
}

#[test]
fn a_release_of_several_wakes_as_many() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| permits.acquire());
        }
        until(|| permits.waiting() == 3);
        permits.release(2).unwrap();
        until(|| permits.waiting() == 1 && permits.permits() == 0);
        permits.release(1).unwrap();
    });
    assert_eq!((permits.permits(), permits.waiting()), (0, 0));
}

#[test]
fn a_release_of_none_changes_nothing() {
    let permits = Semaphore::bounded(1);
    assert_eq!(permits.release(0), Ok(()));
    assert_eq!(permits.permits(), 1);
}

#[test]
fn a_release_over_the_bound_is_refused_and_releases_nothing() {
    let permits = Semaphore::bounded(3);
    permits.acquire();
    assert_eq!(permits.release(2), Err(TooManyPermits { bound: 3 }));
    assert_eq!(permits.permits(), 2);
    assert_eq!(permits.release(1), Ok(()));
}

#[test]
fn no_number_of_permits_overflows() {
    let permits = Semaphore::new(Semaphore::MAX);
    let bound = Semaphore::MAX;
    assert_eq!(permits.release(1), Err(TooManyPermits { bound }));
    assert_eq!(permits.release(usize::MAX), Err(TooManyPermits { bound }));
    assert_eq!(permits.permits(), Semaphore::MAX);
}

#[test]
#[should_panic(expected = "a semaphore has at most")]
fn more_permits_than_any_semaphore_may_have_panic() {
    let _ = Semaphore::new(Semaphore::MAX + 1);
}

#[test]
fn permits_that_are_set_wake_who_waits() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        scope.spawn(|| permits.acquire());
        until(|| permits.waiting() == 1);
        permits.set_permits(1).unwrap();
    });
    assert_eq!(permits.permits(), 0);
    let bounded = Semaphore::bounded(1);
    assert_eq!(bounded.set_permits(2), Err(TooManyPermits { bound: 1 }));
}

#[test]
fn an_interrupted_thread_takes_no_permit() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            permits.acquire_unless(Deadline::NEVER, || ControlFlow::Break("enough"))
        });
        until(|| permits.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    permits.release(1).unwrap();
    assert_eq!((permits.permits(), permits.waiting()), (1, 0));
}

#[test]
fn a_wait_within_a_wait_gets_the_permit_that_the_outer_one_is_woken_for() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            permits.acquire_unless(Deadline::NEVER, || {
                // As a signal's handler does that interrupts a wait for the same semaphore.
                permits.acquire();
                inside.store(true, Ordering::SeqCst);
                ControlFlow::<()>::Continue(())
            })
        });
        until(|| permits.waiting() == 1);
        parker.interrupt();
        until(|| permits.waiting() == 2);
        permits.release(1).unwrap();
        until(|| inside.load(Ordering::SeqCst));
        permits.release(1).unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(true));
    });
    assert_eq!((permits.permits(), permits.waiting()), (0, 0));
}

#[test]
fn a_thread_that_is_stopped_after_its_wake_up_passes_it_on() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            permits.acquire_unless(Deadline::NEVER, || {
                // First in the queue, so the wake-up is this thread's; then its owner stops it.
                permits.release(1).unwrap();
                ControlFlow::Break(())
            })
        });
        until(|| permits.waiting() == 1);
        let patient = scope.spawn(|| permits.acquire());
        until(|| permits.waiting() == 2);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err(()));
        patient.join().unwrap();
    });
    assert_eq!((permits.permits(), permits.waiting()), (0, 0));
}

#[test]
fn who_waits_with_a_far_deadline_is_woken_by_a_release() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| permits.acquire_until(far()));
        until(|| permits.waiting() == 1);
        permits.release(1).unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}

#[derive(Debug, Clone)]
enum Step {
    Try,
    Until,
    Release(usize),
    Set(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Try),
        2 => Just(Step::Until),
        4 => (0..4_usize).prop_map(Step::Release),
        1 => (0..9_usize).prop_map(Step::Set),
    ]
}

proptest! {
    #[test]
    fn it_counts_as_a_number_does(
        start in 0..6_usize,
        bounded: bool,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let permits = if bounded { Semaphore::bounded(start) } else { Semaphore::new(start) };
        let bound = permits.bound();
        let refused = Err(TooManyPermits { bound });
        let mut left = start;
        for step in steps {
            match step {
                Step::Try => prop_assert_eq!(permits.try_acquire(), left > 0),
                Step::Until => prop_assert_eq!(permits.acquire_until(passed()).is_ok(), left > 0),
                Step::Release(n) => {
                    let fits = left + n <= bound;
                    prop_assert_eq!(permits.release(n), if fits { Ok(()) } else { refused });
                    left += if fits { n } else { 0 };
                }
                Step::Set(n) => {
                    let fits = n <= bound;
                    prop_assert_eq!(permits.set_permits(n), if fits { Ok(()) } else { refused });
                    left = if fits { n } else { left };
                }
            }
            if matches!(step, Step::Try | Step::Until) {
                left = left.saturating_sub(1);
            }
            prop_assert_eq!(permits.permits(), left);
            prop_assert_eq!(permits.waiting(), 0);
        }
    }
}

#[test]
fn a_permit_gives_itself_back() {
    let seats = Semaphore::bounded(2);
    let one = seats.permit();
    let other = seats.try_permit().unwrap();
    assert!(seats.try_permit().is_none());
    assert_eq!(seats.permit_until(passed()).unwrap_err(), TimedOut);
    drop(one);
    assert_eq!(seats.permits(), 1);
    drop(other);
    assert_eq!(seats.permits(), 2);
}

#[test]
fn a_permit_that_comes_back_ends_a_wait() {
    let _limit = Limit::new();
    let seats = Semaphore::bounded(1);
    let seat = seats.permit();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| seats.permit_until(far()).map(drop));
        until(|| seats.waiting() == 1);
        drop(seat);
        assert_eq!(waiting.join().unwrap(), Ok(()));
    });
    assert_eq!(seats.permits(), 1);
}

#[test]
fn a_panic_gives_the_permit_back() {
    let seats = Semaphore::bounded(1);
    let panicked = std::panic::catch_unwind(|| {
        let _seat = seats.permit();
        std::panic::resume_unwind(Box::new("left"));
    });
    assert!(panicked.is_err());
    assert_eq!(seats.permits(), 1);
}

#[test]
fn a_permit_that_is_forgotten_stays_out() {
    let seats = Semaphore::bounded(1);
    seats.permit().forget();
    assert!(seats.try_permit().is_none());
    assert_eq!(seats.release(1), Ok(()));
}

#[test]
fn a_permit_too_many_is_no_panic() {
    let seats = Semaphore::bounded(1);
    let seat = seats.permit();
    seats.release(1).unwrap();
    drop(seat);
    assert_eq!(seats.permits(), 1);
}

#[test]
fn an_interrupted_wait_for_a_permit_ends_if_its_owner_says_so() {
    let _limit = Limit::new();
    let seats = Semaphore::new(0);
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            seats
                .permit_unless(Deadline::NEVER, || ControlFlow::Break("stop"))
                .map(|permit| permit.is_some())
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Err("stop"));
    });
}
