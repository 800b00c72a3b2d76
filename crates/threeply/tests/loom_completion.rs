//! Models of the completion and the round: finish, cancel, start, watch, attach and wait in every order.
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
use std::{convert::Infallible, ops::ControlFlow, sync::Arc as Plain, time::Duration};
use threeply::{
    concurrent::futures::{Cancel, Completion, Ended, Round, State, Told, Until},
    park::Parker,
    time::Deadline,
};

type Answer = Completion<u32, u32>;

fn finishing(answer: &Arc<Answer>, value: u32) -> thread::JoinHandle<Result<Vec<u32>, u32>> {
    let answer = Arc::clone(answer);
    thread::spawn(move || answer.finish(value, false))
}

fn never() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

#[test]
fn finish_ends_a_wait_and_shows_the_value() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let finisher = finishing(&answer, 7);
        answer.wait();
        assert_eq!(answer.value(), Some(&7));
        assert_eq!(finisher.join().unwrap(), Ok(vec![]));
    });
}

#[test]
fn what_was_written_before_finish_is_seen_after_done() {
    model(|| {
        let shared = Arc::new((Answer::new(), AtomicBool::new(false)));
        let finisher = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.1.store(true, Ordering::Relaxed);
                shared.0.finish(1, false).unwrap();
            }
        });
        if shared.0.state() == State::Finished {
            assert!(shared.1.load(Ordering::Relaxed));
        }
        shared.0.wait();
        assert!(shared.1.load(Ordering::Relaxed));
        finisher.join().unwrap();
    });
}

#[test]
fn one_of_two_finishes() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let other = finishing(&answer, 1);
        let own = answer.finish(2, false);
        let other = other.join().unwrap();
        assert_ne!(own.is_ok(), other.is_ok());
        assert_eq!(answer.value(), Some(if own.is_ok() { &2 } else { &1 }));
    });
}

#[test]
fn cancel_or_start_comes_first() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let worker = thread::spawn({
            let answer = Arc::clone(&answer);
            move || answer.start()
        });
        let cancelled = matches!(answer.cancel(), Cancel::Now(_));
        let started = worker.join().unwrap().unwrap();
        assert_ne!(cancelled, started);
        let state = if started {
            State::Running
        } else {
            answer.state()
        };
        assert_eq!(answer.state(), state);
    });
}

#[test]
fn cancel_ends_a_wait() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let waiter = thread::spawn({
            let answer = Arc::clone(&answer);
            move || answer.wait()
        });
        assert!(matches!(answer.cancel(), Cancel::Now(_)));
        waiter.join().unwrap();
    });
}

#[test]
fn a_callback_is_called_by_one_of_both() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let finisher = finishing(&answer, 1);
        let own = answer.watch(5);
        let theirs = finisher.join().unwrap().unwrap();
        assert_eq!(theirs.len(), usize::from(own.is_ok()));
        assert!(own.is_ok() || answer.value().is_some());
    });
}

#[test]
fn a_timeout_or_an_interruption_that_races_finish_leaves_nobody() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let parker = Parker::current();
        let finisher = thread::spawn({
            let answer = Arc::clone(&answer);
            move || {
                parker.interrupt();
                answer.finish(1, false).unwrap();
            }
        });
        let ended = answer.wait_unless(Deadline::NEVER, || ControlFlow::Break(()));
        assert_ne!(ended, Ok(Ended::TimedOut));
        let ended = answer.wait_until(Deadline::after(Duration::ZERO));
        assert!(ended.is_err() || answer.value().is_some());
        finisher.join().unwrap();
        assert_eq!(answer.waiting(), 0);
    });
}

