//! What lies under a queue's lock, and what is noted beside it.

use super::{TryGetError, TryPutError};
use crate::primitive::{AtomicU32, MutexGuard, Ordering};
use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
};

/// A get need not wait: there is an item, or none will come.
pub(super) const MAY_GET: u32 = 1 << 0;
/// A put need not wait: there is room, or it will be refused.
pub(super) const MAY_PUT: u32 = 1 << 1;
/// A join need not wait.
pub(super) const DONE: u32 = 1 << 2;

/// What is wrong where that happens.
pub(super) const BY_COMPARISON: &str = "the items of a queue in order go in and out by comparison";

/// The items, and what is known of them.
#[derive(Debug)]
pub(super) struct State<T> {
    /// In the order in which they were put, or as a binary heap.
    pub(super) items: VecDeque<T>,
    pub(super) order: Order,
    /// How often a heap's items were changed.
    pub(super) changes: u64,
    /// The most items, or `usize::MAX`.
    pub(super) bound: usize,
    pub(super) unfinished: usize,
    pub(super) phase: Phase,
}

/// Which item of a queue is handed out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one that was put first. Python: `queue.Queue`.
    FirstIn,
    /// The one that was put last. Python: `queue.LifoQueue`.
    LastIn,
    /// The smallest. Such a queue's items go in and out by comparison
    /// ([`Queue::try_put_sorted`](super::Queue::try_put_sorted)). Python: `queue.PriorityQueue`.
    Smallest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    ShutDown,
    Retired,
}

impl<T> State<T> {
    pub(super) fn new(bound: usize, order: Order) -> Self {
        Self {
            items: VecDeque::new(),
            order,
            changes: 0,
            bound,
            unfinished: 0,
            phase: Phase::Open,
        }
    }

    /// Takes out the item whose turn it is.
    #[inline]
    pub(super) fn next(&mut self) -> Option<T> {
        match self.order {
            Order::FirstIn => self.items.pop_front(),
            Order::LastIn => self.items.pop_back(),
            Order::Smallest => unreachable!("{BY_COMPARISON}"),
        }
    }

    /// Takes out all items at once.
    pub(super) fn take_all(&mut self) -> VecDeque<T> {
        self.changes += 1;
        std::mem::take(&mut self.items)
    }

    /// Why an item is refused, if it is.
    #[inline]
    pub(super) fn refusal(&self) -> Option<fn(T) -> TryPutError<T>> {
        match self.phase {
            Phase::Open if self.items.len() < self.bound => None,
            Phase::Open => Some(TryPutError::Full),
            Phase::ShutDown => Some(TryPutError::ShutDown),
            Phase::Retired => Some(TryPutError::Retired),
        }
    }

    /// Why there is no item.
    pub(super) fn nothing(&self) -> TryGetError {
        match self.phase {
            Phase::Open => TryGetError::Empty,
            Phase::ShutDown => TryGetError::ShutDown,
            Phase::Retired => TryGetError::Retired,
        }
    }

    #[inline]
    pub(super) fn ready(&self) -> u32 {
        let mut ready = 0;
        if !self.items.is_empty() || self.phase != Phase::Open {
            ready |= MAY_GET;
        }
        if self.items.len() < self.bound || self.phase != Phase::Open {
            ready |= MAY_PUT;
        }
        if self.unfinished == 0 || self.phase == Phase::Retired {
            ready |= DONE;
        }
        ready
    }
}

/// The most items for a bound as a caller names it: 0 for any number.
pub(super) fn bound_of(bound: usize) -> usize {
    if bound == 0 { usize::MAX } else { bound }
}

/// The locked state, while it is changed.
pub(super) struct Change<'a, T> {
    pub(super) state: MutexGuard<'a, State<T>>,
    pub(super) ready: &'a AtomicU32,
}

impl<T> Deref for Change<'_, T> {
    type Target = State<T>;

    #[inline]
    fn deref(&self) -> &State<T> {
        &self.state
    }
}

impl<T> DerefMut for Change<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State<T> {
        &mut self.state
    }
}

impl<T> Drop for Change<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let ready = self.state.ready();
        // Relaxed: only who holds the lock writes, so this is the last value.
        if self.ready.load(Ordering::Relaxed) != ready {
            self.ready.store(ready, Ordering::SeqCst);
        }
    }
}
