//! How an operation of a queue ended.

use std::{collections::VecDeque, error::Error, fmt};

/// The queue was shut down; the item comes back. Python: `queue.ShutDown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutDown<T>(pub T);

impl<T> fmt::Display for ShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is shut down")
    }
}

impl<T: fmt::Debug> Error for ShutDown<T> {}

/// Why a put did not happen; the item comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryPutError<T> {
    /// The queue has as many items as it may. Python: `queue.Full`.
    Full(T),
    /// The queue takes no more items. Python: `queue.ShutDown`.
    ShutDown(T),
    /// The queue was taken over by [`Queue::retire`](super::Queue::retire).
    Retired(T),
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue is full",
            Self::ShutDown(_) => "the queue is shut down",
            Self::Retired(_) => "the queue is retired",
        })
    }
}

impl<T: fmt::Debug> Error for TryPutError<T> {}

impl<T> TryPutError<T> {
    /// The item that was not put.
    pub fn into_item(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) | Self::Retired(item) => item,
        }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> TryPutError<U> {
        match self {
            Self::Full(item) => TryPutError::Full(change(item)),
            Self::ShutDown(item) => TryPutError::ShutDown(change(item)),
            Self::Retired(item) => TryPutError::Retired(change(item)),
        }
    }
}

/// Why a get brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryGetError {
    /// The queue has no item. Python: `queue.Empty`.
    Empty,
    /// The queue has no item and takes no more. Python: `queue.ShutDown`.
    ShutDown,
    /// The queue was taken over by [`Queue::retire`](super::Queue::retire).
    Retired,
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::ShutDown => "the queue is shut down",
            Self::Retired => "the queue is retired",
        })
    }
}

impl Error for TryGetError {}

/// How a wait of a queue ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// What was waited for may have come: try again.
    MayHaveCome,
    /// The deadline passed.
    TimedOut,
}

impl Ended {
    pub(crate) fn of(may_have_come: bool) -> Self {
        if may_have_come {
            Self::MayHaveCome
        } else {
            Self::TimedOut
        }
    }
}

/// Everything that was in a queue when it was retired.
#[derive(Debug)]
pub struct Retired<T> {
    /// The items, as they lay: in the order in which they were put, or as a binary heap.
    pub items: VecDeque<T>,
    /// How many items were put and not reported done.
    pub unfinished: usize,
    /// Whether it was shut down.
    pub is_shut_down: bool,
}
