//! Models of the barrier: every order of arrivals, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{cell::UnsafeCell, sync::Arc, thread};
use model::model;
use std::{ops::ControlFlow, time::Duration};
use threeply::{
    park::Parker,
    threading::{Arrival, Barrier, BrokenBarrier},
    time::Deadline,
};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

fn is_empty(barrier: &Barrier) -> bool {
    (barrier.inside(), barrier.outside()) == (0, 0)
}

#[test]
fn the_last_arrival_ends_the_wait_of_the_first() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.wait().unwrap()
        });
        let place = barrier.wait().unwrap();
        assert_eq!(place + other.join().unwrap(), 1);
        assert!(is_empty(&barrier) && !barrier.is_broken());
    });
}

#[test]
fn who_comes_for_the_next_round_does_not_mix_with_the_last() {
    model(|| {
        let barrier = Arc::new(Barrier::new(1));
        let others = [(); 2].map(|()| {
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || barrier.wait().unwrap())
        });
        for other in others {
            assert_eq!(other.join().unwrap(), 0);
        }
        assert!(is_empty(&barrier));
    });
}

#[test]
fn all_see_what_the_others_wrote_before_and_the_action_is_alone() {
    struct Shared(Barrier, UnsafeCell<u32>);
    // loom's cell reports two accesses at once: that is the test.
    #[expect(unsafe_code, reason = "the model checks what this claims")]
    // SAFETY: the cell is written by the last to come only, and read after the release.
    unsafe impl Sync for Shared {}

    fn meet(shared: &Shared) {
        let write = || {
            #[expect(unsafe_code, reason = "the model checks what this claims")]
            // SAFETY: nobody is released yet.
            shared.1.with_mut(|number| unsafe { *number = 1 });
        };
        shared.0.wait_with(write).unwrap();
        #[expect(unsafe_code, reason = "the model checks what this claims")]
        // SAFETY: all have been released, and nobody writes any more.
        let number = shared.1.with(|number| unsafe { *number });
        assert_eq!(number, 1);
    }

    model(|| {
        let shared = Arc::new(Shared(Barrier::new(2), UnsafeCell::new(0)));
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || meet(&shared)
        });
        meet(&shared);
        other.join().unwrap();
    });
}

#[test]
fn a_deadline_that_races_the_last_arrival_lets_both_go_or_none() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let hurried = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.wait_until(passed())
        });
        let ended = barrier.wait();
        assert_eq!(hurried.join().unwrap().is_ok(), ended.is_ok());
        assert_eq!(barrier.is_broken(), ended.is_err());
        assert!(is_empty(&barrier));
    });
}

#[test]
fn a_deadline_that_passes_reaches_another_that_waits() {
    model(|| {
        let barrier = Arc::new(Barrier::new(3));
        let hurried = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.wait_until(passed())
        });
        assert_eq!(barrier.wait(), Err(BrokenBarrier));
        assert_eq!(hurried.join().unwrap(), Err(BrokenBarrier));
        assert!(is_empty(&barrier));
    });
}

#[test]
fn an_interruption_that_races_the_last_arrival_breaks_nothing() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let parker = Parker::current();
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || {
                parker.interrupt();
                // If the first one has left by then, this thread is the first: it does not wait.
                barrier.wait_unless(Deadline::NEVER, || ControlFlow::Break(()))
            }
        });
        let stopped = barrier.wait_unless(Deadline::NEVER, || ControlFlow::Break(()));
        if stopped.is_err() {
            // The other one may wait for a second now.
            let _ = barrier.wait_until(passed());
        }
        assert!(
            other
                .join()
                .unwrap()
                .is_ok_and(|place| place.is_ok() || stopped.is_err())
        );
        assert!(is_empty(&barrier));
    });
}

#[test]
fn a_reset_that_races_the_last_arrival_turns_both_away_or_none() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.reset()
        });
        // Turned away by the reset, or by its own deadline, or too late for both.
        let _ = barrier.wait_until(passed());
        other.join().unwrap();
        assert!(is_empty(&barrier));
    });
}

#[test]
fn a_reset_reaches_who_has_arrived() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let arrival = barrier.arrive();
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.reset()
        });
        let Ok(Arrival::Waits(waiter)) = arrival else {
            panic!("the first of two waits");
        };
        assert_eq!(waiter.wait(), Err(BrokenBarrier));
        other.join().unwrap();
        assert!(is_empty(&barrier) && !barrier.is_broken());
    });
}

#[test]
fn an_abort_reaches_who_waits_and_who_comes() {
    model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.abort()
        });
        assert_eq!(barrier.wait(), Err(BrokenBarrier));
        other.join().unwrap();
        assert!(is_empty(&barrier) && barrier.is_broken());
    });
}
