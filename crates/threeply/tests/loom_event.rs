//! Models of the event: every order of set, clear and wait, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use model::model;
use std::{ops::ControlFlow, time::Duration};
use threeply::{park::Parker, threading::Event, time::Deadline};

#[test]
fn set_ends_a_wait() {
    model(|| {
        let event = Arc::new(Event::new());
        let setter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.set()
        });
        event.wait();
        assert!(event.is_set());
        setter.join().unwrap();
    });
}

#[test]
fn set_ends_the_waits_of_two_threads() {
    model(|| {
        let event = Arc::new(Event::new());
        let others = [(); 2].map(|()| {
            let event = Arc::clone(&event);
            thread::spawn(move || event.wait())
        });
        event.set();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(event.waiting(), 0);
    });
}

#[test]
fn set_and_clear_release_who_waited() {
    model(|| {
        let event = Arc::new(Event::new());
        let waiter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.wait()
        });
        // It is in the queue before the flag is up for a moment only. (That five threads are all
        // released is a test of `threading_event.rs`: a second one here takes loom minutes.)
        while event.waiting() == 0 {
            thread::yield_now();
        }
        event.set();
        event.clear();
        waiter.join().unwrap();
        assert!(!event.is_set());
    });
}

#[test]
fn what_was_written_before_set_is_seen_after_wait() {
    model(|| {
        let shared = Arc::new((Event::new(), AtomicBool::new(false)));
        let setter = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.1.store(true, Ordering::Relaxed);
                shared.0.set();
            }
        });
        shared.0.wait();
        assert!(shared.1.load(Ordering::Relaxed));
        setter.join().unwrap();
    });
}

#[test]
fn a_timeout_that_races_set_leaves_nobody_in_the_queue() {
    model(|| {
        let event = Arc::new(Event::new());
        let setter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.set()
        });
        let ended = event.wait_until(Deadline::after(Duration::ZERO));
        if ended.is_ok() {
            assert!(event.is_set());
        }
        setter.join().unwrap();
        assert_eq!(event.waiting(), 0);
        assert_eq!(event.wait_until(Deadline::after(Duration::ZERO)), Ok(()));
    });
}

#[test]
fn an_interruption_that_races_set_does_not_hold_up_another() {
    model(|| {
        let parker = Parker::current();
        let event = Arc::new(Event::new());
        let waiter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.wait()
        });
        let setter = thread::spawn({
            let event = Arc::clone(&event);
            move || {
                parker.interrupt();
                event.set();
            }
        });
        let ended = event.wait_unless(Deadline::NEVER, || ControlFlow::Break(()));
        assert_ne!(ended, Ok(false));
        waiter.join().unwrap();
        setter.join().unwrap();
        assert_eq!(event.waiting(), 0);
    });
}
