//! The place of an instance's dictionary, before 3.12.
//!
//! 3.11 gives an instance of an ordinary class 16 bytes before the object for its dictionary, and makes
//! a table of values along with each. A core that has a place of its own, in the older way, spares 8 bytes and
//! the table; it then has to visit and give up the dictionary itself. From 3.12 on the interpreter's way is as small.
//!
//! # Source
//!
//! CPython 3.11 `Objects/typeobject.c`, `subtype_traverse`, `subtype_clear` and `subtype_dealloc`: they leave to the base what
//! its `tp_dictoffset` says is the base's.

use super::{Instance, Visit};
use crate::ffi::call;
use pyo3::{Python, ffi};
use std::{
    mem::offset_of,
    ptr::{self, NonNull},
};

/// Whether a core has the place.
pub(super) const IS_OURS: bool = !cfg!(Py_3_12);

#[repr(C)]
struct WithPlace<T> {
    instance: Instance<T>,
    dictionary: *mut ffi::PyObject,
}

/// The size of a core's instances.
pub(super) const fn size<T>() -> usize {
    if IS_OURS {
        size_of::<WithPlace<T>>()
    } else {
        size_of::<Instance<T>>()
    }
}

/// What tells the interpreter where the place is: entries for `Py_tp_members`.
pub(super) fn members<T>() -> Option<&'static mut [ffi::PyMemberDef; 2]> {
    let place = ffi::PyMemberDef {
        name: c"__dictoffset__".as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset_of!(WithPlace<T>, dictionary) as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    };
    // A class refers to its tables for ever.
    IS_OURS.then(|| Box::leak(Box::new([place, ffi::PyMemberDef::default()])))
}

/// Shows the collector the dictionary; false when it has seen enough.
///
/// # Safety
///
/// `instance` is one of a core of `T`, and the collector asks.
pub(super) unsafe fn traverse<T>(instance: *mut ffi::PyObject, visit: &mut Visit) -> bool {
    if !IS_OURS {
        return true;
    }
    // SAFETY: by the caller; the core has the place.
    let dictionary = unsafe { (*instance.cast::<WithPlace<T>>()).dictionary };
    if !dictionary.is_null() {
        // SAFETY: a live object, and the collector's own argument. It runs no Python.
        visit.answer = unsafe { (visit.ask)(dictionary, visit.arg) };
    }
    visit.answer == 0
}

/// Gives up the dictionary.
///
/// # Safety
///
/// `instance` is one of a core of `T`, and we are attached.
pub(super) unsafe fn clear<T>(py: Python<'_>, instance: *mut ffi::PyObject) {
    if !IS_OURS {
        return;
    }
    // SAFETY: by the caller; the core has the place.
    let place = unsafe { &raw mut (*instance.cast::<WithPlace<T>>()).dictionary };
    // SAFETY: as above. It is empty before its content runs anything.
    let dictionary = unsafe { place.replace(ptr::null_mut()) };
    if let Some(dictionary) = NonNull::new(dictionary) {
        call::release(py, dictionary);
    }
}
