#![expect(unsafe_code, reason = "the interpreter's part in a fork is C's")]
//! What the interpreter does around a fork that is not its own.
//!
//! # Source
//!
//! CPython `Modules/posixmodule.c`, `PyOS_BeforeFork`, `PyOS_AfterFork_Parent`, `PyOS_AfterFork_Child`; `Modules/_posixsubprocess.c`,
//! `subprocess_fork_exec_impl`.

use super::object::{Held, Object};
use pyo3::{Python, ffi};
use std::io;
use threeply::subprocess::Hook;

/// Runs `fork`, the child of which calls `function` before its program, as `preexec_fn` is called.
///
/// The collector rests meanwhile, as it could run anything in the child.
pub(crate) fn around<R>(py: Python<'_>, fork: impl FnOnce() -> R) -> R {
    let _ = py;
    // SAFETY: attached.
    let was_enabled = unsafe { ffi::PyGC_Disable() } == 1;
    // SAFETY: attached.
    unsafe { ffi::PyOS_BeforeFork() };
    let result = fork();
    // SAFETY: attached, in the parent: the child ends in its program.
    unsafe { ffi::PyOS_AfterFork_Parent() };
    if was_enabled {
        // SAFETY: attached.
        unsafe { ffi::PyGC_Enable() };
    }
    result
}

/// A hook that calls a Python function in a child that was forked by [`around`].
pub(crate) fn hook(function: Object<'_>) -> Hook {
    let function: Held = function.to_held();
    let run = move || {
        // SAFETY: in the child of a thread that was attached, which nothing has run in since the fork.
        unsafe { ffi::PyOS_AfterFork_Child() };
        // SAFETY: as above.
        let py = unsafe { Python::assume_attached() };
        match function.get(py).call(&[]) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other("the function raised")),
        }
    };
    // SAFETY: the interpreter has put itself in order, by `PyOS_AfterFork_Child`, before the function runs. What
    // else that meets is its author's to know, as by the documentation of `preexec_fn`.
    unsafe { Hook::new(run) }
}
