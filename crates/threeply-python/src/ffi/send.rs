#![expect(unsafe_code, reason = "a thread is named by a number")]
//! Sending signals to what a Python number names.

use std::io;

/// Sends a signal to the thread of an `ident`.
///
/// As in CPython, the number has to be that of a thread that is alive; the C library looks into what it points to.
pub(crate) fn to_thread(ident: usize, signal: i32) -> io::Result<()> {
    // SAFETY: the caller's program promises that the thread is alive, as by `signal.pthread_kill`'s documentation.
    match unsafe { libc::pthread_kill(ident as libc::pthread_t, signal) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Sends a signal to the process of a `pidfd`.
pub(crate) fn to_process(pidfd: i32, signal: i32, flags: u32) -> io::Result<()> {
    let nothing = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: numbers, and a null pointer, which the call allows.
    let status =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signal, nothing, flags) };
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
