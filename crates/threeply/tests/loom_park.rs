//! Models of the parker and of the wait queue: every order of their steps, for two or three threads.
//!
//! Run with `make loom`. The futex is loom's (`sys/futex.rs`), all above it is the engine's own code. A
//! deadline in a model has always passed: whether it passes before or after a wake-up is what loom varies.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};
use model::model;
use std::{convert::Infallible, ops::ControlFlow, time::Duration};
use threeply::{
    park::{Parker, Stopped, Unparked, WaitQueue, Wake},
    time::Deadline,
};

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn stop() -> ControlFlow<()> {
    ControlFlow::Break(())
}

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

/// A flag that is read as the check of a wait must read it (see `primitive.rs` on loom and `SeqCst`).
#[derive(Default)]
struct Flag(AtomicU32);

impl Flag {
    fn raise(&self) {
        self.0.swap(1, Ordering::SeqCst);
    }

    fn is_up(&self) -> bool {
        self.0.fetch_or(0, Ordering::Acquire) == 1
    }
}

#[test]
fn unpark_before_or_during_a_sleep_ends_it() {
    model(|| {
        let parker = Parker::current();
        let waker = thread::spawn(move || parker.unpark());
        assert_eq!(parker.park(Deadline::NEVER), Unparked::Notified);
        waker.join().unwrap();
    });
}

#[test]
fn what_was_written_before_unpark_is_seen_after_park() {
    model(|| {
        let parker = Parker::current();
        let written = Arc::new(AtomicBool::new(false));
        let waker = thread::spawn({
            let written = Arc::clone(&written);
            move || {
                written.store(true, Ordering::Relaxed);
                parker.unpark();
            }
        });
        assert_eq!(parker.park(Deadline::NEVER), Unparked::Notified);
        assert!(written.load(Ordering::Relaxed));
        waker.join().unwrap();
    });
}

#[test]
fn two_wake_ups_of_two_kinds_are_not_both_lost() {
    model(|| {
        let parker = Parker::current();
        let waker = thread::spawn(move || parker.unpark());
        let interrupter = thread::spawn(move || parker.interrupt());
        match parker.park(Deadline::NEVER) {
            // Either may hide in the other's sleep; an interruption is never hidden.
            Unparked::Notified => assert_eq!(parker.park(Deadline::NEVER), Unparked::Interrupted),
            Unparked::Interrupted => {}
            Unparked::TimedOut => unreachable!(),
        }
        waker.join().unwrap();
        interrupter.join().unwrap();
    });
}

#[test]
fn a_timeout_that_races_an_unpark_leaves_it_for_the_next_sleep() {
    model(|| {
        let parker = Parker::current();
        let waker = thread::spawn(move || parker.unpark());
        match parker.park(passed()) {
            Unparked::Notified => {}
            Unparked::TimedOut => assert_eq!(parker.park(Deadline::NEVER), Unparked::Notified),
            Unparked::Interrupted => unreachable!(),
        }
        waker.join().unwrap();
    });
}

#[test]
fn no_wake_up_is_lost() {
    model(|| {
        let shared = Arc::new((Flag::default(), WaitQueue::new()));
        let waker = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.0.raise();
                shared.1.wake_all();
            }
        });
        let wake = shared.1.wait(|| shared.0.is_up(), Deadline::NEVER, go_on);
        assert!(matches!(wake, Ok(Wake::Ready | Wake::Woken)));
        assert!(shared.0.is_up());
        waker.join().unwrap();
        assert!(shared.1.is_empty());
    });
}

#[test]
fn what_was_written_before_a_wake_up_is_seen_after_the_wait() {
    model(|| {
        let shared = Arc::new((AtomicBool::new(false), WaitQueue::new()));
        let waker = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.0.store(true, Ordering::Relaxed);
                while shared.1.wake(1) == 0 {
                    thread::yield_now();
                }
            }
        });
        let wake = shared.1.wait(|| false, Deadline::NEVER, go_on);
        assert_eq!(wake, Ok(Wake::Woken));
        assert!(shared.0.load(Ordering::Relaxed));
        waker.join().unwrap();
    });
}

#[test]
fn a_timeout_that_races_a_wake_up_is_one_or_the_other() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.wake(1)
        });
        let wake = queue.wait(|| false, passed(), go_on).unwrap();
        let woken = waker.join().unwrap();
        assert_eq!(wake == Wake::Woken, woken == 1, "{wake:?}, {woken} woken");
        assert!(queue.is_empty());
    });
}

#[test]
fn an_interruption_that_races_a_wake_up_tells_of_it() {
    model(|| {
        let parker = Parker::current();
        let queue = Arc::new(WaitQueue::new());
        let interrupter = thread::spawn(move || parker.interrupt());
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.wake(1)
        });
        let end = queue.wait(|| false, Deadline::NEVER, stop);
        let woken = waker.join().unwrap();
        interrupter.join().unwrap();
        match end {
            Ok(Wake::Woken) | Err(Stopped { woken: true, .. }) => assert_eq!(woken, 1),
            Err(Stopped { woken: false, .. }) => assert_eq!(woken, 0),
            Ok(other) => panic!("{other:?}"),
        }
        assert!(queue.is_empty());
    });
}

#[test]
fn an_interruption_that_is_not_heeded_keeps_the_place_in_the_queue() {
    model(|| {
        let parker = Parker::current();
        let shared = Arc::new((Flag::default(), WaitQueue::new()));
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                parker.interrupt();
                shared.0.raise();
                shared.1.wake(1)
            }
        });
        let wake = shared.1.wait(|| shared.0.is_up(), Deadline::NEVER, go_on);
        let woken = other.join().unwrap();
        assert_eq!(wake, Ok(if woken == 1 { Wake::Woken } else { Wake::Ready }));
        assert!(shared.1.is_empty());
    });
}

#[test]
fn wake_one_of_two_wakes_exactly_one() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.wait(|| false, passed(), go_on).unwrap()
        });
        let waker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.wake(1)
        });
        let mine = queue.wait(|| false, passed(), go_on).unwrap();
        let ends = [mine, other.join().unwrap()];
        let woken = waker.join().unwrap();
        let told = ends.iter().filter(|end| **end == Wake::Woken).count();
        assert_eq!(told, woken);
        assert!(queue.is_empty());
    });
}

#[test]
fn an_interruption_rings_the_bell_or_is_seen_before() {
    model(|| {
        let parker = Parker::current();
        let interrupter = thread::spawn(move || parker.interrupt());
        assert!(!parker.sleep_until_rung());
        interrupter.join().unwrap();
    });
}

#[test]
fn nobody_rings_a_bell_that_is_closed() {
    model(|| {
        let parker = Parker::current();
        let others = [
            thread::spawn(move || parker.interrupt()),
            thread::spawn(move || parker.unpark()),
        ];
        // The bell is closed when this is over; the model's bell objects to being rung then.
        assert!(!parker.sleep_until_rung() || !parker.sleep_until_rung());
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn a_contended_gate_lets_everybody_in() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let others = [(); 2].map(|()| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.len())
        });
        assert_eq!(queue.len(), 0);
        for other in others {
            assert_eq!(other.join().unwrap(), 0);
        }
    });
}

#[test]
fn a_contended_gate_guards_the_list() {
    model(|| {
        let queue = Arc::new(WaitQueue::new());
        let others = [(); 2].map(|()| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.wait(|| false, passed(), go_on).unwrap())
        });
        assert!(queue.len() <= 2);
        for other in others {
            assert_eq!(other.join().unwrap(), Wake::TimedOut);
        }
        assert!(queue.is_empty());
    });
}
