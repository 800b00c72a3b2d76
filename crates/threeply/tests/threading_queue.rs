//! The queue keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use proptest::prelude::*;
use std::{collections::VecDeque, ops::ControlFlow, sync::Barrier, thread};
use support::{Limit, far, passed, with_parker};
use threeply::{
    threading::{Ended, Order, Queue, ShutDown, TryGetError, TryPutError},
    time::Deadline,
};

#[test]
fn items_come_out_in_the_order_in_which_they_went_in() {
    let queue = Queue::unbounded();
    for item in 0..100 {
        queue.put(item).unwrap();
    }
    assert_eq!(queue.len(), 100);
    assert!((0..100).all(|item| queue.get() == Ok(item)));
    assert!(queue.is_empty());
}

#[test]
fn a_full_queue_gives_the_item_back() {
    let queue = Queue::bounded(1);
    assert_eq!(queue.bound(), Some(1));
    queue.put("a").unwrap();
    assert_eq!(queue.try_put("b"), Err(TryPutError::Full("b")));
    assert_eq!(queue.put_until("b", passed()), Err(TryPutError::Full("b")));
    assert_eq!(queue.len(), 1);
}

#[test]
fn an_empty_queue_has_nothing_by_the_deadline() {
    let queue = Queue::<u8>::unbounded();
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    assert_eq!(queue.get_until(passed()), Err(TryGetError::Empty));
}

#[test]
fn an_item_that_is_there_is_got_though_the_deadline_has_passed() {
    let queue = Queue::bounded(1);
    assert_eq!(queue.put_until(7, passed()), Ok(()));
    assert_eq!(queue.get_until(passed()), Ok(7));
}

#[test]
fn a_bound_of_none_is_no_bound() {
    let queue = Queue::bounded(0);
    assert_eq!(queue.bound(), None);
    (0..1000).for_each(|item| queue.try_put(item).unwrap());
}

#[test]
fn a_higher_bound_lets_a_waiting_put_in() {
    let _limit = Limit::new();
    let queue = Queue::bounded(1);
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let putter = scope.spawn(|| queue.put_until(2, far()));
        queue.set_bound(2);
        assert_eq!(putter.join().unwrap(), Ok(()));
    });
    queue.set_bound(1);
    assert_eq!(queue.len(), 2);
    assert_eq!(queue.try_put(3), Err(TryPutError::Full(3)));
}

#[test]
fn shut_down_refuses_puts_and_lets_gets_empty_the_queue() {
    let queue = Queue::unbounded();
    queue.put(1).unwrap();
    queue.shut_down();
    queue.shut_down();
    assert!(queue.is_shut_down());
    assert_eq!(queue.put(2), Err(ShutDown(2)));
    assert_eq!(queue.try_put(2), Err(TryPutError::ShutDown(2)));
    assert_eq!(queue.get(), Ok(1));
    assert_eq!(queue.get(), Err(ShutDown(())));
    assert_eq!(queue.get_until(far()), Err(TryGetError::ShutDown));
}

#[test]
fn shut_down_ends_the_waits_to_put_and_to_get_but_not_the_join() {
    let _limit = Limit::new();
    let full = Queue::bounded(1);
    full.put(1).unwrap();
    let empty = Queue::<u8>::unbounded();
    thread::scope(|scope| {
        let putters = [(); 3].map(|()| scope.spawn(|| full.put(2)));
        let getters = [(); 3].map(|()| scope.spawn(|| empty.get()));
        let joiner = scope.spawn(|| full.join());
        full.shut_down();
        empty.shut_down();
        for putter in putters {
            assert_eq!(putter.join().unwrap(), Err(ShutDown(2)));
        }
        for getter in getters {
            assert_eq!(getter.join().unwrap(), Err(ShutDown(())));
        }
        assert_eq!(
            full.join_unless(passed(), || ControlFlow::Break(())),
            Ok(Ended::TimedOut)
        );
        assert_eq!(full.get(), Ok(1));
        assert!(full.task_done());
        joiner.join().unwrap();
    });
}

