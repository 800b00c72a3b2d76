//! A thread's own place to sleep.
//!
//! Each thread has one parker for life. It can be woken by anybody who holds a reference, also from a
//! signal handler, and a wake-up that comes too early is kept for the next sleep. That is all it
//! promises: a sleep may end for no reason, so what is waited for is asked again each time.
//!
//! Parkers live for ever. A waker may hold its reference longer than the thread lives, so the
//! memory is never given back; it is handed to the next thread instead, with nothing noted. What reaches
//! it after that — a late waker of the thread before — ends one sleep of the new thread for no reason.
//!
//! # State
//!
//! | bit           | meaning                                              |
//! |---------------|------------------------------------------------------|
//! | `PARKED`      | the owner sleeps, or is about to                     |
//! | `NOTIFIED`    | somebody called [`Parker::unpark`] since the last sleep    |
//! | `INTERRUPTED` | somebody called [`Parker::interrupt`] since the last sleep |
//! | `POLLING`     | the owner waits for files and for its bell (`poll.rs`), or is about to |
//! | the bits from `RINGER` on | how many are about to ring that bell         |
//!
//! # Transitions
//!
//! The owner: 0 → `PARKED`, anything → 0. Everybody else only adds `NOTIFIED` or `INTERRUPTED`. An
//! interruption hides a notification that came with it, which is why its caller asks again for its event.
//!
//! With a bell: 0 → `POLLING`. Whoever adds the first reason and finds `POLLING` counts itself among the ringers if it is still set,
//! rings, and counts itself out. The owner takes `POLLING` away, after which nobody joins them, and stays until the last of
//! them has gone: then the bell may be closed, and its number be another file's.
//!
//! # Memory ordering
//!
//! `unpark` releases and the owner's swap acquires, so what a waker wrote before it woke is seen by
//! the thread that it woke. A ringer acquires the bell's name with `POLLING`, and releases its ringing as it leaves.
//!
//! # After fork
//!
//! The forking thread's parker goes on. Those of the other threads are lost: a few bytes each. So are the
//! idle ones, if a thread was taking or giving one at that moment.
//!
//! # Source
//!
//! `std::thread::park` has the same shape; it neither tells why it woke nor can be interrupted.

#[cfg(not(loom))]
use crate::park::timed::sleep;
#[cfg(loom)]
use crate::primitive::spin_hint;
use crate::{
    primitive::{AtomicU32, Ordering},
    sys::{
        bell::{Bell, BellName},
        fork,
        futex::{self, Slept},
    },
    time::Deadline,
};
use std::cell::Cell;

const PARKED: u32 = 1 << 0;
const NOTIFIED: u32 = 1 << 1;
const INTERRUPTED: u32 = 1 << 2;
const POLLING: u32 = 1 << 3;
const RINGER: u32 = 1 << 4;

/// Why a thread woke up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unparked {
    /// [`Parker::unpark`] was called.
    Notified,
    /// [`Parker::interrupt`] was called, or a signal handler ran on the thread. Hides a `Notified`.
    Interrupted,
    /// The deadline passed.
    TimedOut,
}

/// A place where one thread sleeps and from which anybody may wake it.
///
/// All methods but [`park`](Self::park) and [`forget`](Self::forget) may be called from any thread and from signal handlers.
#[derive(Debug)]
#[repr(align(64))]
pub struct Parker {
    state: AtomicU32,
    bell: BellName,
}

