//! Why a child did not start, as the standard module's exceptions.

use crate::{
    error,
    ffi::{
        call,
        object::{Object, Owned, Raised},
    },
};
use std::io;
use threeply::subprocess::{SpawnError, Step};

/// What the failure of a start can be about, as the program named it.
#[derive(Clone, Copy)]
pub(super) struct Subjects<'py> {
    pub(super) program: Object<'py>,
    pub(super) directory: Object<'py>,
}

/// The exception; an `OSError` names the program or the directory where it is about one.
pub(super) fn raised(standard: Object<'_>, failed: &SpawnError, subjects: Subjects<'_>) -> Raised {
    let py = standard.py();
    let Some(errno) = failed.errno() else {
        return match failed {
            SpawnError::HoldsNul => error::value_error(py, "embedded null byte"),
            SpawnError::IllegalName(_) => {
                error::value_error(py, "illegal environment variable name")
            }
            _ => hook_failed(standard),
        };
    };
    let cause = io::Error::from_raw_os_error(errno);
    match failed.step() {
        Some(Step::Exec) => error::os_error_about(&cause, subjects.program),
        Some(Step::Directory) => error::os_error_about(&cause, subjects.directory),
        _ => error::os_error(py, &cause),
    }
}

fn hook_failed(standard: Object<'_>) -> Raised {
    let made = Owned::string(standard.py(), "Exception occurred in preexec_fn.").and_then(|text| {
        let class = standard.attribute(c"SubprocessError")?;
        class.borrow().call(&[text.borrow()])
    });
    match made {
        Ok(exception) => call::raise(exception.borrow()),
        Err(raised) => raised,
    }
}
