//! A future and its promise keep what their documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    concurrent::futures::{Failure, Future, Promise, State},
    time::Deadline,
};

/// How often two threads race. Miri tries other orders each time, and is slow.
const RACES: usize = if cfg!(miri) { 20 } else { 2_000 };

fn pair() -> (Promise<String>, Future<String>) {
    Future::promised()
}

#[test]
fn what_is_promised_is_the_result() {
    let (promise, future) = pair();
    assert_eq!(future.state(), State::Pending);
    assert!(promise.start());
    assert!(!promise.start());
    assert!(future.is_running());
    promise.set("done".into()).unwrap();
    assert!(future.is_done());
    assert_eq!(future.result().unwrap(), "done");
    assert_eq!(future.clone().result_until(passed()).unwrap(), "done");
    assert_eq!(future.panic().unwrap().map(|_| ()), None);
}

#[test]
fn a_result_that_does_not_come_is_late() {
    let (_promise, future) = pair();
    assert!(matches!(
        future.result_until(passed()),
        Err(Failure::TimedOut)
    ));
    assert!(matches!(
        future.into_result_until(passed()),
        Err(Failure::TimedOut)
    ));
}

#[test]
fn a_result_wakes_every_thread_that_waits_for_it() {
    let _limit = Limit::new();
    let (promise, future) = pair();
    thread::scope(|scope| {
        let waiting = [(); 3].map(|()| scope.spawn(|| future.result().unwrap().len()));
        promise.set("three".into()).unwrap();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), 5);
        }
    });
}

#[test]
fn an_interrupted_wait_ends_by_its_owners_word() {
    let _limit = Limit::new();
    let (_promise, future) = pair();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            let ended = future.result_unless(Deadline::NEVER, || ControlFlow::Break("enough"));
            ended.map(|_| ()).unwrap_err()
        });
        parker.interrupt();
        assert_eq!(waiting.join().unwrap(), "enough");
    });
}

#[test]
fn what_is_cancelled_has_no_result_and_takes_none() {
    let (promise, future) = pair();
    assert!(future.cancel());
    assert!(future.cancel());
    assert!(future.is_cancelled());
    assert!(matches!(future.result(), Err(Failure::Cancelled)));
    assert!(!promise.start());
    assert_eq!(promise.set("late".into()), Err("late".into()));
    assert!(matches!(future.into_result(), Err(Failure::Cancelled)));
}

#[test]
fn what_runs_or_has_run_is_not_cancelled() {
    let (promise, future) = pair();
    assert!(promise.start());
    assert!(!future.cancel());
    promise.set(String::new()).unwrap();
    assert!(!future.cancel());
    assert!(!future.is_cancelled());
}

#[test]
fn a_promise_that_is_dropped_ends_the_wait() {
    let (promise, future) = pair();
    drop(promise);
    assert!(matches!(future.result(), Err(Failure::Abandoned)));
}

#[test]
fn a_panic_is_told_and_can_go_on() {
    let (promise, future) = pair();
    assert!(promise.fail(Box::new("broken")));
    let Err(Failure::Panicked(panic)) = future.result() else {
        panic!("it has no result");
    };
    assert_eq!(panic.message(), "broken");
    let went_on = catch_unwind(AssertUnwindSafe(|| panic.resume())).unwrap_err();
    assert_eq!(went_on.downcast_ref(), Some(&"broken"));
    assert!(future.panic().unwrap().unwrap().take().is_none());
    let again = catch_unwind(AssertUnwindSafe(|| panic.resume())).unwrap_err();
    assert_eq!(again.downcast_ref(), Some(&"broken".to_owned()));
}

#[test]
fn a_panic_with_something_else_than_text_keeps_it() {
    let (promise, future) = pair();
    assert!(promise.fail(Box::new(7)));
    let panic = future.panic().unwrap().unwrap();
    assert_eq!(panic.message(), "a value that is no text");
    assert_eq!(panic.take().unwrap().downcast_ref(), Some(&7));
}

#[test]
fn a_result_is_moved_out_by_the_last_handle() {
    let (promise, future) = pair();
    promise.set("mine".into()).unwrap();
    let other = future.clone();
    assert!(matches!(future.into_result(), Err(Failure::Shared)));
    assert_eq!(other.result().unwrap(), "mine");
    assert_eq!(other.into_result().unwrap(), "mine");
}

