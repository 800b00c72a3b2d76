//! What a child writes, as a bytes object that grows.

use crate::ffi::{
    bytes::Growing,
    object::{Answer, Raised},
};
use pyo3::Python;
use rustix::fd::BorrowedFd;
use std::io;
use threeply::subprocess::Sink;

/// The least room for one read: what a pipe usually holds.
const ROOM: usize = 64 * 1024;

/// What a child has written to one pipe. It is read right into its place.
///
/// To get more room the interpreter's lock is needed, which the talk goes on without. So when there is none left, a read
/// fails by `StorageFull`, and the talk is resumed after [`grow`](Self::grow).
#[derive(Debug)]
pub(super) struct Output(Growing);

impl Output {
    /// Begins with what was read before.
    pub(super) fn after(py: Python<'_>, before: &[u8]) -> Result<Self, Raised> {
        let mut growing = Growing::with_room(py, before.len() + ROOM)?;
        growing.write(before);
        Ok(Self(growing))
    }

    fn is_full(&self) -> bool {
        self.0.rest() < ROOM
    }

    /// Gets more room if there is too little.
    pub(super) fn grow(&mut self, py: Python<'_>) -> Result<(), Raised> {
        if self.is_full() {
            // At least half as much again, so that the whole is moved a few times only.
            self.0.grow(py, ROOM.max(self.0.len() / 2))?;
        }
        Ok(())
    }

    /// What was written so far.
    pub(super) fn copied<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.0.copied(py)
    }

    pub(super) fn finish(self, py: Python<'_>) -> Answer<'_> {
        self.0.finish(py)
    }
}

impl Sink for Output {
    fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        if self.is_full() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.read_from(file, most)
    }
}
