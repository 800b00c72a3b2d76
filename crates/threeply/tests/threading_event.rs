//! The event keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{convert::Infallible, ops::ControlFlow, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{error::TimedOut, park::Parker, threading::Event, time::Deadline};

#[test]
fn a_new_event_is_clear_and_set_and_clear_change_it() {
    let event = Event::new();
    assert!(!event.is_set());
    event.set();
    assert!(event.is_set());
    event.set();
    assert!(event.is_set());
    event.clear();
    assert!(!event.is_set());
    event.clear();
    assert!(!event.is_set());
}

#[test]
fn a_wait_for_a_set_event_returns_though_its_deadline_has_passed() {
    let event = Event::new();
    event.set();
    event.wait();
    assert_eq!(event.wait_until(passed()), Ok(()));
    assert_eq!(event.wait_until(Deadline::NEVER), Ok(()));
}

#[test]
fn a_wait_for_a_clear_event_ends_with_its_deadline() {
    let event = Event::new();
    assert_eq!(event.wait_until(passed()), Err(TimedOut));
    assert_eq!(event.waiting(), 0);
}

#[test]
fn set_releases_more_threads_than_a_wake_up_notes_without_allocation() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| event.wait());
        }
        until(|| event.waiting() == 40);
        event.set();
    });
    assert_eq!(event.waiting(), 0);
}

#[test]
fn set_and_clear_release_all_that_waited() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        let waiters = [(); 5].map(|()| scope.spawn(|| event.wait_until(far())));
        until(|| event.waiting() == 5);
        event.set();
        event.clear();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Ok(()));
        }
    });
    assert!(!event.is_set());
}

#[test]
fn an_interruption_from_another_thread_ends_the_wait_with_the_owners_reason() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            event.wait_unless(Deadline::NEVER, || ControlFlow::Break("enough"))
        });
        until(|| event.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    assert_eq!(event.waiting(), 0);
}

#[test]
fn an_interruption_before_the_wait_is_kept_for_it() {
    let event = Event::new();
    Parker::current().interrupt();
    let ended = event.wait_unless(far(), || ControlFlow::Break(()));
    assert_eq!(ended, Err(()));
}

#[test]
fn an_owner_who_goes_on_keeps_waiting_until_set() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            let mut asked = 0;
            let ended = event.wait_unless(Deadline::NEVER, || {
                asked += 1;
                // From here on only `set` can end it: the second question sets.
                if asked == 2 {
                    event.set();
                }
                Parker::current().interrupt();
                ControlFlow::<Infallible>::Continue(())
            });
            (ended, asked)
        });
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), (Ok(true), 2));
    });
}

#[test]
fn a_wake_up_that_the_owner_brings_in_his_answer_is_not_lost() {
    let event = Event::new();
    Parker::current().interrupt();
    let ended = event.wait_unless(Deadline::NEVER, || {
        // The owner waits for something else meanwhile, on the same parker, and eats its wake-ups.
        event.set();
        let other = Event::new();
        assert_eq!(other.wait_until(passed()), Err(TimedOut));
        event.clear();
        ControlFlow::<Infallible>::Continue(())
    });
    assert_eq!(ended, Ok(true));
}

#[test]
fn a_stopped_wait_leaves_the_others_in_the_queue() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        let before = scope.spawn(|| event.wait());
        until(|| event.waiting() == 1);
        let (parker, stopped) = with_parker(scope, || {
            event.wait_unless(Deadline::NEVER, || ControlFlow::Break(()))
        });
        until(|| event.waiting() == 2);
        let after = scope.spawn(|| event.wait());
        until(|| event.waiting() == 3);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err(()));
        assert_eq!(event.waiting(), 2);
        event.set();
        before.join().unwrap();
        after.join().unwrap();
    });
}
