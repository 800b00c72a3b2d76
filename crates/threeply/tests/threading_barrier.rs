//! The barrier keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{
    convert::Infallible,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    park::Parker,
    threading::{Arrival, Barrier, BrokenBarrier, Phase},
    time::Deadline,
};

#[test]
fn one_party_waits_for_nobody() {
    let barrier = Barrier::new(1);
    for _ in 0..3 {
        assert_eq!(barrier.wait(), Ok(0));
        assert_eq!(barrier.wait_until(passed()), Ok(0));
    }
    assert_eq!((barrier.phase(), barrier.inside()), (Phase::Filling, 0));
}

#[test]
fn all_go_on_when_the_last_has_come_each_with_its_place() {
    let _limit = Limit::new();
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        let mut waiters = Vec::new();
        for count in 1..4 {
            waiters.push(scope.spawn(|| barrier.wait()));
            until(|| barrier.waiting() == count);
        }
        assert_eq!(barrier.phase(), Phase::Filling);
        assert_eq!(barrier.wait(), Ok(3));
        let places: Vec<_> = waiters
            .into_iter()
            .map(|waiter| waiter.join().unwrap())
            .collect();
        assert_eq!(places, [Ok(0), Ok(1), Ok(2)]);
    });
    assert_eq!((barrier.waiting(), barrier.inside()), (0, 0));
    assert_eq!(barrier.phase(), Phase::Filling);
}

#[test]
fn rounds_do_not_mix() {
    const ROUNDS: u32 = 2000;
    let _limit = Limit::new();
    let barrier = Barrier::new(3);
    let round = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for mine in 0..ROUNDS {
                    assert_eq!(round.load(Ordering::Relaxed), mine);
                    barrier
                        .wait_with(|| {
                            round.fetch_add(1, Ordering::Relaxed);
                        })
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(round.into_inner(), ROUNDS);
    assert_eq!((barrier.inside(), barrier.outside()), (0, 0));
}

#[test]
fn a_deadline_that_passes_breaks_the_barrier_for_all() {
    let _limit = Limit::new();
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        let patient = scope.spawn(|| barrier.wait_until(far()));
        until(|| barrier.waiting() == 1);
        assert_eq!(barrier.wait_until(passed()), Err(BrokenBarrier));
        assert_eq!(patient.join().unwrap(), Err(BrokenBarrier));
    });
    assert!(barrier.is_broken());
    assert_eq!(barrier.wait(), Err(BrokenBarrier));
    assert_eq!((barrier.waiting(), barrier.inside()), (0, 0));
}

#[test]
fn a_reset_turns_away_those_that_wait_and_the_next_round_is_whole() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        barrier.reset();
        assert_eq!(waiter.join().unwrap(), Err(BrokenBarrier));
        assert!(!barrier.is_broken());
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        assert_eq!(barrier.wait(), Ok(1));
        assert_eq!(waiter.join().unwrap(), Ok(0));
    });
}

#[test]
fn an_abort_turns_everybody_away_until_a_reset() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        barrier.abort();
        assert_eq!(waiter.join().unwrap(), Err(BrokenBarrier));
    });
    assert_eq!(barrier.wait(), Err(BrokenBarrier));
    barrier.abort();
    assert!(barrier.is_broken());
    barrier.reset();
    assert!(!barrier.is_broken());
    barrier.reset();
    assert_eq!(barrier.phase(), Phase::Filling);
}

#[test]
fn who_comes_while_the_last_round_leaves_waits_for_the_next() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let Ok(Arrival::Waits(first)) = barrier.arrive() else {
            panic!("the first of two waits");
        };
        let Ok(Arrival::Releases(last)) = barrier.arrive() else {
            panic!("the second of two releases");
        };
        assert!(matches!(barrier.try_arrive(), Ok(None)));
        assert_eq!((barrier.phase(), barrier.waiting()), (Phase::Releasing, 2));
        let newcomer = scope.spawn(|| barrier.wait());
        until(|| barrier.outside() == 1);
        assert_eq!(last.release(), Ok(1));
        assert_eq!((barrier.phase(), barrier.inside()), (Phase::Draining, 1));
        assert_eq!(barrier.waiting(), 0);
        // A reset has nothing to reset: they are going.
        barrier.reset();
        assert_eq!(first.wait(), Ok(0));
        until(|| barrier.waiting() == 1);
        assert_eq!(barrier.wait(), Ok(1));
        assert_eq!(newcomer.join().unwrap(), Ok(0));
    });
}

#[test]
fn who_comes_while_a_reset_turns_others_away_waits_for_them_to_be_gone() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let Ok(Arrival::Waits(first)) = barrier.arrive() else {
            panic!("the first of two waits");
        };
        barrier.reset();
        assert_eq!(barrier.phase(), Phase::Resetting);
        let newcomer = scope.spawn(|| barrier.wait());
        until(|| barrier.outside() == 1);
        assert_eq!(first.wait(), Err(BrokenBarrier));
        assert_eq!(barrier.wait().map(|_| ()), Ok(()));
        assert!(newcomer.join().unwrap().is_ok());
    });
}

