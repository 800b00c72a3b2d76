//! The raw locks keep what their documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{convert::Infallible, num::NonZeroUsize, ops::ControlFlow, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    threading::{NotOwner, RawLock, RawRLock},
    time::Deadline,
};

const ME: NonZeroUsize = NonZeroUsize::new(1).unwrap();
const YOU: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

#[test]
fn a_lock_is_acquired_once_until_it_is_released() {
    let lock = RawLock::new();
    assert!(!lock.is_held());
    assert!(lock.try_acquire());
    assert!(lock.is_held() && !lock.try_acquire());
    assert_eq!(lock.acquire_unless(passed(), go_on), Ok(false));
    assert!(lock.release());
    assert!(!lock.is_held());
    lock.acquire();
    assert!(lock.is_held());
    assert_eq!(lock.waiting(), 0);
}

#[test]
fn a_free_lock_is_acquired_though_the_deadline_has_passed() {
    let lock = RawLock::new();
    assert_eq!(lock.acquire_unless(passed(), go_on), Ok(true));
    let lock = RawRLock::new();
    assert_eq!(lock.acquire_unless(ME, passed(), go_on), Ok(true));
}

#[test]
fn a_release_of_a_lock_that_nobody_holds_says_so_and_changes_nothing() {
    let lock = RawLock::new();
    assert!(!lock.release());
    assert!(!lock.is_held() && lock.try_acquire());
}

#[test]
fn a_lock_is_released_by_another_thread() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        scope.spawn(|| {
            until(|| lock.waiting() == 1);
            assert!(lock.release());
        });
        assert_eq!(lock.acquire_unless(far(), go_on), Ok(true));
    });
    assert!(lock.is_held());
}

#[test]
fn each_release_lets_one_thread_in() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| lock.acquire());
        }
        until(|| lock.waiting() == 3);
        for left in (0..3).rev() {
            assert!(lock.release());
            until(|| lock.waiting() == left && lock.is_held());
        }
    });
    assert!(lock.release());
}

#[test]
fn an_interrupted_thread_does_not_acquire() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            lock.acquire_unless(Deadline::NEVER, || ControlFlow::Break("enough"))
        });
        until(|| lock.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    assert_eq!(lock.waiting(), 0);
    assert!(lock.release() && !lock.is_held());
}

#[test]
fn an_interruption_that_is_not_heeded_does_not_end_the_wait() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            lock.acquire_unless(Deadline::NEVER, || {
                // The one that interrupts knows by this that the thread has been asked.
                lock.release();
                go_on()
            })
        });
        until(|| lock.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Ok(true));
    });
    assert!(lock.is_held());
}

#[test]
fn a_thread_that_is_stopped_after_its_wake_up_passes_it_on() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            lock.acquire_unless(Deadline::NEVER, || {
                // First in the queue, so the wake-up is this thread's; then its owner stops it.
                lock.release();
                ControlFlow::Break(())
            })
        });
        until(|| lock.waiting() == 1);
        let patient = scope.spawn(|| lock.acquire());
        until(|| lock.waiting() == 2);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err(()));
        patient.join().unwrap();
    });
    assert!(lock.is_held());
    assert_eq!(lock.waiting(), 0);
}

#[test]
fn only_the_owner_acquires_again_and_releases() {
    let lock = RawRLock::new();
    assert_eq!((lock.owner(), lock.depth()), (None, 0));
    assert_eq!(lock.release(ME), Err(NotOwner));
    assert!(lock.try_acquire(ME) && lock.try_acquire(ME));
    assert_eq!((lock.owner(), lock.depth()), (Some(ME), 2));
    assert!(lock.is_owned_by(ME) && !lock.is_owned_by(YOU));
    assert!(!lock.try_acquire(YOU));
    assert_eq!(lock.acquire_unless(YOU, passed(), go_on), Ok(false));
    assert_eq!(lock.release(YOU), Err(NotOwner));
    assert_eq!(lock.release_all(YOU), Err(NotOwner));
    assert_eq!((lock.owner(), lock.depth()), (Some(ME), 2));
    assert_eq!((lock.release(ME), lock.release(ME)), (Ok(()), Ok(())));
    assert_eq!(lock.release(ME), Err(NotOwner));
    assert_eq!((lock.owner(), lock.depth()), (None, 0));
    assert!(!lock.is_held());
}

#[test]
fn the_last_release_of_the_owner_lets_another_thread_in() {
    let _limit = Limit::new();
    let lock = RawRLock::new();
    assert!(lock.try_acquire(ME) && lock.try_acquire(ME));
    thread::scope(|scope| {
        let other = scope.spawn(|| lock.acquire_unless(YOU, far(), go_on));
        until(|| lock.waiting() == 1);
        lock.release(ME).unwrap();
        assert_eq!((lock.owner(), lock.waiting()), (Some(ME), 1));
        lock.release(ME).unwrap();
        assert_eq!(other.join().unwrap(), Ok(true));
    });
    assert_eq!((lock.owner(), lock.depth()), (Some(YOU), 1));
}

