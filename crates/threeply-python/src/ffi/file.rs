#![expect(unsafe_code, reason = "a file is named by a number")]
//! Files that Python names by numbers.

use rustix::fd::{BorrowedFd, OwnedFd};
use std::io;

/// Another descriptor of the same file, which no program inherits.
///
/// It stays what it is if the program closes the first one meanwhile.
pub(crate) fn duplicate(number: i32) -> io::Result<OwnedFd> {
    if number < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: not -1. If nothing is open under the number, the kernel says so.
    let file = unsafe { BorrowedFd::borrow_raw(number) };
    Ok(rustix::io::fcntl_dupfd_cloexec(file, 3)?)
}
