//! Channels: a [`Queue`] with two kinds of handle, which ends when one kind is gone.
//!
//! Who sends holds a [`Sender`], who receives a [`Receiver`]; both may be cloned, so that many threads send and many
//! receive. Nobody has to close a channel: dropping the last handle of a side does.
//!
//! # Transitions
//!
//! | dropped            | the queue          | the other side                                    |
//! |--------------------|--------------------|---------------------------------------------------|
//! | the last sender    | [`Queue::shut_down`] | receives what is left, then [`Disconnected`]      |
//! | the last receiver  | [`Queue::retire`]    | gets the item back; what was left is dropped      |
//!
//! # Invariants
//!
//! 1. A side's end runs once, by whoever drops its last handle: `Arc` counts them.
//! 2. Items that nobody will receive are dropped at once, so that an item which holds a handle of its own channel does not
//!    keep the channel alive; they are dropped outside the queue's lock.
//!
//! # Memory ordering
//!
//! The queue's. There is no state here but the counts of two `Arc`s.
//!
//! # After fork
//!
//! As of the queue. Handles that were on other threads are never dropped in the child: its channel does not end by them.
//!
//! # Source
//!
//! `std::sync::mpsc` and crossbeam-channel for the shape; CPython `Lib/queue.py` for the queue.

use super::queue::{Ended, Queue, TryGetError, TryPutError};
use crate::{park::never_stop, time::Deadline};
use std::{error::Error, fmt, iter::FusedIterator, ops::ControlFlow, sync::Arc};

/// Makes a channel that holds any number of items: a send never waits.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::channel;
///
/// let (sender, receiver) = channel::unbounded();
/// thread::scope(|scope| {
///     for part in [1, 2, 3] {
///         let sender = sender.clone();
///         scope.spawn(move || sender.send(part * part));
///     }
///     drop(sender);
///     assert_eq!(receiver.iter().sum::<i32>(), 14);
/// });
/// ```
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    over(Queue::unbounded())
}

/// Makes a channel that holds at most `bound` items: a send waits while it is full.
///
/// # Panics
///
/// If `bound` is 0: a channel that hands over without holding is not built, and Python's "0 is any number" is
/// [`unbounded`].
///
/// # Examples
///
/// ```
/// use threeply::threading::channel::{self, TrySendError};
///
/// let (sender, receiver) = channel::bounded(1);
/// sender.send("first")?;
/// assert_eq!(sender.try_send("second"), Err(TrySendError::Full("second")));
/// assert_eq!(receiver.recv(), Ok("first"));
/// # Ok::<(), channel::Disconnected<&str>>(())
/// ```
pub fn bounded<T>(bound: usize) -> (Sender<T>, Receiver<T>) {
    assert!(bound > 0, "a bounded channel holds at least one item");
    over(Queue::bounded(bound))
}

fn over<T>(queue: Queue<T>) -> (Sender<T>, Receiver<T>) {
    let queue = Arc::new(queue);
    let sender = Sender(Arc::new(SendSide(Arc::clone(&queue))));
    (sender, Receiver(Arc::new(ReceiveSide(queue))))
}

/// The end of a channel where items go in. Dropping the last one ends the channel.
pub struct Sender<T>(Arc<SendSide<T>>);

/// The end of a channel where items come out; each item comes out of one receiver.
pub struct Receiver<T>(Arc<ReceiveSide<T>>);

/// The other side of the channel is gone; what was to be sent comes back. Python: `queue.ShutDown`.
#[doc(alias = "ShutDown")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disconnected<T = ()>(pub T);

impl<T> fmt::Display for Disconnected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the other side of the channel is gone")
    }
}

impl<T: fmt::Debug> Error for Disconnected<T> {}

/// Why an item was not sent; it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The channel holds as many items as it may. Python: `queue.Full`.
    Full(T),
    /// No receiver is left. Python: `queue.ShutDown`.
    Disconnected(T),
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the channel is full",
            Self::Disconnected(_) => "no receiver is left",
        })
    }
}

impl<T: fmt::Debug> Error for TrySendError<T> {}

/// Why nothing was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// The channel holds no item. Python: `queue.Empty`.
    Empty,
    /// The channel holds no item and no sender is left. Python: `queue.ShutDown`.
    Disconnected,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the channel is empty",
            Self::Disconnected => "the channel is empty and no sender is left",
        })
    }
}

impl Error for TryRecvError {}

/// A send was ended by its owner; what was to be sent comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped<S, T> {
    /// What the closure gave as its reason.
    pub reason: S,
    /// What was not sent.
    pub item: T,
}

