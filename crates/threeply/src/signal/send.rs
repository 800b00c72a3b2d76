//! Sending signals, and what they do to system calls.

use crate::sys::signals;
use std::io;

/// Sends a signal to the calling thread; its handler has run when this returns.
///
/// # Errors
///
/// `EINVAL` for what is no signal.
///
/// # Source
///
/// `raise(3)`. Python: `signal.raise_signal`.
#[doc(alias = "raise_signal")]
pub fn raise(signal: i32) -> io::Result<()> {
    signals::raise(signal)
}

/// Has slow system calls that the signal's handler interrupts end by `EINTR` (true), or be restarted (false).
///
/// # Errors
///
/// `EINVAL` for what is no signal, or cannot be handled.
///
/// # Source
///
/// `siginterrupt(3)`. Python: `signal.siginterrupt`.
#[doc(alias = "siginterrupt")]
pub fn interrupt_calls(signal: i32, interrupts: bool) -> io::Result<()> {
    signals::interrupt_calls(signal, interrupts)
}

/// What the system calls a signal; `None` for what is none. Python: `signal.strsignal`.
///
/// # Source
///
/// `strsignal(3)`.
#[doc(alias = "strsignal")]
pub fn describe(signal: i32) -> Option<String> {
    signals::describe(signal)
}
