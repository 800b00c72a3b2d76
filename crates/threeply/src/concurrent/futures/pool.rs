//! A pool of threads that run calls.
//!
//! Threads are started when there is work that no idle one takes, and stay until the pool is shut down. What lies between
//! `submit` and the threads is the [`WorkQueue`]; the calls themselves lie in their futures.
//!
//! A worker never waits for work that only it could do: when it waits for the result of a call that nobody has begun it
//! runs the call itself, and when it submits to its own pool whose queue is full it makes room by running what is next.
//!
//! # After fork
//!
//! The workers stay in the parent, with what they run. The child's copy of the pool cancels, when it is next used, what was queued,
//! and starts workers of its own. A fork while another thread submits or takes leaves the copy locked.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/thread.py`, `class ThreadPoolExecutor`.

mod builder;
mod crew;

pub use builder::ThreadPoolBuilder;

use self::crew::Crew;
use super::{Counts, Executor, Future, Refused, SubmitError, job, job::Job, shared::Shared};
use crate::{error::TimedOut, park::never_stop, threading::Ended, time::Deadline};
use std::sync::Arc;

/// A pool of threads that run calls.
///
/// Dropping it shuts it down and waits until all that was submitted is done, as Python's `with` does.
///
/// # Examples
///
/// ```
/// use threeply::concurrent::futures::{Executor, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::builder().max_workers(4).thread_name_prefix("words").build();
/// let answer = pool.submit(|| "a longer word".len())?;
/// let lengths = pool.map(|word: &str| word.len(), ["one", "two", "three"])?;
/// assert_eq!(lengths.collect::<Result<Vec<_>, _>>()?, [3, 3, 5]);
/// assert_eq!(answer.result()?, &13);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ThreadPoolExecutor {
    crew: Arc<Crew>,
}

impl ThreadPoolExecutor {
    /// Makes a pool with as many workers as processors this process may use, by affinity and by cgroup.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Says what a pool is to be like.
    pub fn builder() -> ThreadPoolBuilder {
        ThreadPoolBuilder::new()
    }

    /// Has `call` run by a worker. Waits for room, where the pool's queue has a bound.
    ///
    /// # Errors
    ///
    /// [`SubmitError`], of any kind but `Full`; the call is dropped.
    pub fn submit<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Future<T>, SubmitError> {
        self.submit_with(call, 0, Deadline::NEVER)
    }

    /// Has `call` run, waiting for room until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`SubmitError`]: `Full` when the deadline passed first.
    pub fn submit_until<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
        deadline: Deadline,
    ) -> Result<Future<T>, SubmitError> {
        self.submit_with(call, 0, deadline)
    }

    /// Has `call` run before all that has a greater `priority`, and after what has the same; the other ways to submit give 0.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit).
    pub fn submit_ranked<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
        priority: i64,
    ) -> Result<Future<T>, SubmitError> {
        self.submit_with(call, priority, Deadline::NEVER)
    }

    fn submit_with<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
        priority: i64,
        deadline: Deadline,
    ) -> Result<Future<T>, SubmitError> {
        self.crew.mind_fork();
        let (shared, future) = Shared::new(Some(Box::new(call)), self.crew.number());
        self.enqueue(shared, priority, deadline)?;
        Ok(future)
    }

    fn enqueue(
        &self,
        job: Arc<dyn Job>,
        priority: i64,
        deadline: Deadline,
    ) -> Result<(), SubmitError> {
        let mut job = job;
        let mut is_late = false;
        loop {
            job = match self.crew.submit(job, priority)? {
                None => return Ok(()),
                Some(_) if is_late => return Err(SubmitError::Full),
                Some(job) => job,
            };
            if deadline.has_passed() {
                return Err(SubmitError::Full);
            }
            if job::home() == self.crew.number() {
                self.crew.run_one();
            } else {
                let ended = self.crew.queue.wait_for_room(deadline, never_stop);
                is_late = ended == Ok(Ended::TimedOut);
            }
        }
    }

    /// Takes no more calls, without waiting. Those that were taken are run.
    #[doc(alias = "shutdown(wait=False)")]
    pub fn shut_down(&self) {
        self.crew.mind_fork();
        self.crew.queue.shut_down();
    }

    /// Takes no more calls and cancels those that nobody has begun, without waiting. Returns how many it cancelled.
    #[doc(alias = "shutdown(cancel_futures=True)")]
    pub fn shut_down_now(&self) -> usize {
        self.shut_down();
        self.cancel_queued()
    }

    /// Cancels the calls that nobody has begun. Returns how many.
    pub fn cancel_queued(&self) -> usize {
        let queued = self.crew.queue.drain();
        queued
            .into_iter()
            .filter(|job| Arc::clone(job).cancel())
            .count()
    }

    /// Waits until the workers have ended, which they do after a shutdown. On one of them it does not wait.
    #[doc(alias = "shutdown(wait=True)")]
    pub fn join(&self) {
        // There is no deadline.
        let _ = self.join_until(Deadline::NEVER);
    }

    /// Waits as [`join`](Self::join) does until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn join_until(&self, deadline: Deadline) -> Result<(), TimedOut> {
        self.crew.mind_fork();
        if job::home() == self.crew.number() {
            return Ok(());
        }
        if self.crew.queue.wait_for_workers(deadline, never_stop) == Ok(false) {
            return Err(TimedOut);
        }
        self.crew.join_threads();
        Ok(())
    }

    /// How much work waits, and what the workers do.
    pub fn statistics(&self) -> Counts {
        self.crew.queue.counts()
    }
}

impl Default for ThreadPoolExecutor {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for ThreadPoolExecutor {
    fn submit<T: Send + Sync + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Future<T>, SubmitError> {
        Self::submit(self, call)
    }

    fn shut_down(&self) {
        Self::shut_down(self);
    }
}

impl Drop for ThreadPoolExecutor {
    fn drop(&mut self) {
        self.shut_down();
        self.join();
    }
}

/// What came back, if it was the queue's being full.
fn full<W>(refused: Refused<W>) -> Result<W, SubmitError> {
    match refused {
        Refused::Full(work) => Ok(work),
        Refused::ShutDown(_) => Err(SubmitError::ShutDown),
    }
}
