//! Items that threads hand to threads: first in, first out; last in, first out; or the smallest first ([`heap`]).
//!
//! # State
//!
//! Items, their order, unfinished count and phase lie under one short lock, which is never held while anything of a
//! caller's runs: items are moved in and out of it, not dropped or compared in it.
//!
//! | phase      | put      | get                          | join                    |
//! |------------|----------|------------------------------|-------------------------|
//! | `Open`     | waits while full | waits while empty    | waits while unfinished  |
//! | `ShutDown` | refused  | what is left, then refused   | waits while unfinished  |
//! | `Retired`  | refused  | refused                      | refused                 |
//!
//! # Transitions
//!
//! `Open` → `ShutDown` by [`Queue::shut_down`]; any → `Retired` by [`Queue::retire`]. Both wake every thread that waits.
//!
//! # Invariants
//!
//! 1. A put that added an item wakes one getter, a get that made room wakes one putter.
//! 2. A thread that was woken and leaves without what it was woken for (its owner stopped it) wakes
//!    another in its place.
//!
//! # Memory ordering
//!
//! The lock orders all but the waits. What a wait asks for lies beside the lock, in `ready`, written by who
//! holds the lock and has changed it: `SeqCst`, before the wait queues are asked; a waiter's check is `SeqCst`
//! too (see `park/queue.rs`). Who finds `ready` as it should be has, by the lock, seen its last change, and is after it.
//!
//! # After fork
//!
//! Items and count are as they were; the waiting threads stay in the parent. A fork while
//! another thread is inside `try_put` or `try_get` leaves the child's copy locked, unless (as in the binding) those run
//! under a lock that the forking thread holds. The waits themselves, which the binding makes without such a lock, never
//! take ours.
//!
//! # Source
//!
//! CPython `Lib/queue.py`, `class Queue`, `class LifoQueue`, `class PriorityQueue`.

mod heap;
mod outcome;
mod priority;
mod state;

pub use self::{
    heap::Sorting,
    outcome::{Ended, Retired, ShutDown, TryGetError, TryPutError},
    priority::PriorityQueue,
    state::Order,
};

use self::state::{BY_COMPARISON, Change, DONE, MAY_GET, MAY_PUT, Phase, State, bound_of};

use crate::{
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicU32, Mutex, Ordering, lock},
    time::Deadline,
};
use std::{collections::VecDeque, ops::ControlFlow};