#[test]
fn an_abort_reaches_those_that_wait_outside() {
    let _limit = Limit::new();
    let barrier = Barrier::new(1);
    thread::scope(|scope| {
        let Ok(Arrival::Releases(last)) = barrier.arrive() else {
            panic!("the only one releases");
        };
        let newcomer = scope.spawn(|| barrier.wait());
        until(|| barrier.outside() == 1);
        barrier.abort();
        assert_eq!(newcomer.join().unwrap(), Err(BrokenBarrier));
        assert_eq!(last.release(), Err(BrokenBarrier));
    });
    assert!(barrier.is_broken());
    assert_eq!(barrier.inside(), 0);
}

#[test]
fn the_action_runs_before_anybody_is_released_and_may_ask_its_barrier() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    let done = AtomicU32::new(0);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let place = barrier.wait();
            (place, done.load(Ordering::Relaxed))
        });
        until(|| barrier.waiting() == 1);
        let place = barrier.wait_with(|| {
            assert_eq!((barrier.waiting(), barrier.is_broken()), (2, false));
            barrier.reset();
            done.store(1, Ordering::Relaxed);
        });
        assert_eq!(place, Ok(1));
        assert_eq!(waiter.join().unwrap(), (Ok(0), 1));
    });
}

#[test]
fn a_deadline_that_passes_during_the_action_breaks_nothing() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    let (waits, releases) = (barrier.arrive().unwrap(), barrier.arrive().unwrap());
    let (Arrival::Waits(waiter), Arrival::Releases(last)) = (waits, releases) else {
        panic!("the second of two releases");
    };
    thread::scope(|scope| {
        let waiter = scope
            .spawn(|| waiter.wait_unless(passed(), || ControlFlow::<Infallible>::Continue(())));
        assert_eq!(last.release(), Ok(1));
        assert_eq!(waiter.join().unwrap(), Ok(Ok(0)));
    });
    assert!(!barrier.is_broken());
}

#[test]
fn an_action_that_panics_breaks_the_barrier() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        let acted = catch_unwind(AssertUnwindSafe(|| barrier.wait_with(|| panic!("no"))));
        assert!(acted.is_err());
        assert_eq!(waiter.join().unwrap(), Err(BrokenBarrier));
    });
    assert!(barrier.is_broken());
    assert_eq!(barrier.inside(), 0);
}

#[test]
fn an_action_may_abort_its_barrier() {
    let barrier = Barrier::new(1);
    assert_eq!(barrier.wait_with(|| barrier.abort()), Err(BrokenBarrier));
    assert!(barrier.is_broken());
}

#[test]
fn a_thread_that_is_stopped_leaves_and_the_barrier_is_whole() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            barrier.wait_unless(Deadline::NEVER, || ControlFlow::Break("enough"))
        });
        until(|| barrier.waiting() == 1);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err("enough"));
        assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        assert_eq!(barrier.wait(), Ok(1));
        assert_eq!(waiter.join().unwrap(), Ok(0));
    });
}

#[test]
fn a_thread_that_is_stopped_outside_has_not_come() {
    let barrier = Barrier::new(1);
    let Ok(Arrival::Releases(last)) = barrier.arrive() else {
        panic!("the only one releases");
    };
    Parker::current().interrupt();
    let ended = barrier.wait_unless(far(), || ControlFlow::Break(()));
    assert_eq!(ended, Err(()));
    assert_eq!((barrier.inside(), barrier.outside()), (1, 0));
    assert_eq!(last.release(), Ok(0));
}

#[test]
fn an_owner_who_goes_on_keeps_its_place() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    let asked = AtomicU32::new(0);
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            barrier.wait_unless(far(), || {
                asked.fetch_add(1, Ordering::Relaxed);
                ControlFlow::<Infallible>::Continue(())
            })
        });
        until(|| barrier.waiting() == 1);
        parker.interrupt();
        until(|| asked.load(Ordering::Relaxed) == 1);
        assert_eq!(barrier.waiting(), 1);
        assert_eq!(barrier.wait(), Ok(1));
        assert_eq!(waiter.join().unwrap(), Ok(Ok(0)));
    });
}

#[test]
fn who_has_arrived_and_does_not_wait_leaves() {
    let barrier = Barrier::new(3);
    drop(barrier.arrive());
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
}

#[test]
fn a_restart_turns_away_those_that_went_by_the_old_number() {
    let _limit = Limit::new();
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| barrier.wait());
        until(|| barrier.waiting() == 1);
        barrier.restart(1);
        assert_eq!(waiter.join().unwrap(), Err(BrokenBarrier));
    });
    assert_eq!((barrier.parties(), barrier.wait()), (1, Ok(0)));
}

#[test]
fn a_barrier_has_a_party_and_not_too_many() {
    for parties in [0, Barrier::MAX + 1, usize::MAX] {
        assert!(catch_unwind(|| Barrier::new(parties)).is_err());
    }
    assert_eq!(Barrier::new(Barrier::MAX).parties(), Barrier::MAX);
}
