//! Which signals a thread does not want now.

use super::SignalSet;
use crate::sys::signals;
use std::{io, marker::PhantomData};

/// How a mask is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The set is added. Python: `SIG_BLOCK`.
    Block,
    /// The set is taken away. Python: `SIG_UNBLOCK`.
    Unblock,
    /// The set is the mask. Python: `SIG_SETMASK`.
    Set,
}

/// Changes which signals are kept from the calling thread, and returns which were until now.
///
/// A signal that comes meanwhile stays pending, until it is let in or taken by [`wait`](super::wait).
///
/// # Errors
///
/// None that Linux documents for a known [`How`].
///
/// # Source
///
/// `pthread_sigmask(3)`. Python: `signal.pthread_sigmask`.
#[doc(alias = "pthread_sigmask")]
pub fn change_mask(how: How, set: SignalSet) -> io::Result<SignalSet> {
    let how = match how {
        How::Block => libc::SIG_BLOCK,
        How::Unblock => libc::SIG_UNBLOCK,
        How::Set => libc::SIG_SETMASK,
    };
    signals::change_mask(how, set.bits()).map(SignalSet::from_bits)
}

/// Keeps signals from the calling thread until the guard is dropped.
///
/// # Errors
///
/// As [`change_mask`].
pub fn block(set: SignalSet) -> io::Result<Blocked> {
    let before = change_mask(How::Block, set)?;
    Ok(Blocked {
        before,
        not_send: PhantomData,
    })
}

/// Signals are kept from this thread; dropping it restores the mask of before.
#[derive(Debug)]
#[must_use = "dropping it lets the signals in again"]
pub struct Blocked {
    before: SignalSet,
    /// A mask is a thread's own.
    not_send: PhantomData<*const ()>,
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // A mask that was in force is a mask that the kernel takes.
        let _ = change_mask(How::Set, self.before);
    }
}

/// Which signals have arrived, for this thread or for the process, and are kept from it.
///
/// # Errors
///
/// None that Linux documents.
///
/// # Source
///
/// `sigpending(2)`. Python: `signal.sigpending`.
#[doc(alias = "sigpending")]
pub fn pending() -> io::Result<SignalSet> {
    signals::pending().map(SignalSet::from_bits)
}
