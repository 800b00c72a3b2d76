//! The one map from what went wrong to Python's exceptions.
//!
//! | here                        | exception                                       |
//! |-----------------------------|-------------------------------------------------|
//! | wrong arguments of a call   | `TypeError`                                     |
//! | a value out of its range    | `ValueError`                                    |
//! | a number too large          | `OverflowError`                                 |
//! | [`TooManyPermits`]          | `ValueError`                                    |
//! | a lock that is not held     | `RuntimeError`                                  |
//! | a system call               | `OSError`, of the class that goes with its number |
//! | a deprecated name           | `DeprecationWarning`                            |
//!
//! `queue.Full`, `queue.Empty` and `queue.ShutDown` are not the interpreter's but the standard module's
//! under the room: the open queue names them, and `threading/queue.rs` raises them.

use crate::ffi::{
    call,
    object::{Object, Owned, Raised},
    raise::{Builtin, builtin},
};
use pyo3::Python;
use std::{ffi::CStr, io};
use threeply::threading::TooManyPermits;

pub(crate) fn type_error(py: Python<'_>, message: &str) -> Raised {
    builtin(py, Builtin::Type, message)
}

pub(crate) fn value_error(py: Python<'_>, message: &str) -> Raised {
    builtin(py, Builtin::Value, message)
}

pub(crate) fn overflow_error(py: Python<'_>, message: &str) -> Raised {
    builtin(py, Builtin::Overflow, message)
}

pub(crate) fn runtime_error(py: Python<'_>, message: &str) -> Raised {
    builtin(py, Builtin::Runtime, message)
}

pub(crate) fn attribute_error(py: Python<'_>, message: &str) -> Raised {
    builtin(py, Builtin::Attribute, message)
}

/// Issues a `DeprecationWarning`, which is an exception where the program says so.
pub(crate) fn deprecated(py: Python<'_>, message: &CStr) -> Result<(), Raised> {
    call::warn_deprecated(py, message)
}

/// `OSError(errno, message)`, of the subclass that goes with the number.
#[cold]
pub(crate) fn os_error(py: Python<'_>, failed: &io::Error) -> Raised {
    os_error_of(call::os_error_class(py), failed)
}

/// The same of a class of the program's.
#[cold]
pub(crate) fn os_error_of(class: Object<'_>, failed: &io::Error) -> Raised {
    os_error_with(class, failed, None)
}

/// `OSError(errno, message, filename)`.
#[cold]
pub(crate) fn os_error_about(failed: &io::Error, file: Object<'_>) -> Raised {
    os_error_with(call::os_error_class(file.py()), failed, Some(file))
}

fn os_error_with(class: Object<'_>, failed: &io::Error, file: Option<Object<'_>>) -> Raised {
    let py = class.py();
    let number = failed.raw_os_error().unwrap_or(0);
    let message = failed.to_string();
    // Python's message has no "(os error 22)" behind it.
    let message = message.split(" (os error").next().unwrap_or_default();
    let made = Owned::signed(py, number).and_then(|number| {
        let message = Owned::string(py, message)?;
        let both = [number.borrow(), message.borrow()];
        let args: Vec<_> = both.into_iter().chain(file).collect();
        class.call(&args)
    });
    match made {
        Ok(exception) => call::raise(exception.borrow()),
        Err(raised) => raised,
    }
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