#[test]
fn shut_down_now_hands_out_what_is_left_and_counts_it_done() {
    let _limit = Limit::new();
    let queue = Queue::unbounded();
    (0..3).for_each(|item| queue.put(item).unwrap());
    assert_eq!(queue.get(), Ok(0));
    assert_eq!(queue.shut_down_now(), [1, 2]);
    assert_eq!(queue.unfinished(), 1);
    assert_eq!(queue.get(), Err(ShutDown(())));
    thread::scope(|scope| {
        scope.spawn(|| queue.join());
        assert!(queue.task_done());
    });
}

#[test]
fn task_done_too_often_is_told() {
    let queue = Queue::unbounded();
    assert!(!queue.task_done());
    queue.put(1).unwrap();
    assert!(queue.task_done());
    assert!(!queue.task_done());
    queue.join();
}

#[test]
fn join_waits_for_a_count_that_rose_again() {
    let _limit = Limit::new();
    let queue = Queue::unbounded();
    queue.put(1).unwrap();
    assert_eq!(
        queue.join_unless(passed(), || ControlFlow::Break(())),
        Ok(Ended::TimedOut)
    );
    assert!(queue.task_done());
    assert_eq!(
        queue.join_unless(passed(), || ControlFlow::Break(())),
        Ok(Ended::MayHaveCome)
    );
    queue.put(2).unwrap();
    assert_eq!(
        queue.join_unless(passed(), || ControlFlow::Break(())),
        Ok(Ended::TimedOut)
    );
}

#[test]
fn retire_hands_over_everything_once_and_ends_every_wait() {
    let _limit = Limit::new();
    let queue = Queue::bounded(2);
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    let empty = Queue::<u8>::unbounded();
    thread::scope(|scope| {
        let putter = scope.spawn(|| queue.put_until(3, Deadline::NEVER));
        let getter = scope.spawn(|| empty.get_until(Deadline::NEVER));
        let joiner = scope.spawn(|| queue.join());
        let retired = queue.retire().unwrap();
        assert_eq!(
            (retired.items, retired.unfinished),
            (VecDeque::from([1, 2]), 2)
        );
        assert!(!retired.is_shut_down);
        assert!(empty.retire().unwrap().items.is_empty());
        assert_eq!(putter.join().unwrap(), Err(TryPutError::Retired(3)));
        assert_eq!(getter.join().unwrap(), Err(TryGetError::Retired));
        joiner.join().unwrap();
    });
    assert!(queue.retire().is_none());
    assert_eq!(queue.try_get(), Err(TryGetError::Retired));
}

#[test]
fn an_interruption_ends_each_kind_of_wait() {
    let _limit = Limit::new();
    let queue = Queue::bounded(1);
    queue.put(1).unwrap();
    let empty = Queue::<u8>::unbounded();
    let stop = || ControlFlow::Break("enough");
    thread::scope(|scope| {
        let waits = [
            with_parker(scope, || queue.wait_for_room(Deadline::NEVER, stop)),
            with_parker(scope, || empty.wait_for_item(Deadline::NEVER, stop)),
            with_parker(scope, || queue.join_unless(Deadline::NEVER, stop)),
        ];
        for (parker, waiter) in waits {
            parker.interrupt();
            assert_eq!(waiter.join().unwrap(), Err("enough"));
        }
    });
}

#[test]
fn a_getter_that_is_stopped_after_its_wake_up_passes_it_on() {
    let _limit = Limit::new();
    let queue = Queue::unbounded();
    let asked = Barrier::new(2);
    let put = Barrier::new(2);
    thread::scope(|scope| {
        let (parker, stopped) = with_parker(scope, || {
            queue.wait_for_item(Deadline::NEVER, || {
                asked.wait();
                // The put comes now: this thread is first in the queue, the wake-up is its own.
                put.wait();
                ControlFlow::Break(())
            })
        });
        parker.interrupt();
        asked.wait();
        // The second getter comes after the first, which is in the queue while its owner is asked.
        let patient = scope.spawn(|| queue.get());
        queue.put(7).unwrap();
        put.wait();
        assert_eq!(stopped.join().unwrap(), Err(()));
        assert_eq!(patient.join().unwrap(), Ok(7));
    });
}

