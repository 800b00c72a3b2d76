//! The channel keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{ops::ControlFlow, sync::Arc, thread};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    threading::channel::{self, Disconnected, Stopped, TryRecvError, TrySendError},
    time::Deadline,
};

#[test]
fn items_come_out_in_the_order_in_which_they_went_in() {
    let (sender, receiver) = channel::unbounded();
    (0..100).for_each(|item| sender.send(item).unwrap());
    assert_eq!((sender.len(), receiver.len()), (100, 100));
    assert!(receiver.try_iter().eq(0..100));
    assert!(sender.is_empty() && receiver.is_empty() && !receiver.is_full());
}

#[test]
fn a_full_channel_gives_the_item_back() {
    let (sender, receiver) = channel::bounded(1);
    sender.send("a").unwrap();
    assert!(sender.is_full() && receiver.is_full());
    assert_eq!(sender.try_send("b"), Err(TrySendError::Full("b")));
    assert_eq!(
        sender.send_until("b", passed()),
        Err(TrySendError::Full("b"))
    );
}

#[test]
fn an_empty_channel_has_nothing_by_the_deadline() {
    let (_sender, receiver) = channel::unbounded::<u8>();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(receiver.recv_until(passed()), Err(TryRecvError::Empty));
}

#[test]
#[should_panic(expected = "at least one item")]
fn a_bound_of_zero_is_refused() {
    drop(channel::bounded::<u8>(0));
}

#[test]
fn receivers_get_what_is_left_after_the_last_sender() {
    let (sender, receiver) = channel::unbounded();
    let other = sender.clone();
    sender.send(1).unwrap();
    drop(sender);
    other.send(2).unwrap();
    drop(other);
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Ok(2));
    assert_eq!(receiver.recv(), Err(Disconnected(())));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(receiver.into_iter().next(), None);
}

#[test]
fn senders_get_the_item_back_after_the_last_receiver() {
    let (sender, receiver) = channel::unbounded();
    drop(receiver.clone());
    sender.send(1).unwrap();
    drop(receiver);
    assert_eq!(sender.send(2), Err(Disconnected(2)));
    assert_eq!(sender.try_send(3), Err(TrySendError::Disconnected(3)));
}

#[test]
fn what_nobody_will_receive_is_dropped_with_the_last_receiver() {
    let (sender, receiver) = channel::unbounded();
    let item = Arc::new(());
    sender.send(Arc::clone(&item)).unwrap();
    drop(receiver);
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn the_last_sender_ends_a_waiting_receive() {
    let _limit = Limit::new();
    let (sender, receiver) = channel::unbounded::<u8>();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.recv());
        drop(sender);
        assert_eq!(waiting.join().unwrap(), Err(Disconnected(())));
    });
}

#[test]
fn the_last_receiver_ends_a_waiting_send() {
    let _limit = Limit::new();
    let (sender, receiver) = channel::bounded(1);
    sender.send(1).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| sender.send_until(2, far()));
        drop(receiver);
        assert_eq!(waiting.join().unwrap(), Err(TrySendError::Disconnected(2)));
    });
}

#[test]
fn an_interrupted_receive_ends_if_its_owner_says_so() {
    let _limit = Limit::new();
    let (sender, receiver) = channel::unbounded::<u8>();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            receiver.recv_unless(Deadline::NEVER, || ControlFlow::Break("stop"))
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        assert_eq!(waiting.join().unwrap(), Err("stop"));
    });
    assert_eq!(sender.send(1), Ok(()));
    assert_eq!(receiver.recv(), Ok(1));
}

#[test]
fn an_interrupted_send_gives_the_item_back() {
    let _limit = Limit::new();
    let (sender, receiver) = channel::bounded(1);
    sender.send(1).unwrap();
    thread::scope(|scope| {
        let (parker, waiting) = with_parker(scope, || {
            sender.send_unless(2, Deadline::NEVER, || ControlFlow::Break("stop"))
        });
        until(|| {
            parker.interrupt();
            waiting.is_finished()
        });
        let (reason, item) = ("stop", 2);
        assert_eq!(waiting.join().unwrap(), Err(Stopped { reason, item }));
    });
    assert_eq!(receiver.recv(), Ok(1));
    assert!(receiver.is_empty());
}

#[test]
fn many_senders_and_receivers_lose_and_double_nothing() {
    let _limit = Limit::new();
    let (sender, receiver) = channel::bounded(3);
    let mut got = thread::scope(|scope| {
        for part in 0..4 {
            let sender = sender.clone();
            scope.spawn(move || {
                (part * 500..(part + 1) * 500).for_each(|item| sender.send(item).unwrap());
            });
        }
        drop(sender);
        let receivers = [(); 3].map(|()| scope.spawn(|| receiver.iter().collect::<Vec<i32>>()));
        receivers.map(|receiver| receiver.join().unwrap()).concat()
    });
    got.sort_unstable();
    assert!(got.into_iter().eq(0..2000));
}