impl<T> Sender<T> {
    /// Sends `item`, waiting while the channel is full.
    ///
    /// # Errors
    ///
    /// [`Disconnected`], with the item, when no receiver is left.
    #[doc(alias = "put")]
    pub fn send(&self, item: T) -> Result<(), Disconnected<T>> {
        match self.send_until(item, Deadline::NEVER) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(item) | TrySendError::Disconnected(item)) => {
                Err(Disconnected(item))
            }
        }
    }

    /// Sends `item` if there is room. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the item.
    #[doc(alias = "put_nowait")]
    #[inline]
    pub fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.queue().try_put(item).map_err(TrySendError::from)
    }

    /// Sends `item`, waiting while the channel is full until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the item: `Full` when the deadline passed.
    pub fn send_until(&self, item: T, deadline: Deadline) -> Result<(), TrySendError<T>> {
        match self.send_unless(item, deadline, never_stop) {
            Ok(sent) => sent,
            Err(Stopped { reason, .. }) => match reason {},
        }
    }

    /// Sends as [`send_until`](Self::send_until) does, unless `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, with the item. It is asked whenever the thread's sleep is
    /// interrupted.
    pub fn send_unless<S>(
        &self,
        item: T,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<(), TrySendError<T>>, Stopped<S, T>> {
        let mut item = item;
        loop {
            item = match self.try_send(item) {
                Err(TrySendError::Full(item)) => item,
                other => return Ok(other),
            };
            match self.queue().wait_for_room(deadline, &mut interrupted) {
                Ok(Ended::MayHaveCome) => {}
                Ok(Ended::TimedOut) => return Ok(self.try_send(item)),
                Err(reason) => return Err(Stopped { reason, item }),
            }
        }
    }

    /// How many items the channel holds.
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        self.queue().len()
    }

    /// Says whether the channel holds no item.
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether the channel holds as many items as it may.
    #[doc(alias = "full")]
    pub fn is_full(&self) -> bool {
        is_full(self.queue())
    }

    fn queue(&self) -> &Queue<T> {
        &self.0.0
    }
}

impl<T> Receiver<T> {
    /// Receives the first item, waiting while there is none.
    ///
    /// # Errors
    ///
    /// [`Disconnected`] when there is none and no sender is left.
    #[doc(alias = "get")]
    pub fn recv(&self) -> Result<T, Disconnected> {
        self.queue().get().map_err(|_| Disconnected(()))
    }

    /// Receives the first item if there is one. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`].
    #[doc(alias = "get_nowait")]
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.queue().try_get().map_err(TryRecvError::from)
    }

    /// Receives the first item, waiting while there is none until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]: `Empty` when the deadline passed.
    pub fn recv_until(&self, deadline: Deadline) -> Result<T, TryRecvError> {
        match self.recv_unless(deadline, never_stop) {
            Ok(received) => received,
            Err(never) => match never {},
        }
    }

    /// Receives as [`recv_until`](Self::recv_until) does, unless `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn recv_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<T, TryRecvError>, S> {
        loop {
            match self.try_recv() {
                Err(TryRecvError::Empty) => {}
                other => return Ok(other),
            }
            let ended = self.queue().wait_for_item(deadline, &mut interrupted)?;
            if ended == Ended::TimedOut {
                return Ok(self.try_recv());
            }
        }
    }

    /// The items as they come, until no sender is left; waits for each.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The items that are there; ends at the first that is not. Never blocks.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }

    /// How many items the channel holds.
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        self.queue().len()
    }

    /// Says whether the channel holds no item.
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether the channel holds as many items as it may.
    #[doc(alias = "full")]
    pub fn is_full(&self) -> bool {
        is_full(self.queue())
    }

    fn queue(&self) -> &Queue<T> {
        &self.0.0
    }
}

fn is_full<T>(queue: &Queue<T>) -> bool {
    queue.bound().is_some_and(|bound| queue.len() >= bound)
}

impl<T> From<TryPutError<T>> for TrySendError<T> {
    fn from(error: TryPutError<T>) -> Self {
        match error {
            TryPutError::Full(item) => Self::Full(item),
            TryPutError::ShutDown(item) | TryPutError::Retired(item) => Self::Disconnected(item),
        }
    }
}

impl From<TryGetError> for TryRecvError {
    fn from(error: TryGetError) -> Self {
        match error {
            TryGetError::Empty => Self::Empty,
            TryGetError::ShutDown | TryGetError::Retired => Self::Disconnected,
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// What [`Receiver::iter`] gives.
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// What [`Receiver::try_iter`] gives.
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// What a receiver becomes in a `for` loop that takes it.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> FusedIterator for Iter<'_, T> {}
impl<T> FusedIterator for IntoIter<T> {}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

/// What all senders have in common: its end is theirs.
struct SendSide<T>(Arc<Queue<T>>);

/// What all receivers have in common: its end is theirs.
struct ReceiveSide<T>(Arc<Queue<T>>);

impl<T> Drop for SendSide<T> {
    fn drop(&mut self) {
        self.0.shut_down();
    }
}

impl<T> Drop for ReceiveSide<T> {
    fn drop(&mut self) {
        // What was left is dropped here, outside the queue's lock (invariant 2).
        drop(self.0.retire());
    }
}
