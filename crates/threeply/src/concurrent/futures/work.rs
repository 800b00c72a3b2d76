//! The work of a pool and the head count of those who do it: what lies between `submit` and the workers.
//!
//! It starts no thread and runs no work: it says when a worker is wanted, and hands out what is next. So it serves threads of
//! Rust and threads of another's making.
//!
//! # State
//!
//! All under one short lock: the work, in its order; how many workers are counted (from the moment in which one is asked for), how
//! many of them are idle and how many run something.
//!
//! | phase      | submit                            | a worker                          |
//! |------------|-----------------------------------|-----------------------------------|
//! | `Open`     | refused while full                | waits while there is no work      |
//! | `ShutDown` | refused                           | does what is left, then goes      |
//!
//! | [`Worker`] | counted as  | means                                                                |
//! |------------|-------------|----------------------------------------------------------------------|
//! | `Coming`   | worker      | has not asked for work yet                                           |
//! | `Busy`     | and running | runs what it was given                                               |
//! | `Idle`     | and idle    | was told that there is nothing, until it gets something or leaves    |
//!
//! # Transitions
//!
//! `Open` → `ShutDown` by [`WorkQueue::shut_down`]. A worker: any → `Busy` or `Idle` by [`WorkQueue::try_next`]; any → not
//! counted by [`WorkQueue::leave`].
//!
//! # Invariants
//!
//! 1. Work that is submitted while more workers are idle than work is queued is for one of those: it is woken, and no new one asked
//!    for. One that was woken stays idle until it has asked again, so what it was woken for is not counted twice.
//! 2. Work that is queued has an idle worker that was woken or is about to ask, or a worker that was asked for, or all
//!    workers that there may be are busy. A worker that leaves instead passes the work on ([`WorkQueue::leave`]).
//! 3. Nothing of a caller's is dropped, cloned, compared or called under the lock: work is moved in and out. Only a list that
//!    grows is allocated there.
//!
//! # Memory ordering
//!
//! As in [`Queue`](crate::threading::Queue): what a wait asks for lies beside the lock, in `ready`, written `SeqCst` by who holds the
//! lock and has changed it, before the wait queues are asked; a waiter's check is `SeqCst` too.
//!
//! # After fork
//!
//! Work and counts are as they were, the workers stayed in the parent: the child calls [`WorkQueue::forget_workers`] and says by
//! [`WorkQueue::drain`] whether what was queued is its own. A fork while another thread holds the lock leaves the child's
//! copy locked, unless (as in the binding) all but the waits runs under a lock that the forking thread holds. The waits take none of
//! ours.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/thread.py`: `_worker`, `ThreadPoolExecutor.submit`, `_adjust_thread_count`,
//! `_idle_semaphore`.

mod outcome;
mod state;

pub use self::outcome::{Counts, Next, Refused, RunBy};

use self::state::{Change, MAY_SUBMIT, MAY_TAKE, NOBODY, State};
use crate::{
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicU32, Mutex, Ordering, lock},
    threading::Ended,
    time::Deadline,
};
use std::{collections::VecDeque, ops::ControlFlow};

/// Work that waits for workers, and workers that wait for work.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::concurrent::futures::{RunBy, Worker, WorkQueue};
///
/// let queue = WorkQueue::new(4);
/// let work = || {
///     let mut worker = Worker::new();
///     while let Some(number) = queue.next(&mut worker) {
///         println!("{number}");
///     }
///     queue.leave(worker);
/// };
/// thread::scope(|scope| {
///     for number in 0..10 {
///         if queue.submit(number) == Ok(RunBy::New) {
///             scope.spawn(work);
///         }
///     }
///     queue.shut_down();
/// });
/// assert_eq!(queue.counts().done, 10);
/// ```
#[derive(Debug)]
pub struct WorkQueue<W> {
    state: Mutex<State<W>>,
    /// What need not be waited for: `MAY_TAKE`, `MAY_SUBMIT`, `NOBODY`.
    ready: AtomicU32,
    workers: WaitQueue,
    submitters: WaitQueue,
    joiners: WaitQueue,
}

/// What a worker keeps of how it is counted. It belongs to one queue.
///
/// It does nothing when it is dropped: a worker says by [`WorkQueue::leave`] that it goes.
#[derive(Debug, Default)]
pub struct Worker {
    doing: Doing,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Doing {
    #[default]
    Coming,
    Busy,
    Idle,
}

impl Worker {
    /// A worker that comes because of a [`RunBy::New`].
    pub fn new() -> Self {
        Self::default()
    }
}

impl<W> WorkQueue<W> {
    /// Makes a queue for at most so many workers that takes any amount of work.
    pub fn new(max_workers: usize) -> Self {
        Self::bounded(max_workers, 0)
    }

