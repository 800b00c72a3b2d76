//! Where the output of a child goes.

use rustix::buffer::spare_capacity;
use std::{io, os::fd::BorrowedFd};

/// The least room for one read: what a pipe usually holds.
const ROOM: usize = 64 * 1024;

/// Where the output of a child goes. What is read is read right into its place.
pub trait Sink {
    /// Reads once what there is, and says how many bytes that was; 0 at the end.
    ///
    /// # Errors
    ///
    /// Those of `read(2)`.
    fn read_from(&mut self, file: BorrowedFd<'_>) -> io::Result<usize>;
}

/// All of it, in one piece. What is reserved beyond that takes no memory before it is written to.
impl Sink for Vec<u8> {
    fn read_from(&mut self, file: BorrowedFd<'_>) -> io::Result<usize> {
        if self.capacity() - self.len() < ROOM {
            // At least half as much again, so that the whole is moved a few times only.
            self.reserve(ROOM.max(self.len() / 2));
        }
        Ok(rustix::io::read(file, spare_capacity(self))?)
    }
}
