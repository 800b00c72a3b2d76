//! Waiting for a signal.
//!
//! A thread in `sigtimedwait(2)` cannot be reached but by a signal. So the wait is one for a file that is readable
//! while a signal is pending (`signalfd(2)`), which has all the ends that a wait of the engine has; the signal itself
//! is taken by a `sigtimedwait` that does not wait. Where there is no file to be had, the thread waits in
//! `sigtimedwait`, and only a signal interrupts it.
//!
//! # Source
//!
//! `sigtimedwait(2)`, `signalfd(2)`, `pause(2)`.

use super::{SignalSet, block};
use crate::{
    park::{Parker, Watched, never_stop, poll},
    sys::signals::{self, Info},
    time::Deadline,
};
use std::{io, ops::ControlFlow};

/// A signal that was taken, and what the kernel told of it. Python: `signal.struct_siginfo`.
#[doc(alias = "struct_siginfo")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// Its number.
    pub signal: i32,
    /// How it came (`SI_USER`, …).
    pub code: i32,
    /// An error that goes with it; seldom used.
    pub errno: i32,
    /// Who sent it: a process; 0 where it was no process's.
    pub pid: i32,
    /// The real user of that process.
    pub uid: u32,
    /// Of SIGCHLD: the child's exit status or signal.
    pub status: i32,
    /// Of SIGPOLL: which event.
    pub band: i64,
}

impl From<Info> for Received {
    fn from(info: Info) -> Self {
        let Info {
            signal,
            errno,
            code,
            pid,
            uid,
            status,
            band,
        } = info;
        Self {
            signal,
            code,
            errno,
            pid,
            uid,
            status,
            band,
        }
    }
}

/// Waits until one of the signals is pending, and takes it.
///
/// The signals should be blocked in every thread; else another one may get it first. The calling thread has them blocked
/// while it waits.
///
/// # Errors
///
/// `ENOMEM`.
#[doc(alias = "sigwaitinfo")]
pub fn wait(set: SignalSet) -> io::Result<Received> {
    loop {
        if let Some(received) = wait_until(set, Deadline::NEVER)? {
            return Ok(received);
        }
    }
}

/// Waits as [`wait`] does; `None` when the deadline passed first.
///
/// # Errors
///
/// `ENOMEM`.
#[doc(alias = "sigtimedwait")]
pub fn wait_until(set: SignalSet, deadline: Deadline) -> io::Result<Option<Received>> {
    match wait_unless(set, deadline, never_stop) {
        Ok(received) => received,
    }
}

/// Waits as [`wait_until`] does, unless `interrupted` says `Break`.
///
/// # Errors
///
/// The outer one is what `interrupted` gave as its reason; the inner one as above.
pub fn wait_unless<S>(
    set: SignalSet,
    deadline: Deadline,
    mut interrupted: impl FnMut() -> ControlFlow<S>,
) -> Result<io::Result<Option<Received>>, S> {
    let blocked = block(set);
    let mut file = None;
    loop {
        match signals::take(set.bits()) {
            Ok(None) => {}
            taken => return Ok(taken.map(|taken| taken.map(Received::from))),
        }
        if deadline.has_passed() {
            return Ok(Ok(None));
        }
        if let Err(error) = &blocked {
            return Ok(Err(io::Error::from(error.kind())));
        }
        let file = file.get_or_insert_with(|| signals::file_of(set.bits()));
        match file {
            Ok(file) => {
                if let Err(error) = poll(&mut [Watched::to_read(file)], deadline, &mut interrupted)?
                {
                    return Ok(Err(error));
                }
            }
            // No descriptor is left: a wait that has one end fewer.
            Err(_) => match signals::timed_wait(set.bits(), deadline.remaining()) {
                Ok(info) => return Ok(Ok(Some(info.into()))),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    if let ControlFlow::Break(reason) = interrupted() {
                        return Err(reason);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Ok(Err(error)),
            },
        }
    }
}

/// Waits until a signal handler runs on this thread, or the thread is interrupted. What came before does not count.
///
/// `interrupted` is asked then; the wait is over whatever it says. It is asked at the beginning too, for it may be
/// what notices what came before.
///
/// # Errors
///
/// What `interrupted` gave as its reason for `Break`.
pub fn pause<S>(mut interrupted: impl FnMut() -> ControlFlow<S>) -> Result<(), S> {
    Parker::current().forget();
    if let ControlFlow::Break(reason) = interrupted() {
        return Err(reason);
    }
    let ended = poll(&mut [], Deadline::NEVER, || {
        ControlFlow::Break(interrupted())
    });
    match ended {
        Err(ControlFlow::Break(reason)) => Err(reason),
        Err(ControlFlow::Continue(())) | Ok(_) => Ok(()),
    }
}
