#![expect(unsafe_code, reason = "an array of pointers into its own bytes")]
//! Strings as the kernel takes them: an array of pointers, with a null one at its end.
//!
//! All lie in one block of memory, however many there are.
//!
//! # Invariants
//!
//! 1. Each pointer but the last is to a string of `bytes` that a NUL ends; the last one is null.
//! 2. `bytes` does not change while there are pointers.

use libc::c_char;
use std::{ffi::CStr, fmt, iter, ptr};

/// A string that holds a NUL, which no C string can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HoldsNul;

/// Strings that are being collected.
#[derive(Default)]
pub(crate) struct Collector {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

impl Collector {
    /// Adds the string that `parts` make together.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) -> Result<(), HoldsNul> {
        if parts.iter().any(|part| part.contains(&0)) {
            return Err(HoldsNul);
        }
        self.starts.push(self.bytes.len());
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.push(0);
        Ok(())
    }

    pub(crate) fn finish(self) -> CStrings {
        let bytes = self.bytes.into_boxed_slice();
        let start = bytes.as_ptr().cast::<c_char>();
        let strings = self.starts.iter().map(|at| start.wrapping_add(*at));
        let pointers = strings.chain(iter::once(ptr::null())).collect();
        CStrings { pointers, bytes }
    }
}

/// Strings for the kernel.
pub(crate) struct CStrings {
    pointers: Box<[*const c_char]>,
    bytes: Box<[u8]>,
}

impl CStrings {
    /// The array, for `execve`.
    pub(super) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }

    /// Allocates nothing.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CStr> {
        let strings = self.pointers.iter().take_while(|string| !string.is_null());
        // SAFETY: invariants 1 and 2; the block lives as long as `self`.
        strings.map(|string| unsafe { CStr::from_ptr(*string) })
    }
}

impl fmt::Debug for CStrings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} strings, {} bytes",
            self.pointers.len() - 1,
            self.bytes.len()
        )
    }
}
