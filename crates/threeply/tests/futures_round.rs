//! The round keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{convert::Infallible, ops::ControlFlow, sync::Arc, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    concurrent::futures::{Cancel, Completion, Round, Told, Until},
    park::Parker,
};

type Answer = Completion<u32, ()>;

fn never() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn is_over_now(round: &Round) -> bool {
    round.wait_unless(passed(), never).unwrap()
}

/// A round over three pending completions.
fn three(until: Until) -> (Arc<Round>, [Answer; 3]) {
    let round = Arc::new(Round::new(until, 3));
    let answers = [(); 3].map(|()| Answer::new());
    for (index, answer) in (0..).zip(&answers) {
        assert!(answer.attach(&round, index));
    }
    (round, answers)
}

#[test]
fn a_round_over_none_is_over() {
    for until in [Until::All, Until::First, Until::FirstFailure] {
        assert!(is_over_now(&Round::new(until, 0)));
    }
    let each = Round::new(Until::Each, 0);
    assert!(!each.is_over());
    assert_eq!(each.left(), 0);
}

#[test]
fn all_is_over_with_the_last() {
    let (round, answers) = three(Until::All);
    for (left, answer) in [2, 1, 0].into_iter().zip(&answers) {
        assert!(!is_over_now(&round));
        answer.finish(0, true).unwrap();
        assert_eq!(round.left(), left);
    }
    assert!(is_over_now(&round));
}

#[test]
fn first_is_over_with_the_first() {
    let (round, answers) = three(Until::First);
    assert!(!is_over_now(&round));
    answers[1].finish(0, false).unwrap();
    assert!(is_over_now(&round));
}

#[test]
fn a_failure_ends_a_round_that_waits_for_one() {
    let (round, answers) = three(Until::FirstFailure);
    answers[0].finish(0, false).unwrap();
    assert!(matches!(answers[1].cancel(), Cancel::Now(_)));
    assert_eq!(answers[1].start(), Ok(false));
    assert!(!is_over_now(&round));
    answers[2].finish(0, true).unwrap();
    assert!(is_over_now(&round));
}

#[test]
fn without_a_failure_it_is_over_with_the_last() {
    let (round, answers) = three(Until::FirstFailure);
    for answer in &answers {
        assert!(!is_over_now(&round));
        answer.finish(0, false).unwrap();
    }
    assert!(is_over_now(&round));
}

#[test]
fn each_gives_the_numbers_in_their_order() {
    let (round, answers) = three(Until::Each);
    assert_eq!(round.take(), None);
    for index in [2, 0] {
        answers[index].finish(0, false).unwrap();
    }
    assert!(is_over_now(&round));
    assert_eq!(
        (round.take(), round.take(), round.take()),
        (Some(2), Some(0), None)
    );
    assert!(!is_over_now(&round));
    answers[1].finish(0, false).unwrap();
    assert_eq!(round.take(), Some(1));
    assert_eq!(round.left(), 0);
}

#[test]
fn what_is_done_tells_when_it_is_attached() {
    let round = Arc::new(Round::new(Until::All, 2));
    let finished = Answer::new();
    finished.finish(0, false).unwrap();
    assert!(finished.attach(&round, 0));
    assert_eq!(round.left(), 1);
    let notified = Answer::new();
    assert!(matches!(notified.cancel(), Cancel::Now(_)));
    notified.start().unwrap();
    assert!(notified.attach(&round, 1));
    assert!(is_over_now(&round));
}

#[test]
fn what_is_cancelled_tells_when_somebody_knows() {
    let round = Arc::new(Round::new(Until::All, 1));
    let answer = Answer::new();
    assert!(matches!(answer.cancel(), Cancel::Now(_)));
    assert!(answer.attach(&round, 0));
    assert!(!is_over_now(&round));
    answer.start().unwrap();
    assert!(is_over_now(&round));
}

#[test]
fn detached_it_tells_nobody_and_is_forgotten() {
    let (round, answers) = three(Until::All);
    for answer in &answers {
        answer.detach(&round);
        answer.detach(&round);
    }
    assert_eq!(Arc::strong_count(&round), 1);
    answers[0].finish(0, false).unwrap();
    assert_eq!(round.left(), 3);
}

#[test]
fn a_burst_wakes_the_thread_when_all_have_told() {
    let _limit = Limit::new();
    let (round, answers) = three(Until::All);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| round.wait_unless(far(), never));
        for answer in &answers {
            answer.finish(0, false).unwrap();
        }
        assert_eq!(waiter.join().unwrap(), Ok(true));
    });
}

#[test]
fn an_interrupted_wait_ends_by_its_owners_word() {
    let _limit = Limit::new();
    let round = Round::new(Until::First, 1);
    thread::scope(|scope| {
        let (parker, waiter): (&Parker, _) = with_parker(scope, || {
            round.wait_unless(far(), || ControlFlow::Break("stop"))
        });
        until(|| {
            parker.interrupt();
            waiter.is_finished()
        });
        assert_eq!(waiter.join().unwrap(), Err("stop"));
    });
    round.tell(0, Told::Finished);
    assert!(is_over_now(&round));
}
