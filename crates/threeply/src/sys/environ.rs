#![expect(unsafe_code, reason = "the environment is a C array")]
//! The environment of this process, entry by entry as it is.
//!
//! The standard library tells of variables, and an entry without `=` is none. A program that is started with a
//! changed environment should find what its parent has all the same.
//!
//! A known hole, that of every C function which reads the environment: another thread that changes it meanwhile may free what is
//! read here. In Rust that thread needs `unsafe`, and `std::env::set_var` asks of it that nobody reads but by `std::env`.
//!
//! # Source
//!
//! `environ(7)`.

use libc::c_char;
use std::ffi::CStr;

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The array itself, for a program to be started with. A child of `vfork` may ask.
pub(crate) fn array() -> *const *const c_char {
    // SAFETY: the C library has it in every process. See above for who may change it.
    unsafe { environ }
}

/// Every entry, mostly of the form `name=value`, in order.
pub(crate) fn entries() -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut place = array();
    // A program may have taken the whole array away.
    while !place.is_null() {
        // SAFETY: not beyond the null pointer at the array's end, where this loop stops.
        let entry = unsafe { *place };
        if entry.is_null() {
            break;
        }
        // SAFETY: an entry is a C string.
        entries.push(unsafe { CStr::from_ptr(entry) }.to_bytes().to_owned());
        place = place.wrapping_add(1);
    }
    entries
}
