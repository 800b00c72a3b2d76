//! What a call comes to: written once, waited for, watched.
//!
//! The part of a future that has no owner yet: Rust's has it behind an `Arc`, Python's in an object.
//!
//! # State
//!
//! | state       | means                                              | a thread that waits |
//! |-------------|----------------------------------------------------|---------------------|
//! | `Pending`   | nobody has begun                                   | sleeps              |
//! | `Running`   | the call runs                                      | sleeps              |
//! | `Cancelled` | it will not run; rounds have not been told yet     | returns             |
//! | `Notified`  | it will not run, and whoever would run it knows    | returns             |
//! | `Finished`  | there is a value                                   | returns             |
//!
//! The state is a byte in the gap of the queue of threads that wait. Who changes it holds the lock of the watchers. The value is
//! written before, so a finished completion is read without any lock. Nothing is allocated until somebody watches.
//!
//! # Transitions
//!
//! [`start`](Completion::start): `Pending` → `Running`, `Cancelled` → `Notified`; [`cancel`](Completion::cancel): `Pending` →
//! `Cancelled`; [`finish`](Completion::finish): `Pending` or `Running` → `Finished`. A completion is *retired* once
//! ([`retire`](Completion::retire)): then somebody else keeps its state, and all of these are refused.
//!
//! # Invariants
//!
//! 1. A callback is called once: it is in the list, or with the one who took it out.
//! 2. A round is told once by each completion that it was attached to, and not until that is `Notified` or `Finished`.
//! 3. Nothing of a caller's is dropped, cloned or called under the lock.
//!
//! # Memory ordering
//!
//! A change of the state is `SeqCst` before the queue is asked, and so is a waiter's check (see `park/queue.rs`). Who reads
//! `Finished` acquires what was written before it, the value among that.
//!
//! # After fork
//!
//! State, value and watchers are as they were; waiting threads stay in the parent. A fork while another thread changes the
//! state leaves the child's copy locked, unless (as in the binding) changes are made under a lock that the forking thread holds.
//! Waiting takes no lock.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `class Future`.

use super::{Round, Told};
use crate::{
    error::TimedOut,
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicU8, Mutex, OnceLock, Ordering, lock},
    time::Deadline,
};
use std::{mem, ops::ControlFlow, sync::Arc};

/// Where the state lies beside the queue, and where the owner's notes do.
const STATE: usize = 0;
const NOTES: usize = 1;

/// The bits of the state's byte that are no number.
const FAILED: u8 = 1 << 6;
const RETIRED: u8 = 1 << 7;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody has begun.
    Pending = 0,
    /// The call runs.
    Running = 1,
    /// It will not run.
    Cancelled = 2,
    /// It will not run, and whoever would have run it knows.
    #[doc(alias = "CANCELLED_AND_NOTIFIED")]
    Notified = 3,
    /// There is a value.
    Finished = 4,
}

impl State {
    const fn of(byte: u8) -> Self {
        match byte & !(FAILED | RETIRED) {
            0 => Self::Pending,
            1 => Self::Running,
            2 => Self::Cancelled,
            3 => Self::Notified,
            _ => Self::Finished,
        }
    }

    /// Says whether nothing more will come: cancelled or finished.
    pub fn is_done(self) -> bool {
        self >= Self::Cancelled
    }

    /// Says whether a [`Round`] counts it: finished, or cancelled and notified.
    pub fn is_settled(self) -> bool {
        self >= Self::Notified
    }
}

/// How a wait ended, if its caller did not end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing more will come.
    Done,
    /// The deadline passed.
    TimedOut,
    /// Somebody else keeps the state now.
    Retired,
}

/// What came of an attempt to cancel.
#[derive(Debug)]
pub enum Cancel<C> {
    /// It runs or has run, or is retired.
    Refused,
    /// It was cancelled before.
    Already,
    /// It is cancelled now; these are the callbacks, to be called.
    Now(Vec<C>),
}

/// What a retired completion hands over.
#[derive(Debug)]
pub struct Retired<C> {
    /// The state at that moment.
    pub state: State,
    /// Whether the value is of a call that failed.
    pub failed: bool,
    /// The callbacks that are to be called.
    pub callbacks: Vec<C>,
    /// The rounds that are to be told, each with the number by which it knows this.
    pub rounds: Vec<(Arc<Round>, u32)>,
}

/// Who is to know when it is done.
#[derive(Debug)]
struct Watchers<C> {
    callbacks: Vec<C>,
    rounds: Vec<(Arc<Round>, u32)>,
}

