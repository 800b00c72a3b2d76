//! Models of the semaphore: every order of acquire and release, for two or three threads.
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
use threeply::{park::Parker, threading::Semaphore, time::Deadline};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

#[test]
fn release_ends_a_wait() {
    model(|| {
        let permits = Arc::new(Semaphore::new(0));
        let giver = thread::spawn({
            let permits = Arc::clone(&permits);
            move || permits.release(1).unwrap()
        });
        permits.acquire();
        giver.join().unwrap();
        assert_eq!((permits.permits(), permits.waiting()), (0, 0));
    });
}

#[test]
fn one_permit_keeps_two_threads_apart() {
    struct Guarded(Semaphore, UnsafeCell<u32>);
    // loom's cell reports two accesses at once: that is the test.
    #[expect(unsafe_code, reason = "the model checks what this claims")]
    // SAFETY: the cell is reached with the permit only.
    unsafe impl Sync for Guarded {}

    fn count(guarded: &Guarded) {
        guarded.0.acquire();
        #[expect(unsafe_code, reason = "the model checks what this claims")]
        // SAFETY: this thread has the one permit.
        guarded.1.with_mut(|count| unsafe { *count += 1 });
        guarded.0.release(1).unwrap();
    }

    model(|| {
        let guarded = Arc::new(Guarded(Semaphore::bounded(1), UnsafeCell::new(0)));
        let other = thread::spawn({
            let guarded = Arc::clone(&guarded);
            move || count(&guarded)
        });
        count(&guarded);
        other.join().unwrap();
        assert_eq!(guarded.0.permits(), 1);
    });
}

#[test]
fn two_permits_end_two_waits() {
    model(|| {
        let permits = Arc::new(Semaphore::new(0));
        let takers = [(); 2].map(|()| {
            let permits = Arc::clone(&permits);
            thread::spawn(move || permits.acquire())
        });
        permits.release(2).unwrap();
        for taker in takers {
            taker.join().unwrap();
        }
        assert_eq!((permits.permits(), permits.waiting()), (0, 0));
    });
}

#[test]
fn a_timeout_that_races_a_release_takes_the_permit_or_leaves_it() {
    model(|| {
        let permits = Arc::new(Semaphore::new(0));
        let giver = thread::spawn({
            let permits = Arc::clone(&permits);
            move || permits.release(1).unwrap()
        });
        let taken = permits.acquire_until(passed()).is_ok();
        giver.join().unwrap();
        assert_eq!(permits.permits(), usize::from(!taken));
        assert_eq!(permits.waiting(), 0);
    });
}

#[test]
fn a_timeout_that_races_a_release_does_not_keep_it_from_another() {
    model(|| {
        let permits = Arc::new(Semaphore::new(0));
        let hurried = thread::spawn({
            let permits = Arc::clone(&permits);
            move || {
                if permits.acquire_until(passed()).is_ok() {
                    permits.release(1).unwrap();
                }
            }
        });
        let giver = thread::spawn({
            let permits = Arc::clone(&permits);
            move || permits.release(1).unwrap()
        });
        permits.acquire();
        hurried.join().unwrap();
        giver.join().unwrap();
        assert_eq!((permits.permits(), permits.waiting()), (0, 0));
    });
}

#[test]
fn an_interruption_that_races_a_release_passes_the_wake_up_on() {
    model(|| {
        let permits = Arc::new(Semaphore::new(0));
        let parker = Parker::current();
        let patient = thread::spawn({
            let permits = Arc::clone(&permits);
            move || permits.acquire()
        });
        let other = thread::spawn({
            let permits = Arc::clone(&permits);
            move || {
                permits.release(1).unwrap();
                parker.interrupt();
            }
        });
        let taken = permits.acquire_unless(Deadline::NEVER, || ControlFlow::Break(()));
        if taken == Ok(true) {
            permits.release(1).unwrap();
        }
        // Were the wake-up lost with the interrupted thread, this would never end.
        patient.join().unwrap();
        other.join().unwrap();
        assert_eq!((permits.permits(), permits.waiting()), (0, 0));
    });
}
