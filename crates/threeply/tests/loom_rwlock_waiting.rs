//! Models of the readers-writer lock with threads of both kinds that wait: who is let in, and which flags stay.
//!
//! The model's own thread holds the lock when the others come, which spares the orders in which nobody waits.
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
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};
use model::{long_model, model};
use std::{convert::Infallible, ops::ControlFlow, time::Duration};
use threeply::{
    park::Parker,
    threading::{NotHeld, RawRwLock},
    time::Deadline,
};

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

fn stop() -> ControlFlow<()> {
    ControlFlow::Break(())
}

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

/// A lock, and how many came in so far.
#[derive(Default)]
struct Room {
    lock: RawRwLock,
    visits: AtomicUsize,
}

impl Room {
    /// The number of this visit, from 0.
    fn visit(&self) -> usize {
        self.visits.fetch_add(1, Ordering::SeqCst)
    }

    fn read(&self) -> usize {
        self.lock.read();
        let visit = self.visit();
        self.lock.unlock_read().unwrap();
        visit
    }

    fn write(&self) -> usize {
        self.lock.write();
        let visit = self.visit();
        self.lock.unlock_write().unwrap();
        visit
    }

    fn waiting(&self) -> (usize, usize) {
        (self.lock.waiting_readers(), self.lock.waiting_writers())
    }

    /// Lets the others run until so many readers and writers wait.
    fn until_waiting(&self, waiting: (usize, usize)) {
        while self.waiting() != waiting {
            thread::yield_now();
        }
    }

    /// Nobody is in and nobody waits. A flag that was left behind would keep a writer out.
    fn assert_free(&self) {
        assert_eq!(self.waiting(), (0, 0));
        assert!(self.lock.try_write());
    }
}

fn spawn<T: 'static>(room: &Arc<Room>, body: impl FnOnce(&Room) -> T + 'static) -> JoinHandle<T> {
    let room = Arc::clone(room);
    thread::spawn(move || body(&room))
}

#[test]
fn a_reader_stays_behind_a_writer_that_waits() {
    model(|| {
        let room = Arc::new(Room::default());
        room.lock.read();
        let writer = spawn(&room, Room::write);
        if room.lock.waiting_writers() == 1 {
            assert!(!room.lock.try_read());
            assert_eq!(room.lock.read_unless(passed(), go_on), Ok(false));
        }
        room.lock.unlock_read().unwrap();
        writer.join().unwrap();
        room.assert_free();
    });
}

/// A writer that holds a reader back is stopped just as the holder leaves.
fn leaves_as_a_writer_is_stopped(hold: fn(&RawRwLock), leave: fn(&RawRwLock)) {
    long_model(move || {
        let room = Arc::new(Room::default());
        hold(&room.lock);
        let holder = spawn(&room, move |room| leave(&room.lock));
        Parker::current().interrupt();
        let mut reader = None;
        let ended = room.lock.write_unless(Deadline::NEVER, || {
            reader = Some(spawn(&room, Room::read));
            // It comes to wait, if the others let it.
            thread::yield_now();
            stop()
        });
        if ended == Ok(true) {
            room.lock.unlock_write().unwrap();
        }
        holder.join().unwrap();
        if let Some(reader) = reader {
            reader.join().unwrap();
        }
        room.assert_free();
    });
}

#[test]
fn a_reader_comes_in_though_the_last_one_leaves_as_a_writer_is_stopped() {
    leaves_as_a_writer_is_stopped(RawRwLock::read, |lock| lock.unlock_read().unwrap());
}

#[test]
fn a_reader_comes_in_though_a_writer_leaves_as_another_is_stopped() {
    leaves_as_a_writer_is_stopped(RawRwLock::write, |lock| lock.unlock_write().unwrap());
}

#[test]
fn readers_that_a_writer_held_back_come_in_when_it_is_stopped() {
    model(|| {
        let room = Arc::new(Room::default());
        let parker = Parker::current();
        room.lock.read();
        let reader = spawn(&room, Room::read);
        let stopper = thread::spawn(move || parker.interrupt());
        assert_eq!(room.lock.write_unless(Deadline::NEVER, stop), Err(()));
        // Before this one leaves.
        reader.join().unwrap();
        stopper.join().unwrap();
        room.lock.unlock_read().unwrap();
        room.assert_free();
    });
}

