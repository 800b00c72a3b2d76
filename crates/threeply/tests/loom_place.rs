//! Models of a place in a queue: every order of a condition's steps, for two or three threads.
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
use std::{convert::Infallible, ops::ControlFlow, time::Duration};
use threeply::{
    park::{Parker, Stopped, WaitQueue, Wake},
    threading::RawLock,
    time::Deadline,
};

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

#[test]
fn a_notification_between_enter_and_wait_is_not_lost() {
    #[derive(Default)]
    struct Condition {
        lock: RawLock,
        is_true: AtomicBool,
        waiting: WaitQueue,
    }

    model(|| {
        let condition = Arc::new(Condition::default());
        let other = thread::spawn({
            let condition = Arc::clone(&condition);
            move || {
                condition.lock.acquire();
                // Relaxed: the lock orders it.
                condition.is_true.store(true, Ordering::Relaxed);
                condition.lock.release();
                condition.waiting.wake(1);
            }
        });
        condition.lock.acquire();
        if !condition.is_true.load(Ordering::Relaxed) {
            let place = condition.waiting.enter();
            condition.lock.release();
            assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
            condition.lock.acquire();
        }
        assert!(condition.is_true.load(Ordering::Relaxed));
        condition.lock.release();
        other.join().unwrap();
        assert!(condition.waiting.is_empty());
    });
}

#[test]
fn one_notification_reaches_one_of_two_places() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.enter().wait(passed(), go_on).unwrap()
        });
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.wake(1)
        });
        let mine = queue.enter().wait(passed(), go_on).unwrap();
        let ends = [mine, other.join().unwrap()];
        let told = ends.iter().filter(|end| **end == Wake::Woken).count();
        assert_eq!(told, waker.join().unwrap());
        assert!(queue.is_empty());
    });
}

#[test]
fn a_place_that_is_dropped_while_it_is_woken_passes_the_wake_up_on() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let (first, second) = (queue.enter(), queue.enter());
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || assert_eq!(queue.wake(1), 1)
        });
        drop(first);
        // Were the wake-up lost with the first place, this would never end.
        assert_eq!(second.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
        waker.join().unwrap();
        assert!(queue.is_empty());
    });
}

#[test]
fn a_stopped_place_tells_of_the_wake_up_that_raced() {
    model(|| {
        let parker = Parker::current();
        let queue = Arc::new(WaitQueue::new());
        let place = queue.enter();
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                parker.interrupt();
                queue.wake(1)
            }
        });
        let end = place.wait(Deadline::NEVER, || ControlFlow::Break(()));
        let was_woken = matches!(end, Ok(Wake::Woken) | Err(Stopped { woken: true, .. }));
        assert_eq!(usize::from(was_woken), waker.join().unwrap());
        assert!(queue.is_empty());
    });
}