/// A value that is written once, with a state on the way there, and those who wait for it.
///
/// `C` is what is to be called when it is done: the completion keeps them in order and gives them back.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::concurrent::futures::Completion;
///
/// let answer = Completion::<i32, fn()>::new();
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         if answer.start() == Ok(true) {
///             answer.finish(42, false).expect("nobody else finishes it");
///         }
///     });
///     answer.wait();
/// });
/// assert_eq!(answer.value(), Some(&42));
/// ```
#[doc(alias = "Future")]
#[derive(Debug)]
pub struct Completion<T, C> {
    waiting: WaitQueue,
    value: OnceLock<T>,
    watchers: Mutex<Option<Box<Watchers<C>>>>,
}

#[cfg(all(target_pointer_width = "64", not(loom)))]
const _: () = assert!(size_of::<Completion<usize, usize>>() == 48);

impl<T, C> Default for Completion<T, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, C> Completion<T, C> {
    /// Makes one that is pending.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
            value: OnceLock::new(),
            watchers: Mutex::new(None),
        }
    }

    /// Makes one that is pending.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
            value: OnceLock::new(),
            watchers: Mutex::new(None),
        }
    }

    #[inline]
    fn byte(&self) -> &AtomicU8 {
        &self.waiting.beside()[STATE]
    }

    /// How far it has come. Of a retired one: when it was retired.
    #[inline]
    pub fn state(&self) -> State {
        State::of(self.byte().load(Ordering::Acquire))
    }

    /// Says whether the value is of a call that failed.
    #[inline]
    pub fn has_failed(&self) -> bool {
        self.byte().load(Ordering::Acquire) & FAILED != 0
    }

    /// Says whether somebody else keeps the state.
    #[inline]
    pub fn is_retired(&self) -> bool {
        self.byte().load(Ordering::Acquire) & RETIRED != 0
    }

    /// The value, once it is finished. Takes no lock.
    #[inline]
    pub fn value(&self) -> Option<&T> {
        self.value.get()
    }

    /// Takes the value out, by who owns all of it.
    pub fn take_value(&mut self) -> Option<T> {
        self.value.take()
    }

    /// Says that the call begins (true), or learns that it was cancelled (false), which rounds are told then.
    ///
    /// # Errors
    ///
    /// The state, if it is neither pending nor cancelled, or if the completion is retired.
    #[doc(alias = "set_running_or_notify_cancel")]
    pub fn start(&self) -> Result<bool, State> {
        let mut watchers = lock(&self.watchers);
        let before = self.byte().load(Ordering::Relaxed);
        if before == State::Pending as u8 {
            self.byte().store(State::Running as u8, Ordering::SeqCst);
            return Ok(true);
        }
        if before != State::Cancelled as u8 {
            return Err(State::of(before));
        }
        self.byte().store(State::Notified as u8, Ordering::SeqCst);
        let rounds = watchers
            .as_mut()
            .map(|watchers| mem::take(&mut watchers.rounds));
        drop(watchers);
        tell(rounds, Told::Cancelled);
        Ok(false)
    }

    /// Cancels what has not begun. Wakes the threads that wait for it; rounds learn of it by [`start`](Self::start).
    pub fn cancel(&self) -> Cancel<C> {
        let mut watchers = lock(&self.watchers);
        let before = self.byte().load(Ordering::Relaxed);
        if before != State::Pending as u8 {
            let is_cancelled = matches!(State::of(before), State::Cancelled | State::Notified);
            return if is_cancelled && before & RETIRED == 0 {
                Cancel::Already
            } else {
                Cancel::Refused
            };
        }
        self.byte().store(State::Cancelled as u8, Ordering::SeqCst);
        let callbacks = watchers
            .as_mut()
            .map(|watchers| mem::take(&mut watchers.callbacks));
        drop(watchers);
        self.waiting.wake_all();
        Cancel::Now(callbacks.unwrap_or_default())
    }

    /// Writes the value, wakes whoever waits and tells the rounds; gives the callbacks back, in their order, to be called.
    ///
    /// `failed` says that the value is a failure's, which ends a round that waits for one.
    ///
    /// # Errors
    ///
    /// The value, if it was cancelled, finished or retired before.
    #[doc(alias = "set_result")]
    #[doc(alias = "set_exception")]
    #[inline]
    pub fn finish(&self, value: T, failed: bool) -> Result<Vec<C>, T> {
        let mut watchers = lock(&self.watchers);
        let before = self.byte().load(Ordering::Relaxed);
        if before > State::Running as u8 {
            return Err(value);
        }
        // Only whoever holds the lock and finds the state below `Finished` comes here.
        self.value.set(value)?;
        let failure = if failed { FAILED } else { 0 };
        self.byte()
            .store(State::Finished as u8 | failure, Ordering::SeqCst);
        let watchers = {
            let taken = watchers.take();
            drop(watchers);
            taken
        };
        self.waiting.wake_all();
        let Some(watchers) = watchers else {
            return Ok(Vec::new());
        };
        let told = if failed { Told::Failed } else { Told::Finished };
        tell(Some(watchers.rounds), told);
        Ok(watchers.callbacks)
    }

    /// Has `callback` given back when it is done.
    ///
    /// # Errors
    ///
    /// The callback: it is done already, or retired.
    #[doc(alias = "add_done_callback")]
    pub fn watch(&self, callback: C) -> Result<(), C> {
        let mut watchers = lock(&self.watchers);
        let state = self.byte().load(Ordering::Relaxed);
        if state > State::Running as u8 {
            return Err(callback);
        }
        Watchers::of(&mut watchers).callbacks.push(callback);
        Ok(())
    }

    /// Has the round told, as `index`, when it is settled: at once if it is.
    ///
    /// Returns false if it is retired: somebody else tells the round then.
    pub fn attach(&self, round: &Arc<Round>, index: u32) -> bool {
        let mut watchers = lock(&self.watchers);
        let state = self.byte().load(Ordering::Relaxed);
        if state & RETIRED != 0 {
            return false;
        }
        if !State::of(state).is_settled() {
            let rounds = &mut Watchers::of(&mut watchers).rounds;
            rounds.push((Arc::clone(round), index));
            return true;
        }
        drop(watchers);
        round.tell(index, Told::of(State::of(state), state & FAILED != 0));
        true
    }

    /// Tells the round no more, if it was not told yet.
    pub fn detach(&self, round: &Arc<Round>) {
        let mut watchers = lock(&self.watchers);
        let found = watchers.as_mut().and_then(|watchers| {
            let rounds = &mut watchers.rounds;
            let place = rounds.iter().position(|(of, _)| Arc::ptr_eq(of, round))?;
            Some(rounds.swap_remove(place))
        });
        drop(watchers);
        drop(found);
    }

    /// Hands the keeping of the state over to the caller, for good, and wakes whoever waits. A value that is there stays.
    ///
    /// Returns `None` if somebody else has it already.
    pub fn retire(&self) -> Option<Retired<C>> {
        let mut watchers = lock(&self.watchers);
        let before = self.byte().load(Ordering::Relaxed);
        if before & RETIRED != 0 {
            return None;
        }
        self.byte().store(before | RETIRED, Ordering::SeqCst);
        let taken = watchers.take();
        drop(watchers);
        self.waiting.wake_all();
        let (callbacks, rounds) = taken.map_or_else(Default::default, |watchers| {
            (watchers.callbacks, watchers.rounds)
        });
        Some(Retired {
            state: State::of(before),
            failed: before & FAILED != 0,
            callbacks,
            rounds,
        })
    }

    /// Waits until nothing more will come.
    pub fn wait(&self) {
        // `never_stop` cannot stop it and there is no deadline.
        let _ = self.wait_unless(Deadline::NEVER, never_stop);
    }

    /// Waits until nothing more will come, or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn wait_until(&self, deadline: Deadline) -> Result<(), TimedOut> {
        match self.wait_unless(deadline, never_stop) {
            Ok(Ended::Done | Ended::Retired) => Ok(()),
            Ok(Ended::TimedOut) | Err(_) => Err(TimedOut),
        }
    }

    /// Waits until nothing more will come, the deadline passes, it is retired, or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    #[inline]
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let byte = self.byte().load(Ordering::Acquire);
        if byte > State::Running as u8 {
            return Ok(ended(byte));
        }
        self.wait_slow(deadline, interrupted)
    }

    #[cold]
    fn wait_slow<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Ended, S> {
        let is_over = || self.byte().load(Ordering::SeqCst) > State::Running as u8;
        match self.waiting.wait(is_over, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(ended(self.byte().load(Ordering::Acquire))),
            Ok(Wake::TimedOut) => Ok(Ended::TimedOut),
            Err(Stopped { reason, .. }) => Err(reason),
        }
    }

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Shows each callback, until `show` says false. It runs under the lock: it must be short, and call nothing of a caller's.
    ///
    /// For a garbage collector, which asks while nothing else runs.
    pub fn visit(&self, mut show: impl FnMut(&C) -> bool) {
        if let Some(watchers) = &*lock(&self.watchers) {
            watchers.callbacks.iter().all(&mut show);
        }
    }

    /// Gives up the callbacks: they will not be called.
    pub fn take_callbacks(&self) -> Vec<C> {
        let mut watchers = lock(&self.watchers);
        let callbacks = watchers
            .as_mut()
            .map(|watchers| mem::take(&mut watchers.callbacks));
        drop(watchers);
        callbacks.unwrap_or_default()
    }

    /// Bits that the owner noted; the completion itself makes nothing of them.
    #[doc(hidden)]
    #[inline]
    pub fn notes(&self) -> u8 {
        // Relaxed: whoever shares more than the bits orders that itself.
        self.waiting.beside()[NOTES].load(Ordering::Relaxed)
    }

    /// Notes bits, for good.
    #[doc(hidden)]
    pub fn note(&self, bits: u8) {
        self.waiting.beside()[NOTES].fetch_or(bits, Ordering::Relaxed);
    }
}

impl<C> Watchers<C> {
    /// The list behind the lock, made where there is none.
    fn of(place: &mut Option<Box<Self>>) -> &mut Self {
        place.get_or_insert_with(|| {
            Box::new(Self {
                callbacks: Vec::new(),
                rounds: Vec::new(),
            })
        })
    }
}

fn tell(rounds: Option<Vec<(Arc<Round>, u32)>>, told: Told) {
    for (round, index) in rounds.into_iter().flatten() {
        round.tell(index, told);
    }
}

fn ended(byte: u8) -> Ended {
    if byte & RETIRED != 0 {
        Ended::Retired
    } else {
        Ended::Done
    }
}
