//! Where the output of a child goes.

use rustix::buffer::spare_capacity;
use std::{io, os::fd::BorrowedFd};

/// The least room for one read: what a pipe usually holds.
const ROOM: usize = 64 * 1024;

/// Where the output of a child goes. What is read is read right into its place.
pub trait Sink {
    /// Reads once what there is, but at most `most` bytes, which are at least one, and says how many that was; 0 at the end.
    ///
    /// # Errors
    ///
    /// Those of `read(2)`, and any of its own, which come back from [`go_on`](super::Communication::go_on); after that it is asked again.
    fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize>;
}

/// All of it, in one piece. What is reserved beyond that takes no memory before it is written to.
impl Sink for Vec<u8> {
    fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        if self.capacity() - self.len() < ROOM.min(most) {
            // At least half as much again, so that the whole is moved a few times only, but no more than may come.
            self.reserve_exact(ROOM.max(self.len() / 2).min(most));
        }
        if self.capacity() - self.len() <= most {
            return Ok(rustix::io::read(file, spare_capacity(self))?);
        }
        // More room than may be used, as a vector of somebody else's may have.
        let mut piece = vec![0; ROOM.min(most)];
        let read = rustix::io::read(file, &mut piece)?;
        self.extend_from_slice(piece.get(..read).unwrap_or(&[]));
        Ok(read)
    }
}
