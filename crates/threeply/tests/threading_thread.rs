//! The thread keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::sync::Arc;
use support::{Limit, far, passed, until};
use threeply::{
    threading::{
        Builder, Event, Interrupted, Mutex, Queue, Thread, enumerate, interrupted, interruptible,
    },
    time::Deadline,
};

#[test]
fn join_gives_what_the_body_returned_or_panicked_with() {
    assert_eq!(Thread::spawn(|| "done").join().unwrap(), "done");
    let panicked = Thread::spawn(|| panic!("told")).join().unwrap_err();
    assert_eq!(panicked.downcast_ref(), Some(&"told"));
}

#[test]
fn a_join_whose_deadline_passes_gives_the_thread_back() {
    let _limit = Limit::new();
    let go = Arc::new(Event::new());
    let thread = Thread::spawn({
        let go = Arc::clone(&go);
        move || go.wait()
    });
    let thread = thread.join_until(passed()).unwrap_err();
    assert!(thread.is_alive());
    go.set();
    let ended = thread.join_until(far());
    assert!(matches!(ended, Ok(Ok(()))));
}

#[test]
fn a_thread_that_panicked_has_ended() {
    let _limit = Limit::new();
    let thread = Thread::spawn(|| panic!("told"));
    assert_eq!(
        thread.wait_unless(Deadline::NEVER, interrupted),
        Ok(true),
        "the end is told also when the body panics"
    );
    assert!(!thread.is_alive());
}

#[test]
fn live_threads_are_listed_by_name() {
    let _limit = Limit::new();
    let go = Arc::new(Event::new());
    let thread = Builder::new()
        .name("listed")
        .stack_size(256 * 1024)
        .spawn({
            let go = Arc::clone(&go);
            move || {
                go.wait();
                std::thread::current().name().map(str::to_owned)
            }
        })
        .unwrap();
    let is_listed = |id| enumerate().iter().any(|live| live.id == id);
    let id = thread.id();
    until(|| is_listed(id));
    assert_eq!(thread.name(), Some("listed"));
    go.set();
    assert_eq!(thread.join().unwrap().as_deref(), Some("listed"));
    assert!(!is_listed(id));
}

#[test]
fn an_interruption_ends_a_wait_that_is_made_for_it() {
    let _limit = Limit::new();
    let items = Arc::new(Queue::<u32>::unbounded());
    for _ in 0..100 {
        let thread = Thread::spawn({
            let items = Arc::clone(&items);
            move || interruptible(|asked| items.wait_for_item(Deadline::NEVER, asked))
        });
        // Before the thread runs, before it waits, or while it sleeps.
        assert!(thread.interrupt());
        assert_eq!(thread.join().unwrap(), Err(Interrupted));
    }
}

#[test]
fn an_interruption_in_any_other_wait_is_found_in_the_next() {
    let _limit = Limit::new();
    let held = Arc::new(Mutex::new(()));
    let guard = held.lock();
    let thread = Thread::spawn({
        let held = Arc::clone(&held);
        move || {
            drop(held.lock());
            interruptible(|asked| Event::new().wait_unless(Deadline::NEVER, asked))
        }
    });
    until(|| held.waiting() == 1);
    thread.interrupt();
    drop(guard);
    assert_eq!(thread.join().unwrap(), Err(Interrupted));
}

#[test]
fn an_interruption_is_taken_once() {
    let _limit = Limit::new();
    let thread = Thread::spawn(|| {
        until(|| interrupted().is_break());
        interrupted().is_break()
    });
    thread.interrupt();
    assert!(!thread.join().unwrap());
    assert!(interrupted().is_continue(), "no thread of ours, no flag");
}

#[test]
fn a_thread_that_has_ended_is_not_interrupted() {
    let _limit = Limit::new();
    let thread = Thread::spawn(|| ());
    assert_eq!(thread.wait_unless(Deadline::NEVER, interrupted), Ok(true));
    assert!(!thread.interrupt());
}