#[test]
fn retire_ends_a_wait_and_takes_what_finish_does_not() {
    model(|| {
        let answer = Arc::new(Answer::new());
        answer.watch(5).unwrap();
        let finisher = finishing(&answer, 1);
        let retired = answer.retire().unwrap();
        let finished = finisher.join().unwrap();
        assert_eq!(retired.state == State::Finished, finished.is_ok());
        assert_eq!(retired.callbacks.is_empty(), finished.is_ok());
        assert_eq!(
            answer.wait_unless(Deadline::NEVER, never),
            Ok(Ended::Retired)
        );
    });
}

#[test]
fn retire_alone_ends_a_wait() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let retirer = thread::spawn({
            let answer = Arc::clone(&answer);
            move || answer.retire().unwrap().state
        });
        let ended = answer.wait_unless(Deadline::NEVER, never);
        assert_eq!(ended, Ok(Ended::Retired));
        assert_eq!(retirer.join().unwrap(), State::Pending);
    });
}

#[test]
fn a_round_for_all_ends_with_the_last() {
    model(|| {
        let answers = [(); 2].map(|()| Arc::new(Answer::new()));
        let round = Plain::new(Round::new(Until::All, 2));
        let finishers = [0, 1].map(|index: u32| finishing(&answers[index as usize], index));
        for (index, answer) in (0..).zip(&answers) {
            assert!(answer.attach(&round, index));
        }
        assert_eq!(round.wait_unless(Deadline::NEVER, never), Ok(true));
        assert!(answers.iter().all(|answer| answer.value().is_some()));
        for finisher in finishers {
            finisher.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_round_for_the_first_ends_with_it() {
    model(|| {
        let answers = [(); 2].map(|()| Arc::new(Answer::new()));
        let round = Plain::new(Round::new(Until::First, 2));
        for (index, answer) in (0..).zip(&answers) {
            assert!(answer.attach(&round, index));
        }
        let finisher = finishing(&answers[1], 1);
        assert_eq!(round.wait_unless(Deadline::NEVER, never), Ok(true));
        assert!(answers[1].value().is_some());
        finisher.join().unwrap().unwrap();
    });
}

#[test]
fn a_round_for_each_tells_each_once() {
    model(|| {
        let answers = [(); 2].map(|()| Arc::new(Answer::new()));
        let round = Plain::new(Round::new(Until::Each, 2));
        let finishers = [0, 1].map(|index: u32| finishing(&answers[index as usize], index));
        for (index, answer) in (0..).zip(&answers) {
            assert!(answer.attach(&round, index));
        }
        let mut told = Vec::new();
        while told.len() < 2 {
            assert_eq!(round.wait_unless(Deadline::NEVER, never), Ok(true));
            while let Some(index) = round.take() {
                assert!(answers[index as usize].value().is_some());
                told.push(index);
            }
        }
        told.sort_unstable();
        assert_eq!(told, [0, 1]);
        assert_eq!(round.take(), None);
        for finisher in finishers {
            finisher.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_cancelled_one_is_told_when_it_is_started() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let round = Plain::new(Round::new(Until::All, 1));
        let canceller = thread::spawn({
            let answer = Arc::clone(&answer);
            move || {
                let _ = answer.cancel();
                answer.start()
            }
        });
        assert!(answer.attach(&round, 0));
        assert_eq!(round.wait_unless(Deadline::NEVER, never), Ok(true));
        assert_eq!(canceller.join().unwrap(), Ok(false));
        assert_eq!(answer.state(), State::Notified);
    });
}

#[test]
fn detach_and_finish_tell_at_most_once() {
    model(|| {
        let answer = Arc::new(Answer::new());
        let round = Plain::new(Round::new(Until::All, 1));
        assert!(answer.attach(&round, 0));
        let finisher = finishing(&answer, 1);
        answer.detach(&round);
        finisher.join().unwrap().unwrap();
        assert!(round.left() <= 1);
        assert_eq!(round.is_over(), round.left() == 0);
        // What is told by hand counts as well.
        if !round.is_over() {
            round.tell(0, Told::Finished);
        }
        assert!(round.is_over());
    });
}
