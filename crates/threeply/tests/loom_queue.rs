//! Models of the queue: every order of put, get, `shut_down` and join, for two or three threads.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{sync::Arc, thread};
use model::model;
use std::{ops::ControlFlow, time::Duration};
use threeply::{
    park::Parker,
    threading::{Ended, Queue, ShutDown, TryGetError, TryPutError},
    time::Deadline,
};

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

#[test]
fn put_ends_a_get() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(7).unwrap()
        });
        assert_eq!(queue.get(), Ok(7));
        putter.join().unwrap();
    });
}

#[test]
fn get_makes_room_for_a_put() {
    model(|| {
        let queue = Arc::new(Queue::bounded(1));
        queue.put(1).unwrap();
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(2).unwrap()
        });
        assert_eq!(queue.get(), Ok(1));
        assert_eq!(queue.get(), Ok(2));
        putter.join().unwrap();
        assert!(queue.is_empty());
    });
}

#[test]
fn two_getters_get_two_items() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        let getters = [(); 2].map(|()| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.get().unwrap())
        });
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        let mut got = getters.map(|getter| getter.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

#[test]
fn shut_down_that_races_get_ends_it() {
    model(|| {
        let queue = Arc::new(Queue::<u32>::unbounded());
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        assert_eq!(queue.get(), Err(ShutDown(())));
        closer.join().unwrap();
    });
}

#[test]
fn shut_down_that_races_put_and_get_loses_nothing() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        let getter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get()
        });
        let put = queue.put(7);
        let got = getter.join().unwrap();
        closer.join().unwrap();
        match put {
            // The getter may have been refused before the item came only if the queue was shut down,
            // after which no item comes.
            Ok(()) => assert_eq!(got, Ok(7)),
            Err(ShutDown(item)) => assert_eq!((item, got), (7, Err(ShutDown(())))),
        }
    });
}

#[test]
fn shut_down_that_races_a_put_into_a_full_queue_gives_the_item_back() {
    model(|| {
        let queue = Arc::new(Queue::bounded(1));
        queue.put(1).unwrap();
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        assert_eq!(queue.put(2), Err(ShutDown(2)));
        closer.join().unwrap();
        assert_eq!(queue.get(), Ok(1));
    });
}

#[test]
fn retire_that_races_get_hands_the_item_to_one_of_the_two() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        queue.put(7).unwrap();
        let retirer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.retire().unwrap().items
        });
        let got = queue.get_until(Deadline::NEVER);
        let left = retirer.join().unwrap();
        match got {
            Ok(7) => assert!(left.is_empty()),
            Err(TryGetError::Retired) => assert_eq!(left, [7]),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_timeout_that_races_a_put_takes_the_item_or_leaves_it() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(7).unwrap()
        });
        let got = queue.get_until(passed());
        putter.join().unwrap();
        match got {
            Ok(7) => assert!(queue.is_empty()),
            Err(TryGetError::Empty) => assert_eq!(queue.try_get(), Ok(7)),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_timeout_that_races_a_get_puts_the_item_or_gives_it_back() {
    model(|| {
        let queue = Arc::new(Queue::bounded(1));
        queue.put(1).unwrap();
        let getter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get().unwrap()
        });
        let put = queue.put_until(2, passed());
        assert_eq!(getter.join().unwrap(), 1);
        match put {
            Ok(()) => assert_eq!(queue.try_get(), Ok(2)),
            Err(TryPutError::Full(2)) => assert!(queue.is_empty()),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn an_interruption_that_races_a_put_passes_the_wake_up_on() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        let parker = Parker::current();
        let patient = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get().unwrap()
        });
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.put(7).unwrap();
                parker.interrupt();
            }
        });
        match queue.wait_for_item(Deadline::NEVER, || ControlFlow::Break(())) {
            // Told of the item, it tries; what it got it gives to the other.
            Ok(Ended::MayHaveCome) => {
                if let Ok(item) = queue.try_get() {
                    queue.put(item).unwrap();
                }
            }
            Ok(Ended::TimedOut) => unreachable!(),
            Err(()) => {}
        }
        assert_eq!(patient.join().unwrap(), 7);
        other.join().unwrap();
    });
}

#[test]
fn the_last_task_done_ends_a_join() {
    model(|| {
        let queue = Arc::new(Queue::unbounded());
        queue.put(7).unwrap();
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.get().unwrap();
                assert!(queue.task_done());
            }
        });
        queue.join();
        assert_eq!(queue.unfinished(), 0);
        worker.join().unwrap();
    });
}

// Last in, first out.

/// All that is left, in the order in which it comes out.
fn rest(queue: &Queue<u32>) -> Vec<u32> {
    std::iter::from_fn(|| queue.try_get().ok()).collect()
}

#[test]
fn a_get_that_races_a_put_takes_the_last_item_that_is_in() {
    model(|| {
        let queue = Arc::new(Queue::unbounded_lifo());
        queue.put(1).unwrap();
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(2).unwrap()
        });
        let got = queue.get().unwrap();
        putter.join().unwrap();
        assert!(matches!(
            (got, rest(&queue).as_slice()),
            (1, [2]) | (2, [1])
        ));
    });
}

#[test]
fn two_gets_at_once_take_the_last_two_items() {
    model(|| {
        let queue = Arc::new(Queue::unbounded_lifo());
        for item in 1..=3 {
            queue.put(item).unwrap();
        }
        let getter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get().unwrap()
        });
        let mut got = [queue.get().unwrap(), getter.join().unwrap()];
        got.sort_unstable();
        assert_eq!(got, [2, 3]);
        assert_eq!(rest(&queue), [1]);
    });
}

#[test]
fn a_put_that_waits_for_room_comes_out_before_what_was_in_longer() {
    model(|| {
        let queue = Arc::new(Queue::bounded_lifo(2));
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(3).unwrap()
        });
        assert_eq!(queue.get(), Ok(2));
        putter.join().unwrap();
        assert_eq!(rest(&queue), [3, 1]);
    });
}

#[test]
fn shut_down_that_races_put_and_get_leaves_the_order() {
    model(|| {
        let queue = Arc::new(Queue::unbounded_lifo());
        queue.put(1).unwrap();
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(2)
        });
        let got = queue.get();
        let put = putter.join().unwrap();
        closer.join().unwrap();
        match (put, got) {
            // The get came before the put, or after it.
            (Ok(()), Ok(1)) => assert_eq!(rest(&queue), [2]),
            (Ok(()), Ok(2)) => assert_eq!(rest(&queue), [1]),
            (Err(ShutDown(2)), Ok(1)) => assert!(queue.is_empty()),
            other => panic!("{other:?}"),
        }
        assert_eq!(queue.get(), Err(ShutDown(())));
    });
}

#[test]
fn a_put_that_ends_the_wait_of_a_get_comes_out_before_what_is_put_later() {
    model(|| {
        let queue = Arc::new(Queue::unbounded_lifo());
        let getter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get().unwrap()
        });
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        let got = getter.join().unwrap();
        assert!(matches!(
            (got, rest(&queue).as_slice()),
            (1, [2]) | (2, [1])
        ));
    });
}
