//! What a child writes, as a bytes object that grows.

use crate::ffi::{
    bytes::Growing,
    object::{Answer, Held, Object, Raised},
};
use pyo3::Python;
use rustix::fd::BorrowedFd;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::{park::Parker, subprocess::Sink};

/// The least room for one read: what a pipe usually holds.
const ROOM: usize = 64 * 1024;

/// What a child has written to one pipe. It is read right into its place.
///
/// Some things need the interpreter's lock, which the talk goes on without. Then the talk is broken off, and resumed after
/// [`attend`](Self::attend): when there is no more room (a read fails by `StorageFull`), and after each piece that is
/// to be shown (the thread's next sleep is interrupted, and a word set that says why).
#[derive(Debug)]
pub(super) struct Output {
    bytes: Growing,
    /// Called with each piece as it comes; and what is set when there is one.
    show: Option<(Held, Arc<AtomicBool>)>,
    shown: usize,
}

impl Output {
    /// Begins with what was read before.
    pub(super) fn after(
        py: Python<'_>,
        before: &[u8],
        show: Option<(Object<'_>, Arc<AtomicBool>)>,
    ) -> Result<Self, Raised> {
        let mut bytes = Growing::with_room(py, before.len() + ROOM)?;
        bytes.write(before);
        Ok(Self {
            bytes,
            show: show.map(|(show, word)| (show.to_held(), word)),
            shown: 0,
        })
    }

    fn is_full(&self) -> bool {
        self.bytes.rest() < ROOM
    }

    /// Does what needs the interpreter.
    ///
    /// # Errors
    ///
    /// `MemoryError`, and what showing raises.
    pub(super) fn attend(&mut self, py: Python<'_>) -> Result<(), Raised> {
        if self.is_full() {
            // At least half as much again, so that the whole is moved a few times only.
            self.bytes.grow(py, ROOM.max(self.bytes.len() / 2))?;
        }
        let Some((show, _)) = self.show.as_ref().filter(|_| self.shown < self.bytes.len()) else {
            return Ok(());
        };
        let piece = self.bytes.copied_from(py, self.shown)?;
        self.shown = self.bytes.len();
        show.get(py).call(&[piece.borrow()]).map(drop)
    }

    /// What was written so far.
    pub(super) fn copied<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.bytes.copied_from(py, 0)
    }

    pub(super) fn finish(self, py: Python<'_>) -> Answer<'_> {
        self.bytes.finish(py)
    }
}

impl Sink for Output {
    fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        if self.is_full() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let read = self.bytes.read_from(file, most)?;
        if let Some((_, word)) = &self.show {
            word.store(true, Ordering::Relaxed);
            Parker::current().interrupt();
        }
        Ok(read)
    }
}

impl AsRef<[u8]> for Output {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}
