//! A place where threads wait for each other until so many have come.
//!
//! # State
//!
//! One word: the phase, how many threads are inside, and the fork generation in which it was written.
//!
//! | phase       | meaning                                                       | who comes now       |
//! |-------------|---------------------------------------------------------------|---------------------|
//! | `Filling`   | some have come, not yet all                                   | arrives             |
//! | `Releasing` | the last has come, and does what is to be done before         | waits until filling |
//! | `Draining`  | all may go, and do                                            | waits until filling |
//! | `Resetting` | who waited for the others is turned away, and goes            | waits until filling |
//! | `Broken`    | as above, and the barrier stays so                            | is turned away      |
//!
//! # Transitions
//!
//! `Filling` → `Releasing` by the last arrival, → `Draining` by its release; → `Filling` by the last one to leave. → `Broken` by a
//! deadline that passes in `Filling`, by a release that does not come, by `abort`. `Filling`, `Broken` → `Resetting` by
//! `reset` (or at once → `Filling` if nobody is inside), → `Filling` by the last one to leave.
//!
//! # Invariants
//!
//! 1. Who is inside is counted, until it leaves: no phase that lets threads go ends before they all have seen it.
//! 2. What the last one does before the release runs outside of any lock of ours; the phase keeps others out meanwhile.
//! 3. Every change that ends somebody's wait wakes the whole queue after it, so nobody has a wake-up to pass on.
//!
//! # Memory ordering
//!
//! Every change is a `SeqCst` read-modify-write before the queue is asked, and so is the check in the queue a `SeqCst` load (see
//! `park/queue.rs`). What a thread wrote before it arrived is seen by all after they are released: the changes form one
//! chain.
//!
//! # After fork
//!
//! In the child the threads inside are gone, so the barrier is empty: filling, or broken as before. A thread that forks inside
//! finds it broken for itself there.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Barrier`.

mod seat;
mod state;

pub use self::{
    seat::{Arrival, Releaser, Waiter},
    state::Phase,
};

use self::{
    seat::Seat,
    state::{MAX_PARTIES, State},
};
use crate::{
    park::{Stopped, WaitQueue, never_stop},
    primitive::{AtomicUsize, Ordering},
    sys::fork,
    time::Deadline,
};
use std::{error::Error, fmt, ops::ControlFlow};

/// Threads wait here for each other, and go on together.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::Barrier;
///
/// let start = Barrier::new(3);
/// thread::scope(|scope| {
///     let runners = [(); 3].map(|()| scope.spawn(|| start.wait()));
///     let mut order = runners.map(|runner| runner.join().expect("it does not panic"));
///     order.sort_by_key(|place| place.unwrap_or(usize::MAX));
///     assert_eq!(order, [Ok(0), Ok(1), Ok(2)]);
/// });
/// ```
#[derive(Debug)]
pub struct Barrier {
    state: AtomicUsize,
    parties: AtomicUsize,
    /// Who has arrived and waits for the others.
    arrived: WaitQueue,
    /// Who waits until those of the last round are gone.
    outside: WaitQueue,
}

/// The barrier is broken, or was reset while the thread waited. Python: `threading.BrokenBarrierError`.
#[doc(alias = "BrokenBarrierError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenBarrier;

impl fmt::Display for BrokenBarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the barrier is broken, or was reset")
    }
}

impl Error for BrokenBarrier {}

impl Barrier {
    /// The most parties that a barrier may have.
    pub const MAX: usize = MAX_PARTIES;

    /// Makes a barrier for `parties` threads.
    ///
    /// # Panics
    ///
    /// If `parties` is zero or more than [`MAX`](Self::MAX).
    pub fn new(parties: usize) -> Self {
        Self::assert_parties(parties);
        Self {
            state: AtomicUsize::new(0),
            parties: AtomicUsize::new(parties),
            arrived: WaitQueue::new(),
            outside: WaitQueue::new(),
        }
    }

    #[track_caller]
    fn assert_parties(parties: usize) {
        assert!(
            (1..=Self::MAX).contains(&parties),
            "a barrier has 1 to {} parties",
            Self::MAX
        );
    }

    /// Waits until all parties have come, and returns this thread's place in the order in which they came, from 0.
    ///
    /// The places of one round differ, unless a thread was stopped in it by its owner: the next one takes that place
    /// again.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] when the barrier is or gets broken, or is reset.
    pub fn wait(&self) -> Result<usize, BrokenBarrier> {
        self.wait_until(Deadline::NEVER)
    }

    /// Waits as [`wait`](Self::wait) does, and breaks the barrier if the deadline passes first.
    ///
    /// The deadline is for those that are missing: it does not end the wait for those of the last round to be gone, nor
    /// that for what the last one does before the release.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] also when the deadline has passed.
    pub fn wait_until(&self, deadline: Deadline) -> Result<usize, BrokenBarrier> {
        match self.wait_unless(deadline, never_stop) {
            Ok(place) => place,
        }
    }

