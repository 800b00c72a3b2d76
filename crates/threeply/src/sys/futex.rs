//! Sleeping on a word of memory.
//!
//! # Source
//!
//! `futex(2)`: `FUTEX_WAIT_BITSET` takes its timeout as a moment of `CLOCK_MONOTONIC`; `FUTEX_WAKE`
//! is one system call without a lock or an allocation, so it may be made in a signal handler.

use std::sync::atomic::AtomicU32;

#[cfg(not(loom))]
use rustix::{
    io::Errno,
    thread::futex::{self, Flags},
    time::Timespec,
};

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

/// Sleeps while `word` holds `expected`, until the moment of `CLOCK_MONOTONIC` at the latest.
#[cfg(not(loom))]
pub(crate) fn wait(word: &AtomicU32, expected: u32, until: Option<&Timespec>) -> Slept {
    let every_bit = std::num::NonZeroU32::MAX;
    match futex::wait_bitset(word, Flags::PRIVATE, expected, until, every_bit) {
        Err(Errno::TIMEDOUT) => Slept::TimedOut,
        Err(Errno::INTR) => Slept::Signalled,
        _ => Slept::Woken,
    }
}

/// Wakes one sleeper of `word`. May be called in a signal handler.
#[cfg(not(loom))]
pub(crate) fn wake_one(word: &AtomicU32) {
    // The only error is a bad address, which a reference is not.
    let _ = futex::wake(word, Flags::PRIVATE, 1);
}
