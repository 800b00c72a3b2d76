//! Models of the raw locks: every order of acquire and release, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{cell::UnsafeCell, sync::Arc, thread};
use model::model;
use std::{convert::Infallible, num::NonZeroUsize, ops::ControlFlow, time::Duration};
use threeply::{
    park::Parker,
    threading::{RawLock, RawRLock},
    time::Deadline,
};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

/// What a lock guards. loom's cell reports two accesses at once: that is the test.
#[derive(Default)]
struct Guarded<L>(L, UnsafeCell<u32>);

#[expect(unsafe_code, reason = "the model checks what this claims")]
// SAFETY: the cell is reached with the lock only.
unsafe impl<L: Sync> Sync for Guarded<L> {}

impl<L> Guarded<L> {
    fn count(&self) {
        #[expect(unsafe_code, reason = "the model checks what this claims")]
        // SAFETY: the caller has the lock.
        self.1.with_mut(|count| unsafe { *count += 1 });
    }
}

#[test]
fn a_lock_keeps_two_threads_apart() {
    fn visit(guarded: &Guarded<RawLock>) {
        guarded.0.acquire();
        guarded.count();
        assert!(guarded.0.release());
    }

    model(|| {
        let guarded = Arc::new(Guarded::<RawLock>::default());
        let other = thread::spawn({
            let guarded = Arc::clone(&guarded);
            move || visit(&guarded)
        });
        visit(&guarded);
        other.join().unwrap();
        assert!(!guarded.0.is_held());
        assert_eq!(guarded.0.waiting(), 0);
    });
}

/// Releases the lock in another thread.
fn release_elsewhere(lock: &Arc<RawLock>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || assert!(lock.release()))
}

#[test]
fn a_release_by_another_thread_ends_a_wait() {
    model(|| {
        let lock = Arc::new(RawLock::new());
        lock.acquire();
        let other = release_elsewhere(&lock);
        lock.acquire();
        other.join().unwrap();
        assert!(lock.is_held());
        assert_eq!(lock.waiting(), 0);
    });
}

#[test]
fn a_timeout_that_races_a_release_acquires_or_leaves_the_lock_free() {
    model(|| {
        let lock = Arc::new(RawLock::new());
        lock.acquire();
        let other = release_elsewhere(&lock);
        let acquired = lock.acquire_unless(passed(), go_on).unwrap();
        other.join().unwrap();
        assert_eq!(lock.is_held(), acquired);
        assert_eq!(lock.waiting(), 0);
    });
}

#[test]
fn an_interruption_that_races_a_release_passes_the_wake_up_on() {
    model(|| {
        let lock = Arc::new(RawLock::new());
        lock.acquire();
        let parker = Parker::current();
        let patient = thread::spawn({
            let lock = Arc::clone(&lock);
            move || lock.acquire()
        });
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                assert!(lock.release());
                parker.interrupt();
            }
        });
        let acquired = lock.acquire_unless(Deadline::NEVER, || ControlFlow::Break(()));
        if acquired == Ok(true) {
            assert!(lock.release());
        }
        // Were the wake-up lost with the interrupted thread, this would never end.
        patient.join().unwrap();
        other.join().unwrap();
        assert!(lock.is_held());
        assert_eq!(lock.waiting(), 0);
    });
}

#[test]
fn an_owner_that_comes_again_keeps_the_other_out() {
    fn visit(guarded: &Guarded<RawRLock>, me: usize) {
        let me = NonZeroUsize::new(me).unwrap();
        let acquire = || guarded.0.acquire_unless(me, Deadline::NEVER, go_on);
        assert_eq!(acquire(), Ok(true));
        assert_eq!(acquire(), Ok(true));
        guarded.0.release(me).unwrap();
        guarded.count();
        guarded.0.release(me).unwrap();
    }

    model(|| {
        let guarded = Arc::new(Guarded::<RawRLock>::default());
        let other = thread::spawn({
            let guarded = Arc::clone(&guarded);
            move || visit(&guarded, 2)
        });
        visit(&guarded, 1);
        other.join().unwrap();
        assert_eq!((guarded.0.owner(), guarded.0.depth()), (None, 0));
        assert_eq!(guarded.0.waiting(), 0);
    });
}
