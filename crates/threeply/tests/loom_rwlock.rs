//! Models of the readers-writer lock: every order of acquire and release, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{sync::Arc, thread};
use model::model;
use std::{convert::Infallible, ops::ControlFlow, time::Duration};
use threeply::{
    park::Parker,
    threading::{RawRwLock, RwLock},
    time::Deadline,
};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn assert_free(lock: &RawRwLock) {
    assert_eq!((lock.waiting_readers(), lock.waiting_writers()), (0, 0));
    // A flag that was left behind would keep it from being free.
    assert!(lock.try_write());
}

/// Runs each body on a thread of its own over one lock, the last one on the model's.
fn together<const N: usize>(bodies: [fn(&RawRwLock); N]) {
    let [others @ .., last] = bodies.as_slice() else {
        return;
    };
    let (others, last) = (others.to_vec(), *last);
    model(move || {
        let lock = Arc::new(RawRwLock::new());
        let threads: Vec<_> = others
            .iter()
            .map(|body| {
                let (lock, body) = (Arc::clone(&lock), *body);
                thread::spawn(move || body(&lock))
            })
            .collect();
        last(&lock);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_free(&lock);
    });
}

fn read(lock: &RawRwLock) {
    lock.read();
    lock.unlock_read().unwrap();
}

fn write(lock: &RawRwLock) {
    lock.write();
    lock.unlock_write().unwrap();
}

fn read_hurried(lock: &RawRwLock) {
    if lock.read_unless(passed(), go_on) == Ok(true) {
        lock.unlock_read().unwrap();
    }
}

fn write_hurried(lock: &RawRwLock) {
    if lock.write_unless(passed(), go_on) == Ok(true) {
        lock.unlock_write().unwrap();
    }
}

// loom's cell, in which the data lies, reports a writer beside anybody else: that is the test.
#[test]
fn two_writers_are_kept_apart() {
    model(|| {
        let lock = Arc::new(RwLock::new(0));
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || *lock.write() += 1
        });
        *lock.write() += 1;
        other.join().unwrap();
        assert_eq!(*lock.read(), 2);
    });
}

#[test]
fn a_reader_and_a_writer_are_kept_apart() {
    model(|| {
        let lock = Arc::new(RwLock::new(0));
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || *lock.write() += 1
        });
        assert!(*lock.read() < 2);
        other.join().unwrap();
        assert_eq!(*lock.read(), 1);
    });
}

#[test]
fn two_readers_and_a_writer_each_come_in() {
    together([read, read, write]);
}

#[test]
fn a_reader_and_two_writers_each_come_in() {
    together([read, write, write]);
}

#[test]
fn readers_that_a_writer_held_back_come_in_when_it_gives_up() {
    model(|| {
        let lock = Arc::new(RawRwLock::new());
        lock.read();
        let others = [write_hurried, read].map(|body| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || body(&lock))
        });
        // This one leaves only when the other reader has been in, unless the writer got the lock.
        let [writer, reader] = others;
        reader.join().unwrap();
        lock.unlock_read().unwrap();
        writer.join().unwrap();
        assert_free(&lock);
    });
}

#[test]
fn a_reader_whose_deadline_races_a_release_leaves_nothing_behind() {
    together([read_hurried, write, read]);
}

#[test]
fn a_writer_whose_deadline_races_a_release_leaves_nothing_behind() {
    together([write_hurried, write, read]);
}

#[test]
fn an_interruption_that_races_a_release_hands_the_lock_on() {
    model(|| {
        let lock = Arc::new(RawRwLock::new());
        let parker = Parker::current();
        lock.write();
        let patient = thread::spawn({
            let lock = Arc::clone(&lock);
            move || write(&lock)
        });
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                parker.interrupt();
                lock.unlock_write().unwrap();
            }
        });
        if lock.write_unless(Deadline::NEVER, || ControlFlow::Break(())) == Ok(true) {
            lock.unlock_write().unwrap();
        }
        // Were the hold lost with the interrupted thread, this would never end.
        patient.join().unwrap();
        other.join().unwrap();
        assert_free(&lock);
    });
}

#[test]
fn an_interrupted_reader_hands_on_what_it_was_given() {
    model(|| {
        let lock = Arc::new(RawRwLock::new());
        let parker = Parker::current();
        lock.write();
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                parker.interrupt();
                lock.unlock_write().unwrap();
                write(&lock);
            }
        });
        if lock.read_unless(Deadline::NEVER, || ControlFlow::Break(())) == Ok(true) {
            lock.unlock_read().unwrap();
        }
        other.join().unwrap();
        assert_free(&lock);
    });
}
