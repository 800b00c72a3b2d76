//! What a child is to do before its program runs, worked out to the last number.

use super::{call::SignalBits, hook::Hook, strings::CStrings};
use std::{
    ffi::{CStr, CString},
    os::fd::{BorrowedFd, RawFd},
};

/// All that a child needs to know. It reads this and nothing else.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The programs to try, in this order.
    pub(crate) programs: &'a CStrings,
    pub(crate) arguments: &'a CStrings,
    /// `None`: the C library's own, as it is then.
    pub(crate) environment: Option<&'a CStrings>,
    pub(crate) directory: Option<&'a CStr>,
    /// How the descriptors come to their places.
    pub(crate) moves: &'a [Move],
    /// The descriptors that stay open when all others are closed, in ascending order.
    pub(crate) kept: &'a [RawFd],
    /// Whether all others are closed.
    pub(crate) closes_others: bool,
    /// The highest number that `moves` begin with, at least 2.
    pub(crate) highest: RawFd,
    /// What can be opened anew, where that spares the child a copy of a long table.
    pub(crate) reopened: &'a [Reopened],
    /// The highest number that `moves` begin with but for those, at least 2.
    pub(crate) highest_taken: RawFd,
    /// The list of members of a cgroup that the child joins if it can.
    pub(crate) cgroup: Option<BorrowedFd<'a>>,
    pub(crate) umask: Option<libc::mode_t>,
    /// Signals that get their default effect, ignored ones too.
    pub(crate) restored: &'a [libc::c_int],
    /// The signals that the program finds blocked; `None`: those that the calling thread blocks.
    pub(crate) blocked: Option<SignalBits>,
    pub(crate) session: bool,
    pub(crate) group: Option<libc::pid_t>,
    pub(crate) nicer: Option<libc::c_int>,
    pub(crate) limits: &'a [(libc::c_int, libc::rlimit64)],
    pub(crate) parent_death: Option<libc::c_int>,
    pub(crate) groups: Option<&'a [libc::gid_t]>,
    pub(crate) gid: Option<libc::gid_t>,
    pub(crate) uid: Option<libc::uid_t>,
    pub(crate) hook: Option<&'a Hook>,
}

impl Plan<'_> {
    /// Whether the child takes another identity, with which it must not share the parent's memory.
    pub(super) fn changes_identity(&self) -> bool {
        self.groups.is_some() || self.gid.is_some() || self.uid.is_some()
    }
}

/// A file of the parent's own making, which the child may open by its path as well as have.
#[derive(Debug)]
pub(crate) struct Reopened {
    /// In the parent, and then in the child.
    pub(crate) number: RawFd,
    /// `/proc/<pid>/fd/<number>`.
    pub(crate) path: CString,
    /// `O_RDONLY` and the like.
    pub(crate) access: libc::c_int,
    /// What it must be: the path may lead elsewhere, in a `/proc` of other pids.
    pub(crate) identity: Identity,
}

/// What tells files apart: the device, and the number on it.
pub(crate) type Identity = (libc::dev_t, libc::ino_t);

/// One step of bringing descriptors to their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// The program finds it under the number that it has.
    Keep(RawFd),
    /// The program finds `from` under the number `to`.
    Copy {
        /// Under this number it is known so far.
        from: RawFd,
        /// Another number.
        to: RawFd,
    },
    /// `from` is put aside: something else comes to its place.
    Aside(RawFd),
    /// The program finds what was put aside last under this number.
    Back(RawFd),
}