    /// The same with at most `bound` pieces of work that no worker has begun; 0 means any number.
    pub fn bounded(max_workers: usize, bound: usize) -> Self {
        let state = State::new(max_workers, bound);
        Self {
            ready: AtomicU32::new(state.ready()),
            state: Mutex::new(state),
            workers: WaitQueue::new(),
            submitters: WaitQueue::new(),
            joiners: WaitQueue::new(),
        }
    }

    /// Adds work, and says who will run it. Never blocks.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the work.
    #[inline]
    pub fn submit(&self, work: W) -> Result<RunBy, Refused<W>> {
        self.add(work, 0)
    }

    /// Adds work that comes before all of a greater `priority`, and after what has the same; [`submit`](Self::submit) gives 0.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the work.
    pub fn submit_ranked(&self, work: W, priority: i64) -> Result<RunBy, Refused<W>> {
        self.add(work, priority)
    }

    #[inline]
    fn add(&self, work: W, priority: i64) -> Result<RunBy, Refused<W>> {
        let mut state = self.change();
        if let Some(refused) = state.refusal() {
            return Err(refused(work));
        }
        // Invariant 1.
        let run_by = if state.idle > state.work.len() {
            RunBy::Idle
        } else if state.ask_for_worker() {
            RunBy::New
        } else {
            RunBy::Busy
        };
        state.work.push(work, priority);
        drop(state);
        if run_by == RunBy::Idle {
            self.workers.wake_last();
        }
        Ok(run_by)
    }

    /// Adds work, waiting while the queue is full until the deadline passes.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the work: `Full` when the deadline passed.
    pub fn submit_until(&self, work: W, deadline: Deadline) -> Result<RunBy, Refused<W>> {
        let mut work = work;
        loop {
            work = match self.submit(work) {
                Err(Refused::Full(work)) => work,
                other => return other,
            };
            if self.wait_for_room(deadline, never_stop) == Ok(Ended::TimedOut) {
                return self.submit(work);
            }
        }
    }

    /// Waits until a submit may succeed or is refused for good.
    ///
    /// A caller that is told [`Ended::MayHaveCome`] tries to submit: the room may have been announced to it alone.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason for `Break`.
    pub fn wait_for_room<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let may_submit = || self.is_ready(MAY_SUBMIT);
        let ended = self
            .submitters
            .wait_to_try(may_submit, deadline, interrupted);
        ended.map(Ended::of)
    }

    /// Hands a worker what is next; what it was handed before is done with. Never blocks.
    ///
    /// A worker that is told [`Next::Nothing`] counts as idle, and waits ([`wait_for_work`](Self::wait_for_work)) or leaves.
    #[inline]
    pub fn try_next(&self, worker: &mut Worker) -> Next<W> {
        let mut state = self.change();
        state.uncount(worker.doing);
        let Some(work) = state.work.pop() else {
            return if state.is_shut_down {
                worker.doing = Doing::Coming;
                Next::Over
            } else {
                worker.doing = Doing::Idle;
                state.idle += 1;
                Next::Nothing
            };
        };
        worker.doing = Doing::Busy;
        state.running += 1;
        state.taken += 1;
        drop(state);
        self.submitters.wake(1);
        Next::Work(work)
    }

