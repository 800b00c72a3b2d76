//! The priority queue keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use proptest::prelude::*;
use std::{
    cell::Cell,
    cmp::{Ordering, Reverse},
    thread,
};
use support::{Limit, far, passed};
use threeply::threading::{
    Order, PriorityQueue, Queue, ShutDown, Sorting, TryGetError, TryPutError,
};

#[test]
fn the_greatest_come_first_by_reversed_keys() {
    let queue = PriorityQueue::unbounded();
    for key in [3, 9, 1] {
        queue.put(Reverse(key), ()).unwrap();
    }
    let keys: Vec<_> = (0..3).map(|_| queue.get().unwrap().0.0).collect();
    assert_eq!(keys, [9, 3, 1]);
}

#[test]
fn a_full_queue_gives_the_item_back() {
    let queue = PriorityQueue::bounded(1);
    queue.put(1, "a").unwrap();
    assert_eq!(queue.bound(), Some(1));
    assert_eq!(queue.try_put(0, "b"), Err(TryPutError::Full("b")));
    assert_eq!(
        queue.put_until(0, "b", passed()),
        Err(TryPutError::Full("b"))
    );
    assert_eq!(queue.get(), Ok((1, "a")));
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    assert_eq!(queue.get_until(passed()), Err(TryGetError::Empty));
}

#[test]
fn what_was_put_is_unfinished_until_it_is_reported_done() {
    let _limit = Limit::new();
    let queue = PriorityQueue::bounded(0);
    assert_eq!(queue.bound(), None);
    for key in 0..3 {
        queue.put(key, ()).unwrap();
    }
    assert_eq!((queue.len(), queue.unfinished()), (3, 3));
    for _ in 0..3 {
        queue.get().unwrap();
        assert!(queue.task_done());
    }
    assert!(!queue.task_done());
    queue.join();
}

#[test]
fn a_queue_that_was_shut_down_hands_out_what_is_left_in_order() {
    let queue = PriorityQueue::unbounded();
    queue.put(2, "b").unwrap();
    queue.put(1, "a").unwrap();
    queue.shut_down();
    assert!(queue.is_shut_down());
    assert_eq!(queue.put(0, "c"), Err(ShutDown("c")));
    assert_eq!(queue.get(), Ok((1, "a")));
    assert_eq!(queue.get(), Ok((2, "b")));
    assert_eq!(queue.get(), Err(ShutDown(())));
}

#[test]
fn shutting_down_now_gives_back_what_is_left() {
    let queue = PriorityQueue::unbounded();
    queue.put(2, "b").unwrap();
    queue.put(1, "a").unwrap();
    let mut left: Vec<_> = queue.shut_down_now().into();
    left.sort_unstable();
    assert_eq!(left, [(1, "a"), (2, "b")]);
    assert_eq!((queue.len(), queue.unfinished()), (0, 0));
}

#[test]
fn a_getter_and_a_putter_wait_for_each_other() {
    let _limit = Limit::new();
    let queue = PriorityQueue::bounded(1);
    thread::scope(|scope| {
        scope.spawn(|| (0..1_000).for_each(|key| queue.put_until(key, key, far()).unwrap()));
        for key in 0..1_000 {
            assert_eq!(queue.get_until(far()), Ok((key, key)));
        }
    });
    assert!(queue.is_empty());
}

#[test]
fn every_item_comes_out_once_of_many_threads() {
    const EACH: usize = 2_000;
    let _limit = Limit::new();
    let queue = PriorityQueue::unbounded();
    let mut got: Vec<usize> = thread::scope(|scope| {
        for me in 0..3 {
            let queue = &queue;
            scope.spawn(move || {
                for n in 0..EACH {
                    queue.put(n * 7919 % 101, me * EACH + n).unwrap();
                }
            });
        }
        let getters = [(); 3].map(|()| {
            let queue = &queue;
            scope.spawn(move || -> Vec<_> { (0..EACH).map(|_| queue.get().unwrap().1).collect() })
        });
        getters
            .into_iter()
            .flat_map(|getter| getter.join().unwrap())
            .collect()
    });
    got.sort_unstable();
    assert!(got.into_iter().eq(0..3 * EACH));
}

/// What `heapq` does, comparison by comparison.
struct Model<K>(Vec<K>);

impl<K: PartialOrd + Copy> Model<K> {
    fn put(&mut self, key: K, asked: &mut Vec<(K, K)>) {
        self.0.push(key);
        self.sift_down(0, self.0.len() - 1, asked);
    }

    fn get(&mut self, asked: &mut Vec<(K, K)>) -> Option<K> {
        let last = self.0.pop()?;
        if self.0.is_empty() {
            return Some(last);
        }
        let first = std::mem::replace(&mut self.0[0], last);
        let (end, mut place, mut child) = (self.0.len(), 0, 1);
        while child < end {
            let right = child + 1;
            if right < end {
                asked.push((self.0[child], self.0[right]));
                if !matches!(
                    self.0[child].partial_cmp(&self.0[right]),
                    Some(Ordering::Less)
                ) {
                    child = right;
                }
            }
            self.0.swap(place, child);
            place = child;
            child = 2 * place + 1;
        }
        self.sift_down(0, place, asked);
        Some(first)
    }