#[test]
fn visit_sees_the_items_in_order_until_it_has_enough() {
    let queue = Queue::unbounded();
    (0..5).for_each(|item| queue.put(item).unwrap());
    let mut seen = Vec::new();
    queue.visit(|item| {
        seen.push(*item);
        *item < 2
    });
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn a_lifo_queue_hands_out_first_what_was_put_last() {
    for queue in [Queue::unbounded_lifo(), Queue::bounded_lifo(3)] {
        for item in 0..3 {
            queue.try_put(item).unwrap();
        }
        let mut seen = Vec::new();
        queue.visit(|&item| {
            seen.push(item);
            true
        });
        assert_eq!(seen, [0, 1, 2]);
        assert_eq!(queue.try_get(), Ok(2));
        queue.try_put(3).unwrap();
        assert_eq!((queue.try_get(), queue.try_get()), (Ok(3), Ok(1)));
        assert_eq!(queue.retire().unwrap().items, [0]);
    }
}

#[test]
fn a_queue_that_is_reset_hands_out_in_the_order_it_is_told() {
    let queue = Queue::unbounded();
    drop(queue.reset(0, Order::LastIn));
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    assert_eq!(queue.try_get(), Ok(2));
}

#[test]
fn a_reset_queue_is_as_new() {
    let _limit = Limit::new();
    let queue = Queue::bounded(1);
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let putter = scope.spawn(|| queue.put(2));
        let joiner = scope.spawn(|| queue.join_unless(Deadline::NEVER, || ControlFlow::Break(())));
        assert_eq!(queue.reset(0, Order::FirstIn), [1]);
        assert_eq!(putter.join().unwrap(), Ok(()));
        // The join saw the count at zero, or waits for the item that came after.
        queue.task_done();
        assert_eq!(joiner.join().unwrap(), Ok(Ended::MayHaveCome));
    });
    queue.shut_down();
    assert_eq!(queue.reset(3, Order::FirstIn), [2]);
    assert!(!queue.is_shut_down());
    assert_eq!(
        (queue.bound(), queue.unfinished(), queue.len()),
        (Some(3), 0, 0)
    );
}

#[test]
fn drained_items_stay_unfinished_and_make_room() {
    let _limit = Limit::new();
    let queue = Queue::bounded(1);
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let putter = scope.spawn(|| queue.put(2));
        assert_eq!(queue.drain(), [1]);
        assert_eq!(putter.join().unwrap(), Ok(()));
    });
    assert_eq!((queue.unfinished(), queue.len()), (2, 1));
}

#[derive(Debug, Clone)]
enum Step {
    TryPut(u8),
    PutUntil(u8),
    TryGet,
    GetUntil,
    TaskDone,
    SetBound(usize),
    ShutDown,
    ShutDownNow,
    Drain,
    Reset(usize),
    Retire,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<u8>().prop_map(Step::TryPut),
        4 => any::<u8>().prop_map(Step::PutUntil),
        6 => Just(Step::TryGet),
        3 => Just(Step::GetUntil),
        4 => Just(Step::TaskDone),
        1 => (0..5_usize).prop_map(Step::SetBound),
        1 => Just(Step::ShutDown),
        1 => Just(Step::ShutDownNow),
        1 => Just(Step::Drain),
        1 => (0..5_usize).prop_map(Step::Reset),
        1 => Just(Step::Retire),
    ]
}

/// The queue as its documentation has it, for one thread.
#[derive(Debug, Default)]
struct Model {
    items: VecDeque<u8>,
    bound: usize,
    is_lifo: bool,
    unfinished: usize,
    is_shut_down: bool,
    is_retired: bool,
}

