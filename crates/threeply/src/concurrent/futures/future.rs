//! A handle of what a call comes to.
//!
//! What it is made of lies in [`completion`](super::Completion) and in `shared.rs`; here is what a program does with it.
//!
//! A thread that waits for a call which nobody has begun, and is itself a worker of the pool that is to run it, runs it on the spot: a
//! worker that waits for its own pool never waits for ever because all workers wait.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `class Future`.

use super::{
    Ended, Failure, Panic, State,
    job::{self, Job},
    shared::{Callback, Outcome, Shared, call_all},
};
use crate::{park::never_stop, time::Deadline};
use std::{any::Any, ops::ControlFlow, sync::Arc};

/// A handle of what a call comes to.
///
/// Clones are handles of the same. Dropping all of them leaves the call to run.
///
/// # Examples
///
/// ```
/// use threeply::concurrent::futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::new();
/// let answer = pool.submit(|| 6 * 7)?;
/// assert_eq!(answer.result()?, &42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Future<T> {
    pub(super) shared: Arc<Shared<T>>,
}

impl<T> Future<T> {
    /// Makes a future whose value is promised.
    ///
    /// # Examples
    ///
    /// ```
    /// use threeply::concurrent::futures::Future;
    ///
    /// let (promise, future) = Future::promised();
    /// promise.set(42).expect("it was not cancelled");
    /// assert_eq!(future.into_result()?, 42);
    /// # Ok::<(), threeply::concurrent::futures::Failure>(())
    /// ```
    pub fn promised() -> (Promise<T>, Self) {
        let (shared, future) = Shared::new(None, 0);
        (Promise { shared }, future)
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        self.shared.completion.state()
    }

    /// Says whether it was cancelled or has come to something.
    #[doc(alias = "done")]
    pub fn is_done(&self) -> bool {
        self.state().is_done()
    }

    /// Says whether its call runs.
    #[doc(alias = "running")]
    pub fn is_running(&self) -> bool {
        self.state() == State::Running
    }

    /// Says whether it was cancelled.
    #[doc(alias = "cancelled")]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.state(), State::Cancelled | State::Notified)
    }

    /// Cancels it, if its call has not begun. Says whether it is cancelled, now or before.
    ///
    /// Never blocks. Callbacks are called, by this thread.
    pub fn cancel(&self) -> bool {
        self.shared.cancel()
    }
}

impl<T: Send + Sync + 'static> Future<T> {
    /// Waits until it is done, and returns what it came to.
    ///
    /// Only its end ends the wait. A worker of its pool runs a call that nobody has begun.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub fn result(&self) -> Result<&T, Failure> {
        self.result_until(Deadline::NEVER)
    }

    /// Waits as [`result`](Self::result) does until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`Failure`]: `TimedOut` when the deadline passed first.
    #[doc(alias = "result(timeout=…)")]
    pub fn result_until(&self, deadline: Deadline) -> Result<&T, Failure> {
        match self.result_unless(deadline, never_stop) {
            Ok(result) => result,
            Err(never) => match never {},
        }
    }

    /// Waits as [`result`](Self::result) does, unless the deadline passes or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    #[inline]
    pub fn result_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<&T, Failure>, S> {
        if let Some(outcome) = self.outcome() {
            return Ok(outcome.as_ref().map_err(Clone::clone));
        }
        self.help(deadline);
        let ended = self.shared.completion.wait_unless(deadline, interrupted)?;
        Ok(match self.outcome() {
            Some(outcome) => outcome.as_ref().map_err(Clone::clone),
            None if ended == Ended::TimedOut => Err(Failure::TimedOut),
            None => Err(Failure::Cancelled),
        })
    }

    /// Waits until it is done, and moves out what it came to.
    ///
    /// # Errors
    ///
    /// [`Failure`]: `Shared` if it has other handles, which keep the value, or while its callbacks run.
    pub fn into_result(self) -> Result<T, Failure> {
        self.into_result_until(Deadline::NEVER)
    }

    /// Waits as [`into_result`](Self::into_result) does until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`Failure`]: `TimedOut` when the deadline passed first.
    pub fn into_result_until(self, deadline: Deadline) -> Result<T, Failure> {
        self.result_until(deadline)?;
        self.take_outcome().ok_or(Failure::Shared)?
    }

    /// Waits until it is done, and returns what its call panicked with, if it did.
    ///
    /// # Errors
    ///
    /// [`Failure`], of any other kind.
    #[doc(alias = "exception")]
    pub fn panic(&self) -> Result<Option<Panic>, Failure> {
        match self.result() {
            Ok(_) => Ok(None),
            Err(Failure::Panicked(panic)) => Ok(Some(panic)),
            Err(other) => Err(other),
        }
    }

    /// Has `callback` called when it is done, by the thread that ends it; at once, by this one, if it is.
    ///
    /// Callbacks are called in their order, outside of every lock. What one of them panics with is dropped, after the panic hook.
    #[doc(alias = "add_done_callback")]
    pub fn when_done(&self, callback: impl FnOnce(&Self) + Send + 'static) {
        let callback: Callback<T> = Box::new(callback);
        if let Err(callback) = self.shared.completion.watch(callback) {
            call_all(vec![callback], self);
        }
    }

    /// Runs the call on this thread, if nobody has begun it, there is time, and the thread is a worker of its pool.
    pub(super) fn help(&self, deadline: Deadline) {
        let home = self.shared.home;
        let is_mine = home != 0 && home == job::home() && self.state() == State::Pending;
        if is_mine && !deadline.has_passed() {
            Arc::clone(&self.shared).run();
        }
    }
}

/// The other end of a future that no executor runs: who has it says what it comes to.
///
/// Dropped without a word, it ends the future by [`Failure::Abandoned`], so that nobody waits for ever.
#[derive(Debug)]
pub struct Promise<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Promise<T> {
    /// Says that the call begins; from now on it cannot be cancelled. False if it was cancelled, or has begun before.
    #[doc(alias = "set_running_or_notify_cancel")]
    pub fn start(&self) -> bool {
        self.shared.completion.start() == Ok(true)
    }

    /// Gives the value.
    ///
    /// # Errors
    ///
    /// The value, if the future was cancelled.
    #[doc(alias = "set_result")]
    pub fn set(self, value: T) -> Result<(), T> {
        match self.shared.finish(Ok(value)) {
            Err(Ok(value)) => Err(value),
            _ => Ok(()),
        }
    }

    /// Ends it as a call that panicked with `payload`. False if the future was cancelled.
    #[doc(alias = "set_exception")]
    pub fn fail(self, payload: Box<dyn Any + Send>) -> bool {
        self.end(Err(Failure::Panicked(Panic::new(payload))))
    }

    fn end(&self, outcome: Outcome<T>) -> bool {
        self.shared.finish(outcome).is_ok()
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if !self.shared.completion.state().is_done() {
            self.end(Err(Failure::Abandoned));
        }
    }
}
