//! Threads inside a barrier: what they may do, and that they leave.

use super::{Barrier, BrokenBarrier, Phase};
use crate::{
    park::{Stopped, Wake, never_stop},
    sys::fork,
    time::Deadline,
};
use std::ops::ControlFlow;

/// A thread has arrived at a [`Barrier`].
#[derive(Debug)]
pub enum Arrival<'a> {
    /// Others are missing: it is to wait for them.
    Waits(Waiter<'a>),
    /// It is the last: it is to release the others.
    Releases(Releaser<'a>),
}

/// A thread inside. Dropping it leaves.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    pub(super) barrier: &'a Barrier,
    /// How many came before.
    pub(super) place: usize,
    /// The fork generation in which it was counted.
    pub(super) generation: u32,
}

impl Seat<'_> {
    /// Says whether it was taken in a parent process, so that it does not count here.
    pub(super) fn is_forgotten(&self) -> bool {
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
    pub(super) seat: Seat<'a>,
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
    pub(super) seat: Seat<'a>,
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
