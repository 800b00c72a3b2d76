#![expect(
    unsafe_code,
    reason = "sigaction and calling a C signal handler are unsafe"
)]
//! A signal handler that runs after another.
//!
//! [`after`] puts a handler in place that first runs the one it found, then ours. It takes the place
//! of one known handler only: if somebody else installed another in between, that one stays, so
//! two relays can never call each other in a circle.
//!
//! # Source
//!
//! `sigaction(2)`, `signal-safety(7)`.

use libc::{c_int, c_void, siginfo_t};
use std::{
    mem, ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The handlers of one process are at most this many.
const SIGNALS: usize = 65;

/// The handler that ours replaced, by signal: an address, or 0.
static REPLACED: [AtomicUsize; SIGNALS] = [const { AtomicUsize::new(0) }; SIGNALS];

/// What runs after the replaced handler.
static THEN: AtomicUsize = AtomicUsize::new(0);

type Plain = extern "C" fn(c_int);
type WithInfo = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// The address of the handler of `signal`, or `None` where it is default or ignored.
///
/// Where the relay is in place, that is the handler that it runs first.
pub(crate) fn handler(signal: c_int) -> Option<usize> {
    let action = current(signal)?;
    let mut address = action.sa_sigaction;
    if address == relay as *const () as usize {
        let replaced = usize::try_from(signal).ok().and_then(|n| REPLACED.get(n))?;
        address = replaced.load(Ordering::Acquire);
    }
    (address != libc::SIG_DFL && address != libc::SIG_IGN).then_some(address)
}

/// Lets `then` run after `known`, if `known` is the handler of `signal` right now.
///
/// `then` must be async-signal-safe. Returns whether `then` runs on this signal from here on.
pub(crate) fn after(signal: c_int, known: usize, then: fn()) -> bool {
    let Some(mut action) = current(signal) else {
        return false;
    };
    if action.sa_sigaction == relay as *const () as usize {
        return true;
    }
    if action.sa_sigaction != known {
        return false;
    }
    let Some(replaced) = usize::try_from(signal).ok().and_then(|n| REPLACED.get(n)) else {
        return false;
    };
    // Release: a handler that runs on another thread reads what was stored before the kernel
    // knew of it; the system call orders the two, this says so.
    replaced.store(known, Ordering::Release);
    THEN.store(then as *const () as usize, Ordering::Release);
    action.sa_sigaction = relay as *const () as usize;
    // SAFETY: `action` came from the kernel; only the handler differs, and `relay` takes the
    // arguments of either kind of handler (the ABI passes all three in registers).
    let status = unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    status == 0
}

fn current(signal: c_int) -> Option<libc::sigaction> {
    // SAFETY: all-zero bytes are a valid `sigaction` of C.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: the second argument may be null, the third is ours to write.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (status == 0).then_some(action)
}

extern "C" fn relay(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let replaced = usize::try_from(signal).ok().and_then(|n| REPLACED.get(n));
    let address = replaced.map_or(0, |slot| slot.load(Ordering::Acquire));
    if address != 0 {
        if info.is_null() {
            // SAFETY: the address was the kernel's handler of this signal, stored by `after`.
            let handler = unsafe { mem::transmute::<usize, Plain>(address) };
            handler(signal);
        } else {
            // SAFETY: as above; a handler without SA_SIGINFO ignores the further arguments.
            let handler = unsafe { mem::transmute::<usize, WithInfo>(address) };
            handler(signal, info, context);
        }
    }
    let then = THEN.load(Ordering::Acquire);
    if then != 0 {
        // SAFETY: `after` stored a `fn()` there, and nothing else does.
        let then = unsafe { mem::transmute::<usize, fn()>(then) };
        then();
    }
}
