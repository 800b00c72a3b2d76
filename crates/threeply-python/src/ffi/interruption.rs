//! An exception that one thread raises in the wait of another.
//!
//! # State
//!
//! Nothing, an exception that is to be raised, or the thread has ended. `is_pending` repeats the second beside the lock, for the
//! thread's own look before each wait.
//!
//! # Invariants
//!
//! 1. The exception is put in and taken out while attached.
//! 2. The lock is held only for that: no Python runs under it.
//!
//! # After fork
//!
//! The forking thread's goes on. The others' threads do not exist in the child: what is sent to them is kept and never raised.

use super::{
    call,
    object::{Held, Object, Raised},
};
use pyo3::Python;
use std::{
    cell::OnceCell,
    mem::ManuallyDrop,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::park::Parker;

/// What is sent to one thread.
pub(crate) struct Interruption {
    parker: &'static Parker,
    state: Mutex<State>,
    is_pending: AtomicBool,
}

enum State {
    Quiet,
    Pending(Held),
    Ended,
}

/// The calling thread's, from the first call of [`Interruption::current`] on.
struct Own(OnceCell<Arc<Interruption>>);

thread_local! {
    static OWN: Own = const { Own(OnceCell::new()) };
}

impl Interruption {
    /// The calling thread's; one of a thread that has ended where the thread is all but gone.
    pub(crate) fn current() -> Arc<Self> {
        OWN.try_with(|own| Arc::clone(own.0.get_or_init(|| Arc::new(Self::new(State::Quiet)))))
            .unwrap_or_else(|_| Arc::new(Self::new(State::Ended)))
    }

    fn new(state: State) -> Self {
        Self {
            parker: Parker::current(),
            state: Mutex::new(state),
            is_pending: AtomicBool::new(false),
        }
    }

    /// Has `exception`, a class or an instance, raised in the thread's present or next wait; false if the thread has ended.
    pub(crate) fn send(&self, exception: Object<'_>) -> bool {
        let exception = exception.to_held();
        let before = {
            let mut state = self.lock();
            if matches!(*state, State::Ended) {
                return false;
            }
            self.is_pending.store(true, Ordering::Release);
            std::mem::replace(&mut *state, State::Pending(exception))
        };
        drop(before);
        self.parker.interrupt();
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Held> {
        let mut state = self.lock();
        if !matches!(*state, State::Pending(_)) {
            return None;
        }
        self.is_pending.store(false, Ordering::Release);
        match std::mem::replace(&mut *state, State::Quiet) {
            State::Pending(exception) => Some(exception),
            State::Quiet | State::Ended => None,
        }
    }
}

/// Says whether an exception was sent to the calling thread.
#[inline]
pub(super) fn is_pending() -> bool {
    OWN.try_with(|own| {
        own.0
            .get()
            .is_some_and(|own| own.is_pending.load(Ordering::Acquire))
    })
    .unwrap_or(false)
}

/// Raises what was sent to the calling thread, if anything was.
pub(super) fn raise_pending(py: Python<'_>) -> Result<(), Raised> {
    if !is_pending() {
        return Ok(());
    }
    let taken = OWN.try_with(|own| own.0.get().and_then(|own| own.take()));
    match taken {
        Ok(Some(exception)) => Err(call::raise(exception.into_owned(py).borrow())),
        Ok(None) | Err(_) => Ok(()),
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let Some(own) = self.0.take() else {
            return;
        };
        let before = {
            let mut state = own.lock();
            std::mem::replace(&mut *state, State::Ended)
        };
        // A thread that ends is not attached, so what nobody raised is not given up but leaks (invariant 1).
        let _ = ManuallyDrop::new(before);
    }
}
