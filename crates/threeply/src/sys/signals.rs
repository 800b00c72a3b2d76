#![expect(unsafe_code, reason = "the calls of signal.h")]
//! The calls of `signal.h` and the timers that end by a signal.
//!
//! # Source
//!
//! `sigprocmask(2)`, `sigtimedwait(2)`, `setitimer(2)`, `raise(3)`.

use libc::{c_int, siginfo_t, sigset_t};
use std::{
    ffi::CStr,
    io,
    mem::MaybeUninit,
    os::fd::{FromRawFd, OwnedFd},
    ptr,
    time::Duration,
};

/// What the kernel tells of a signal that was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Info {
    pub(crate) signal: i32,
    pub(crate) errno: i32,
    pub(crate) code: i32,
    pub(crate) pid: i32,
    pub(crate) uid: u32,
    pub(crate) status: i32,
    pub(crate) band: i64,
}

impl From<siginfo_t> for Info {
    fn from(info: siginfo_t) -> Self {
        Self {
            signal: info.si_signo,
            errno: info.si_errno,
            code: info.si_code,
            // SAFETY: the kernel has filled all of the structure; where a field has no meaning for the signal, it has a number all the same.
            pid: unsafe { info.si_pid() },
            // SAFETY: as above.
            uid: unsafe { info.si_uid() },
            // SAFETY: as above.
            status: unsafe { info.si_status() },
            band: band(&info),
        }
    }
}

/// `si_band`, which libc does not name: the first word after the three that all signals have.
fn band(info: &siginfo_t) -> i64 {
    #[repr(C)]
    struct Band {
        common: [c_int; 3],
        band: libc::c_long,
    }
    const { assert!(size_of::<Band>() <= size_of::<siginfo_t>()) };
    // SAFETY: the structure is larger than `Band`, aligned at least as much, and filled.
    unsafe { (*ptr::from_ref(info).cast::<Band>()).band }
}

/// A mask as bits, the lowest for signal 1, from the C library's set.
fn bits_of(set: &sigset_t) -> u64 {
    let has = |signal: &c_int| {
        // SAFETY: a set that is filled.
        unsafe { libc::sigismember(set, *signal) == 1 }
    };
    (1..=64)
        .filter(has)
        .fold(0, |bits, signal| bits | 1 << (signal - 1))
}

fn set_of(bits: u64) -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it fills the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for signal in (1..=64).filter(|signal| bits & 1 << (signal - 1) != 0) {
        // The C library refuses those that it uses itself, and so does this.
        // SAFETY: a set that was emptied.
        unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    }
    // SAFETY: emptied above.
    unsafe { set.assume_init() }
}

/// Every signal that a program may use.
pub(crate) fn all() -> u64 {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it fills the set.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    // SAFETY: filled.
    bits_of(unsafe { set.assume_init_ref() })
}

/// How a mask is changed: `SIG_BLOCK`, `SIG_UNBLOCK`, `SIG_SETMASK`; what it was is the answer.
pub(crate) fn change_mask(how: c_int, bits: u64) -> io::Result<u64> {
    let set = set_of(bits);
    let mut before = MaybeUninit::uninit();
    // SAFETY: a filled set, and one to be filled.
    let error = unsafe { libc::pthread_sigmask(how, &raw const set, before.as_mut_ptr()) };
    told(error)?;
    // SAFETY: it succeeded.
    Ok(bits_of(unsafe { before.assume_init_ref() }))
}

/// What has arrived for the thread or the process while it was blocked.
pub(crate) fn pending() -> io::Result<u64> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: a set to be filled.
    given(unsafe { libc::sigpending(set.as_mut_ptr()) })?;
    // SAFETY: it succeeded.
    Ok(bits_of(unsafe { set.assume_init_ref() }))
}

/// Takes one of the signals if one is pending.
pub(crate) fn take(bits: u64) -> io::Result<Option<Info>> {
    match timed_wait(bits, Some(Duration::ZERO)) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        taken => taken.map(Some),
    }
}

