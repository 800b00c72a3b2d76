#![expect(unsafe_code, reason = "pthread_self is a C function")]
//! The calling thread.

use std::num::NonZeroUsize;

/// What `threading.get_ident()` returns on this thread: a number that is its own among live threads.
#[inline]
pub(crate) fn me() -> NonZeroUsize {
    // SAFETY: it has no preconditions.
    let me = unsafe { libc::pthread_self() };
    let me = usize::try_from(me).ok().and_then(NonZeroUsize::new);
    me.expect("a thread's name is an address")
}