    /// Waits as [`wait_until`](Self::wait_until) does, unless `interrupted` says `Break`.
    ///
    /// A thread that is stopped so leaves, as if it had not come; the barrier is whole.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<usize, BrokenBarrier>, S> {
        match self.arrive_unless(&mut interrupted)? {
            Ok(Arrival::Waits(waiter)) => waiter.wait_unless(deadline, interrupted),
            Ok(Arrival::Releases(releaser)) => Ok(releaser.release()),
            Err(BrokenBarrier) => Ok(Err(BrokenBarrier)),
        }
    }

    /// Waits as [`wait`](Self::wait) does; the last to come runs `action` before the others are released.
    ///
    /// The barrier is not locked meanwhile: `action` may ask it, and abort it. If it panics, the barrier breaks.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{sync::atomic::{AtomicU32, Ordering}, thread};
    /// use threeply::threading::Barrier;
    ///
    /// let (rounds, barrier) = (AtomicU32::new(0), Barrier::new(2));
    /// let count = || {
    ///     rounds.fetch_add(1, Ordering::Relaxed);
    /// };
    /// thread::scope(|scope| {
    ///     scope.spawn(|| barrier.wait_with(count));
    ///     barrier.wait_with(count)?;
    ///     assert_eq!(rounds.load(Ordering::Relaxed), 1);
    ///     Ok::<(), threeply::threading::BrokenBarrier>(())
    /// })?;
    /// # Ok::<(), threeply::threading::BrokenBarrier>(())
    /// ```
    pub fn wait_with(&self, action: impl FnOnce()) -> Result<usize, BrokenBarrier> {
        match self.arrive()? {
            Arrival::Waits(waiter) => waiter.wait(),
            Arrival::Releases(releaser) => {
                action();
                releaser.release()
            }
        }
    }

    /// Arrives, once those of the last round are gone.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] when the barrier is or gets broken.
    pub fn arrive(&self) -> Result<Arrival<'_>, BrokenBarrier> {
        match self.arrive_unless(never_stop) {
            Ok(arrival) => arrival,
        }
    }

    /// Arrives, once those of the last round are gone, unless `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the thread has not arrived then.
    pub fn arrive_unless<S>(
        &self,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<Arrival<'_>, BrokenBarrier>, S> {
        loop {
            if let Some(arrival) = self.try_arrive().transpose() {
                return Ok(arrival);
            }
            let is_open = || matches!(self.load().phase, Phase::Filling | Phase::Broken);
            let waited = self
                .outside
                .wait(is_open, Deadline::NEVER, &mut interrupted);
            // Invariant 3: no wake-up to pass on.
            waited.map_err(|Stopped { reason, .. }| reason)?;
        }
    }

    /// Arrives unless threads of the last round are still inside (`None`). Never blocks.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] when the barrier is broken.
    pub fn try_arrive(&self) -> Result<Option<Arrival<'_>>, BrokenBarrier> {
        // Before the word notes a generation.
        fork::watch();
        let parties = self.parties();
        let arrived =
            self.change(|state| (state.phase == Phase::Filling).then(|| state.entered(parties)));
        match arrived {
            Ok(before) => {
                let seat = Seat {
                    barrier: self,
                    place: before.count,
                    generation: fork::generation(),
                };
                Ok(Some(match before.entered(parties).phase {
                    Phase::Releasing => Arrival::Releases(Releaser { seat }),
                    _ => Arrival::Waits(Waiter { seat }),
                }))
            }
            Err(state) if state.phase == Phase::Broken => Err(BrokenBarrier),
            Err(_) => Ok(None),
        }
    }

    /// Turns away all that wait, and lets the next ones begin anew; makes a broken barrier whole.
    ///
    /// Threads that have been released, or are about to be, are left alone.
    pub fn reset(&self) {
        if self.change(State::reset).is_ok() {
            self.wake_all();
        }
    }

    /// Breaks the barrier: all that wait are turned away, and all that come, until a [`reset`](Self::reset).
    pub fn abort(&self) {
        // It is changed whatever it was, so there is no other answer.
        let _ = self.change(|state| Some(state.with(Phase::Broken)));
        self.wake_all();
    }

    /// Says whether the barrier is broken.
    #[inline]
    pub fn is_broken(&self) -> bool {
        self.phase() == Phase::Broken
    }

    /// What goes on at this moment.
    pub fn phase(&self) -> Phase {
        self.load().phase
    }

    /// How many threads have arrived and wait for others.
    pub fn waiting(&self) -> usize {
        match self.load() {
            State {
                phase: Phase::Filling | Phase::Releasing,
                count,
            } => count,
            _ => 0,
        }
    }

    /// How many threads are inside: arrived, and not yet gone.
    pub fn inside(&self) -> usize {
        self.load().count
    }

    /// How many threads wait until those of the last round are gone.
    pub fn outside(&self) -> usize {
        self.outside.len()
    }

    /// How many threads must come.
    #[inline]
    pub fn parties(&self) -> usize {
        // Relaxed: it changes only in `restart`, which turns away those that went by the old number.
        self.parties.load(Ordering::Relaxed)
    }

    /// Begins anew for another number of threads; turns away all that wait.
    ///
    /// # Panics
    ///
    /// If `parties` is zero or more than [`MAX`](Self::MAX).
    pub fn restart(&self, parties: usize) {
        Self::assert_parties(parties);
        self.parties.store(parties, Ordering::Relaxed);
        self.reset();
    }

    fn load(&self) -> State {
        State::from_word(self.state.load(Ordering::SeqCst))
    }

    /// Changes the state unless `to` says `None`. What it was is the answer in both cases.
    fn change(&self, to: impl Fn(State) -> Option<State>) -> Result<State, State> {
        self.state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| {
                to(State::from_word(word)).map(State::into_word)
            })
            .map(State::from_word)
            .map_err(State::from_word)
    }

    fn wake_all(&self) {
        self.arrived.wake_all();
        self.outside.wake_all();
    }
}
