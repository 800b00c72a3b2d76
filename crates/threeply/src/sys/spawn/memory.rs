#![expect(unsafe_code, reason = "mapping memory")]
//! Memory of a child: a stack of its own, and a page that it goes on sharing with its parent.
//!
//! # Source
//!
//! `mmap(2)`; glibc's `sysdeps/unix/sysv/linux/spawni.c`, which gives the child of `posix_spawn` a stack of its own too, so that nothing
//! of the parent's is overwritten.

use super::{
    call::Errno,
    report::{Failure, Report, Step},
};
use libc::{c_int, c_void};
use std::{io, ops::Deref, ptr};

/// Room for what `child` calls, ten times over.
const STACK: usize = 64 * 1024;

/// The most that a page is anywhere we run.
const GUARD: usize = 64 * 1024;

/// A mapping of this process, given back when it is dropped.
struct Mapping {
    start: *mut c_void,
    length: usize,
}

impl Mapping {
    fn new(length: usize, kind: c_int) -> Result<Self, Failure> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_ANONYMOUS | kind;
        // SAFETY: the kernel chooses an address where nothing is.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, access, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Failure::at(Step::Memory)(errno()));
        }
        Ok(Self { start, length })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `new` mapped exactly this, and whoever used it is gone.
        unsafe { libc::munmap(self.start, self.length) };
    }
}

fn errno() -> Errno {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// A stack for one child. Below it lies memory that nobody may touch.
pub(super) struct Stack(Mapping);

impl Stack {
    pub(super) fn new() -> Result<Self, Failure> {
        let kind = libc::MAP_PRIVATE | libc::MAP_STACK | libc::MAP_NORESERVE;
        let mapping = Mapping::new(GUARD + STACK, kind)?;
        // SAFETY: the first part of a mapping that nobody uses yet.
        let guarded = unsafe { libc::mprotect(mapping.start, GUARD, libc::PROT_NONE) };
        if guarded != 0 {
            return Err(Failure::at(Step::Memory)(errno()));
        }
        Ok(Self(mapping))
    }

    /// Where it begins: stacks grow down on all machines we run on.
    pub(super) fn top(&self) -> *mut c_void {
        self.0.start.wrapping_byte_add(self.0.length)
    }
}

/// A report in memory that a fork does not copy.
pub(super) struct SharedReport(Mapping);

impl SharedReport {
    pub(super) fn new() -> Result<Self, Failure> {
        Mapping::new(size_of::<Report>(), libc::MAP_SHARED).map(Self)
    }
}

impl Deref for SharedReport {
    type Target = Report;

    fn deref(&self) -> &Report {
        // SAFETY: a fresh mapping begins at a page, is long enough, and holds zeros, which are three atomics; it
        // lives as long as `self`.
        unsafe { &*self.0.start.cast::<Report>() }
    }
}