impl Model {
    fn put(&mut self, item: u8) -> Result<(), TryPutError<u8>> {
        if self.is_retired {
            return Err(TryPutError::Retired(item));
        }
        if self.is_shut_down {
            return Err(TryPutError::ShutDown(item));
        }
        if self.bound > 0 && self.items.len() >= self.bound {
            return Err(TryPutError::Full(item));
        }
        self.items.push_back(item);
        self.unfinished += 1;
        Ok(())
    }

    fn get(&mut self) -> Result<u8, TryGetError> {
        let item = if self.is_lifo {
            self.items.pop_back()
        } else {
            self.items.pop_front()
        };
        item.ok_or(if self.is_retired {
            TryGetError::Retired
        } else if self.is_shut_down {
            TryGetError::ShutDown
        } else {
            TryGetError::Empty
        })
    }

    fn task_done(&mut self) -> bool {
        let is_due = self.unfinished > 0;
        self.unfinished -= usize::from(is_due);
        is_due
    }

    fn take_items(&mut self) -> VecDeque<u8> {
        std::mem::take(&mut self.items)
    }
}

proptest! {
    #[test]
    fn it_does_what_its_documentation_says(
        bound in 0..4_usize,
        is_lifo: bool,
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let (queue, order) = if is_lifo {
            (Queue::bounded_lifo(bound), Order::LastIn)
        } else {
            (Queue::bounded(bound), Order::FirstIn)
        };
        let mut model = Model { bound, is_lifo, ..Model::default() };
        for step in steps {
            match step {
                Step::TryPut(item) => prop_assert_eq!(queue.try_put(item), model.put(item)),
                Step::PutUntil(item) => prop_assert_eq!(queue.put_until(item, passed()), model.put(item)),
                Step::TryGet => prop_assert_eq!(queue.try_get(), model.get()),
                Step::GetUntil => prop_assert_eq!(queue.get_until(passed()), model.get()),
                Step::TaskDone => prop_assert_eq!(queue.task_done(), model.task_done()),
                Step::SetBound(bound) => {
                    queue.set_bound(bound);
                    model.bound = bound;
                }
                Step::ShutDown => {
                    queue.shut_down();
                    model.is_shut_down = true;
                }
                Step::ShutDownNow => {
                    let items = model.take_items();
                    model.unfinished = model.unfinished.saturating_sub(items.len());
                    model.is_shut_down = true;
                    prop_assert_eq!(queue.shut_down_now(), items);
                }
                Step::Drain => prop_assert_eq!(queue.drain(), model.take_items()),
                Step::Reset(bound) => {
                    let items = model.take_items();
                    model = Model { bound, is_lifo, ..Model::default() };
                    prop_assert_eq!(queue.reset(bound, order), items);
                }
                Step::Retire => {
                    let retired = queue.retire();
                    prop_assert_eq!(retired.is_some(), !model.is_retired);
                    if let Some(retired) = retired {
                        prop_assert_eq!(retired.items, model.take_items());
                        prop_assert_eq!(retired.unfinished, model.unfinished);
                        prop_assert_eq!(retired.is_shut_down, model.is_shut_down);
                    }
                    model.is_retired = true;
                }
            }
            prop_assert_eq!(queue.len(), model.items.len());
            prop_assert_eq!(queue.unfinished(), model.unfinished);
            prop_assert_eq!(queue.bound(), (model.bound > 0).then_some(model.bound));
            prop_assert_eq!(queue.is_shut_down(), model.is_shut_down && !model.is_retired);
            let may_put = model.is_retired || model.is_shut_down || model.bound == 0
                || model.items.len() < model.bound;
            let may_get = model.is_retired || model.is_shut_down || !model.items.is_empty();
            let is_done = model.is_retired || model.unfinished == 0;
            let ended = |may| Ok::<_, ()>(if may { Ended::MayHaveCome } else { Ended::TimedOut });
            let stop = || ControlFlow::Break(());
            prop_assert_eq!(queue.wait_for_room(passed(), stop), ended(may_put));
            prop_assert_eq!(queue.wait_for_item(passed(), stop), ended(may_get));
            prop_assert_eq!(queue.join_unless(passed(), stop), ended(is_done));
        }
    }
}