#[test]
fn a_result_is_dropped_once_whether_it_is_moved_out_or_not() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    for is_moved in [true, false] {
        let (promise, future) = Future::promised();
        assert!(promise.set(Counted(Arc::clone(&drops))).is_ok());
        if is_moved {
            let before = drops.load(Ordering::Relaxed);
            let value = future.into_result();
            assert_eq!(drops.load(Ordering::Relaxed), before);
            drop(value);
        } else {
            drop(future);
        }
    }
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    let (promise, future) = Future::promised();
    assert!(future.cancel());
    drop(promise.set(Counted(Arc::clone(&drops))));
    assert_eq!(drops.load(Ordering::Relaxed), 3);
}

#[test]
fn callbacks_are_called_in_their_order_though_one_panics() {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let noting = |number: u32| {
        let calls = Arc::clone(&calls);
        move |future: &Future<String>| {
            calls
                .lock()
                .unwrap()
                .push((number, future.result_until(passed()).cloned().unwrap()));
        }
    };
    let (promise, future) = pair();
    future.when_done(noting(1));
    future.when_done(|_| panic!("a callback of the test"));
    future.when_done(noting(2));
    promise.set("v".into()).unwrap();
    future.when_done(noting(3));
    let calls = calls.lock().unwrap();
    assert_eq!(*calls, [1, 2, 3].map(|number| (number, "v".to_owned())));
}

#[test]
fn callbacks_of_a_cancelled_one_see_it_cancelled() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (promise, future) = pair();
    future.when_done({
        let calls = Arc::clone(&calls);
        move |future| {
            assert!(future.is_cancelled());
            calls.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(future.cancel());
    drop(promise);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_handle_that_a_callback_kept_keeps_the_value() {
    let kept = Arc::new(Mutex::new(None));
    let (promise, future) = pair();
    future.when_done({
        let kept = Arc::clone(&kept);
        move |future| *kept.lock().unwrap() = Some(future.clone())
    });
    promise.set("kept".into()).unwrap();
    assert!(matches!(future.into_result(), Err(Failure::Shared)));
    let other = kept.lock().unwrap().take().unwrap();
    assert_eq!(other.into_result().unwrap(), "kept");
}

#[test]
fn a_callback_does_not_move_out_what_another_reads() {
    let (promise, future) = pair();
    future.when_done(|future| {
        let result = future.clone().into_result();
        assert!(matches!(result, Err(Failure::Shared)));
    });
    promise.set("still there".into()).unwrap();
    assert_eq!(future.result().unwrap(), "still there");
}

#[test]
fn whoever_moves_it_out_right_away_gets_it() {
    let _limit = Limit::new();
    for round in 0..RACES {
        let (promise, future) = Future::promised();
        thread::scope(|scope| {
            let setting = scope.spawn(move || promise.set(vec![round; 3]).unwrap());
            assert_eq!(future.into_result().unwrap(), [round; 3]);
            setting.join().unwrap();
        });
    }
}

#[test]
fn what_another_handle_has_read_is_over_when_it_is_moved() {
    let _limit = Limit::new();
    for round in 0..RACES {
        let (promise, future) = Future::promised();
        promise.set(vec![round; 3]).unwrap();
        let other = future.clone();
        // Relaxed: it orders nothing, so that only the handles do.
        let is_over = AtomicUsize::new(0);
        thread::scope(|scope| {
            let is_over = &is_over;
            scope.spawn(move || {
                assert_eq!(other.result().unwrap(), &[round; 3]);
                drop(other);
                is_over.store(1, Ordering::Relaxed);
            });
            until(|| is_over.load(Ordering::Relaxed) == 1);
            match future.into_result() {
                Ok(value) => assert_eq!(value, [round; 3]),
                // Without an order it may not know yet that the other one has ended.
                Err(failure) => assert!(matches!(failure, Failure::Shared)),
            }
        });
    }
}

#[test]
fn cancel_and_set_from_two_threads_agree() {
    let _limit = Limit::new();
    for _ in 0..RACES {
        let (promise, future) = pair();
        thread::scope(|scope| {
            let setting = scope.spawn(move || promise.set("v".into()).is_ok());
            let is_cancelled = future.cancel();
            assert_ne!(setting.join().unwrap(), is_cancelled);
            assert_eq!(future.result_until(far()).is_err(), is_cancelled);
        });
    }
}

#[test]
fn failures_say_what_they_are() {
    let texts = [
        Failure::Cancelled,
        Failure::TimedOut,
        Failure::Abandoned,
        Failure::Shared,
    ]
    .map(|failure| failure.to_string());
    for text in &texts {
        assert!(!text.ends_with('.'), "{text}");
    }
    assert_eq!(texts[0], "the future was cancelled");
}
