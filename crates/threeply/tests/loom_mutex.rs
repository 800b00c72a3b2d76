//! Models of the mutex and the condition variable: every order of their steps, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{sync::Arc, thread};
use model::model;
use std::time::Duration;
use threeply::{
    threading::{Condvar, Mutex},
    time::Deadline,
};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

#[test]
fn what_one_holder_wrote_the_next_one_sees() {
    model(|| {
        let count = Arc::new(Mutex::new(0));
        let other = thread::spawn({
            let count = Arc::clone(&count);
            move || *count.lock() += 1
        });
        *count.lock() += 1;
        other.join().unwrap();
        assert_eq!(*count.lock(), 2);
    });
}

#[test]
fn a_notification_after_the_change_is_not_lost() {
    model(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let notifier = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                *shared.0.lock() = true;
                shared.1.notify_one();
            }
        });
        let (is_set, changed) = &*shared;
        let mut guard = is_set.lock();
        changed.wait_while(&mut guard, |is_set| !*is_set);
        drop(guard);
        notifier.join().unwrap();
        assert_eq!(changed.waiting(), 0);
    });
}

#[test]
fn a_timeout_that_races_a_notification_leaves_it_to_the_other() {
    model(|| {
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        let hurried = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut guard = shared.0.lock();
                if shared.1.wait_until(&mut guard, passed()).is_ok() {
                    // It was meant for whoever waits for the count.
                    shared.1.notify_one();
                }
            }
        });
        let notifier = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                *shared.0.lock() += 1;
                shared.1.notify_one();
            }
        });
        let (count, changed) = &*shared;
        let mut guard = count.lock();
        changed.wait_while(&mut guard, |count| *count == 0);
        drop(guard);
        hurried.join().unwrap();
        notifier.join().unwrap();
        assert_eq!(changed.waiting(), 0);
    });
}
