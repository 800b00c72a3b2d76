//! What one thread can do to another: raise an exception in its wait, and wait for its end.
//!
//! # State
//!
//! Nothing, or an exception that is to be raised, under a lock; beside it `is_pending`, for the
//! thread's own look before each wait, and `is_ended`, from [`Interruption::end`] or at the latest
//! the thread's end on. `gone` is set by the thread's last steps, when the interpreter has done
//! with it: whoever waits for that finds neither of its locks taken.
//!
//! # Invariants
//!
//! 1. The lock is taken while attached only, so that no fork finds it taken.
//! 2. The lock is held only for that: no Python runs under it.
//!
//! # After fork
//!
//! The forking thread's goes on. The others' threads do not exist in the child: what is sent to
//! them is kept and never raised, and [`Interruption::lose`] says that they are gone.

use super::{
    call,
    object::{Held, Object, Raised},
};
use pyo3::Python;
use std::{
    cell::OnceCell,
    mem::ManuallyDrop,
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::{park::Parker, threading::Event};

/// What is sent to one thread.
pub(crate) struct Interruption {
    parker: &'static Parker,
    pending: Mutex<Option<Held>>,
    is_pending: AtomicBool,
    is_ended: AtomicBool,
    gone: Event,
}

/// The calling thread's, from the first call of [`Interruption::current`] on.
struct Own(OnceCell<Arc<Interruption>>);

thread_local! {
    static OWN: Own = const { Own(OnceCell::new()) };
}

impl Interruption {
    /// The calling thread's; one of a thread that has ended where the thread is all but gone.
    pub(crate) fn current() -> Arc<Self> {
        OWN.try_with(|own| Arc::clone(own.0.get_or_init(|| Arc::new(Self::new(false)))))
            .unwrap_or_else(|_| Arc::new(Self::new(true)))
    }

    fn new(is_ended: bool) -> Self {
        Self {
            parker: Parker::current(),
            pending: Mutex::new(None),
            is_pending: AtomicBool::new(false),
            is_ended: AtomicBool::new(is_ended),
            gone: Event::new(),
        }
    }

    /// Says whether this is the calling thread's.
    pub(crate) fn is_current(&self) -> bool {
        OWN.try_with(|own| {
            own.0
                .get()
                .is_some_and(|own| ptr::eq(&raw const **own, self))
        })
        .unwrap_or(false)
    }

    /// Set when the thread is gone.
    pub(crate) fn gone(&self) -> &Event {
        &self.gone
    }

    /// Says whether the thread comes to no further wait: it is in its last steps, or gone.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Acquire)
    }

    /// Notes that the thread is not there: in a forked child, one that stayed in the parent.
    pub(crate) fn lose(&self) {
        self.is_ended.store(true, Ordering::Release);
        self.gone.set();
    }

    /// Has `exception`, a class or an instance, raised in the thread's present or next wait; false if the thread has ended.
    pub(crate) fn send(&self, exception: Object<'_>) -> bool {
        if self.is_ended() {
            return false;
        }
        let before = self.lock().replace(exception.to_held());
        drop(before);
        self.is_pending.store(true, Ordering::Release);
        self.parker.interrupt();
        true
    }

    /// Takes no more, and gives up what was sent and not raised. For the thread itself, when it comes to no further wait.
    pub(crate) fn end(&self) {
        self.is_ended.store(true, Ordering::Release);
        let pending = self.take();
        drop(pending);
    }

    fn take(&self) -> Option<Held> {
        self.is_pending.store(false, Ordering::Release);
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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
        own.lose();
        // A thread that ends is not attached: if nobody else has this, what was sent and never raised is not given up but leaks.
        if let Some(last) = Arc::into_inner(own) {
            let _ = ManuallyDrop::new(last.pending);
        }
    }
}
