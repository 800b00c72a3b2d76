#![expect(unsafe_code, reason = "the interpreter's part in a fork is C's")]
//! What the interpreter does around a fork that is not its own.
//!
//! # Source
//!
//! CPython `Modules/posixmodule.c`, `PyOS_BeforeFork`, `PyOS_AfterFork_Parent`, `PyOS_AfterFork_Child`; `Modules/_posixsubprocess.c`,
//! `subprocess_fork_exec_impl`.

use super::{
    call,
    object::{Held, Object, Raised},
    wait::{self, Interrupted, LetGo},
};
use pyo3::{Python, ffi};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::subprocess::Hook;

/// What the start of a child needs that calls a Python function before its program, as `preexec_fn` is called.
///
/// In the child the collector rests, since it could run anything; in the parent it does around the fork.
pub(crate) struct Preexec {
    let_go: LetGo,
}

impl Preexec {
    pub(crate) fn new(function: Object<'_>) -> (Self, Hook) {
        let let_go = LetGo::default();
        let in_parent = let_go.clone();
        let function: Held = function.to_held();
        let run = move || {
            // SAFETY: in the child of a thread that was attached.
            let py = unsafe { Python::assume_attached() };
            call::after_fork_in_child(py);
            match function.get(py).call(&[]) {
                Ok(_) => Ok(()),
                Err(_) => Err(io::Error::other("the function raised")),
            }
        };
        // SAFETY: the interpreter puts itself in order before the function runs. What else that meets is its
        // author's to know, as by the documentation of `preexec_fn`.
        let hook = unsafe { Hook::new(run) };
        let was_collecting = Arc::new(AtomicBool::new(false));
        let collects = Arc::clone(&was_collecting);
        let before = move || {
            // SAFETY: the engine calls this on the thread that called `start`, attached.
            let py = unsafe { Python::assume_attached() };
            // SAFETY: attached.
            let enabled = unsafe { ffi::PyGC_Disable() } == 1;
            was_collecting.store(enabled, Ordering::Relaxed);
            call::before_fork(py);
        };
        let after = move || {
            // SAFETY: as above.
            call::after_fork_in_parent(unsafe { Python::assume_attached() });
            if collects.load(Ordering::Relaxed) {
                // SAFETY: attached.
                unsafe { ffi::PyGC_Enable() };
            }
            in_parent.now();
        };
        (Self { let_go }, hook.around_fork(before, after))
    }

    /// Runs the start of a child with the hook. The lock is let go when the child is there, until its program runs.
    ///
    /// # Errors
    ///
    /// A signal handler raised, or the thread was interrupted.
    pub(crate) fn start<R>(
        &self,
        py: Python<'_>,
        start: impl FnOnce(Interrupted<'_>) -> Result<R, Raised>,
    ) -> Result<R, Raised> {
        wait::detached_at_the_end(py, &self.let_go, start)
    }
}