    fn sift_down(&mut self, start: usize, place: usize, asked: &mut Vec<(K, K)>) {
        let mut place = place;
        while place > start {
            let parent = (place - 1) / 2;
            asked.push((self.0[place], self.0[parent]));
            if !matches!(
                self.0[place].partial_cmp(&self.0[parent]),
                Some(Ordering::Less)
            ) {
                break;
            }
            self.0.swap(place, parent);
            place = parent;
        }
    }
}

/// Compares keys of which not every two have an order, and notes what it was asked.
struct Noting(Vec<(f64, f64)>);

impl Sorting<f64> for Noting {
    type Key = f64;
    type Error = ();

    fn key(&self, item: &f64) -> f64 {
        *item
    }

    fn is_less(&mut self, one: &f64, other: &f64) -> Result<bool, ()> {
        self.0.push((*one, *other));
        Ok(one < other)
    }
}

fn sorted() -> Queue<f64> {
    let queue = Queue::unbounded();
    queue.reset(0, Order::Smallest);
    queue
}

proptest! {
    #[test]
    fn equal_keys_come_out_as_they_went_in(keys in prop::collection::vec(0_u8..8, 0..100)) {
        let queue = PriorityQueue::unbounded();
        for (number, key) in keys.iter().enumerate() {
            queue.put(*key, number).unwrap();
        }
        let got: Vec<_> = keys.iter().map(|_| queue.get().unwrap()).collect();
        let mut wanted: Vec<_> = keys.into_iter().enumerate().map(|(number, key)| (key, number)).collect();
        wanted.sort_unstable();
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn it_compares_and_hands_out_as_heapq_does(
        steps in prop::collection::vec(prop::option::of(prop_oneof![4 => 0.0..9.0, 1 => Just(f64::NAN)]), 0..200),
    ) {
        let queue = sorted();
        let mut noting = Noting(Vec::new());
        let (mut model, mut asked) = (Model(Vec::new()), Vec::new());
        for step in steps {
            if let Some(key) = step {
                queue.try_put_sorted(key, &mut noting).unwrap().unwrap();
                model.put(key, &mut asked);
            } else {
                let got = queue.try_get_sorted(&mut noting).unwrap().ok();
                let wanted = model.get(&mut asked);
                prop_assert_eq!(got.map(f64::to_bits), wanted.map(f64::to_bits));
            }
        }
        // The debug form, in which every NaN is the same.
        prop_assert_eq!(format!("{:?}", noting.0), format!("{asked:?}"));
        let left = queue.retire().unwrap().items;
        prop_assert_eq!(format!("{left:?}"), format!("{:?}", model.0));
    }
}

/// Fails at the comparison of that number.
struct Failing(u32);

impl Sorting<u32> for Failing {
    type Key = u32;
    type Error = &'static str;

    fn key(&self, item: &u32) -> u32 {
        *item
    }

    fn is_less(&mut self, one: &u32, other: &u32) -> Result<bool, &'static str> {
        self.0 = self.0.checked_sub(1).ok_or("incomparable")?;
        Ok(one < other)
    }
}

#[test]
fn a_comparison_that_fails_changes_nothing() {
    const NEVER: u32 = u32::MAX;
    let queue = Queue::unbounded();
    queue.reset(0, Order::Smallest);
    for item in (0..30).rev() {
        queue
            .try_put_sorted(item, &mut Failing(NEVER))
            .unwrap()
            .unwrap();
    }
    let mut before = Vec::new();
    queue.visit(|item| {
        before.push(*item);
        true
    });
    for at in 0..4 {
        assert_eq!(
            queue.try_put_sorted(0, &mut Failing(at)),
            Err("incomparable")
        );
        assert_eq!(queue.try_get_sorted(&mut Failing(at)), Err("incomparable"));
    }
    assert_eq!(queue.unfinished(), 30);
    assert_eq!(queue.retire().unwrap().items, before);
}

thread_local! {
    static MEDDLE: Cell<bool> = const { Cell::new(false) };
}

#[test]
fn a_comparison_may_use_the_queue() {
    /// Puts and gets when it is compared for the first time.
    #[derive(Debug, Clone, Copy)]
    struct Meddler<'a>(u32, &'a PriorityQueue<Meddler<'a>, ()>);

    impl Ord for Meddler<'_> {
        fn cmp(&self, other: &Self) -> Ordering {
            if MEDDLE.replace(false) {
                self.1.put(Meddler(0, self.1), ()).unwrap();
                assert_eq!(self.1.get().unwrap().0.0, 0);
                self.1.put(Meddler(5, self.1), ()).unwrap();
            }
            self.0.cmp(&other.0)
        }
    }
    impl PartialOrd for Meddler<'_> {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl PartialEq for Meddler<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Meddler<'_> {}

    let _limit = Limit::new();
    // The queue's keys refer to it, so it has to outlive itself.
    let queue: &PriorityQueue<_, _> = Box::leak(Box::new(PriorityQueue::unbounded()));
    for key in [4, 2, 3] {
        queue.put(Meddler(key, queue), ()).unwrap();
    }
    MEDDLE.set(true);
    queue.put(Meddler(1, queue), ()).unwrap();
    MEDDLE.set(true);
    let keys: Vec<_> = (0..6).map(|_| queue.get().unwrap().0.0).collect();
    assert_eq!(keys, [1, 2, 3, 4, 5, 5]);
}
