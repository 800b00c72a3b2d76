//! A queue for Rust programs that hands out first what has the smallest key.
//!
//! # State
//!
//! A [`Queue`] whose items carry their keys and a running number, kept in order by `heap.rs`.
//!
//! # Source
//!
//! CPython `Lib/queue.py`, `class PriorityQueue`.

use super::{Ended, Order, Queue, ShutDown, Sorting, TryGetError, TryPutError, state::bound_of};
use crate::{
    park::never_stop,
    primitive::{AtomicUsize, Ordering},
    time::Deadline,
};
use std::{collections::VecDeque, convert::Infallible, marker::PhantomData};

/// A queue with or without a bound that hands out first what has the smallest key; of equal keys, the one put first.
///
/// The key is copied out of the queue to be compared, so that `Ord::cmp` may do anything, even use this queue; the
/// item is only moved. For the greatest first: [`std::cmp::Reverse`].
///
/// # Examples
///
/// ```
/// use threeply::threading::PriorityQueue;
///
/// let jobs = PriorityQueue::unbounded();
/// jobs.put(2, "sweep")?;
/// jobs.put(1, "open the door")?;
/// jobs.put(2, "wash up")?;
/// assert_eq!(jobs.get()?, (1, "open the door"));
/// assert_eq!(jobs.get()?, (2, "sweep"));
/// assert_eq!(jobs.get()?, (2, "wash up"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PriorityQueue<K, T> {
    queue: Queue<Entry<K, T>>,
    /// The number of the next put.
    puts: AtomicUsize,
}

#[derive(Debug)]
struct Entry<K, T> {
    rank: Rank<K>,
    item: T,
}

/// What is compared: the key, then who was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank<K>(K, usize);

/// Compares by rank, which cannot fail.
struct ByRank<K>(PhantomData<K>);

impl<K: Ord + Copy, T> Sorting<Entry<K, T>> for ByRank<K> {
    type Key = Rank<K>;
    type Error = Infallible;

    fn key(&self, entry: &Entry<K, T>) -> Rank<K> {
        entry.rank
    }

    fn is_less(&mut self, one: &Rank<K>, other: &Rank<K>) -> Result<bool, Infallible> {
        Ok(one < other)
    }
}

impl<K: Ord + Copy, T> PriorityQueue<K, T> {
    /// Makes a queue that takes any number of items.
    pub fn unbounded() -> Self {
        Self::with(Queue::with_bound(usize::MAX, Order::Smallest))
    }

    /// Makes a queue that holds at most `bound` items; 0 means any number, as in Python.
    pub fn bounded(bound: usize) -> Self {
        Self::with(Queue::with_bound(bound_of(bound), Order::Smallest))
    }

    fn with(queue: Queue<Entry<K, T>>) -> Self {
        Self {
            queue,
            puts: AtomicUsize::new(0),
        }
    }

    /// Adds `item` under `key` if there is room. Never waits.
    ///
    /// # Errors
    ///
    /// [`TryPutError`], with the item.
    #[doc(alias = "put_nowait")]
    pub fn try_put(&self, key: K, item: T) -> Result<(), TryPutError<T>> {
        self.try_put_entry(self.entry(key, item))
            .map_err(|refused| refused.map(|entry| entry.item))
    }

    /// Takes the key and the item whose turn it is if there is one. Never waits.
    ///
    /// # Errors
    ///
    /// [`TryGetError`].
    #[doc(alias = "get_nowait")]
    pub fn try_get(&self) -> Result<(K, T), TryGetError> {
        let Ok(taken) = self.queue.try_get_sorted(&mut ByRank(PhantomData));
        taken.map(|entry| (entry.rank.0, entry.item))
    }

    /// Adds `item` under `key`, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// [`ShutDown`], with the item, when the queue takes no more.
    pub fn put(&self, key: K, item: T) -> Result<(), ShutDown<T>> {
        self.put_until(key, item, Deadline::NEVER)
            .map_err(|refused| ShutDown(refused.into_item()))
    }

    /// Adds `item` under `key`, waiting while the queue is full until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TryPutError`], with the item: `Full` when the deadline passed.
    pub fn put_until(&self, key: K, item: T, deadline: Deadline) -> Result<(), TryPutError<T>> {
        let mut entry = self.entry(key, item);
        let mut is_late = false;
        loop {
            entry = match self.try_put_entry(entry) {
                Err(TryPutError::Full(entry)) if !is_late => entry,
                other => return other.map_err(|refused| refused.map(|entry| entry.item)),
            };
            is_late = self.queue.wait_for_room(deadline, never_stop) == Ok(Ended::TimedOut);
        }
    }

    /// Takes the key and the item whose turn it is, waiting while there is none.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] when the queue is empty and takes no more.
    pub fn get(&self) -> Result<(K, T), ShutDown<()>> {
        self.get_until(Deadline::NEVER).map_err(|_| ShutDown(()))
    }

    /// Takes the key and the item whose turn it is, waiting while there is none until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TryGetError`]: `Empty` when the deadline passed.
    pub fn get_until(&self, deadline: Deadline) -> Result<(K, T), TryGetError> {
        let mut is_late = false;
        loop {
            match self.try_get() {
                Err(TryGetError::Empty) if !is_late => {}
                other => return other,
            }
            is_late = self.queue.wait_for_item(deadline, never_stop) == Ok(Ended::TimedOut);
        }
    }

    /// Reports that one item that was taken is finished; false if none is unfinished.
    pub fn task_done(&self) -> bool {
        self.queue.task_done()
    }

    /// Waits until every item that was put is reported done.
    pub fn join(&self) {
        self.queue.join();
    }

    /// Refuses further items; getters get what is left. Wakes every thread that waits to put or get.
    #[doc(alias = "shutdown")]
    pub fn shut_down(&self) {
        self.queue.shut_down();
    }

    /// Refuses further items and returns those that are left, in no order, each counted as done.
    #[doc(alias = "shutdown(immediate=True)")]
    pub fn shut_down_now(&self) -> VecDeque<(K, T)> {
        let left = self.queue.shut_down_now().into_iter();
        left.map(|entry| (entry.rank.0, entry.item)).collect()
    }

    /// The number of items.
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Says whether there is no item.
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The most items that it holds, `None` for any number.
    #[doc(alias = "maxsize")]
    pub fn bound(&self) -> Option<usize> {
        self.queue.bound()
    }

    /// How many items were put and not reported done.
    #[doc(alias = "unfinished_tasks")]
    pub fn unfinished(&self) -> usize {
        self.queue.unfinished()
    }

    /// Says whether it was shut down.
    pub fn is_shut_down(&self) -> bool {
        self.queue.is_shut_down()
    }

    fn entry(&self, key: K, item: T) -> Entry<K, T> {
        // Relaxed: the numbers of two puts have an order of their own only if the puts have, by whatever orders those.
        let number = self.puts.fetch_add(1, Ordering::Relaxed);
        Entry {
            rank: Rank(key, number),
            item,
        }
    }

    fn try_put_entry(&self, entry: Entry<K, T>) -> Result<(), TryPutError<Entry<K, T>>> {
        let Ok(answer) = self.queue.try_put_sorted(entry, &mut ByRank(PhantomData));
        answer
    }
}