/// A writer and a reader that come while the lock is held; once the writer is gone nothing keeps readers out.
fn a_writer_and_a_reader_then_only_readers(hold: fn(&RawRwLock), leave: fn(&RawRwLock)) {
    model(move || {
        let room = Arc::new(Room::default());
        hold(&room.lock);
        let writer = spawn(&room, Room::write);
        let reader = spawn(&room, Room::read);
        leave(&room.lock);
        writer.join().unwrap();
        assert!(room.lock.try_read());
        room.lock.unlock_read().unwrap();
        reader.join().unwrap();
        room.assert_free();
    });
}

#[test]
fn nothing_keeps_readers_out_once_the_writer_behind_a_reader_is_gone() {
    a_writer_and_a_reader_then_only_readers(RawRwLock::read, |lock| lock.unlock_read().unwrap());
}

#[test]
fn nothing_keeps_readers_out_once_the_writer_behind_a_writer_is_gone() {
    a_writer_and_a_reader_then_only_readers(RawRwLock::write, |lock| lock.unlock_write().unwrap());
}

#[test]
fn a_writer_lets_the_waiting_readers_in_before_the_waiting_writer() {
    model(|| {
        let room = Arc::new(Room::default());
        room.lock.write();
        let writer = spawn(&room, Room::write);
        let reader = spawn(&room, Room::read);
        let both_wait = room.waiting() == (1, 1);
        room.lock.unlock_write().unwrap();
        let (written, read) = (writer.join().unwrap(), reader.join().unwrap());
        assert!(!both_wait || read < written);
        room.assert_free();
    });
}

/// The model's thread waits to write when it leaves, and is stopped then: it is in the queue while it hands over.
fn leaves_as_a_writer_that_waits(hold: fn(&RawRwLock), leave: fn(&RawRwLock)) {
    long_model(move || {
        let room = Arc::new(Room::default());
        hold(&room.lock);
        let writer = spawn(&room, Room::write);
        room.until_waiting((0, 1));
        let reader = spawn(&room, Room::read);
        room.until_waiting((1, 1));
        Parker::current().interrupt();
        let ended = room.lock.write_unless(Deadline::NEVER, || {
            leave(&room.lock);
            ControlFlow::Break(())
        });
        assert_eq!(ended, Err(()));
        // Either came in, though what was handed to this thread it did not want.
        reader.join().unwrap();
        writer.join().unwrap();
        room.assert_free();
    });
}

#[test]
fn a_reader_that_leaves_hands_over_though_a_writer_is_stopped() {
    leaves_as_a_writer_that_waits(RawRwLock::read, |lock| lock.unlock_read().unwrap());
}

#[test]
fn a_writer_that_leaves_hands_over_though_another_is_stopped() {
    leaves_as_a_writer_that_waits(RawRwLock::write, |lock| lock.unlock_write().unwrap());
}

#[test]
fn a_release_of_what_nobody_holds_lets_nobody_in() {
    model(|| {
        let room = Arc::new(Room::default());
        room.lock.write();
        let writer = spawn(&room, Room::write);
        assert_eq!(room.lock.unlock_read(), Err(NotHeld));
        assert_eq!(room.visits.load(Ordering::SeqCst), 0);
        room.lock.unlock_write().unwrap();
        writer.join().unwrap();

        room.visits.store(0, Ordering::SeqCst);
        room.lock.read();
        let writer = spawn(&room, Room::write);
        assert_eq!(room.lock.unlock_write(), Err(NotHeld));
        assert_eq!(room.visits.load(Ordering::SeqCst), 0);
        room.lock.unlock_read().unwrap();
        writer.join().unwrap();
        room.assert_free();
    });
}

#[test]
fn of_two_releases_of_one_hold_one_is_refused() {
    model(|| {
        let room = Arc::new(Room::default());
        room.lock.write();
        let reader = spawn(&room, Room::read);
        let other = spawn(&room, |room| room.lock.unlock_write());
        let released = room.lock.unlock_write();
        let both = [released, other.join().unwrap()];
        assert_eq!(both.iter().filter(|released| released.is_ok()).count(), 1);
        reader.join().unwrap();
        room.assert_free();
    });
}
