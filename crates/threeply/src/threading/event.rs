//! A flag that threads wait for.
//!
//! # State
//!
//! | value   | meaning                                |
//! |---------|----------------------------------------|
//! | `CLEAR` | waits sleep                            |
//! | `SET`   | waits return at once                   |
//!
//! The flag is a byte in the gap of the queue, so that an event takes no more than the queue.
//!
//! # Transitions
//!
//! `set`: any → `SET`, then every thread in the queue at that moment is woken; `clear`: any → `CLEAR`. A thread that was
//! woken does not look at the flag again, so `set` directly followed by `clear` releases all that
//! waited.
//!
//! # Memory ordering
//!
//! `set` is `SeqCst` before the queue is asked, and so is the check in the queue (see `park/queue.rs`). `wait`
//! acquires: what was written before `set` is seen after `wait`.
//!
//! # After fork
//!
//! The flag keeps its value; the waiting threads stay in the parent.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Event`.

use crate::{
    error::TimedOut,
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicU8, Ordering},
    time::Deadline,
};
use std::ops::ControlFlow;

const CLEAR: u8 = 0;
const SET: u8 = 1;

/// Where the flag lies beside the queue, and where the owner's notes do.
const FLAG: usize = 0;
const NOTES: usize = 1;

/// A flag that one thread sets and any number of threads wait for.
///
/// All methods may be called from any thread; `set`, `clear` and `is_set` never block.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::Event;
///
/// let ready = Event::new();
/// thread::scope(|scope| {
///     scope.spawn(|| ready.set());
///     ready.wait();
/// });
/// assert!(ready.is_set());
/// ```
#[derive(Debug, Default)]
pub struct Event {
    waiting: WaitQueue,
}

#[cfg(all(target_pointer_width = "64", not(loom)))]
const _: () = assert!(size_of::<Event>() == 16);

impl Event {
    /// Makes an event whose flag is clear.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
        }
    }

    /// Makes an event whose flag is clear.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
        }
    }

    #[inline]
    fn flag(&self) -> &AtomicU8 {
        &self.waiting.beside()[FLAG]
    }

    /// Says whether the flag is set.
    #[inline]
    pub fn is_set(&self) -> bool {
        self.flag().load(Ordering::Acquire) == SET
    }

    /// Sets the flag and wakes every thread that waits.
    #[inline]
    pub fn set(&self) {
        self.flag().swap(SET, Ordering::SeqCst);
        self.waiting.wake_all();
    }

    /// Clears the flag: later waits sleep until the next [`set`](Self::set).
    #[inline]
    pub fn clear(&self) {
        self.flag().store(CLEAR, Ordering::Release);
    }

    /// Waits until the flag is set. Only `set` ends this.
    pub fn wait(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.wait_unless(Deadline::NEVER, never_stop);
    }

    /// Waits until the flag is set or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first.
    pub fn wait_until(&self, deadline: Deadline) -> Result<(), TimedOut> {
        match self.wait_unless(deadline, never_stop) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TimedOut),
        }
    }

    /// Waits until the flag is set (true), the deadline passes (false), or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    #[inline]
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.is_set() {
            return Ok(true);
        }
        self.wait_slow(deadline, interrupted)
    }

    #[cold]
    fn wait_slow<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        let is_set = || self.flag().load(Ordering::SeqCst) == SET;
        match self.waiting.wait(is_set, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => Ok(false),
            Err(Stopped { reason, .. }) => Err(reason),
        }
    }

    /// Bits that the event's owner noted; the event itself makes nothing of them.
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

    /// Counts the threads that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
