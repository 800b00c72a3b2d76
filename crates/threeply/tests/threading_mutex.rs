//! The mutex and the condition variable keep what their documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{ops::ControlFlow, panic, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    error::TimedOut,
    threading::{Condvar, Mutex},
    time::Deadline,
};

#[test]
fn the_data_is_reached_by_one_at_a_time() {
    let _limit = Limit::new();
    let count = Mutex::new(0_u32);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    *count.lock() += 1;
                }
            });
        }
    });
    assert_eq!(count.into_inner(), 4000);
}

#[test]
fn a_held_lock_is_not_tried_and_times_out() {
    let data = Mutex::new(1);
    let guard = data.lock();
    assert!(data.is_locked());
    assert!(data.try_lock().is_none());
    assert_eq!(data.lock_until(passed()).err(), Some(TimedOut));
    assert_eq!(format!("{data:?}"), "Mutex { data: <locked>, .. }");
    drop(guard);
    assert_eq!(*data.lock_until(passed()).unwrap(), 1);
    assert_eq!(format!("{data:?}"), "Mutex { data: 1, .. }");
}

#[test]
fn a_guard_that_is_dropped_wakes_who_waits() {
    let _limit = Limit::new();
    let data = Mutex::new(0);
    thread::scope(|scope| {
        let guard = data.lock();
        let waiter = scope.spawn(|| *data.lock());
        until(|| data.waiting() == 1);
        drop(guard);
        assert_eq!(waiter.join().unwrap(), 0);
    });
}

#[test]
fn an_interrupted_wait_gives_its_reason_and_not_the_lock() {
    let _limit = Limit::new();
    let data = Mutex::new(0);
    let guard = data.lock();
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            data.lock_unless(Deadline::NEVER, || ControlFlow::Break("stop"))
                .map(|guard| guard.is_some())
        });
        until(|| data.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("stop"));
    });
    drop(guard);
    assert!(data.try_lock().is_some());
}

#[test]
fn a_panic_leaves_the_lock_free_and_the_data_as_it_was() {
    let mut data = Mutex::new(vec![1]);
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let mut guard = data.lock();
        guard.push(2);
        panic!("with the lock held");
    }));
    assert!(caught.is_err());
    assert_eq!(*data.get_mut(), [1, 2]);
    assert!(data.try_lock().is_some());
}

#[test]
fn a_notification_wakes_the_one_that_came_first() {
    let _limit = Limit::new();
    let (turn, changed) = (Mutex::new(Vec::new()), Condvar::new());
    thread::scope(|scope| {
        for name in 0..3 {
            let (turn, changed) = (&turn, &changed);
            scope.spawn(move || {
                let mut guard = turn.lock();
                changed.wait(&mut guard);
                guard.push(name);
            });
            until(|| changed.waiting() == name + 1);
        }
        for woken in 1..=3 {
            assert!(changed.notify_one());
            until(|| turn.lock().len() == woken);
        }
    });
    assert!(!changed.notify_one());
    assert_eq!(turn.into_inner(), [0, 1, 2]);
}

#[test]
fn a_wait_holds_the_lock_again_whatever_ended_it() {
    let _limit = Limit::new();
    let (data, changed) = (Mutex::new(0), Condvar::new());
    let mut guard = data.lock();
    assert_eq!(changed.wait_until(&mut guard, passed()), Err(TimedOut));
    assert!(data.is_locked());
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            let mut guard = data.lock();
            let ended =
                changed.wait_unless(&mut guard, Deadline::NEVER, || ControlFlow::Break("stop"));
            (ended, data.is_locked())
        });
        drop(guard);
        until(|| changed.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), (Err("stop"), true));
    });
    assert_eq!(changed.waiting(), 0);
}

#[test]
fn wait_while_ends_when_the_condition_does() {
    let _limit = Limit::new();
    let (number, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                *number.lock() += 1;
                changed.notify_all();
            }
        });
        let mut guard = number.lock();
        changed.wait_while(&mut guard, |number| *number < 3);
        assert_eq!(*guard, 3);
        let late = changed.wait_while_until(&mut guard, passed(), |number| *number == 3);
        assert_eq!(late, Err(TimedOut));
        let done = changed.wait_while_until(&mut guard, far(), |number| *number != 3);
        assert_eq!(done, Ok(()));
    });
}
