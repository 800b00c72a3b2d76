//! One output of a child, while it is collected.
//!
//! It may be bounded: what is beyond the bound is not kept, and ends the talk. It may also be shown elsewhere as it comes. Whoever looks
//! there may be slow or gone for a while, so the showing goes its own pace behind the reading and holds neither the child nor a deadline
//! up: each piece is so small (`PIPE_BUF`) that a pipe which can be written to takes it whole. A
//! terminal that is stopped in the middle of a piece is the exception; that write lasts until it goes on.
//!
//! # Source
//!
//! `pipe(7)`, `poll(2)`; `_communicate` in CPython's `Lib/subprocess.py`.

use super::sink::Sink;
use rustix::{io::Errno, pipe::fcntl_setpipe_size};
use std::{
    error::Error,
    fmt, io,
    os::fd::{AsFd, OwnedFd},
};

/// What a pipe holds unless somebody said otherwise.
const USUAL: usize = 64 * 1024;

/// What a busy pipe is to hold: the most that a user may ask for unless the system says otherwise.
const LARGE: usize = 1024 * 1024;

/// `PIPE_BUF`: what a pipe that can be written to takes at once.
const PIECE: usize = 4096;

/// A child wrote more than was to be collected of one of its outputs.
///
/// It comes as the inner error of an [`io::Error`] of the kind [`FileTooLarge`](io::ErrorKind::FileTooLarge).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuchOutput;

impl fmt::Display for TooMuchOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the child wrote more than it may")
    }
}

impl Error for TooMuchOutput {}

impl From<TooMuchOutput> for io::Error {
    fn from(error: TooMuchOutput) -> Self {
        Self::new(io::ErrorKind::FileTooLarge, error)
    }
}

/// One output of a child: where it comes from until its end, and where it goes.
#[derive(Debug)]
pub(super) struct Capture<S> {
    from: Option<OwnedFd>,
    to: S,
    is_large: bool,
    /// How many more bytes are kept; `None`: any number.
    room: Option<usize>,
    is_beyond: bool,
    shown: Option<Shown<S>>,
}

/// Where an output is shown as it comes.
#[derive(Debug)]
struct Shown<S> {
    file: OwnedFd,
    bytes: fn(&S) -> &[u8],
    /// How many of the last bytes are still to be shown.
    pending: usize,
}

impl<S> Capture<S> {
    pub(super) fn new(from: OwnedFd, to: S) -> Self {
        Self {
            from: Some(from),
            to,
            is_large: false,
            room: None,
            is_beyond: false,
            shown: None,
        }
    }

    /// Keeps so many more bytes at most.
    pub(super) fn limit(&mut self, bytes: usize) {
        self.room = Some(bytes);
    }

    /// Shows in `file` what comes from now on.
    pub(super) fn show(&mut self, file: OwnedFd, bytes: fn(&S) -> &[u8]) {
        self.shown = Some(Shown {
            file,
            bytes,
            pending: 0,
        });
    }

    /// What is still to be read from.
    pub(super) fn source(&self) -> Option<&OwnedFd> {
        self.from.as_ref()
    }

    /// What is still to be shown in.
    pub(super) fn screen(&self) -> Option<&OwnedFd> {
        let shown = self.shown.as_ref().filter(|shown| shown.pending > 0)?;
        Some(&shown.file)
    }

    pub(super) fn is_over(&self) -> bool {
        self.source().is_none() && self.screen().is_none()
    }

    /// Whether more came than is kept. What is kept has been shown then.
    pub(super) fn is_beyond(&self) -> bool {
        self.is_beyond && self.screen().is_none()
    }

    pub(super) fn sink(&self) -> &S {
        &self.to
    }

    pub(super) fn sink_mut(&mut self) -> &mut S {
        &mut self.to
    }

    pub(super) fn into_sink(self) -> S {
        self.to
    }

    /// Shows a piece of what is still to be shown. Where that fails, nothing more is shown.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let Some(shown) = &mut self.shown else {
            return Ok(());
        };
        let bytes = (shown.bytes)(&self.to);
        let rest = bytes.len().saturating_sub(shown.pending);
        let rest = bytes.get(rest..).unwrap_or(&[]);
        match rustix::io::write(&shown.file, rest.get(..PIECE).unwrap_or(rest)) {
            Ok(written) => shown.pending -= written,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(errno) => {
                self.shown = None;
                return Err(errno.into());
            }
        }
        Ok(())
    }
}

impl<S: Sink> Capture<S> {
    /// Reads what there is.
    pub(super) fn read(&mut self) -> io::Result<()> {
        let Some(from) = &self.from else {
            return Ok(());
        };
        let read = match self.room {
            Some(0) => {
                // The end, or something beyond.
                let read = rustix::io::read(from, &mut [0; 1]).map_err(io::Error::from);
                self.is_beyond = matches!(read, Ok(1..));
                read.map(|_| 0)
            }
            room => self.to.read_from(from.as_fd(), room.unwrap_or(usize::MAX)),
        };
        match read {
            Ok(0) => self.from = None,
            Ok(count) => {
                if count >= USUAL && !self.is_large {
                    self.is_large = true;
                    enlarge(from);
                }
                self.room = self.room.map(|room| room.saturating_sub(count));
                if let Some(shown) = &mut self.shown {
                    shown.pending += count;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Makes a pipe larger. One that may not be, or is larger already, stays as it is.
pub(super) fn enlarge(pipe: &OwnedFd) {
    if rustix::pipe::fcntl_getpipe_size(pipe).is_ok_and(|size| size < LARGE) {
        let _ = fcntl_setpipe_size(pipe, LARGE);
    }
}
