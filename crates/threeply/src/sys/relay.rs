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
//! [`tell_receivers`] puts the same handler in place, whatever it found there: receivers are told of the signal
//! (`deliver.rs`) after that has run. A default effect does not come to pass while somebody receives the signal; in a forked child
//! nobody does, and it does.
//!
//! # Source
//!
//! `sigaction(2)`, `signal-safety(7)`.

use super::{deliver, fork};
use libc::{c_int, c_void, siginfo_t};
use std::{
    io, mem, ptr,
    sync::atomic::{AtomicI32, AtomicUsize, Ordering},
};

/// The handlers of one process are at most this many.
const SIGNALS: usize = 65;

/// The handler that ours replaced, by signal: an address, or 0.
static REPLACED: [AtomicUsize; SIGNALS] = [const { AtomicUsize::new(0) }; SIGNALS];

/// The flags of the replaced action, for the day when it is put back.
static FLAGS: [AtomicI32; SIGNALS] = [const { AtomicI32::new(0) }; SIGNALS];

/// What runs after the replaced handler.
static THEN: AtomicUsize = AtomicUsize::new(0);

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
    is_handler(address).then_some(address)
}

/// Lets `then` run after `known`, if `known` is the handler of `signal` right now.
///
/// `then` must be async-signal-safe. Returns whether `then` runs on this signal from here on.
pub(crate) fn after(signal: c_int, known: usize, then: fn()) -> bool {
    let Some(action) = current(signal) else {
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
    relayed(signal, action).is_ok()
}

/// Has receivers told of the signal from here on, after the handler that it has now.
///
/// Where it is in place already, one system call. A handler that somebody installs later takes its place.
pub(crate) fn tell_receivers(signal: c_int) -> io::Result<()> {
    let place = usize::try_from(signal).ok().filter(|n| *n < SIGNALS);
    let Some((place, mut action)) = place.zip(current(signal)) else {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    };
    if action.sa_sigaction == relay as *const () as usize {
        return Ok(());
    }
    fork::watch();
    REPLACED[place].store(action.sa_sigaction, Ordering::Release);
    FLAGS[place].store(action.sa_flags, Ordering::Relaxed);
    if !is_handler(action.sa_sigaction) {
        // Nothing was interrupted before, and nothing is to be now.
        action.sa_flags |= libc::SA_RESTART;
    }
    action.sa_flags |= libc::SA_ONSTACK;
    action.sa_flags &= !libc::SA_RESETHAND;
    relayed(signal, action)
}

/// Puts back the action that was found, if nobody wants the signal any more, and nobody has put another in our place.
pub(crate) fn tell_no_more(signal: c_int) {
    let place = usize::try_from(signal).ok().filter(|n| *n < SIGNALS);
    let Some((place, mut action)) = place.zip(current(signal)) else {
        return;
    };
    let replaced = REPLACED[place].load(Ordering::Acquire);
    let is_ours = action.sa_sigaction == relay as *const () as usize;
    // A handler keeps the relay: it may be the known one, after which a thread is interrupted.
    if !is_ours || is_handler(replaced) || deliver::is_wanted(signal) {
        return;
    }
    action.sa_sigaction = replaced;
    action.sa_flags = FLAGS[place].load(Ordering::Relaxed);
    // The kernel takes back what it gave.
    let _ = set(signal, &action);
}

/// Puts the relay in place of an action's handler.
fn relayed(signal: c_int, mut action: libc::sigaction) -> io::Result<()> {
    action.sa_sigaction = relay as *const () as usize;
    // Without it the kernel leaves the record empty.
    action.sa_flags |= libc::SA_SIGINFO;
    set(signal, &action)
}

fn is_handler(address: usize) -> bool {
    address != libc::SIG_DFL && address != libc::SIG_IGN
}

fn set(signal: c_int, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: what the kernel gave, with a handler that takes the arguments of either kind; the third may be null.
    let status = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
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
    if is_handler(address) {
        // SAFETY: the address was the kernel's handler of this signal, stored when ours took its place; one that
        // was set without SA_SIGINFO ignores the further arguments.
        let handler = unsafe { mem::transmute::<usize, WithInfo>(address) };
        handler(signal, info, context);
    }
    // SAFETY: the calling thread's own.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    let is_received = deliver::tell(signal, info);
    if address == libc::SIG_DFL && !is_received {
        take_default_effect(signal);
    }
    // SAFETY: as above; who was interrupted reads its own.
    unsafe { *errno = before };
    let then = THEN.load(Ordering::Acquire);
    if then != 0 {
        // SAFETY: `after` stored a `fn()` there, and nothing else does.
        let then = unsafe { mem::transmute::<usize, fn()>(then) };
        then();
    }
}

/// Lets the signal do what it does by default, as soon as the calling thread does not block it: in a handler, when that
/// has returned. Async-signal-safe.
pub(crate) fn take_default_effect(signal: c_int) {
    if let Some(mut action) = current(signal) {
        action.sa_sigaction = libc::SIG_DFL;
        // The kernel takes what it gave; where it does not, the signal is lost.
        if set(signal, &action).is_ok() {
            // SAFETY: it takes a number.
            unsafe { libc::raise(signal) };
        }
    }
}
