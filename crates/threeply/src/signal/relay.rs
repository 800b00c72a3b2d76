//! A signal that wakes the thread which is to answer it.
//!
//! The kernel delivers a signal to whatever thread it likes. If the thread that shall answer it
//! sleeps elsewhere, or is just about to sleep, the handler has run and nobody has noticed. A relay runs
//! after the handler and interrupts that thread's [`Parker`]: asleep, it wakes; not yet asleep,
//! it will not fall asleep without having looked.
//!
//! # After fork
//!
//! Handlers are inherited, and the forking thread keeps its parker. It names itself again before its
//! next wait, as every answering thread does.

use crate::{
    park::Parker,
    sys::{published::Published, relay},
};

/// The parker of the thread that answers signals.
static ANSWERING: Published<Parker> = Published::nothing();

/// A handler that is known, and after which the answering thread is to be interrupted.
///
/// Made once, when the handler is in place; then [`Relay::answer_here`] is called before each wait of the answering
/// thread. It follows the one known handler only: where a program has set another, nothing is
/// changed.
///
/// # Source
///
/// `sigaction(2)`; `signal_handler` in CPython's `Modules/signalmodule.c` is the handler that the
/// binding names.
#[derive(Debug, Clone, Copy)]
pub struct Relay {
    signal: i32,
    known: usize,
}

impl Relay {
    /// Takes the present handler of `signal` as the known one; `None` where it is default or ignored.
    pub fn after_present_handler(signal: i32) -> Option<Self> {
        relay::handler(signal).map(|known| Self { signal, known })
    }

    /// Relays another signal as well, if its handler is the same one right now; says whether it is relayed from here on.
    ///
    /// Where a program sets that handler again, this is to be called again.
    pub fn follow(self, signal: i32) -> bool {
        relay::after(signal, self.known, interrupt_answering)
    }

    /// Names the calling thread as the one that answers, and renews the relay where the known handler
    /// was set again. One system call.
    pub fn answer_here(self) {
        ANSWERING.publish(Parker::current());
        relay::after(self.signal, self.known, interrupt_answering);
    }
}

/// Async-signal-safe: two atomics and at most one `futex` call.
fn interrupt_answering() {
    if let Some(parker) = ANSWERING.get() {
        parker.interrupt();
    }
}
