//! What `subprocess.Popen` is made of: a process, and a talk with it.
//!
//! | file              | its noun                                              |
//! |-------------------|-------------------------------------------------------|
//! | [`order`]         | what a child is to be, out of Python's arguments      |
//! | [`process`]       | the class `Process`                                   |
//! | [`communication`] | the class `Communication`                             |
//! | [`output`]        | what a child writes, as bytes objects                 |
//! | [`failure`]       | why a child did not start, as the standard exceptions |
//!
//! # Source
//!
//! CPython `Lib/subprocess.py`, `Modules/_posixsubprocess.c`.

mod communication;
mod failure;
mod order;
mod output;
mod process;

use crate::ffi::object::{Object, Owned, Raised};

/// Makes the classes over the exceptions of `standard`.
pub(crate) fn types(standard: Object<'_>) -> Result<[(&'static str, Owned<'_>); 2], Raised> {
    Ok([
        ("Process", process::class(standard)?),
        ("Communication", communication::class(standard.py())?),
    ])
}
