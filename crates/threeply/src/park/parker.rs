//! A thread's own place to sleep.
//!
//! Each thread has one parker for life. It can be woken by anybody who holds a reference, also from a
//! signal handler, and a wake-up that comes too early is kept for the next sleep. That is all it
//! promises: a sleep may end for no reason, so what is waited for is asked again each time.
//!
//! Parkers live for ever. A waker may hold its reference longer than the thread lives, so the
//! memory is never given back; it is handed to the next thread instead.
//!
//! # State
//!
//! | bit           | meaning                                              |
//! |---------------|------------------------------------------------------|
//! | `PARKED`      | the owner sleeps, or is about to                     |
//! | `NOTIFIED`    | somebody called [`Parker::unpark`] since the last sleep    |
//! | `INTERRUPTED` | somebody called [`Parker::interrupt`] since the last sleep |
//!
//! # Transitions
//!
//! The owner: 0 → `PARKED`, anything → 0. Everybody else only adds `NOTIFIED` or `INTERRUPTED`.
//!
//! # Memory ordering
//!
//! `unpark` releases and the owner's swap acquires, so what a waker wrote before it woke is seen by
//! the thread that it woke.
//!
//! # After fork
//!
//! The forking thread's parker goes on. Those of the other threads are lost: a few bytes each.
//!
//! # Source
//!
//! `std::thread::park` has the same shape; it neither tells why it woke nor can be interrupted.

use crate::time::Deadline;

#[cfg(not(loom))]
pub use real::Parker;

#[cfg(loom)]
pub use model::Parker;

/// Why a thread woke up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unparked {
    /// [`Parker::unpark`] was called.
    Notified,
    /// [`Parker::interrupt`] was called, or a signal handler ran on the thread.
    Interrupted,
    /// The deadline passed.
    TimedOut,
}

#[cfg(not(loom))]
mod real {
    use super::{Deadline, Unparked};
    use crate::{
        primitive::{AtomicU32, Mutex, Ordering},
        sys::futex::{self, Slept},
    };
    use std::{cell::Cell, sync::TryLockError};

    const PARKED: u32 = 1 << 0;
    const NOTIFIED: u32 = 1 << 1;
    const INTERRUPTED: u32 = 1 << 2;

    /// Parkers whose threads have ended.
    static IDLE: Mutex<Vec<&'static Parker>> = Mutex::new(Vec::new());

    /// A place where one thread sleeps and from which anybody may wake it.
    ///
    /// All methods but [`park`](Self::park) may be called from any thread and from signal handlers.
    #[derive(Debug)]
    #[repr(align(64))]
    pub struct Parker {
        state: AtomicU32,
    }

    impl Parker {
        /// Returns the calling thread's parker.
        pub fn current() -> &'static Self {
            thread_local! {
                static OWN: Own = const { Own(Cell::new(None)) };
            }
            let own = OWN.try_with(|own| {
                own.0.get().unwrap_or_else(|| {
                    let parker = Self::take();
                    own.0.set(Some(parker));
                    parker
                })
            });
            // A wait in a destructor of a thread that is all but gone gets one of its own.
            own.unwrap_or_else(|_| Self::take())
        }

        /// Sleeps until somebody wakes the thread or the deadline passes.
        ///
        /// Returns at once if it was woken since its last sleep. Only the owner calls this.
        pub fn park(&self, deadline: Deadline) -> Unparked {
            loop {
                let parked =
                    self.state
                        .compare_exchange(0, PARKED, Ordering::Acquire, Ordering::Relaxed);
                let slept = match parked {
                    Ok(_) => futex::wait(&self.state, PARKED, deadline.timespec()),
                    Err(_) => Slept::Woken,
                };
                let state = self.state.swap(0, Ordering::Acquire);
                if state & INTERRUPTED != 0 || slept == Slept::Signalled {
                    return Unparked::Interrupted;
                }
                if state & NOTIFIED != 0 {
                    return Unparked::Notified;
                }
                if slept == Slept::TimedOut {
                    return Unparked::TimedOut;
                }
            }
        }

        /// Wakes the thread, or lets its next sleep end at once.
        #[inline]
        pub fn unpark(&self) {
            self.rouse(NOTIFIED);
        }

        /// Ends the thread's sleep without its event: the wait asks its caller whether to go on.
        #[inline]
        pub fn interrupt(&self) {
            self.rouse(INTERRUPTED);
        }

        #[inline]
        fn rouse(&self, reason: u32) {
            if self.state.fetch_or(reason, Ordering::Release) & PARKED != 0 {
                futex::wake_one(&self.state);
            }
        }

        fn take() -> &'static Self {
            // Never waits: after a fork a thread that is gone may hold the lock.
            let idle = match IDLE.try_lock() {
                Ok(mut idle) => idle.pop(),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().pop(),
                Err(TryLockError::WouldBlock) => None,
            };
            idle.unwrap_or_else(|| {
                Box::leak(Box::new(Self {
                    state: AtomicU32::new(0),
                }))
            })
        }
    }

    /// Gives the parker to the next thread when this one ends.
    struct Own(Cell<Option<&'static Parker>>);

    impl Drop for Own {
        fn drop(&mut self) {
            if let (Some(parker), Ok(mut idle)) = (self.0.get(), IDLE.try_lock()) {
                idle.push(parker);
            }
        }
    }
}

/// A parker that loom can follow: loom has no futex, and its timeouts never pass.
#[cfg(loom)]
mod model {
    use super::{Deadline, Unparked};
    use crate::primitive::{Mutex, lock};
    use loom::sync::Condvar;

    /// A place where one thread sleeps and from which anybody may wake it.
    #[derive(Debug)]
    pub struct Parker {
        wakeups: Mutex<Wakeups>,
        changed: Condvar,
    }

    #[derive(Debug, Default)]
    struct Wakeups {
        notified: bool,
        interrupted: bool,
    }

    impl Parker {
        /// Returns a parker for the calling thread.
        pub fn current() -> &'static Self {
            let wakeups = Mutex::new(Wakeups::default());
            Box::leak(Box::new(Self {
                wakeups,
                changed: Condvar::new(),
            }))
        }

        /// Sleeps until somebody wakes the thread; a deadline that has passed ends it at once.
        pub fn park(&self, deadline: Deadline) -> Unparked {
            let mut wakeups = lock(&self.wakeups);
            loop {
                if std::mem::take(&mut wakeups.interrupted) {
                    return Unparked::Interrupted;
                }
                if std::mem::take(&mut wakeups.notified) {
                    return Unparked::Notified;
                }
                if deadline.has_passed() {
                    return Unparked::TimedOut;
                }
                wakeups = match self.changed.wait(wakeups) {
                    Ok(guard) => guard,
                    Err(poisoned) => poisoned.into_inner(),
                };
            }
        }

        /// Wakes the thread, or lets its next sleep end at once.
        pub fn unpark(&self) {
            lock(&self.wakeups).notified = true;
            self.changed.notify_one();
        }

        /// Ends the thread's sleep without its event.
        pub fn interrupt(&self) {
            lock(&self.wakeups).interrupted = true;
            self.changed.notify_one();
        }
    }
}
