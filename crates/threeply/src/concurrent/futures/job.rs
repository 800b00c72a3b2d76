//! What a worker runs: the call of a future, whatever its type.

use super::{Failure, Panic, shared::Shared};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

thread_local! {
    /// The number of the pool whose worker this thread is, 0 for none.
    static HOME: Cell<usize> = const { Cell::new(0) };
}

/// The number of the pool whose worker the calling thread is, 0 for none.
pub(super) fn home() -> usize {
    HOME.get()
}

/// Makes the calling thread a worker of that pool.
pub(super) fn settle(home: usize) {
    HOME.set(home);
}

/// A future, as a pool sees it.
pub(super) trait Job: Send + Sync {
    /// Runs the call, if it was not cancelled or begun elsewhere.
    fn run(self: Arc<Self>);

    /// Cancels it, if it has not begun.
    fn cancel(self: Arc<Self>) -> bool;

    /// Ends it with a failure, if it has not begun.
    fn fail(self: Arc<Self>, failure: Failure);
}

impl<T: Send + Sync + 'static> Job for Shared<T> {
    fn run(self: Arc<Self>) {
        if self.completion.start() != Ok(true) {
            return;
        }
        let call = self.take_call().expect("it is taken by who starts it");
        let outcome = catch_unwind(AssertUnwindSafe(call))
            .map_err(|payload| Failure::Panicked(Panic::new(payload)));
        // Nobody else finishes what this thread has started.
        let _ = self.finish(outcome);
    }

    fn cancel(self: Arc<Self>) -> bool {
        Shared::cancel(&self)
    }

    fn fail(self: Arc<Self>, failure: Failure) {
        if self.completion.start() == Ok(true) {
            drop(self.take_call());
            let _ = self.finish(Err(failure));
        }
    }
}
