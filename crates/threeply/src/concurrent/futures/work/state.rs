//! What lies under the lock of a queue of work, and what is noted beside it.

use super::{Counts, Doing, Refused};
use crate::primitive::{AtomicU32, MutexGuard, Ordering};
use std::{
    cmp,
    collections::{BinaryHeap, VecDeque},
    mem,
    ops::{Deref, DerefMut},
};

/// A worker need not wait: there is work, or none will come.
pub(super) const MAY_TAKE: u32 = 1 << 0;
/// A submit need not wait: there is room, or it will be refused.
pub(super) const MAY_SUBMIT: u32 = 1 << 1;
/// No worker is counted.
pub(super) const NOBODY: u32 = 1 << 2;

/// The work and the head count.
#[derive(Debug)]
pub(super) struct State<W> {
    pub(super) work: Line<W>,
    /// The most work, or `usize::MAX`.
    bound: usize,
    pub(super) max_workers: usize,
    pub(super) workers: usize,
    pub(super) idle: usize,
    pub(super) running: usize,
    /// How much was taken out to be run.
    pub(super) taken: u64,
    pub(super) is_shut_down: bool,
}

impl<W> State<W> {
    pub(super) fn new(max_workers: usize, bound: usize) -> Self {
        Self {
            work: Line::new(),
            bound: if bound == 0 { usize::MAX } else { bound },
            max_workers,
            workers: 0,
            idle: 0,
            running: 0,
            taken: 0,
            is_shut_down: false,
        }
    }

    /// Why work is refused, if it is.
    #[inline]
    pub(super) fn refusal(&self) -> Option<fn(W) -> Refused<W>> {
        if self.is_shut_down {
            Some(Refused::ShutDown)
        } else if self.work.len() >= self.bound {
            Some(Refused::Full)
        } else {
            None
        }
    }

    /// Counts one worker more, if there may be one.
    #[inline]
    pub(super) fn ask_for_worker(&mut self) -> bool {
        let may = self.workers < self.max_workers;
        self.workers += usize::from(may);
        may
    }

    /// Takes a worker out of the count of those that do as it did. In a forked child it may not be in there.
    #[inline]
    pub(super) fn uncount(&mut self, doing: Doing) {
        match doing {
            Doing::Coming => {}
            Doing::Busy => self.running = self.running.saturating_sub(1),
            Doing::Idle => self.idle = self.idle.saturating_sub(1),
        }
    }

    #[inline]
    pub(super) fn ready(&self) -> u32 {
        let mut ready = 0;
        if !self.work.is_empty() || self.is_shut_down {
            ready |= MAY_TAKE;
        }
        if self.work.len() < self.bound || self.is_shut_down {
            ready |= MAY_SUBMIT;
        }
        if self.workers == 0 {
            ready |= NOBODY;
        }
        ready
    }

    pub(super) fn counts(&self) -> Counts {
        let queued = self.work.len();
        Counts {
            queued,
            running: self.running,
            idle: self.idle.saturating_sub(queued),
            workers: self.workers,
            max_workers: self.max_workers,
            done: self.taken - self.running as u64,
        }
    }
}

/// Work in the order in which it is handed out.
///
/// What has priority 0 lies in a plain queue; a heap is made for the first that has another.
#[derive(Debug)]
pub(super) struct Line<W> {
    plain: VecDeque<W>,
    ranked: Option<Box<Ranked<W>>>,
}

#[derive(Debug)]
struct Ranked<W> {
    heap: BinaryHeap<Entry<W>>,
    /// The number of the next one: those of the same priority keep their order by it.
    number: u64,
}

#[derive(Debug)]
struct Entry<W> {
    priority: i64,
    number: u64,
    work: W,
}

impl<W> Line<W> {
    const fn new() -> Self {
        Self {
            plain: VecDeque::new(),
            ranked: None,
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        let ranked = self.ranked.as_ref().map_or(0, |ranked| ranked.heap.len());
        self.plain.len() + ranked
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn push(&mut self, work: W, priority: i64) {
        if priority == 0 {
            self.plain.push_back(work);
        } else {
            self.push_ranked(work, priority);
        }
    }

    #[cold]
    fn push_ranked(&mut self, work: W, priority: i64) {
        let ranked = self.ranked.get_or_insert_with(|| {
            Box::new(Ranked {
                heap: BinaryHeap::new(),
                number: 0,
            })
        });
        let number = ranked.number;
        ranked.number += 1;
        ranked.heap.push(Entry {
            priority,
            number,
            work,
        });
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<W> {
        match &mut self.ranked {
            None => self.plain.pop_front(),
            Some(ranked) => Self::pop_ranked(&mut self.plain, &mut ranked.heap),
        }
    }

    fn pop_ranked(plain: &mut VecDeque<W>, heap: &mut BinaryHeap<Entry<W>>) -> Option<W> {
        let is_before = heap.peek().is_some_and(|entry| entry.priority < 0);
        if !is_before && let Some(work) = plain.pop_front() {
            return Some(work);
        }
        heap.pop().map(|entry| entry.work)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &W> {
        let ranked = self.ranked.iter().flat_map(|ranked| ranked.heap.iter());
        self.plain.iter().chain(ranked.map(|entry| &entry.work))
    }

    /// Takes out all of it at once.
    pub(super) fn take_all(&mut self) -> Self {
        mem::replace(self, Self::new())
    }

    /// All of it, first what is handed out first.
    pub(super) fn into_order(mut self) -> VecDeque<W> {
        if self.ranked.is_none() {
            return self.plain;
        }
        let mut order = VecDeque::with_capacity(self.len());
        while let Some(work) = self.pop() {
            order.push_back(work);
        }
        order
    }
}

impl<W> Ord for Entry<W> {
    /// The greatest of a heap comes out first: the one with the smallest priority, and of those the oldest.
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        (other.priority, other.number).cmp(&(self.priority, self.number))
    }
}

impl<W> PartialOrd for Entry<W> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<W> PartialEq for Entry<W> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == cmp::Ordering::Equal
    }
}

impl<W> Eq for Entry<W> {}

/// The locked state, while it is changed.
pub(super) struct Change<'a, W> {
    pub(super) state: MutexGuard<'a, State<W>>,
    pub(super) ready: &'a AtomicU32,
}

impl<W> Deref for Change<'_, W> {
    type Target = State<W>;

    #[inline]
    fn deref(&self) -> &State<W> {
        &self.state
    }
}

impl<W> DerefMut for Change<'_, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State<W> {
        &mut self.state
    }
}

impl<W> Drop for Change<'_, W> {
    #[inline]
    fn drop(&mut self) {
        let ready = self.state.ready();
        // Relaxed: only who holds the lock writes, so this is the last value.
        if self.ready.load(Ordering::Relaxed) != ready {
            self.ready.store(ready, Ordering::SeqCst);
        }
    }
}