impl Parker {
    /// Returns the calling thread's parker.
    pub fn current() -> &'static Self {
        OWN.try_with(Own::parker)
            // A wait in a destructor of a thread that is all but gone gets one of its own: 64 bytes
            // that are not given back.
            .unwrap_or_else(|_| idle::take())
    }

    /// Sleeps until somebody wakes the thread or the deadline passes.
    ///
    /// Returns at once if it was woken since its last sleep. Only the owner calls this.
    ///
    /// A signal handler that was set with `SA_RESTART` does not end a sleep without a deadline by itself
    /// (`signal(7)`): it has to call [`interrupt`](Self::interrupt).
    pub fn park(&self, deadline: Deadline) -> Unparked {
        loop {
            let parked =
                self.state
                    .compare_exchange(0, PARKED, Ordering::Acquire, Ordering::Relaxed);
            let slept = match parked {
                Ok(_) => sleep(&self.state, PARKED, deadline),
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

    /// Forgets that the thread was woken or interrupted since its last sleep. Only the owner calls this.
    pub fn forget(&self) {
        self.state
            .fetch_and(!(NOTIFIED | INTERRUPTED), Ordering::Acquire);
    }

    #[inline]
    fn rouse(&self, reason: u32) {
        let before = self.state.fetch_or(reason, Ordering::Release);
        if before & PARKED != 0 {
            futex::wake_one(&self.state);
        } else if before & (POLLING | NOTIFIED | INTERRUPTED) == POLLING {
            // The first one with a reason; the owner sees the others' when it wakes.
            self.ring();
        }
    }

    /// Rings the owner's bell, unless the owner has left it and so seen the reason.
    #[cold]
    fn ring(&self) {
        let join = |state: u32| (state & POLLING != 0).then_some(state + RINGER);
        let joined = self
            .state
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, join);
        if joined.is_ok() {
            self.bell.ring();
            self.state.fetch_sub(RINGER, Ordering::Release);
        }
    }

    /// Sleeps in `sleep`, which the bell's ringing ends; `None` if the thread was interrupted, before or meanwhile.
    ///
    /// Only the owner calls this. Without a bell nothing but a signal to the thread ends `sleep`. When it returns, nobody is
    /// about to ring.
    pub(super) fn sleep_by<R>(&self, bell: Option<&Bell>, sleep: impl FnOnce() -> R) -> Option<R> {
        if let Some(bell) = bell {
            bell.tell(&self.bell);
        }
        let polling = if bell.is_some() { POLLING } else { 0 };
        // Release: a ringer that sees `POLLING` sees the bell.
        while let Err(state) =
            self.state
                .compare_exchange(0, polling, Ordering::Release, Ordering::Relaxed)
        {
            self.state.fetch_and(!state, Ordering::Acquire);
            if state & INTERRUPTED != 0 {
                return None;
            }
        }
        fork::watch();
        let generation = fork::generation();
        let slept = sleep();
        let reasons = POLLING | NOTIFIED | INTERRUPTED;
        let state = self.state.fetch_and(!reasons, Ordering::Acquire);
        while self.state.load(Ordering::Acquire) >= RINGER {
            if generation != fork::generation() {
                // A handler forked in `sleep`: the ringers stayed in the parent.
                self.state.store(0, Ordering::Relaxed);
                break;
            }
            give_way();
        }
        (state & INTERRUPTED == 0).then_some(slept)
    }

    fn leak() -> &'static Self {
        Box::leak(Box::new(Self {
            state: AtomicU32::new(0),
            bell: BellName::none(),
        }))
    }
}

/// What a model sees of a wait for files.
#[cfg(loom)]
impl Parker {
    /// Waits until its bell is rung, as a wait for files does; false if it was interrupted.
    #[doc(hidden)]
    pub fn sleep_until_rung(&self) -> bool {
        let bell = Bell::new();
        let slept = self.sleep_by(Some(&bell), || {
            while !bell.has_rung() {
                spin_hint();
            }
        });
        drop(bell);
        slept.is_some()
    }
}

/// Lets a ringer run, who may have been stopped in the middle of it.
fn give_way() {
    #[cfg(loom)]
    spin_hint();
    #[cfg(not(loom))]
    rustix::thread::sched_yield();
}

/// A deadline in a model has always passed, so nothing can be late.
#[cfg(loom)]
fn sleep(word: &AtomicU32, expected: u32, deadline: Deadline) -> Slept {
    futex::wait(word, expected, deadline.timespec())
}

/// A thread's parker, from its first wait on; given to the next thread when this one ends.
struct Own(Cell<Option<&'static Parker>>);

impl Own {
    fn parker(&self) -> &'static Parker {
        self.0.get().unwrap_or_else(|| {
            let parker = idle::take();
            self.0.set(Some(parker));
            parker
        })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(parker) = self.0.get() {
            idle::give(parker);
        }
    }
}

#[cfg(not(loom))]
thread_local! {
    static OWN: Own = const { Own(Cell::new(None)) };
}

#[cfg(loom)]
loom::thread_local! {
    static OWN: Own = Own(Cell::new(None));
}

/// Parkers whose threads have ended. Never waits: after a fork a thread that is gone may hold the lock.
#[cfg(not(loom))]
mod idle {
    use super::Parker;
    use crate::primitive::{Mutex, MutexGuard, Ordering};
    use std::sync::TryLockError;

    static IDLE: Mutex<Vec<&'static Parker>> = Mutex::new(Vec::new());

    fn try_lock() -> Option<MutexGuard<'static, Vec<&'static Parker>>> {
        match IDLE.try_lock() {
            Ok(idle) => Some(idle),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(super) fn take() -> &'static Parker {
        let Some(parker) = try_lock().and_then(|mut idle| idle.pop()) else {
            return Parker::leak();
        };
        // What was noted was for the thread before. The lock ordered this after its last use.
        parker.state.store(0, Ordering::Relaxed);
        parker
    }

    pub(super) fn give(parker: &'static Parker) {
        if let Some(mut idle) = try_lock() {
            idle.push(parker);
        }
    }
}

/// loom knows no static lock, and each run of a model has new threads.
#[cfg(loom)]
mod idle {
    use super::Parker;

    pub(super) fn take() -> &'static Parker {
        Parker::leak()
    }

    pub(super) fn give(_: &'static Parker) {}
}
