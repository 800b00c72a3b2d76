//! Models of the channel: a send or a receive that races the end of the other side.
//!
//! Run with `make loom`. Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use model::model;
use threeply::threading::channel::{self, Disconnected};

/// An item that counts its drops.
#[derive(Debug)]
struct Item(Arc<AtomicUsize>);

impl Drop for Item {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_end_of_the_senders_that_races_a_receive_loses_nothing() {
    model(|| {
        let (sender, receiver) = channel::unbounded();
        let sending = thread::spawn(move || {
            sender.send(7).unwrap();
        });
        assert_eq!(receiver.recv(), Ok(7));
        assert_eq!(receiver.recv(), Err(Disconnected(())));
        sending.join().unwrap();
    });
}

#[test]
fn of_two_senders_the_last_ends_the_channel() {
    model(|| {
        let (sender, receiver) = channel::unbounded::<u32>();
        let others = [sender.clone(), sender].map(|sender| thread::spawn(move || drop(sender)));
        assert_eq!(receiver.recv(), Err(Disconnected(())));
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn the_end_of_the_receivers_that_races_a_send_drops_the_item_once() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = channel::unbounded();
        let receiving = thread::spawn(move || drop(receiver));
        // Either it comes back, or it was in the channel that ended.
        drop(sender.send(Item(Arc::clone(&drops))));
        receiving.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn the_end_of_the_receivers_ends_a_send_that_waits_for_room() {
    model(|| {
        let (sender, receiver) = channel::bounded(1);
        sender.send(1).unwrap();
        let receiving = thread::spawn(move || drop(receiver));
        assert_eq!(sender.send(2), Err(Disconnected(2)));
        receiving.join().unwrap();
    });
}
