//! The completion keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{convert::Infallible, ops::ControlFlow, sync::Arc, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    concurrent::futures::{Cancel, Completion, Ended, Round, State, Until},
    error::TimedOut,
    park::Parker,
};

type Answer = Completion<u32, &'static str>;

fn never() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn cancelled() -> Answer {
    let answer = Answer::new();
    assert!(matches!(answer.cancel(), Cancel::Now(_)));
    answer
}

#[test]
fn a_new_one_is_pending_and_has_no_value() {
    let answer = Answer::new();
    assert_eq!(answer.state(), State::Pending);
    assert_eq!(answer.value(), None);
    assert!(!answer.has_failed() && !answer.is_retired());
    assert_eq!(answer.wait_until(passed()), Err(TimedOut));
}

#[test]
fn start_and_finish_lead_to_the_value() {
    let answer = Answer::new();
    assert_eq!(answer.start(), Ok(true));
    assert_eq!(answer.state(), State::Running);
    assert_eq!(answer.finish(7, true), Ok(vec![]));
    assert_eq!(answer.state(), State::Finished);
    assert!(answer.has_failed());
    assert_eq!(answer.value(), Some(&7));
    assert_eq!(answer.wait_until(passed()), Ok(()));
}

#[test]
fn a_pending_one_can_be_finished_too() {
    let answer = Answer::new();
    assert_eq!(answer.finish(7, false), Ok(vec![]));
    assert!(!answer.has_failed());
}

#[test]
fn nothing_is_finished_twice_and_the_value_comes_back() {
    let answer = Answer::new();
    answer.finish(7, false).unwrap();
    assert_eq!(answer.finish(8, true), Err(8));
    assert_eq!(answer.value(), Some(&7));
    assert!(!answer.has_failed());
    assert_eq!(answer.start(), Err(State::Finished));
    assert!(matches!(answer.cancel(), Cancel::Refused));
}

#[test]
fn what_is_cancelled_is_started_in_vain_once() {
    let answer = cancelled();
    assert_eq!(answer.state(), State::Cancelled);
    assert!(matches!(answer.cancel(), Cancel::Already));
    assert_eq!(answer.finish(7, false), Err(7));
    assert_eq!(answer.start(), Ok(false));
    assert_eq!(answer.state(), State::Notified);
    assert_eq!(answer.start(), Err(State::Notified));
    assert!(matches!(answer.cancel(), Cancel::Already));
    assert_eq!(answer.finish(7, false), Err(7));
}

#[test]
fn what_runs_cannot_be_cancelled() {
    let answer = Answer::new();
    answer.start().unwrap();
    assert!(matches!(answer.cancel(), Cancel::Refused));
    assert_eq!(answer.start(), Err(State::Running));
}

#[test]
fn callbacks_come_back_in_their_order_by_finish() {
    let answer = Answer::new();
    answer.watch("one").unwrap();
    answer.watch("other").unwrap();
    assert_eq!(answer.finish(7, false), Ok(vec!["one", "other"]));
    assert_eq!(answer.watch("late"), Err("late"));
}

#[test]
fn callbacks_come_back_by_cancel() {
    let answer = Answer::new();
    answer.watch("one").unwrap();
    assert!(matches!(answer.cancel(), Cancel::Now(callbacks) if callbacks == ["one"]));
    assert_eq!(answer.watch("late"), Err("late"));
}

#[test]
fn callbacks_can_be_seen_and_taken() {
    let answer = Answer::new();
    answer.watch("one").unwrap();
    answer.watch("other").unwrap();
    let mut seen = Vec::new();
    answer.visit(|callback| {
        seen.push(*callback);
        seen.is_empty()
    });
    assert_eq!(seen, ["one"]);
    assert_eq!(answer.take_callbacks(), ["one", "other"]);
    assert_eq!(answer.finish(7, false), Ok(vec![]));
}

#[test]
fn every_thread_that_waits_returns() {
    let _limit = Limit::new();
    let answer = Answer::new();
    thread::scope(|scope| {
        let waiters = [(); 20].map(|()| scope.spawn(|| answer.wait_until(far())));
        until(|| answer.waiting() == 20);
        answer.finish(7, false).unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Ok(()));
        }
    });
    assert_eq!(answer.waiting(), 0);
}

#[test]
fn an_interrupted_wait_ends_by_its_owners_word() {
    let _limit = Limit::new();
    let answer = Answer::new();
    thread::scope(|scope| {
        let (parker, waiter): (&Parker, _) = with_parker(scope, || {
            answer.wait_unless(far(), || ControlFlow::Break("stop"))
        });
        until(|| answer.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("stop"));
    });
}

#[test]
fn a_retired_one_refuses_all_and_hands_over_its_watchers() {
    let answer = Answer::new();
    let round = Arc::new(Round::new(Until::All, 1));
    answer.start().unwrap();
    answer.watch("one").unwrap();
    assert!(answer.attach(&round, 3));
    let retired = answer.retire().unwrap();
    assert_eq!((retired.state, retired.failed), (State::Running, false));
    assert_eq!(retired.callbacks, ["one"]);
    assert_eq!(retired.rounds.len(), 1);
    assert_eq!(retired.rounds[0].1, 3);
    assert!(answer.retire().is_none());
    assert!(answer.is_retired());
    assert_eq!(answer.finish(7, false), Err(7));
    assert!(matches!(answer.cancel(), Cancel::Refused));
    assert_eq!(answer.watch("late"), Err("late"));
    assert!(!answer.attach(&round, 4));
    assert_eq!(answer.start(), Err(State::Running));
    assert_eq!(answer.wait_unless(far(), never), Ok(Ended::Retired));
}

#[test]
fn a_finished_one_keeps_its_value_when_it_is_retired() {
    let answer = Answer::new();
    answer.finish(7, true).unwrap();
    let retired = answer.retire().unwrap();
    assert_eq!((retired.state, retired.failed), (State::Finished, true));
    assert_eq!(answer.value(), Some(&7));
    assert_eq!(answer.state(), State::Finished);
}

#[test]
fn a_retired_one_lets_go_of_who_waits() {
    let _limit = Limit::new();
    let answer = Answer::new();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| answer.wait_unless(far(), never));
        until(|| answer.waiting() == 1);
        answer.retire().unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(Ended::Retired));
    });
}

#[test]
fn a_value_is_dropped_once() {
    let value = Arc::new(());
    let answer = Completion::<Arc<()>, ()>::new();
    answer.finish(Arc::clone(&value), false).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    let mut answer = answer;
    assert!(answer.take_value().is_some());
    drop(answer);
    assert_eq!(Arc::strong_count(&value), 1);
}
