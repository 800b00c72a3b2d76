//! The readers-writer lock keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    error::TimedOut,
    threading::{NotHeld, RawRwLock, RwLock},
    time::Deadline,
};

fn stop() -> ControlFlow<()> {
    ControlFlow::Break(())
}

#[test]
fn many_read_at_a_time() {
    let lock = RwLock::new(1);
    let (first, second) = (lock.read(), lock.read());
    assert_eq!((*first, *second), (1, 1));
    assert_eq!((lock.readers(), lock.is_written()), (2, false));
    assert!(lock.try_write().is_none());
    drop((first, second));
    assert_eq!(lock.readers(), 0);
    assert!(lock.try_write().is_some());
}

#[test]
fn one_writes_and_nobody_reads_meanwhile() {
    let mut lock = RwLock::new(1);
    let mut guard = lock.write();
    *guard += 1;
    assert!(lock.is_written());
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    assert_eq!(lock.read_until(passed()).err(), Some(TimedOut));
    assert_eq!(lock.write_until(passed()).err(), Some(TimedOut));
    drop(guard);
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 3);
}

#[test]
fn a_free_lock_is_acquired_though_the_deadline_has_passed() {
    let lock = RwLock::from(1);
    assert!(lock.read_until(passed()).is_ok());
    assert!(lock.write_until(passed()).is_ok());
}

#[test]
fn what_is_not_held_cannot_be_released() {
    let lock = RawRwLock::new();
    assert_eq!(
        (lock.unlock_read(), lock.unlock_write()),
        (Err(NotHeld), Err(NotHeld))
    );
    lock.read();
    assert_eq!(lock.unlock_write(), Err(NotHeld));
    assert_eq!(lock.unlock_read(), Ok(()));
    assert_eq!(lock.unlock_read(), Err(NotHeld));
    lock.write();
    assert_eq!(lock.unlock_read(), Err(NotHeld));
    assert_eq!(lock.unlock_write(), Ok(()));
    assert_eq!(lock.unlock_write(), Err(NotHeld));
}

#[test]
fn another_thread_may_release_the_raw_lock() {
    let lock = RawRwLock::new();
    lock.write();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(lock.unlock_write(), Ok(())));
    });
    assert!(lock.try_read());
}

#[test]
fn a_panic_leaves_the_lock_free() {
    let lock = RwLock::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        *lock.write() = 2;
        let _guard = lock.write();
        panic!("no");
    }));
    assert!(panicked.is_err());
    assert_eq!(*lock.try_read().unwrap(), 2);
}

#[test]
fn a_lock_tells_its_data_or_that_it_is_written() {
    let lock = RwLock::new(1);
    assert_eq!(format!("{lock:?}"), "RwLock { data: 1, .. }");
    let guard = lock.write();
    assert_eq!(
        format!("{lock:?} {guard:?}"),
        "RwLock { data: <written>, .. } 1"
    );
}

/// Notes who came in which order.
struct Order(Mutex<Vec<&'static str>>);

impl Order {
    fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn note(&self, who: &'static str) {
        self.0.lock().unwrap().push(who);
    }

    fn into_inner(self) -> Vec<&'static str> {
        self.0.into_inner().unwrap()
    }
}

#[test]
fn a_reader_that_comes_behind_a_writer_waits_for_it() {
    let _limit = Limit::new();
    let (lock, order) = (RwLock::new(()), Order::new());
    thread::scope(|scope| {
        let reading = lock.read();
        scope.spawn(|| {
            let _guard = lock.write();
            order.note("writer");
        });
        until(|| lock.waiting() == 1);
        assert!(lock.try_read().is_none());
        scope.spawn(|| {
            let _guard = lock.read();
            order.note("reader");
        });
        until(|| lock.waiting() == 2);
        drop(reading);
    });
    assert_eq!(order.into_inner(), ["writer", "reader"]);
}

#[test]
fn a_writer_that_leaves_lets_all_waiting_readers_in_before_the_next_writer() {
    let _limit = Limit::new();
    let (lock, order) = (RawRwLock::new(), Order::new());
    lock.write();
    thread::scope(|scope| {
        scope.spawn(|| {
            lock.write();
            order.note("writer");
            lock.unlock_write().unwrap();
        });
        until(|| lock.waiting_writers() == 1);
        for _ in 0..3 {
            scope.spawn(|| {
                lock.read();
                order.note("reader");
                // All three are in at once.
                until(|| order.0.lock().unwrap().len() == 3);
                lock.unlock_read().unwrap();
            });
        }
        until(|| lock.waiting_readers() == 3);
        lock.unlock_write().unwrap();
    });
    assert_eq!(order.into_inner(), ["reader", "reader", "reader", "writer"]);
    assert!(lock.try_write());
}

#[test]
fn writers_come_in_the_order_in_which_they_waited() {
    let _limit = Limit::new();
    let (lock, order) = (RwLock::new(()), Order::new());
    thread::scope(|scope| {
        let guard = lock.write();
        for (before, who) in ["first", "second", "third"].into_iter().enumerate() {
            let (lock, order) = (&lock, &order);
            scope.spawn(move || {
                let _guard = lock.write();
                order.note(who);
            });
            until(|| lock.waiting() == before + 1);
        }
        drop(guard);
    });
    assert_eq!(order.into_inner(), ["first", "second", "third"]);
}

