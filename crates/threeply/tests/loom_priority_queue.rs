//! Models of the priority queue: what is compared outside the lock is moved as it was seen, or looked at again.
//!
//! Run with `make loom`. Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{sync::Arc, thread};
use model::model;
use threeply::threading::{PriorityQueue, ShutDown};

/// A queue of some keys.
fn queue_of(keys: &[u32]) -> Arc<PriorityQueue<u32, ()>> {
    let queue = PriorityQueue::unbounded();
    for key in keys {
        queue.put(*key, ()).unwrap();
    }
    Arc::new(queue)
}

/// What is left, in the order in which it comes.
fn rest(queue: &PriorityQueue<u32, ()>) -> Vec<u32> {
    std::iter::from_fn(|| queue.try_get().ok())
        .map(|(key, ())| key)
        .collect()
}

#[test]
fn two_puts_at_once_keep_the_order() {
    model(|| {
        let queue = queue_of(&[2]);
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(1, ()).unwrap()
        });
        queue.put(0, ()).unwrap();
        putter.join().unwrap();
        assert_eq!(rest(&queue), [0, 1, 2]);
    });
}

#[test]
fn a_put_that_races_a_get_keeps_the_order() {
    model(|| {
        let queue = queue_of(&[1, 3, 2]);
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(0, ()).unwrap()
        });
        let (got, ()) = queue.get().unwrap();
        putter.join().unwrap();
        match got {
            0 => assert_eq!(rest(&queue), [1, 2, 3]),
            1 => assert_eq!(rest(&queue), [0, 2, 3]),
            other => panic!("{other}"),
        }
    });
}

#[test]
fn two_gets_at_once_get_the_two_smallest() {
    model(|| {
        let queue = queue_of(&[1, 4, 2, 3]);
        let getter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get().unwrap().0
        });
        let (one, ()) = queue.get().unwrap();
        let other = getter.join().unwrap();
        assert_eq!((one.min(other), one.max(other)), (1, 2));
        assert_eq!(rest(&queue), [3, 4]);
    });
}

#[test]
fn a_put_ends_a_get() {
    model(|| {
        let queue = queue_of(&[]);
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.put(2, ()).unwrap();
                queue.put(1, ()).unwrap();
            }
        });
        let (one, ()) = queue.get().unwrap();
        let (other, ()) = queue.get().unwrap();
        putter.join().unwrap();
        assert_eq!((one.min(other), one.max(other)), (1, 2));
    });
}

#[test]
fn shutting_down_that_races_a_put_loses_nothing() {
    model(|| {
        let queue = queue_of(&[2]);
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down_now().len()
        });
        let put = queue.put(1, ());
        let left = closer.join().unwrap();
        match put {
            Ok(()) => assert_eq!(left, 2),
            Err(ShutDown(())) => assert_eq!(left, 1),
        }
        assert!(queue.is_empty());
    });
}

#[test]
fn nothing_is_put_once_it_is_shut_down() {
    model(|| {
        let queue = queue_of(&[2]);
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.shut_down();
                queue.len()
            }
        });
        let put = queue.put(1, ());
        let left = closer.join().unwrap();
        assert_eq!(left, if put.is_ok() { 2 } else { 1 });
        assert_eq!(queue.len(), left);
    });
}
