//! The input of a child, on its way.
//!
//! The write end is made non-blocking for as long as a wait lasts: a pipe that has room may have too little. That goes for every
//! name that the pipe has, in other processes too, so it is put back also when the end is closed.

use super::capture::enlarge;
use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
};
use std::{io, os::fd::OwnedFd};

/// What a child is to read, and where it is written to until it has been.
#[derive(Debug)]
pub(super) struct Feed<I> {
    to: Option<OwnedFd>,
    /// How it was before it was made non-blocking.
    before: Option<OFlags>,
    input: I,
    written: usize,
}

impl<I: AsRef<[u8]>> Feed<I> {
    pub(super) fn new(to: Option<OwnedFd>, input: I) -> Self {
        Self {
            to,
            before: None,
            input,
            written: 0,
        }
    }

    /// Where there is still something to be written.
    pub(super) fn file(&self) -> Option<&OwnedFd> {
        self.to.as_ref()
    }

    /// Begins a wait: writes do not block. What has nothing to say closes.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        if self.rest().is_empty() {
            self.close();
        }
        if let Some(file) = &self.to {
            let before = fcntl_getfl(file)?;
            fcntl_setfl(file, before | OFlags::NONBLOCK)?;
            self.before = Some(before);
        }
        Ok(())
    }

    /// Ends a wait: the file is as it was.
    pub(super) fn pause(&mut self) {
        if let (Some(file), Some(before)) = (&self.to, self.before.take()) {
            // It could be made otherwise before.
            let _ = fcntl_setfl(file, before);
        }
    }

    pub(super) fn close(&mut self) {
        self.pause();
        self.to = None;
    }

    /// Writes what the pipe takes.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let Some(file) = &self.to else {
            return Ok(());
        };
        match rustix::io::write(file, self.rest()) {
            Ok(written) => {
                if self.written == 0 && written < self.rest().len() {
                    enlarge(file);
                }
                self.written += written;
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            // The child wants no more.
            Err(Errno::PIPE) => self.written = self.input.as_ref().len(),
            Err(errno) => return Err(errno.into()),
        }
        if self.rest().is_empty() {
            self.close();
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.input.as_ref().get(self.written..).unwrap_or(&[])
    }
}
