//! Sleeping on a word of memory.
//!
//! Under loom the kernel's part is played by a table of sleepers, so that models run what uses this as
//! it is. There a wait with a deadline ends at once: a deadline in a model has always passed.
//!
//! # Source
//!
//! `futex(2)`: `FUTEX_WAIT_BITSET` takes its timeout as a moment of `CLOCK_MONOTONIC`; `FUTEX_WAKE`
//! is one system call without a lock or an allocation, so it may be made in a signal handler.

use rustix::time::Timespec;

#[cfg(not(loom))]
pub(crate) use kernel::{wait, wake_one};

#[cfg(loom)]
pub(crate) use model::{wait, wake_one};

/// How a sleep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slept {
    /// Somebody woke the word, or it did not hold the expected value, or for no reason.
    Woken,
    /// The deadline passed.
    TimedOut,
    /// A signal handler ran on this thread.
    Signalled,
}

#[cfg(not(loom))]
mod kernel {
    use super::{Slept, Timespec};
    use crate::primitive::AtomicU32;
    use rustix::{
        io::Errno,
        thread::futex::{self, Flags},
    };
    use std::num::NonZeroU32;

    /// Sleeps while `word` holds `expected`, until `deadline` (a moment of the monotonic clock).
    pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Option<&Timespec>) -> Slept {
        let every_bit = NonZeroU32::MAX;
        match futex::wait_bitset(word, Flags::PRIVATE, expected, deadline, every_bit) {
            Err(Errno::TIMEDOUT) => Slept::TimedOut,
            Err(Errno::INTR) => Slept::Signalled,
            _ => Slept::Woken,
        }
    }

    /// Wakes one sleeper of `word`. May be called in a signal handler.
    pub(crate) fn wake_one(word: &AtomicU32) {
        // The only error is a bad address, which a reference is not.
        let _ = futex::wake(word, Flags::PRIVATE, 1);
    }
}

#[cfg(loom)]
mod model {
    use super::{Slept, Timespec};
    use crate::primitive::{AtomicU32, Mutex, Ordering, lock};
    use loom::sync::{Arc, Condvar};
    use std::ptr;

    /// A sleeper of the word at this address, until it is taken out of the table. It has a condition of
    /// its own: loom's `park` forgets what it was told while the thread waits for a lock.
    struct Sleeper {
        word: *const AtomicU32,
        woken: Arc<Condvar>,
    }

    loom::lazy_static! {
        static ref SLEEPERS: Mutex<Vec<Sleeper>> = Mutex::new(Vec::new());
    }

    /// Sleeps while `word` holds `expected`; with a deadline, it only looks.
    pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Option<&Timespec>) -> Slept {
        let mut sleepers = lock(&SLEEPERS);
        // The kernel compares under the lock that a waker takes. A read-modify-write sees the
        // latest value, as the kernel does.
        if word.fetch_or(0, Ordering::Relaxed) != expected {
            return Slept::Woken;
        }
        if deadline.is_some() {
            return Slept::TimedOut;
        }
        let woken = Arc::new(Condvar::new());
        sleepers.push(Sleeper {
            word,
            woken: Arc::clone(&woken),
        });
        while sleepers.iter().any(|one| Arc::ptr_eq(&one.woken, &woken)) {
            sleepers = match woken.wait(sleepers) {
                Ok(guard) => guard,
                Err(poisoned) => poisoned.into_inner(),
            };
        }
        Slept::Woken
    }

    /// Wakes the sleeper of `word` that came first.
    pub(crate) fn wake_one(word: &AtomicU32) {
        let mut sleepers = lock(&SLEEPERS);
        let first = sleepers.iter().position(|one| ptr::eq(one.word, word));
        if let Some(index) = first {
            sleepers.remove(index).woken.notify_one();
        }
    }
}
