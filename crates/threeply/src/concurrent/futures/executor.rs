//! What runs calls.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `class Executor`.

use super::{Failure, Future, SubmitError};
use crate::time::Deadline;
use std::{collections::VecDeque, fmt, iter::FusedIterator, sync::Arc};

/// What takes calls and runs them elsewhere.
pub trait Executor {
    /// Has `call` run, and returns a handle of what it comes to.
    ///
    /// # Errors
    ///
    /// [`SubmitError`]; the call is dropped.
    fn submit<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Future<T>, SubmitError>;

    /// Takes no more calls. Those that were taken are run.
    #[doc(alias = "shutdown")]
    fn shut_down(&self);

    /// Has `call` run with each item, all of which are taken at once, and iterates over the results in the order of the items.
    ///
    /// # Errors
    ///
    /// [`SubmitError`]; what was submitted by then is cancelled, if it has not begun.
    fn map<I: IntoIterator, T: Send + Sync + 'static, F>(
        &self,
        call: F,
        items: I,
    ) -> Result<Map<'_, Self, I::IntoIter, F, T>, SubmitError>
    where
        Self: Sized,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
    {
        let mut map = Map::new(self, call, items, usize::MAX);
        map.refill()?;
        Ok(map)
    }

    /// The same, but takes an item only while less than `most` results wait to be asked for, be the calls done or not.
    ///
    /// At least one call is under way whatever `most` says.
    ///
    /// # Errors
    ///
    /// [`SubmitError`], of one of the first `most` calls. Of a later one the iterator tells ([`Failure::NotSubmitted`]).
    #[doc(alias = "map(buffersize=…)")]
    fn map_buffered<I: IntoIterator, T: Send + Sync + 'static, F>(
        &self,
        call: F,
        items: I,
        most: usize,
    ) -> Result<Map<'_, Self, I::IntoIter, F, T>, SubmitError>
    where
        Self: Sized,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
    {
        let mut map = Map::new(self, call, items, most.max(1));
        map.refill()?;
        Ok(map)
    }
}

/// The results of a call over many items, in the order of the items.
///
/// A call that panicked is an `Err` among the others. Dropping it cancels the calls that have not begun.
///
/// (CPython's ends with the first exception.)
pub struct Map<'a, E, I, F, T> {
    executor: &'a E,
    items: Option<I>,
    call: Arc<F>,
    most: usize,
    deadline: Deadline,
    waiting: VecDeque<Future<T>>,
    /// Why no more is submitted, to be told after what was.
    refused: Option<SubmitError>,
}

impl<'a, E, I, F, T> Map<'a, E, I, F, T> {
    fn new(executor: &'a E, call: F, items: impl IntoIterator<IntoIter = I>, most: usize) -> Self {
        Self {
            executor,
            items: Some(items.into_iter()),
            call: Arc::new(call),
            most,
            deadline: Deadline::NEVER,
            waiting: VecDeque::new(),
            refused: None,
        }
    }

    /// Ends it, by one [`Failure::TimedOut`], when the deadline has passed before the next result came.
    #[doc(alias = "map(timeout=…)")]
    #[must_use]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }

    /// Cancels what has not begun, and gives nothing more.
    fn end(&mut self) {
        self.items = None;
        self.refused = None;
        for future in self.waiting.drain(..) {
            future.cancel();
        }
    }
}

impl<E, I, F, T> Map<'_, E, I, F, T>
where
    E: Executor,
    I: Iterator<Item: Send + 'static>,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    fn refill(&mut self) -> Result<(), SubmitError> {
        while let Some(items) = &mut self.items
            && self.waiting.len() < self.most
        {
            let Some(item) = items.next() else {
                self.items = None;
                break;
            };
            let call = Arc::clone(&self.call);
            self.waiting
                .push_back(self.executor.submit(move || call(item))?);
        }
        Ok(())
    }
}

impl<E, I, F, T> Iterator for Map<'_, E, I, F, T>
where
    E: Executor,
    I: Iterator<Item: Send + 'static>,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    type Item = Result<T, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.refill() {
            self.items = None;
            self.refused = Some(error);
        }
        let Some(future) = self.waiting.pop_front() else {
            return self.refused.take().map(Failure::NotSubmitted).map(Err);
        };
        if let Err(Failure::TimedOut) = future.result_until(self.deadline) {
            self.waiting.push_front(future);
            self.end();
            return Some(Err(Failure::TimedOut));
        }
        Some(future.into_result())
    }
}

impl<E, I, F, T> FusedIterator for Map<'_, E, I, F, T>
where
    E: Executor,
    I: Iterator<Item: Send + 'static>,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
}

impl<E, I, F, T> Drop for Map<'_, E, I, F, T> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<E, I, F, T> fmt::Debug for Map<'_, E, I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting.len();
        f.debug_struct("Map")
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}
