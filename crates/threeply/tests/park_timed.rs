//! A timed wait does not end before its deadline, though its thread is woken early.
#![cfg(not(loom))]

mod support;

use std::{ops::ControlFlow, thread, time::Duration};
use support::Limit;
use threeply::{
    park::{Parker, Unparked},
    threading::Event,
    time::Deadline,
};

#[test]
fn no_timed_wait_ends_before_its_deadline() {
    let _limit = Limit::new();
    let event = Event::new();
    // Long ones first: what they teach is how much the short ones are cut.
    for micros in [1_000, 300, 100, 30, 3] {
        for _ in 0..if cfg!(miri) { 2 } else { 100 } {
            let deadline = Deadline::after(Duration::from_micros(micros));
            assert!(event.wait_until(deadline).is_err());
            assert!(deadline.has_passed());
        }
    }
}

/// Without a queue around it, which would look before it sleeps.
#[test]
fn a_parker_says_that_it_timed_out_only_then() {
    let _limit = Limit::new();
    for _ in 0..if cfg!(miri) { 2 } else { 100 } {
        let deadline = Deadline::after(Duration::from_micros(500));
        while Parker::current().park(deadline) != Unparked::TimedOut {}
        assert!(deadline.has_passed());
    }
}

#[test]
fn an_event_that_comes_near_the_deadline_is_not_lost() {
    let _limit = Limit::new();
    let (ping, pong) = (Event::new(), Event::new());
    let soon = || Deadline::after(Duration::from_micros(100));
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..if cfg!(miri) { 5 } else { 1_000 } {
                while ping.wait_until(soon()).is_err() {}
                ping.clear();
                pong.set();
            }
        });
        for _ in 0..if cfg!(miri) { 5 } else { 1_000 } {
            ping.set();
            while pong.wait_until(soon()).is_err() {}
            pong.clear();
        }
    });
    let stop = || ControlFlow::Break(());
    Parker::current().interrupt();
    assert_eq!(Event::new().wait_unless(soon(), stop), Err(()));
}
