//! Waits for several futures.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `wait`, `as_completed`.

use super::{Future, Round, Until};
use crate::{error::TimedOut, park::never_stop, time::Deadline};
use std::{iter::FusedIterator, ops::ControlFlow, sync::Arc};

/// What [`wait`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnWhen {
    /// All are done.
    AllCompleted,
    /// One is done.
    FirstCompleted,
    /// One has panicked, or all are done.
    #[doc(alias = "FIRST_EXCEPTION")]
    FirstPanic,
}

impl ReturnWhen {
    fn until(self) -> Until {
        match self {
            Self::AllCompleted => Until::All,
            Self::FirstCompleted => Until::First,
            Self::FirstPanic => Until::FirstFailure,
        }
    }
}

/// The futures of a [`wait`], those that are done and those that are not, each in their order.
#[derive(Debug)]
pub struct Waited<'a, T> {
    /// Cancelled or finished.
    pub done: Vec<&'a Future<T>>,
    /// The others.
    pub not_done: Vec<&'a Future<T>>,
}

/// Waits until what `when` says has come or the deadline passes.
///
/// # Examples
///
/// ```
/// use threeply::{
///     concurrent::futures::{ReturnWhen, ThreadPoolExecutor, wait},
///     time::Deadline,
/// };
///
/// let pool = ThreadPoolExecutor::new();
/// let squares = [1, 2, 3].map(|n| pool.submit(move || n * n).expect("the pool is open"));
/// let waited = wait(&squares, Deadline::NEVER, ReturnWhen::AllCompleted);
/// assert_eq!((waited.done.len(), waited.not_done.len()), (3, 0));
/// ```
pub fn wait<'a, T: Send + Sync + 'static>(
    futures: impl IntoIterator<Item = &'a Future<T>>,
    deadline: Deadline,
    when: ReturnWhen,
) -> Waited<'a, T> {
    match wait_unless(futures, deadline, when, never_stop) {
        Ok(waited) => waited,
        Err(never) => match never {},
    }
}

/// Waits as [`wait`] does, unless `interrupted` says `Break`.
///
/// # Errors
///
/// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
pub fn wait_unless<'a, T: Send + Sync + 'static, S>(
    futures: impl IntoIterator<Item = &'a Future<T>>,
    deadline: Deadline,
    when: ReturnWhen,
    interrupted: impl FnMut() -> ControlFlow<S>,
) -> Result<Waited<'a, T>, S> {
    let attached = Attached::new(futures, when.until());
    for future in &attached.futures {
        if attached.round.is_over() {
            break;
        }
        future.help(deadline);
    }
    attached.round.wait_unless(deadline, interrupted)?;
    let futures = attached.futures.iter();
    let (done, not_done) = futures.partition(|future| future.state().is_settled());
    Ok(Waited { done, not_done })
}

/// Iterates over futures as they come to their ends, until the deadline passes.
///
/// # Examples
///
/// ```
/// use threeply::{
///     concurrent::futures::{ThreadPoolExecutor, as_completed},
///     time::Deadline,
/// };
///
/// let pool = ThreadPoolExecutor::new();
/// let squares = [1, 2, 3].map(|n| pool.submit(move || n * n).expect("the pool is open"));
/// let mut sum = 0;
/// for square in as_completed(&squares, Deadline::NEVER) {
///     sum += square?.result()?;
/// }
/// assert_eq!(sum, 14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn as_completed<'a, T: Send + Sync + 'static>(
    futures: impl IntoIterator<Item = &'a Future<T>>,
    deadline: Deadline,
) -> AsCompleted<'a, T> {
    let attached = Attached::new(futures, Until::Each);
    AsCompleted {
        left: attached.futures.len(),
        helped: 0,
        attached,
        deadline,
    }
}

/// What [`as_completed`] gives: each future once it is done; [`TimedOut`], and no more, when the deadline passed first.
#[derive(Debug)]
pub struct AsCompleted<'a, T> {
    attached: Attached<'a, T>,
    deadline: Deadline,
    /// How many have not been given.
    left: usize,
    /// How many were looked at by a worker that runs what nobody has begun.
    helped: usize,
}

impl<'a, T: Send + Sync + 'static> Iterator for AsCompleted<'a, T> {
    type Item = Result<&'a Future<T>, TimedOut>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let Attached { futures, round } = &self.attached;
        loop {
            if let Some(index) = round.take() {
                self.left -= 1;
                return Some(Ok(futures[index as usize]));
            }
            if let Some(future) = futures.get(self.helped) {
                self.helped += 1;
                future.help(self.deadline);
                continue;
            }
            if round.wait_unless(self.deadline, never_stop) == Ok(false) {
                self.left = 0;
                return Some(Err(TimedOut));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.min(1), Some(self.left))
    }
}

impl<T: Send + Sync + 'static> FusedIterator for AsCompleted<'_, T> {}

/// Futures that tell a round, until this is dropped.
#[derive(Debug)]
struct Attached<'a, T> {
    futures: Vec<&'a Future<T>>,
    round: Arc<Round>,
}

impl<'a, T> Attached<'a, T> {
    fn new(futures: impl IntoIterator<Item = &'a Future<T>>, until: Until) -> Self {
        let futures: Vec<_> = futures.into_iter().collect();
        let count = u32::try_from(futures.len()).expect("nobody has so many futures");
        let round = Arc::new(Round::new(until, count));
        for (index, future) in (0..).zip(&futures) {
            future.shared.completion.attach(&round, index);
        }
        Self { futures, round }
    }
}

impl<T> Drop for Attached<'_, T> {
    fn drop(&mut self) {
        if self.round.left() == 0 {
            return;
        }
        for future in &self.futures {
            if !future.state().is_settled() {
                future.shared.completion.detach(&self.round);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waited_for_pending_futures_leaves_nothing_behind() {
        let (_promise, future) = Future::<u32>::promised();
        let attached = Attached::new([&future, &future], Until::Each);
        let round = Arc::downgrade(&attached.round);
        assert_eq!(round.strong_count(), 3);
        drop(attached);
        assert_eq!(round.strong_count(), 0);
    }
}
