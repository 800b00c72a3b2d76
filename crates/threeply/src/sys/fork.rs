#![expect(unsafe_code, reason = "pthread_atfork is a C function")]
//! Counts the forks between the first process and this one.
//!
//! After `fork` only the calling thread lives on. Whatever lists threads — a wait queue — holds
//! entries of dead ones, on stacks that may be handed to new threads. Such a list notes the
//! generation in which it was written and forgets its content when it meets a newer one.
//!
//! # Source
//!
//! `pthread_atfork(3)`; `fork(2)`, "the child process is created with a single thread".

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Whether [`count`] is known to run after forks.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// A number that no fork leaves as it was, counted from the first call of [`watch`].
#[inline]
pub(crate) fn generation() -> u32 {
    // Relaxed: it changes only in a child that has one thread, before `fork` returns there.
    GENERATION.load(Ordering::Relaxed)
}

/// Makes every later fork count. Must have been called before a thread enters a list.
///
/// Not a `Once`: a fork while another thread is inside of one leaves the child's copy locked. Threads that
/// come here at once may register the handler twice, and a fork then counts twice, which is as good.
#[inline]
pub(crate) fn watch() {
    // Acquire, with the Release of `register`: who sees the flag is after the registration.
    if !WATCHED.load(Ordering::Acquire) {
        register();
    }
}

#[cold]
fn register() {
    // SAFETY: the handler touches one atomic, which is allowed in the child of a process
    // with threads (signal-safety(7)); the other two arguments may be null.
    let status = unsafe { libc::pthread_atfork(None, None, Some(count)) };
    assert_eq!(status, 0, "pthread_atfork has memory for one handler");
    WATCHED.store(true, Ordering::Release);
}

extern "C" fn count() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}
