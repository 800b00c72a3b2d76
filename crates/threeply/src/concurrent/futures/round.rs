//! One thread that waits for several completions.
//!
//! A round is attached to each of them, by a number of its own, and told once by each. It keeps account itself, so that the
//! thread wakes once, when what it waits for has come, and not by each of ten thousand.
//!
//! # State
//!
//! How many have not told yet, whether it is over, and (of a round for [`Until::Each`]) the numbers that have told and were not
//! taken, in their order.
//!
//! # Memory ordering
//!
//! `over` and the length of the list are `SeqCst` before the queue is asked, and so is a waiter's check (see `park/queue.rs`).
//! Who finds the round over acquires what each completion wrote before it told.
//!
//! # After fork
//!
//! Counts and numbers are as they were; the waiting thread stays in the parent.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `class _Waiter` and those derived from it.

use super::State;
use crate::{
    park::{Stopped, WaitQueue, Wake},
    primitive::{AtomicU32, Mutex, Ordering, lock},
    time::Deadline,
};
use std::{collections::VecDeque, mem, ops::ControlFlow};

/// What a round waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// All have told.
    #[doc(alias = "ALL_COMPLETED")]
    All,
    /// One has told.
    #[doc(alias = "FIRST_COMPLETED")]
    First,
    /// One has failed, or all have told.
    #[doc(alias = "FIRST_EXCEPTION")]
    FirstFailure,
    /// Each in its turn.
    #[doc(alias = "as_completed")]
    Each,
}

/// What a completion tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was cancelled.
    Cancelled,
    /// It has a value.
    Finished,
    /// It has the value of a failure.
    Failed,
}

impl Told {
    pub(super) fn of(state: State, failed: bool) -> Self {
        match state {
            State::Finished if failed => Self::Failed,
            State::Finished => Self::Finished,
            _ => Self::Cancelled,
        }
    }
}

/// The account of one wait for several.
#[derive(Debug)]
pub struct Round {
    waiting: WaitQueue,
    until: Until,
    /// How many have not told.
    left: AtomicU32,
    /// 1 once it is over; of a round for each, how many numbers lie in `told`.
    ready: AtomicU32,
    told: Mutex<VecDeque<u32>>,
}

impl Round {
    /// Makes a round that will be attached to so many completions.
    pub fn new(until: Until, count: u32) -> Self {
        let is_over = count == 0 && until != Until::Each;
        Self {
            waiting: WaitQueue::new(),
            until,
            left: AtomicU32::new(count),
            ready: AtomicU32::new(u32::from(is_over)),
            told: Mutex::new(VecDeque::new()),
        }
    }

    /// Is told by one of them. Never blocks; wakes the thread that waits if this is what it waits for.
    pub fn tell(&self, index: u32, told: Told) {
        if self.until == Until::Each {
            let mut list = lock(&self.told);
            list.push_back(index);
            self.ready.fetch_add(1, Ordering::SeqCst);
            drop(list);
            self.left.fetch_sub(1, Ordering::Relaxed);
            self.waiting.wake_all();
            return;
        }
        // AcqRel: the last one passes on what all have written.
        let was_last = self.left.fetch_sub(1, Ordering::AcqRel) == 1;
        let is_over = match self.until {
            Until::First => true,
            Until::FirstFailure => was_last || told == Told::Failed,
            Until::All | Until::Each => was_last,
        };
        if is_over {
            self.ready.store(1, Ordering::SeqCst);
            self.waiting.wake_all();
        }
    }

    /// How many have not told.
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::Acquire)
    }

    /// Says whether what it waits for has come; of a round for each, whether a number can be taken.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.ready.load(Ordering::Acquire) != 0
    }

    /// Takes the number that told first, if there is one.
    pub fn take(&self) -> Option<u32> {
        if !self.is_over() {
            return None;
        }
        let mut list = lock(&self.told);
        let index = list.pop_front()?;
        self.ready.fetch_sub(1, Ordering::SeqCst);
        Some(index)
    }

    /// Takes every number that has told and was not taken, in their order.
    pub fn take_all(&self) -> VecDeque<u32> {
        let mut list = lock(&self.told);
        let taken = mem::take(&mut *list);
        self.ready.store(0, Ordering::SeqCst);
        taken
    }

    /// Waits until it is over (true), the deadline passes (false), or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    #[inline]
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.is_over() {
            return Ok(true);
        }
        let is_over = || self.ready.load(Ordering::SeqCst) != 0;
        match self.waiting.wait(is_over, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => Ok(self.is_over()),
            Err(Stopped { reason, .. }) => Err(reason),
        }
    }
}
