//! `wait` and `as_completed` keep what their documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{ops::ControlFlow, thread, time::Duration};
use support::{Limit, far, passed, with_parker};
use threeply::{
    concurrent::futures::{Future, Promise, ReturnWhen, as_completed, wait, wait_unless},
    error::TimedOut,
    time::Deadline,
};

type Pairs = ([Option<Promise<u32>>; 3], [Future<u32>; 3]);

fn three() -> Pairs {
    let (a, b, c) = (Future::promised(), Future::promised(), Future::promised());
    ([Some(a.0), Some(b.0), Some(c.0)], [a.1, b.1, c.1])
}

fn set(promise: &mut Option<Promise<u32>>, value: u32) {
    promise.take().unwrap().set(value).unwrap();
}

/// How many are done when what `when` says is waited for without time.
fn done_now(futures: &[Future<u32>], when: ReturnWhen) -> usize {
    let waited = wait(futures, passed(), when);
    assert_eq!(waited.done.len() + waited.not_done.len(), futures.len());
    waited.done.len()
}

#[test]
fn all_completed_waits_for_the_last() {
    let _limit = Limit::new();
    let (mut promises, futures) = three();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&futures, far(), ReturnWhen::AllCompleted).done.len());
        for promise in &mut promises {
            set(promise, 1);
        }
        assert_eq!(waiting.join().unwrap(), 3);
    });
}

#[test]
fn first_completed_waits_for_one() {
    let _limit = Limit::new();
    let (mut promises, futures) = three();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let waited = wait(&futures, far(), ReturnWhen::FirstCompleted);
            (waited.done.len(), waited.not_done.len())
        });
        set(&mut promises[1], 1);
        assert_eq!(waiting.join().unwrap(), (1, 2));
    });
}

#[test]
fn first_panic_waits_for_a_panic_and_not_for_a_cancellation() {
    let _limit = Limit::new();
    let (mut promises, futures) = three();
    futures[0].cancel();
    set(&mut promises[1], 1);
    assert_eq!(done_now(&futures, ReturnWhen::FirstPanic), 2);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&futures, far(), ReturnWhen::FirstPanic).done.len());
        assert!(promises[2].take().unwrap().fail(Box::new("x")));
        assert_eq!(waiting.join().unwrap(), 3);
    });
}

#[test]
fn a_wait_that_is_late_tells_which_are_done_and_leaves_nothing_behind() {
    let (mut promises, futures) = three();
    set(&mut promises[2], 1);
    for _ in 0..1_000 {
        let waited = wait(&futures, passed(), ReturnWhen::AllCompleted);
        assert_eq!((waited.done.len(), waited.not_done.len()), (1, 2));
    }
    set(&mut promises[0], 2);
    assert_eq!(done_now(&futures, ReturnWhen::AllCompleted), 2);
}

#[test]
fn a_wait_for_none_is_over() {
    let none: [Future<u32>; 0] = [];
    let waited = wait(&none, Deadline::NEVER, ReturnWhen::FirstCompleted);
    assert!(waited.done.is_empty() && waited.not_done.is_empty());
    assert!(as_completed(&none, Deadline::NEVER).next().is_none());
}

#[test]
fn an_interrupted_wait_ends_by_its_owners_word() {
    let _limit = Limit::new();
    let (_promises, futures) = three();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            let when = ReturnWhen::AllCompleted;
            let stop = || ControlFlow::Break("enough");
            wait_unless(&futures, Deadline::NEVER, when, stop)
                .map(|_| ())
                .unwrap_err()
        });
        parker.interrupt();
        assert_eq!(waiting.join().unwrap(), "enough");
    });
}

#[test]
fn as_completed_gives_each_once_in_the_order_of_their_ends() {
    let (mut promises, futures) = three();
    set(&mut promises[2], 30);
    set(&mut promises[0], 10);
    let mut ended = as_completed(&futures, far());
    let result = |future: Result<&Future<u32>, TimedOut>| *future.unwrap().result().unwrap();
    // What was done before is given first, in the order in which it was named.
    assert_eq!(ended.next().map(result), Some(10));
    assert_eq!(ended.next().map(result), Some(30));
    assert_eq!(ended.size_hint(), (1, Some(1)));
    set(&mut promises[1], 20);
    assert_eq!(ended.next().map(result), Some(20));
    assert!(ended.next().is_none());
}

#[test]
fn as_completed_gives_a_cancelled_one_too() {
    let _limit = Limit::new();
    let (_promises, futures) = three();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut ended = as_completed(&futures, far());
            ended.next().unwrap().unwrap().is_cancelled()
        });
        assert!(futures[1].cancel());
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn as_completed_is_late_once_and_over() {
    let (mut promises, futures) = three();
    set(&mut promises[0], 1);
    let deadline = Deadline::after(Duration::from_millis(1));
    let mut ended = as_completed(&futures, deadline);
    assert!(ended.next().unwrap().is_ok());
    assert_eq!(ended.next().map(|late| late.unwrap_err()), Some(TimedOut));
    assert!(ended.next().is_none());
}

#[test]
fn the_same_future_may_be_named_twice() {
    let (mut promises, futures) = three();
    set(&mut promises[0], 1);
    let twice = [&futures[0], &futures[0]];
    let waited = wait(twice, far(), ReturnWhen::AllCompleted);
    assert_eq!(waited.done.len(), 2);
    assert_eq!(as_completed(twice, far()).count(), 2);
}

#[test]
fn ten_thousand_end_in_a_burst() {
    let _limit = Limit::new();
    let (promises, futures): (Vec<_>, Vec<_>) =
        (0..10_000).map(|_| Future::<usize>::promised()).unzip();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&futures, far(), ReturnWhen::AllCompleted).done.len());
        let each = scope.spawn(|| as_completed(&futures, far()).flatten().count());
        for (n, promise) in promises.into_iter().enumerate() {
            promise.set(n).unwrap();
        }
        assert_eq!(waiting.join().unwrap(), 10_000);
        assert_eq!(each.join().unwrap(), 10_000);
    });
}
