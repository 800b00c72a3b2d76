//! Signals around the making of a child.
//!
//! All of them are blocked while it is made. A handler that ran in the child would run in the memory of its parent, or
//! would tell the parent's loop of a signal that only the child got. The child first gives every handled signal its
//! default effect, then unblocks.
//!
//! # Source
//!
//! `signal-safety(7)`, `sigprocmask(2)`; `reset_signal_handlers` in CPython's `Modules/_posixsubprocess.c`.

use super::call::{self, Errno, SignalBits};
use std::marker::PhantomData;

/// The highest signal of the kernel.
const LAST: libc::c_int = 64;

const ALL: SignalBits = SignalBits::MAX;

/// Every signal is blocked on this thread, those of the C library's own use too. Dropping this puts the set before back.
pub(super) struct Blocked {
    before: SignalBits,
    /// The set belongs to the thread.
    _thread: PhantomData<*const ()>,
}

impl Blocked {
    pub(super) fn all() -> Result<Self, Errno> {
        let before = call::block_exactly(ALL)?;
        Ok(Self {
            before,
            _thread: PhantomData,
        })
    }

    /// What the thread blocked before.
    pub(super) fn before(&self) -> SignalBits {
        self.before
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // The only errors are a bad address and a bad size.
        let _ = call::block_exactly(self.before);
    }
}

/// Gives every signal that has a handler its default effect, but those that stay `blocked`: the exec does that.
pub(super) fn forget_handlers(blocked: SignalBits) {
    let stays_blocked = |signal: &i32| blocked & (1 << (signal - 1)) != 0;
    (1..=LAST)
        .filter(|signal| !stays_blocked(signal) && call::is_handled(*signal))
        .for_each(call::set_default);
}
