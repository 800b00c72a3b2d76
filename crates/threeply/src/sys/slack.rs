#![expect(unsafe_code, reason = "prctl is a system call")]
//! How late the kernel may end a timed sleep of this thread: its timer slack.
//!
//! The kernel may put off a timer by that much to let it fall together with others, and does: by 50 µs unless somebody
//! said otherwise. A sleep of 1 ms ended 94 µs late with that, and 46 µs late with a slack of 1 ns (medians, on a
//! loaded virtual machine with two processors; what is left is for `park/timed.rs`).
//!
//! The slack is cut just before a sleep and put back just after it. Threads and children inherit it — from whoever
//! makes them, also by `vfork` and `posix_spawn`, where nobody could put it back — and a thread that sleeps makes
//! none. To cut it once for each thread was no more punctual (46 µs), and would have to be hidden from every child. Each
//! bracket asks first: a slack that the program set itself is what it finds again. The three system calls
//! take 1 µs.
//!
//! Where a filter refuses the call (`seccomp(2)`), sleeps go on with the slack that they have; nobody asks again.
//!
//! # After fork
//!
//! Nothing to do. Whether the call is refused holds in the child too: a filter is inherited.
//!
//! # Source
//!
//! `PR_SET_TIMERSLACK(2const)`, where 0 means the default; threads under a real-time policy have none. Its inheritance is
//! `copy_process` in the kernel's `kernel/fork.c`.

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicBool, Ordering},
};

/// The least that there is.
const LEAST: libc::c_ulong = 1;

/// Whether the kernel has refused the call.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// The slack of the calling thread is cut. Dropping this puts it back.
pub(crate) struct Cut {
    before: libc::c_ulong,
    /// It belongs to the thread that made it.
    _thread: PhantomData<*const ()>,
}

/// Cuts the calling thread's slack for the sleep that follows; `None` where there is none to cut, or no way.
pub(crate) fn cut() -> Option<Cut> {
    // Relaxed: a thread that does not see it yet asks in vain.
    if cfg!(miri) || REFUSED.load(Ordering::Relaxed) {
        return None;
    }
    let Some(before) = get() else {
        REFUSED.store(true, Ordering::Relaxed);
        return None;
    };
    let is_cut = before > LEAST && set(LEAST);
    is_cut.then(|| Cut {
        before,
        _thread: PhantomData,
    })
}

impl Drop for Cut {
    fn drop(&mut self) {
        set(self.before);
    }
}

/// The calling thread's slack in nanoseconds. Not `prctl(3)`, whose result is an `int`.
fn get() -> Option<libc::c_ulong> {
    // SAFETY: the call reads no memory and answers with a number.
    let slack = unsafe { libc::syscall(libc::SYS_prctl, libc::PR_GET_TIMERSLACK) };
    libc::c_ulong::try_from(slack).ok()
}

/// Sets the calling thread's slack; false if the kernel refuses.
fn set(slack: libc::c_ulong) -> bool {
    // SAFETY: the call takes a number and touches no memory.
    unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_TIMERSLACK, slack) == 0 }
}