/// Waits for one of the signals; `EINTR` where a handler ran on the thread, `EAGAIN` when the time has passed.
pub(crate) fn timed_wait(bits: u64, timeout: Option<Duration>) -> io::Result<Info> {
    let set = set_of(bits);
    let mut info = MaybeUninit::uninit();
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: a filled set, a structure to be filled, a time that lives or none.
    given(unsafe { libc::sigtimedwait(&raw const set, info.as_mut_ptr(), timeout) })?;
    // SAFETY: it succeeded.
    Ok(unsafe { info.assume_init() }.into())
}

/// A file that can be read while one of the signals is pending.
pub(crate) fn file_of(bits: u64) -> io::Result<OwnedFd> {
    let set = set_of(bits);
    // SAFETY: a filled set.
    let fd = unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    given(fd)?;
    // SAFETY: a new descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sends a signal to the calling thread.
pub(crate) fn raise(signal: i32) -> io::Result<()> {
    // SAFETY: it takes a number.
    given(unsafe { libc::raise(signal) })
}

/// Has slow system calls end by the signal (`EINTR`), or be restarted after it.
pub(crate) fn interrupt_calls(signal: i32, interrupts: bool) -> io::Result<()> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: the second argument may be null, the third is to be filled.
    given(unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) })?;
    // SAFETY: it succeeded.
    let mut action = unsafe { action.assume_init() };
    if interrupts {
        action.sa_flags &= !libc::SA_RESTART;
    } else {
        action.sa_flags |= libc::SA_RESTART;
    }
    // SAFETY: what the kernel gave, but for one flag.
    given(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })
}

/// Reads a timer: what is left, and the interval after that.
pub(crate) fn timer(which: c_int) -> io::Result<[Duration; 2]> {
    let mut value = MaybeUninit::uninit();
    // SAFETY: a structure to be filled.
    given(unsafe { libc::getitimer(which, value.as_mut_ptr()) })?;
    // SAFETY: it succeeded.
    Ok(spans(unsafe { value.assume_init() }))
}

/// Sets a timer; what it was is the answer.
pub(crate) fn set_timer(
    which: c_int,
    first: Duration,
    then: Duration,
) -> io::Result<[Duration; 2]> {
    let value = libc::itimerval {
        it_value: timeval(first),
        it_interval: timeval(then),
    };
    let mut before = MaybeUninit::uninit();
    // SAFETY: a filled structure, and one to be filled.
    let status = unsafe { libc::setitimer(which, &raw const value, before.as_mut_ptr()) };
    given(status)?;
    // SAFETY: it succeeded.
    Ok(spans(unsafe { before.assume_init() }))
}

/// Has SIGALRM sent in some seconds, or not at all for 0; how many were left is the answer.
pub(crate) fn alarm(seconds: u32) -> u32 {
    // SAFETY: it takes a number.
    unsafe { libc::alarm(seconds) }
}

/// What the C library calls the signal.
pub(crate) fn describe(signal: i32) -> Option<String> {
    // SAFETY: it takes a number.
    let text = unsafe { libc::strsignal(signal) };
    if text.is_null() {
        return None;
    }
    // SAFETY: a NUL-terminated string that stays until this thread asks again.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_string_lossy();
    (!text.starts_with("Unknown signal")).then(|| text.into_owned())
}

fn timeval(span: Duration) -> libc::timeval {
    libc::timeval {
        tv_sec: span.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_usec: span.subsec_micros().into(),
    }
}

fn spans(value: libc::itimerval) -> [Duration; 2] {
    [value.it_value, value.it_interval].map(|time| {
        let micros = time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_usec.unsigned_abs();
        Duration::from_micros(micros)
    })
}

/// The answer of a call that returns -1 and sets `errno`.
fn given(status: c_int) -> io::Result<()> {
    if status == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The answer of a call that returns the error.
fn told(error: c_int) -> io::Result<()> {
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    Ok(())
}
