//! The descriptors of a child, while it runs: brought to their places, and all others closed.
//!
//! `close_range` closes any number in one call. Where the kernel has none (before 5.9) or a sandbox refuses it, `/proc/self/fd` names those
//! that are open; where there is no `/proc` either, every number up to the limit is closed.
//!
//! A child that shares its parent's table begins by leaving it: `CLOSE_RANGE_UNSHARE` copies only what lies below the
//! range, so that the parent's ten thousand open files are neither copied nor closed. Before that it
//! touches no descriptor.
//!
//! Pipes are new and so have the highest numbers of all; for them the table would have to be copied after all. The child opens them anew
//! instead, by way of `/proc`, under the same numbers, and makes sure that they are what they should be.
//!
//! # Source
//!
//! `close_range(2)`; `_close_open_fds` in CPython's `Modules/_posixsubprocess.c`.

use super::{
    call::{self, Errno},
    plan::{Move, Reopened},
};
use std::{iter, os::fd::RawFd};

/// The first number that is not a standard stream's.
const FIRST: RawFd = 3;

/// Closes the shared range that begins at `first` in a copy of the table, which the caller then has for its own.
pub(super) fn leave_table(first: RawFd) -> Result<(), Errno> {
    let flag = libc::CLOSE_RANGE_UNSHARE.into();
    match call::close_range(first, RawFd::MAX, flag) {
        Err(libc::ENOSYS | libc::EPERM | libc::EINVAL) => call::unshare_files(),
        result => result,
    }
}

/// What a child says that could not open what it was to open anew. It is made again without.
pub(super) const CANNOT_REOPEN: Errno = libc::ENOTSUP;

/// Opens files of the parent anew, under the numbers that they have there.
pub(super) fn reopen(files: &[Reopened]) -> Result<(), Errno> {
    for file in files {
        let fd = call::open_at_once(&file.path, file.access)?;
        if call::identity(fd)? != file.identity {
            return Err(CANNOT_REOPEN);
        }
        call::let_block(fd, file.access)?;
        if fd != file.number {
            call::assign(fd, file.number)?;
            call::close(fd);
        }
    }
    Ok(())
}

/// Brings everything to its place.
pub(super) fn place(moves: &[Move]) -> Result<(), Errno> {
    let mut aside = -1;
    for step in moves {
        match *step {
            Move::Keep(fd) => call::let_through(fd)?,
            Move::Copy { from, to } => call::assign(from, to)?,
            Move::Aside(fd) => aside = call::duplicate(fd, FIRST)?,
            Move::Back(to) => {
                call::assign(aside, to)?;
                call::close(aside);
            }
        }
    }
    Ok(())
}

/// Closes everything from the first number after the standard streams up to `limit`, but what is `kept` and `own`.
///
/// `kept` is in ascending order.
pub(super) fn close_others(kept: &[RawFd], own: Option<RawFd>, limit: RawFd) {
    let is_kept = |fd: RawFd| own == Some(fd) || kept.binary_search(&fd).is_ok();
    if close_gaps(kept, own).is_err() && close_listed(is_kept).is_err() {
        (FIRST..limit)
            .filter(|fd| !is_kept(*fd))
            .for_each(call::close);
    }
}

/// Closes the ranges between what is kept.
fn close_gaps(kept: &[RawFd], own: Option<RawFd>) -> Result<(), Errno> {
    let own = own.filter(|fd| kept.binary_search(fd).is_err());
    let before = own.map_or(kept.len(), |own| kept.partition_point(|fd| *fd < own));
    let (low, high) = kept.split_at_checked(before).unwrap_or((kept, &[]));
    let mut first = FIRST;
    for fd in low.iter().copied().chain(own).chain(high.iter().copied()) {
        if first < fd {
            call::close_range(first, fd - 1, 0)?;
        }
        first = first.max(fd.saturating_add(1));
    }
    call::close_range(first, RawFd::MAX, 0)
}

/// Room for some entries of a directory. Each takes 24 bytes for a number of up to four digits.
#[repr(C, align(8))]
struct Entries([u8; 4096]);

/// Closes what the kernel lists as open.
fn close_listed(is_kept: impl Fn(RawFd) -> bool) -> Result<(), Errno> {
    let directory = call::open_directory(c"/proc/self/fd")?;
    let mut room = Entries([0; 4096]);
    // A directory of the kernel's own names each number once, also while they vanish.
    let result = loop {
        match call::read_directory(directory, &mut room.0) {
            Ok(0) => break Ok(()),
            Err(errno) => break Err(errno),
            Ok(length) => {
                let listed = numbers(room.0.get(..length).unwrap_or(&[]));
                let others = listed.filter(|fd| *fd >= FIRST && *fd != directory && !is_kept(*fd));
                others.for_each(call::close);
            }
        }
    };
    call::close(directory);
    result
}

/// Where an entry's length stands, and its name, which a NUL ends: `struct linux_dirent64`.
const LENGTH: usize = 16;
const NAME: usize = 19;

/// The entries that are numbers.
fn numbers(mut entries: &[u8]) -> impl Iterator<Item = RawFd> {
    let names = iter::from_fn(move || {
        let length = entries.get(LENGTH..LENGTH + 2)?;
        let length = usize::from(u16::from_ne_bytes(length.try_into().ok()?));
        let (entry, rest) = entries.split_at_checked(length.max(NAME))?;
        entries = rest;
        entry.get(NAME..)
    });
    names.filter_map(number)
}

/// The number that the digits before the NUL make.
fn number(name: &[u8]) -> Option<RawFd> {
    let digits = name.iter().take_while(|byte| **byte != 0);
    digits.copied().try_fold(0, |number: RawFd, digit| {
        let digit = digit.is_ascii_digit().then(|| RawFd::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}
