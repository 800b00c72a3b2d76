#![expect(unsafe_code, reason = "exceptions are set through C")]
//! Setting exceptions.

use super::object::{Answer, Object, Raised};
use pyo3::{Python, ffi};

#[cfg(Py_3_13)]
unsafe extern "C" {
    // CPython Include/pyerrors.h; PyO3 does not declare it.
    static PyExc_PythonFinalizationError: *mut ffi::PyObject;
}

/// The exception classes of the interpreter that the binding raises.
#[derive(Clone, Copy)]
pub(crate) enum Builtin {
    Attribute,
    /// `PythonFinalizationError`, which there is from Python 3.13 on.
    #[cfg(Py_3_13)]
    Finalization,
    Overflow,
    Runtime,
    Type,
    Value,
}

impl Builtin {
    fn class(self) -> *mut ffi::PyObject {
        match self {
            // SAFETY: a static of the interpreter.
            Self::Attribute => unsafe { ffi::PyExc_AttributeError },
            // SAFETY: a static of the interpreter.
            #[cfg(Py_3_13)]
            Self::Finalization => unsafe { PyExc_PythonFinalizationError },
            // SAFETY: a static of the interpreter.
            Self::Overflow => unsafe { ffi::PyExc_OverflowError },
            // SAFETY: a static of the interpreter.
            Self::Runtime => unsafe { ffi::PyExc_RuntimeError },
            // SAFETY: a static of the interpreter.
            Self::Type => unsafe { ffi::PyExc_TypeError },
            // SAFETY: a static of the interpreter.
            Self::Value => unsafe { ffi::PyExc_ValueError },
        }
    }
}

/// Sets an exception of the interpreter's own with a message.
#[cold]
pub(crate) fn builtin(_py: Python<'_>, class: Builtin, message: &str) -> Raised {
    let length = message.len() as ffi::Py_ssize_t;
    // SAFETY: pointer and length of a `str`; attached.
    let text = unsafe { ffi::PyUnicode_FromStringAndSize(message.as_ptr().cast(), length) };
    if !text.is_null() {
        // SAFETY: an exception class and a string. It runs no Python: these classes have no Python constructor.
        unsafe { ffi::PyErr_SetObject(class.class(), text) };
        // SAFETY: the reference is ours; a string's end runs no Python.
        unsafe { ffi::Py_DECREF(text) };
    }
    Raised::as_set()
}

/// Says whether it is an instance of `Exception`: not one that is meant to end the program.
pub(crate) fn is_ordinary(exception: Object<'_>) -> bool {
    // SAFETY: a static of the interpreter.
    let class = unsafe { ffi::PyExc_Exception };
    // SAFETY: a live object and a class. It runs no Python: the class's own check of subclasses is asked for no class of exceptions.
    unsafe { ffi::PyErr_GivenExceptionMatches(exception.as_ptr(), class) == 1 }
}

/// A `SystemExit` with the code of `exception`, if that is one: an exception without traceback and context.
pub(crate) fn bare_system_exit(exception: Object<'_>) -> Option<Answer<'_>> {
    // SAFETY: a static of the interpreter.
    let class = unsafe { ffi::PyExc_SystemExit };
    // SAFETY: a live object and a class. It runs no Python: the class's own check of subclasses is asked for no class of exceptions.
    let is_exit = unsafe { ffi::PyErr_GivenExceptionMatches(exception.as_ptr(), class) } == 1;
    if !is_exit {
        return None;
    }
    // SAFETY: a class of the interpreter lives for ever.
    let class = unsafe { Object::from_static(exception.py(), class) };
    Some(
        exception
            .attribute(c"code")
            .and_then(|code| class.call(&[code.borrow()])),
    )
}