    /// Waits until there may be work or there will be none. For an idle worker, which asks for it afterwards.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason for `Break`. It is asked whenever the thread's sleep is interrupted.
    pub fn wait_for_work<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let may_take = || self.is_ready(MAY_TAKE);
        let ended = self.workers.wait_to_try(may_take, deadline, interrupted);
        ended.map(Ended::of)
    }

    /// Waits for what is next; what the worker was handed before is done with. `None` when there will be none.
    pub fn next(&self, worker: &mut Worker) -> Option<W> {
        match self.next_unless(worker, Deadline::NEVER, never_stop) {
            Ok(Next::Work(work)) => Some(work),
            Ok(Next::Nothing | Next::Over) | Err(_) => None,
        }
    }

    /// Waits as [`next`](Self::next) does, unless the deadline passes ([`Next::Nothing`]) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason.
    pub fn next_unless<S>(
        &self,
        worker: &mut Worker,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Next<W>, S> {
        loop {
            match self.try_next(worker) {
                Next::Nothing => {}
                next => return Ok(next),
            }
            if self.wait_for_work(deadline, &mut interrupted)? == Ended::TimedOut {
                return Ok(self.try_next(worker));
            }
        }
    }

    /// Takes what is next out of the queue, by a thread that is no worker, or one that is busy. Never blocks.
    pub fn try_take(&self) -> Option<W> {
        let mut state = self.change();
        let work = state.work.pop()?;
        state.taken += 1;
        drop(state);
        self.submitters.wake(1);
        Some(work)
    }

    /// A worker goes. Says whether another one is wanted in its place, which is counted already.
    ///
    /// Every worker that was asked for says this once, also one that could not be started.
    #[must_use = "work may be left that nobody comes for"]
    #[expect(clippy::needless_pass_by_value, reason = "it is no worker afterwards")]
    pub fn leave(&self, worker: Worker) -> bool {
        let mut state = self.change();
        state.uncount(worker.doing);
        state.workers = state.workers.saturating_sub(1);
        // Invariant 2: a wake-up may have reached this worker, which leaves all the same.
        let is_woken = !state.work.is_empty() && state.idle > 0;
        let is_wanted = state.work.len() > state.idle && state.ask_for_worker();
        let is_last = state.workers == 0;
        drop(state);
        if is_woken {
            self.workers.wake_last();
        }
        if is_last {
            self.joiners.wake_all();
        }
        is_wanted
    }

    /// A worker that was asked for could not be started. What it was for stays queued.
    pub fn not_started(&self) {
        let mut state = self.change();
        state.workers = state.workers.saturating_sub(1);
        let is_last = state.workers == 0;
        drop(state);
        if is_last {
            self.joiners.wake_all();
        }
    }

    /// Refuses further work; workers do what is left and go. Wakes every thread that waits for work or for room.
    #[doc(alias = "shutdown")]
    pub fn shut_down(&self) {
        self.change().is_shut_down = true;
        self.submitters.wake_all();
        self.workers.wake_all();
    }

    /// Takes out all work that nobody has begun, in the order in which it would have been handed out.
    #[doc(alias = "cancel_futures")]
    pub fn drain(&self) -> VecDeque<W> {
        let taken = self.change().work.take_all();
        self.submitters.wake_all();
        taken.into_order()
    }

    /// Waits until no worker is counted (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason.
    pub fn wait_for_workers<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        let is_over = || self.is_ready(NOBODY);
        loop {
            match self.joiners.wait(is_over, deadline, &mut interrupted) {
                // Another worker may have come since the wake-up.
                Ok(Wake::Woken) if !is_over() => {}
                Ok(Wake::Ready | Wake::Woken) => return Ok(true),
                Ok(Wake::TimedOut) => return Ok(false),
                Err(Stopped { reason, .. }) => return Err(reason),
            }
        }
    }

    /// Counts no worker any more. For a forked child, where they do not exist.
    pub fn forget_workers(&self) {
        let mut state = self.change();
        (state.workers, state.idle, state.running) = (0, 0, 0);
        drop(state);
        self.joiners.wake_all();
    }

    /// Changes how many workers there may be. Those that are there stay.
    pub fn set_max_workers(&self, max_workers: usize) {
        self.change().max_workers = max_workers;
    }

    /// Says whether it was shut down.
    pub fn is_shut_down(&self) -> bool {
        lock(&self.state).is_shut_down
    }

    /// How much work waits, and what the workers do.
    #[doc(alias = "statistics")]
    pub fn counts(&self) -> Counts {
        lock(&self.state).counts()
    }

    /// Shows each piece of work that is queued until `show` says false, in no order.
    ///
    /// For a garbage collector: `show` runs under the lock and must not touch the queue. If another thread has the lock
    /// nothing is shown; a binding whose threads all take it under a lock of their own (as ours does) always sees the work.
    pub fn visit(&self, show: impl FnMut(&W) -> bool) {
        if let Ok(state) = self.state.try_lock() {
            let _ = state.work.iter().all(show);
        }
    }

    /// Locks the state for a change, and notes beside it what need not be waited for after that.
    #[inline]
    fn change(&self) -> Change<'_, W> {
        Change {
            state: lock(&self.state),
            ready: &self.ready,
        }
    }

    fn is_ready(&self, what: u32) -> bool {
        self.ready.load(Ordering::SeqCst) & what != 0
    }
}