#[test]
fn what_release_all_gave_up_acquire_all_takes_back() {
    let _limit = Limit::new();
    let lock = RawRLock::new();
    for _ in 0..3 {
        assert!(lock.try_acquire(ME));
    }
    assert_eq!(lock.release_all(ME), Ok(3));
    assert_eq!((lock.owner(), lock.depth()), (None, 0));
    assert!(lock.try_acquire(YOU));
    assert!(!lock.try_acquire_all(ME, 3));
    thread::scope(|scope| {
        let back = scope.spawn(|| lock.acquire_all(ME, 3));
        until(|| lock.waiting() == 1);
        lock.release(YOU).unwrap();
        back.join().unwrap();
    });
    assert_eq!((lock.owner(), lock.depth()), (Some(ME), 3));
    assert_eq!(lock.release_all(ME), Ok(3));
    assert!(lock.try_acquire_all(YOU, 2));
    assert_eq!((lock.owner(), lock.depth()), (Some(YOU), 2));
}

#[test]
fn a_stopped_thread_does_not_come_to_own_the_lock() {
    let _limit = Limit::new();
    let lock = RawRLock::new();
    assert!(lock.try_acquire(ME));
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            lock.acquire_unless(YOU, Deadline::NEVER, || ControlFlow::Break("enough"))
        });
        until(|| lock.waiting() == 1);
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    assert_eq!(
        (lock.owner(), lock.depth(), lock.waiting()),
        (Some(ME), 1, 0)
    );
}

#[test]
fn a_reset_frees_the_lock_whoever_owns_it() {
    let lock = RawRLock::new();
    assert!(lock.try_acquire(ME) && lock.try_acquire(ME));
    lock.reset();
    assert_eq!(
        (lock.owner(), lock.depth(), lock.is_held()),
        (None, 0, false)
    );
    assert!(lock.try_acquire(YOU));
}

/// Beside a model of itself. Under miri there is no proptest.
#[cfg(not(miri))]
mod model {
    use super::{ME, NonZeroUsize, YOU, go_on, passed};
    use proptest::prelude::*;
    use threeply::threading::{NotOwner, RawRLock};

    #[derive(Debug, Clone)]
    enum Step {
        Try,
        Until,
        Release,
        ReleaseAll,
        TryAll(usize),
    }

    fn step() -> impl Strategy<Value = (NonZeroUsize, Step)> {
        let who = prop_oneof![Just(ME), Just(YOU)];
        let what = prop_oneof![
            3 => Just(Step::Try),
            2 => Just(Step::Until),
            5 => Just(Step::Release),
            1 => Just(Step::ReleaseAll),
            1 => (1..4_usize).prop_map(Step::TryAll),
        ];
        (who, what)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn it_belongs_to_its_owner_as_often_as_it_was_acquired(
            steps in prop::collection::vec(step(), 0..60),
        ) {
            let lock = RawRLock::new();
            // Who owns it and how often: the whole of the model.
            let mut owner = None;
            let mut depth = 0;
            for (who, step) in steps {
                let may_enter = owner.is_none_or(|owner| owner == who);
                let owns = owner == Some(who);
                match step {
                    Step::Try | Step::Until => {
                        let acquired = if matches!(step, Step::Try) {
                            lock.try_acquire(who)
                        } else {
                            lock.acquire_unless(who, passed(), go_on).unwrap()
                        };
                        prop_assert_eq!(acquired, may_enter);
                        if may_enter {
                            (owner, depth) = (Some(who), depth + 1);
                        }
                    }
                    Step::Release => {
                        prop_assert_eq!(lock.release(who).is_ok(), owns);
                        depth -= usize::from(owns);
                    }
                    Step::ReleaseAll => {
                        prop_assert_eq!(lock.release_all(who), if owns { Ok(depth) } else { Err(NotOwner) });
                        depth = if owns { 0 } else { depth };
                    }
                    Step::TryAll(n) => {
                        let is_free = owner.is_none();
                        prop_assert_eq!(lock.try_acquire_all(who, n), is_free);
                        if is_free {
                            (owner, depth) = (Some(who), n);
                        }
                    }
                }
                owner = owner.filter(|_| depth > 0);
                prop_assert_eq!((lock.owner(), lock.depth()), (owner, depth));
                prop_assert_eq!((lock.is_held(), lock.waiting()), (owner.is_some(), 0));
            }
        }
    }
}
