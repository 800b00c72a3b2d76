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

use crate::{
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicUsize, Ordering},
    sys::fork,
    time::Deadline,
};
use std::{error::Error, fmt, ops::ControlFlow};

const PHASE: usize = 0b111;
const COUNT_SHIFT: u32 = 3;
const COUNT_BITS: u32 = 29;
const GENERATION_SHIFT: u32 = COUNT_SHIFT + COUNT_BITS;
const _: () = assert!(usize::BITS - GENERATION_SHIFT == u32::BITS);

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

/// What goes on at a [`Barrier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Threads arrive until all have come.
    Filling = 0,
    /// The last has come, and has something to do before it releases the others.
    Releasing = 1,
    /// Those that were released leave.
    Draining = 2,
    /// Those that a reset turned away leave.
    Resetting = 3,
    /// Nobody can wait until a reset.
    Broken = 4,
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

/// A thread has arrived at a [`Barrier`].
#[derive(Debug)]
pub enum Arrival<'a> {
    /// Others are missing: it is to wait for them.
    Waits(Waiter<'a>),
    /// It is the last: it is to release the others.
    Releases(Releaser<'a>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    phase: Phase,
    /// How many threads are inside: arrived, and not yet gone.
    count: usize,
}

impl State {
    fn from_word(word: usize) -> Self {
        let phase = match word & PHASE {
            0 => Phase::Filling,
            1 => Phase::Releasing,
            2 => Phase::Draining,
            3 => Phase::Resetting,
            _ => Phase::Broken,
        };
        if word >> GENERATION_SHIFT == fork::generation() as usize {
            let count = (word >> COUNT_SHIFT) & Barrier::MAX;
            return Self { phase, count };
        }
        // Written in a parent process: those inside stayed there.
        let phase = match phase {
            Phase::Broken => Phase::Broken,
            _ => Phase::Filling,
        };
        Self { phase, count: 0 }
    }

    fn into_word(self) -> usize {
        let generation = fork::generation() as usize;
        (generation << GENERATION_SHIFT) | (self.count << COUNT_SHIFT) | self.phase as usize
    }

    fn with(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// One more inside; the last of `parties` has something to do.
    fn entered(self, parties: usize) -> Self {
        let count = self.count + 1;
        let phase = if count >= parties {
            Phase::Releasing
        } else {
            Phase::Filling
        };
        Self { phase, count }
    }

    /// One fewer inside; the last to leave opens the next round.
    fn left(self) -> Self {
        let count = self.count - 1;
        let phase = match self.phase {
            Phase::Draining | Phase::Resetting if count == 0 => Phase::Filling,
            phase => phase,
        };
        Self { phase, count }
    }

    /// After a reset, `None` where that changes nothing.
    fn reset(self) -> Option<Self> {
        match self.phase {
            _ if self.count == 0 => Some(self.with(Phase::Filling)),
            Phase::Filling | Phase::Broken => Some(self.with(Phase::Resetting)),
            // They go already.
            Phase::Releasing | Phase::Draining | Phase::Resetting => None,
        }
    }
}

impl Barrier {
    /// The most parties that a barrier may have.
    pub const MAX: usize = (1 << COUNT_BITS) - 1;

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

/// A thread inside. Dropping it leaves.
#[derive(Debug)]
struct Seat<'a> {
    barrier: &'a Barrier,
    /// How many came before.
    place: usize,
    /// The fork generation in which it was counted.
    generation: u32,
}

impl Seat<'_> {
    /// Says whether it was taken in a parent process, so that it does not count here.
    fn is_forgotten(&self) -> bool {
        self.generation != fork::generation()
    }

    /// Breaks the barrier if others are still missing.
    fn time_out(&self) {
        let broken = self
            .barrier
            .change(|state| (state.phase == Phase::Filling).then(|| state.with(Phase::Broken)));
        if broken.is_ok() {
            self.barrier.wake_all();
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if self.is_forgotten() {
            return;
        }
        let left = self.barrier.change(|state| Some(state.left()));
        if left.is_ok_and(|before| before.phase != before.left().phase) {
            self.barrier.outside.wake_all();
        }
    }
}

/// A thread that has arrived and is to wait for the others. Dropped without that, it leaves as if it had not come.
#[derive(Debug)]
#[must_use = "who does not wait leaves at once"]
pub struct Waiter<'a> {
    seat: Seat<'a>,
}

impl Waiter<'_> {
    /// Waits for the others, and returns this thread's place.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] when the barrier gets broken, or is reset.
    pub fn wait(self) -> Result<usize, BrokenBarrier> {
        match self.wait_unless(Deadline::NEVER, never_stop) {
            Ok(place) => place,
        }
    }

    /// Waits for the others unless `interrupted` says `Break`; breaks the barrier if the deadline passes first.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the thread has left, and the barrier is whole.
    pub fn wait_unless<S>(
        self,
        mut deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<usize, BrokenBarrier>, S> {
        let Self { seat } = self;
        let barrier = seat.barrier;
        while !seat.is_forgotten() {
            let is_over = || !matches!(barrier.load().phase, Phase::Filling | Phase::Releasing);
            let go_on = || match interrupted() {
                ControlFlow::Break(reason) => ControlFlow::Break(Some(reason)),
                // Its owner forked: those that it waits for are not here.
                ControlFlow::Continue(()) if seat.is_forgotten() => ControlFlow::Break(None),
                ControlFlow::Continue(()) => ControlFlow::Continue(()),
            };
            match barrier.arrived.wait(is_over, deadline, go_on) {
                Ok(Wake::Ready | Wake::Woken) => {}
                Ok(Wake::TimedOut) => {
                    seat.time_out();
                    // A release that is under way is waited for.
                    deadline = Deadline::NEVER;
                }
                // Invariant 3: no wake-up to pass on.
                Err(Stopped { reason, .. }) => match reason {
                    Some(reason) => return Err(reason),
                    None => break,
                },
            }
            match barrier.phase() {
                // Woken for the round before.
                Phase::Filling | Phase::Releasing => {}
                Phase::Draining => return Ok(Ok(seat.place)),
                Phase::Resetting | Phase::Broken => break,
            }
        }
        Ok(Err(BrokenBarrier))
    }
}

/// The thread that came last, which is to release the others. Dropped without that, it breaks the barrier.
#[derive(Debug)]
#[must_use = "who does not release the others breaks the barrier"]
pub struct Releaser<'a> {
    seat: Seat<'a>,
}

impl Releaser<'_> {
    /// Releases all that wait, and returns this thread's place.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] when the barrier was broken meanwhile.
    pub fn release(self) -> Result<usize, BrokenBarrier> {
        if self.seat.is_forgotten() {
            // Its owner forked: nobody waits here.
            return Ok(self.seat.place);
        }
        let barrier = self.seat.barrier;
        let released = barrier
            .change(|state| (state.phase == Phase::Releasing).then(|| state.with(Phase::Draining)));
        if released.is_err() {
            return Err(BrokenBarrier);
        }
        barrier.arrived.wake_all();
        Ok(self.seat.place)
    }
}

impl Drop for Releaser<'_> {
    fn drop(&mut self) {
        let broken = self.seat.barrier.change(|state| {
            let is_due = state.phase == Phase::Releasing && !self.seat.is_forgotten();
            is_due.then(|| state.with(Phase::Broken))
        });
        if broken.is_ok() {
            self.seat.barrier.wake_all();
        }
    }
}
