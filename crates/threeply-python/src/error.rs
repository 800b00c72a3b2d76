//! The one map from what went wrong to Python's exceptions.
//!
//! | here                        | exception                                       |
//! |-----------------------------|-------------------------------------------------|
//! | wrong arguments of a call   | `TypeError`                                     |
//! | a value out of its range    | `ValueError`                                    |
//! | a number too large          | `OverflowError`                                 |
//! | [`TooManyPermits`]          | `ValueError` ("Semaphore released too many times") |
//! | [`TryPutError`], [`TryGetError`] | `queue.Full`, `queue.Empty`, `queue.ShutDown` of the room's standard module |

#![expect(unsafe_code, reason = "exceptions are set through C")]

use crate::ffi::object::{Object, Raised};
use pyo3::{Python, ffi};
use std::ffi::CStr;
use threeply::threading::TooManyPermits;

/// Sets an exception of `class` with `message`.
#[cold]
fn raise(_py: Python<'_>, class: *mut ffi::PyObject, message: &str) -> Raised {
    let length = message.len() as ffi::Py_ssize_t;
    // SAFETY: pointer and length of a `str`; attached.
    let text = unsafe { ffi::PyUnicode_FromStringAndSize(message.as_ptr().cast(), length) };
    if !text.is_null() {
        // SAFETY: `class` is an exception class, `text` a string.
        unsafe { ffi::PyErr_SetObject(class, text) };
        // SAFETY: the reference is ours; a string's end runs no Python.
        unsafe { ffi::Py_DECREF(text) };
    }
    Raised::as_set()
}

/// Sets an exception of a class that is a Python object, without a message.
#[cold]
pub(crate) fn raise_class(class: Object<'_>) -> Raised {
    // SAFETY: `class` is an exception class; null stands for no value.
    unsafe { ffi::PyErr_SetObject(class.as_ptr(), std::ptr::null_mut()) };
    Raised::as_set()
}

#[cold]
pub(crate) fn type_error(py: Python<'_>, message: &str) -> Raised {
    // SAFETY: a static of the interpreter.
    raise(py, unsafe { ffi::PyExc_TypeError }, message)
}

#[cold]
pub(crate) fn value_error(py: Python<'_>, message: &str) -> Raised {
    // SAFETY: a static of the interpreter.
    raise(py, unsafe { ffi::PyExc_ValueError }, message)
}

#[cold]
pub(crate) fn overflow_error(py: Python<'_>, message: &str) -> Raised {
    // SAFETY: a static of the interpreter.
    raise(py, unsafe { ffi::PyExc_OverflowError }, message)
}

#[cold]
pub(crate) fn attribute_error(py: Python<'_>, message: &str) -> Raised {
    // SAFETY: a static of the interpreter.
    raise(py, unsafe { ffi::PyExc_AttributeError }, message)
}

/// Issues a `DeprecationWarning`, which is an exception where the program says so.
pub(crate) fn deprecated(py: Python<'_>, message: &CStr) -> Result<(), Raised> {
    crate::ffi::call::warn_deprecated(py, message)
}

pub(crate) fn too_many_permits(py: Python<'_>, _error: TooManyPermits) -> Raised {
    value_error(py, "Semaphore released too many times")
}

pub(crate) fn too_many_arguments(
    py: Python<'_>,
    function: &str,
    most: usize,
    given: usize,
) -> Raised {
    // Python counts `self`.
    let message = format!(
        "{function}() takes at most {} positional arguments but {} were given",
        most + 1,
        given + 1
    );
    type_error(py, &message)
}

pub(crate) fn unexpected_keyword(py: Python<'_>, function: &str, name: Object<'_>) -> Raised {
    let message = format!(
        "{function}() got an unexpected keyword argument '{}'",
        name.text()
    );
    type_error(py, &message)
}

pub(crate) fn argument_twice(py: Python<'_>, function: &str, name: Object<'_>) -> Raised {
    let message = format!(
        "{function}() got multiple values for argument '{}'",
        name.text()
    );
    type_error(py, &message)
}

pub(crate) fn missing_argument(py: Python<'_>, function: &str, name: &CStr) -> Raised {
    let name = name.to_string_lossy();
    let message = format!("{function}() missing 1 required positional argument: '{name}'");
    type_error(py, &message)
}
