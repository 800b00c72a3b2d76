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
use std::{
    io,
    mem::ManuallyDrop,
    ops::Deref,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

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

/// A stack that no child uses, for the next one: mapping it anew, and its first page, cost some 35 µs of
/// processor time.
static SPARE: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// A stack for one child. Below it lies memory that nobody may touch.
pub(super) struct Stack(ManuallyDrop<Mapping>);

impl Stack {
    pub(super) fn new() -> Result<Self, Failure> {
        // Acquire: whoever had it before is through with it.
        let spare = SPARE.swap(ptr::null_mut(), Ordering::Acquire);
        if !spare.is_null() {
            return Ok(Self(ManuallyDrop::new(Mapping {
                start: spare,
                length: GUARD + STACK,
            })));
        }
        let kind = libc::MAP_PRIVATE | libc::MAP_STACK | libc::MAP_NORESERVE;
        let mapping = Mapping::new(GUARD + STACK, kind)?;
        // SAFETY: the first part of a mapping that nobody uses yet.
        let guarded = unsafe { libc::mprotect(mapping.start, GUARD, libc::PROT_NONE) };
        if guarded != 0 {
            return Err(Failure::at(Step::Memory)(errno()));
        }
        Ok(Self(ManuallyDrop::new(mapping)))
    }

    /// How many bytes may be used.
    pub(super) const SIZE: usize = STACK;

    /// Its lowest address.
    pub(super) fn lowest(&self) -> *mut c_void {
        self.0.start.wrapping_byte_add(GUARD)
    }

    /// Where it begins: stacks grow down on all machines we run on.
    pub(super) fn top(&self) -> *mut c_void {
        self.0.start.wrapping_byte_add(self.0.length)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The child that used it has its program, or is gone.
        let put = SPARE.compare_exchange(
            ptr::null_mut(),
            self.0.start,
            Ordering::Release,
            Ordering::Relaxed,
        );
        if put.is_err() {
            // SAFETY: this is the only drop, and nobody else has the mapping.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        }
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
