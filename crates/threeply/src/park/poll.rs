//! Waiting for files: a pipe that can be read, a child that has ended.
//!
//! A thread that waits for files sleeps in `ppoll(2)`, where no futex can wake it. So that its owner can end this wait
//! too, it waits for one file more, its *bell* (`eventfd(2)`), which [`Parker::interrupt`] rings.
//!
//! The bell is made for one wait and closed after it: a program may close all files that it does not know, and a number that
//! was kept could then be somebody else's file. Where there is no bell to be had (`EMFILE`, or a sandbox), the thread looks
//! every 10 ms whether somebody interrupted it.
//!
//! The protocol of bell and parker is in `parker.rs`.
//!
//! # Source
//!
//! `poll(2)`, `eventfd(2)`; the "self-pipe trick" of D. J. Bernstein.

use super::Parker;
use crate::{sys::bell::Bell, time::Deadline};
use rustix::{
    event::{self, PollFd, PollFlags, Timespec},
    io::Errno,
};
use std::{
    io,
    ops::ControlFlow,
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

/// How long a thread without a bell sleeps before it looks whether it was interrupted.
const BLIND: Duration = Duration::from_millis(10);

/// A file that is waited for, and whether it was found ready.
#[derive(Debug)]
pub struct Watched<'fd> {
    file: BorrowedFd<'fd>,
    wanted: PollFlags,
    found: PollFlags,
}

impl<'fd> Watched<'fd> {
    /// Waits until the file can be read without waiting: it has data, or its end, or an error to tell.
    ///
    /// A descriptor of a process (`pidfd_open(2)`) can be read once the process has ended.
    pub fn to_read<F: AsFd>(file: &'fd F) -> Self {
        Self::new(file.as_fd(), PollFlags::IN)
    }

    /// Waits until the file can be written to without waiting: it has room, or nobody to read it, or an error to tell.
    pub fn to_write<F: AsFd>(file: &'fd F) -> Self {
        Self::new(file.as_fd(), PollFlags::OUT)
    }

    /// Waits until a file of the kernel's own has something new to tell since it was read.
    pub(crate) fn to_notice<F: AsFd>(file: &'fd F) -> Self {
        Self::new(file.as_fd(), PollFlags::PRI)
    }

    fn new(file: BorrowedFd<'fd>, wanted: PollFlags) -> Self {
        Self {
            file,
            wanted,
            found: PollFlags::empty(),
        }
    }

    /// Says whether the last wait found the file ready.
    pub fn is_ready(&self) -> bool {
        !self.found.is_empty()
    }
}

/// Waits until one of `files` is ready, and counts those that are; 0 when the deadline passed first.
///
/// `interrupted` is asked each time the sleep is interrupted ([`Parker::interrupt`], a signal handler on this
/// thread); `Continue` lets the wait go on.
///
/// # Errors
///
/// The outer one is what `interrupted` gave as its reason; the inner one is the kernel's: `EINVAL` for more files than the process may
/// have open, `ENOMEM`. A file that is not open counts as ready: using it tells.
///
/// # Examples
///
/// ```
/// use std::{convert::Infallible, io, ops::ControlFlow, time::Duration};
/// use threeply::{park::{self, Watched}, time::Deadline};
///
/// let (reader, writer) = io::pipe()?;
/// let soon = Deadline::after(Duration::from_millis(1));
/// let go_on = || ControlFlow::<Infallible>::Continue(());
/// let Ok(ready) = park::poll(&mut [Watched::to_read(&reader)], soon, go_on);
/// assert_eq!(ready?, 0);
///
/// drop(writer);
/// let Ok(ready) = park::poll(&mut [Watched::to_read(&reader)], Deadline::NEVER, go_on);
/// assert_eq!(ready?, 1);
/// # Ok::<(), io::Error>(())
/// ```
pub fn poll<S>(
    files: &mut [Watched<'_>],
    deadline: Deadline,
    mut interrupted: impl FnMut() -> ControlFlow<S>,
) -> Result<io::Result<usize>, S> {
    // What is ready needs no bell.
    match look(files, None, Some(&Timespec::default())) {
        Ok(0) | Err(Errno::INTR) => {}
        answer => return Ok(answer.map_err(io::Error::from)),
    }
    let bell = Bell::new().ok();
    let look_again = || {
        if bell.is_some() {
            deadline
        } else {
            deadline.or_sooner(BLIND)
        }
    };
    let parker = Parker::current();
    loop {
        let mut sleep = || {
            let timeout = look_again().remaining().map(|left| {
                // A span too long for the clock is one that nobody lives to see.
                Timespec::try_from(left).unwrap_or(Timespec {
                    tv_sec: i64::MAX,
                    tv_nsec: 0,
                })
            });
            look(files, bell.as_ref(), timeout.as_ref())
        };
        match parker.sleep_by(bell.as_ref(), &mut sleep) {
            Some(Err(Errno::INTR)) | None => {
                if let ControlFlow::Break(reason) = interrupted() {
                    return Err(reason);
                }
            }
            Some(Ok(0)) if !deadline.has_passed() => {}
            Some(answer) => return Ok(answer.map_err(io::Error::from)),
        }
    }
}

/// Asks the kernel which files are ready, waiting for one of them or for the bell.
fn look(
    files: &mut [Watched<'_>],
    bell: Option<&Bell>,
    timeout: Option<&Timespec>,
) -> rustix::io::Result<usize> {
    let watched = files
        .iter()
        .map(|file| PollFd::from_borrowed_fd(file.file, file.wanted));
    let bells = bell.map(|bell| PollFd::new(bell, PollFlags::IN));
    let mut asked: Vec<_> = watched.chain(bells).collect();
    event::poll(&mut asked, timeout)?;
    for (file, answer) in files.iter_mut().zip(&asked) {
        file.found = answer.revents();
    }
    if let (Some(bell), Some(answer)) = (bell, asked.get(files.len()))
        && !answer.revents().is_empty()
    {
        bell.quiet();
    }
    Ok(files.iter().filter(|file| file.is_ready()).count())
}