/// A queue with or without a bound that counts what is unfinished; first in, first out, unless it is made otherwise.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::Queue;
///
/// let jobs = Queue::bounded(2);
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         while let Ok(job) = jobs.get() {
///             println!("job {job}");
///             jobs.task_done();
///         }
///     });
///     for job in 0..4 {
///         jobs.put(job)?;
///     }
///     jobs.join();
///     jobs.shut_down();
///     Ok::<(), threeply::threading::ShutDown<i32>>(())
/// })?;
/// # Ok::<(), threeply::threading::ShutDown<i32>>(())
/// ```
#[derive(Debug)]
pub struct Queue<T> {
    state: Mutex<State<T>>,
    /// What need not be waited for: `MAY_GET`, `MAY_PUT`, `DONE`.
    ready: AtomicU32,
    getters: WaitQueue,
    putters: WaitQueue,
    joiners: WaitQueue,
}

impl<T> Queue<T> {
    /// Makes a queue that takes any number of items.
    pub fn unbounded() -> Self {
        Self::with_bound(usize::MAX, Order::FirstIn)
    }

    /// Makes a queue that holds at most `bound` items; 0 means any number, as in Python.
    pub fn bounded(bound: usize) -> Self {
        Self::with_bound(bound_of(bound), Order::FirstIn)
    }

    /// Makes a queue that takes any number of items and hands out first what was put last.
    #[doc(alias = "LifoQueue")]
    pub fn unbounded_lifo() -> Self {
        Self::with_bound(usize::MAX, Order::LastIn)
    }

    /// The same with at most `bound` items; 0 means any number, as in Python.
    #[doc(alias = "LifoQueue")]
    pub fn bounded_lifo(bound: usize) -> Self {
        Self::with_bound(bound_of(bound), Order::LastIn)
    }

    fn with_bound(bound: usize, order: Order) -> Self {
        let state = State::new(bound, order);
        Self {
            ready: AtomicU32::new(state.ready()),
            state: Mutex::new(state),
            getters: WaitQueue::new(),
            putters: WaitQueue::new(),
            joiners: WaitQueue::new(),
        }
    }

    /// Adds `item` if there is room. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TryPutError`], with the item.
    #[doc(alias = "put_nowait")]
    #[inline]
    pub fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        let mut state = self.change();
        if let Some(refused) = state.refusal() {
            return Err(refused(item));
        }
        debug_assert!(state.order != Order::Smallest, "{BY_COMPARISON}");
        state.items.push_back(item);
        state.unfinished += 1;
        drop(state);
        self.getters.wake(1);
        Ok(())
    }

    /// Takes the item whose turn it is if there is one. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TryGetError`].
    #[doc(alias = "get_nowait")]
    #[inline]
    pub fn try_get(&self) -> Result<T, TryGetError> {
        let mut state = self.change();
        let item = state.next().ok_or_else(|| state.nothing())?;
        drop(state);
        self.putters.wake(1);
        Ok(item)
    }

    /// Adds `item`, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// [`ShutDown`], with the item, when the queue takes no more.
    pub fn put(&self, item: T) -> Result<(), ShutDown<T>> {
        self.put_until(item, Deadline::NEVER)
            .map_err(|refused| ShutDown(refused.into_item()))
    }

    /// Adds `item`, waiting while the queue is full until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TryPutError`], with the item: `Full` when the deadline passed.
    pub fn put_until(&self, item: T, deadline: Deadline) -> Result<(), TryPutError<T>> {
        let mut item = item;
        loop {
            item = match self.try_put(item) {
                Err(TryPutError::Full(item)) => item,
                other => return other,
            };
            if self.wait_for_room(deadline, never_stop) == Ok(Ended::TimedOut) {
                return self.try_put(item);
            }
        }
    }

    /// Takes the item whose turn it is, waiting while there is none.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] when the queue is empty and takes no more.
    pub fn get(&self) -> Result<T, ShutDown<()>> {
        self.get_until(Deadline::NEVER).map_err(|_| ShutDown(()))
    }

    /// Takes the item whose turn it is, waiting while there is none until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TryGetError`]: `Empty` when the deadline passed.
    pub fn get_until(&self, deadline: Deadline) -> Result<T, TryGetError> {
        loop {
            match self.try_get() {
                Err(TryGetError::Empty) => {}
                other => return other,
            }
            if self.wait_for_item(deadline, never_stop) == Ok(Ended::TimedOut) {
                return self.try_get();
            }
        }
    }

    /// Waits until a put may succeed or is refused for good.
    ///
    /// A caller that is told [`Ended::MayHaveCome`] tries to put: the room may have been announced to it alone.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason for `Break`.
    pub fn wait_for_room<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let may_put = || self.is_ready(MAY_PUT);
        let ended = self.putters.wait_to_try(may_put, deadline, interrupted);
        ended.map(Ended::of)
    }

    /// Waits until a get may succeed or is refused for good.
    ///
    /// A caller that is told [`Ended::MayHaveCome`] tries to get: the item may have been announced to it alone.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason for `Break`.
    pub fn wait_for_item<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let may_get = || self.is_ready(MAY_GET);
        let ended = self.getters.wait_to_try(may_get, deadline, interrupted);
        ended.map(Ended::of)
    }

    /// Reports that one item that was taken is finished; false if none is unfinished.
    pub fn task_done(&self) -> bool {
        let mut state = self.change();
        let Some(left) = state.unfinished.checked_sub(1) else {
            return false;
        };
        state.unfinished = left;
        drop(state);
        if left == 0 {
            self.joiners.wake_all();
        }
        true
    }

    /// Waits until every item that was put is reported done (or the queue is retired).
    pub fn join(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.join_unless(Deadline::NEVER, never_stop);
    }

    /// Waits as [`join`](Self::join) until the deadline passes or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason.
    pub fn join_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let is_done = || self.is_ready(DONE);
        loop {
            match self.joiners.wait(is_done, deadline, &mut interrupted) {
                // A count that rose again since the wake-up sends the thread back to wait.
                Ok(Wake::Woken) if !is_done() => {}
                Ok(Wake::Ready | Wake::Woken) => return Ok(Ended::MayHaveCome),
                Ok(Wake::TimedOut) => return Ok(Ended::TimedOut),
                Err(Stopped { reason, .. }) => return Err(reason),
            }
        }
    }

    /// Refuses further items; getters get what is left. Wakes every thread that waits to put or get.
    #[doc(alias = "shutdown")]
    pub fn shut_down(&self) {
        let mut state = self.change();
        if state.phase == Phase::Open {
            state.phase = Phase::ShutDown;
        }
        drop(state);
        self.putters.wake_all();
        self.getters.wake_all();
    }

    /// Refuses further items and returns those that are left, each counted as done.
    #[doc(alias = "shutdown(immediate=True)")]
    pub fn shut_down_now(&self) -> VecDeque<T> {
        let mut state = self.change();
        if state.phase == Phase::Open {
            state.phase = Phase::ShutDown;
        }
        let items = state.take_all();
        state.unfinished = state.unfinished.saturating_sub(items.len());
        let is_done = state.unfinished == 0;
        drop(state);
        self.putters.wake_all();
        self.getters.wake_all();
        if is_done {
            self.joiners.wake_all();
        }
        items
    }

    /// Ends the queue and hands over what is in it; wakes every thread that waits. `None` the second time.
    pub fn retire(&self) -> Option<Retired<T>> {
        let mut state = self.change();
        if state.phase == Phase::Retired {
            return None;
        }
        let retired = Retired {
            items: state.take_all(),
            unfinished: state.unfinished,
            is_shut_down: state.phase == Phase::ShutDown,
        };
        state.phase = Phase::Retired;
        drop(state);
        for waiting in [&self.putters, &self.getters, &self.joiners] {
            waiting.wake_all();
        }
        Some(retired)
    }

    /// Takes all items out at once; they stay counted as unfinished. For a garbage collector.
    pub fn drain(&self) -> VecDeque<T> {
        let items = self.change().take_all();
        self.putters.wake_all();
        items
    }

    /// Begins anew: open, empty, nothing unfinished; 0 means any number of items. Returns the items that were in it.
    ///
    /// A queue that is [`Order::Smallest`] from now on must not be put into or got from but by comparison: a get panics.
    pub fn reset(&self, bound: usize, order: Order) -> VecDeque<T> {
        let mut state = self.change();
        let items = state.take_all();
        *state = State {
            changes: state.changes,
            ..State::new(bound_of(bound), order)
        };
        drop(state);
        self.putters.wake_all();
        self.joiners.wake_all();
        items
    }

    /// The number of items.
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        lock(&self.state).items.len()
    }

    /// Says whether there is no item.
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most items that it holds, `None` for any number.
    #[doc(alias = "maxsize")]
    pub fn bound(&self) -> Option<usize> {
        let bound = lock(&self.state).bound;
        (bound != usize::MAX).then_some(bound)
    }

    /// Changes the most items that it holds; 0 means any number. What is in it stays.
    pub fn set_bound(&self, bound: usize) {
        self.change().bound = bound_of(bound);
        self.putters.wake_all();
    }

    /// How many items were put and not reported done.
    #[doc(alias = "unfinished_tasks")]
    pub fn unfinished(&self) -> usize {
        lock(&self.state).unfinished
    }

    /// Says whether it was shut down.
    pub fn is_shut_down(&self) -> bool {
        lock(&self.state).phase == Phase::ShutDown
    }

    /// Says whether it was retired.
    pub fn is_retired(&self) -> bool {
        lock(&self.state).phase == Phase::Retired
    }

    /// Calls `visit` with every item, in the order in which they were put, until it returns false.
    ///
    /// For a garbage collector's walk: `visit` runs under the queue's lock and must not touch the queue.
    pub fn visit(&self, visit: impl FnMut(&T) -> bool) {
        let state = lock(&self.state);
        let _ = state.items.iter().all(visit);
    }

    /// Locks the state for a change, and notes beside it what need not be waited for after that.
    #[inline]
    fn change(&self) -> Change<'_, T> {
        Change {
            state: lock(&self.state),
            ready: &self.ready,
        }
    }

    fn is_ready(&self, what: u32) -> bool {
        self.ready.load(Ordering::SeqCst) & what != 0
    }
}