#[test]
fn a_writer_that_gives_up_lets_the_readers_in_that_it_held_back() {
    let _limit = Limit::new();
    let lock = RawRwLock::new();
    lock.read();
    thread::scope(|scope| {
        let (parker, writer) = with_parker(scope, || lock.write_unless(Deadline::NEVER, stop));
        until(|| lock.waiting_writers() == 1);
        let reader = scope.spawn(|| lock.read());
        until(|| lock.waiting_readers() == 1);
        parker.interrupt();
        assert_eq!(writer.join().unwrap(), Err(()));
        reader.join().unwrap();
    });
    assert_eq!((lock.readers(), lock.waiting_readers()), (2, 0));
    assert!(lock.try_read());
}

#[test]
fn a_writer_whose_deadline_passes_holds_nobody_back() {
    let lock = RawRwLock::new();
    lock.read();
    let go_on = || ControlFlow::<()>::Continue(());
    assert_eq!(lock.write_unless(passed(), go_on), Ok(false));
    assert!(lock.try_read());
    lock.unlock_read().unwrap();
    lock.unlock_read().unwrap();
    assert!(lock.try_write());
    assert_eq!(lock.read_unless(passed(), go_on), Ok(false));
    assert_eq!(lock.unlock_write(), Ok(()));
    assert!(lock.try_write());
}

#[test]
fn a_thread_that_is_stopped_after_the_lock_was_handed_to_it_hands_it_on() {
    let _limit = Limit::new();
    let lock = RawRwLock::new();
    lock.write();
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            lock.write_unless(Deadline::NEVER, || {
                // First in the queue, so the lock is this thread's; then its owner stops it.
                lock.unlock_write().unwrap();
                ControlFlow::Break(())
            })
        });
        until(|| lock.waiting_writers() == 1);
        let patient = scope.spawn(|| lock.write());
        until(|| lock.waiting_writers() == 2);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err(()));
        patient.join().unwrap();
    });
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            lock.read_unless(Deadline::NEVER, || {
                lock.unlock_write().unwrap();
                ControlFlow::Break(())
            })
        });
        until(|| lock.waiting_readers() == 1);
        let patient = scope.spawn(|| lock.write());
        until(|| lock.waiting_writers() == 1);
        parker.interrupt();
        assert_eq!(stopped.join().unwrap(), Err(()));
        patient.join().unwrap();
    });
    assert!(lock.is_written());
}

#[test]
fn many_threads_never_meet_where_one_writes() {
    const TURNS: u32 = if cfg!(miri) { 20 } else { 2000 };
    let _limit = Limit::new();
    let lock = RwLock::new((0_u32, 0_u32));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..TURNS {
                    let mut both = lock.write();
                    both.0 += 1;
                    both.1 += 1;
                }
            });
            scope.spawn(|| {
                for _ in 0..TURNS {
                    let both = lock.read();
                    assert_eq!(both.0, both.1);
                }
            });
            scope.spawn(|| {
                for _ in 0..TURNS {
                    if let Ok(both) = lock.read_until(passed()) {
                        assert_eq!(both.0, both.1);
                    }
                    if let Ok(both) = lock.write_until(passed()) {
                        assert_eq!(both.0, both.1);
                    }
                }
            });
        }
    });
    assert_eq!(
        (lock.readers(), lock.is_written(), lock.waiting()),
        (0, false, 0)
    );
    assert_eq!(lock.into_inner(), (2 * TURNS, 2 * TURNS));
}

#[test]
fn neither_side_keeps_the_other_out() {
    let _limit = Limit::new();
    let lock = RwLock::new(0_u32);
    thread::scope(|scope| {
        let busy = |turn: fn(&RwLock<u32>) -> bool| while turn(&lock) {};
        // Readers overlap all the time until a writer has come through.
        for _ in 0..3 {
            scope.spawn(move || busy(|lock| *lock.read() == 0));
        }
        *lock.write() = 1;
        // Writers come one after the other until a reader has.
        let is_read = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_read.load(Ordering::Relaxed) {
                        *lock.write() += 1;
                    }
                });
            }
            drop(lock.read_until(far()).unwrap());
            is_read.store(true, Ordering::Relaxed);
        });
    });
}

/// Beside a model of itself. Under miri there is no proptest.
#[cfg(not(miri))]
mod model {
    use super::{ControlFlow, RawRwLock, passed};
    use proptest::prelude::*;
    use std::cell::Cell;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Read,
        Write,
        UnlockRead,
        UnlockWrite,
    }

    proptest! {
        #[test]
        fn it_counts_as_a_model_does(
            steps in prop::collection::vec(
                prop::sample::select(vec![Step::Read, Step::Write, Step::UnlockRead, Step::UnlockWrite]),
                0..60,
            ),
            waits: bool,
        ) {
            let lock = RawRwLock::new();
            let (readers, writer) = (Cell::new(0_usize), Cell::new(false));
            let go_on = || ControlFlow::<()>::Continue(());
            for step in steps {
                match step {
                    Step::Read => {
                        let read = if waits { lock.read_unless(passed(), go_on).unwrap() } else { lock.try_read() };
                        prop_assert_eq!(read, !writer.get());
                        readers.set(readers.get() + usize::from(read));
                    }
                    Step::Write => {
                        let written = if waits { lock.write_unless(passed(), go_on).unwrap() } else { lock.try_write() };
                        prop_assert_eq!(written, !writer.get() && readers.get() == 0);
                        writer.set(writer.get() || written);
                    }
                    Step::UnlockRead => {
                        prop_assert_eq!(lock.unlock_read().is_ok(), readers.get() > 0);
                        readers.set(readers.get().saturating_sub(1));
                    }
                    Step::UnlockWrite => prop_assert_eq!(lock.unlock_write().is_ok(), writer.replace(false)),
                }
                prop_assert_eq!((lock.readers(), lock.is_written()), (readers.get(), writer.get()));
            }
        }
    }
}
