//! The thread with which a process began.
//!
//! # State
//!
//! Each thread keeps the answer once it has asked, with the generation of forks in which that was.
//!
//! # After fork
//!
//! The thread that forked is the child's first one; it asks anew.
//!
//! # Source
//!
//! `gettid(2)`: in a process's first thread the thread's number is the process's.

use crate::sys::fork;
use rustix::{process::getpid, thread::gettid};
use std::cell::Cell;

thread_local! {
    static KNOWN: Cell<Option<(u32, bool)>> = const { Cell::new(None) };
}

/// Says whether the calling thread is the process's main one: the first, or in a forked child the one that forked.
///
/// It asks the kernel once a thread.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use threeply::threading::is_main_thread;
///
/// assert!(!thread::scope(|scope| scope.spawn(is_main_thread).join()).expect("it does not panic"));
/// ```
#[doc(alias = "main_thread")]
#[inline]
pub fn is_main_thread() -> bool {
    match KNOWN.get() {
        Some((generation, is_main)) if generation == fork::generation() => is_main,
        _ => ask(),
    }
}

#[cold]
fn ask() -> bool {
    fork::watch();
    let is_main = gettid() == getpid();
    KNOWN.set(Some((fork::generation(), is_main)));
    is_main
}
