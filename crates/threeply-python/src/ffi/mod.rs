//! The one unsafe door of the binding: CPython's C API in a shape that the rooms use safely.
//!
//! | file        | its noun                                                                     |
//! |-------------|------------------------------------------------------------------------------|
//! | [`object`]  | references to Python objects, owned and borrowed                             |
//! | [`call`]    | the one way back into Python (see there for why there is only one)           |
//! | [`args`]    | the arguments of a fast call                                                 |
//! | [`method`]  | methods and attributes as raw slots, made from safe functions                |
//! | [`function`] | functions of a room, in the same way                                         |
//! | [`bytes`]   | the bytes of Python objects                                                  |
//! | [`file`]    | files that Python names by numbers                                           |
//! | [`fork`]    | the interpreter's part in a fork                                             |
//! | [`send`]    | sending signals to what a Python number names                                |
//! | [`native`]  | classes whose instances hold a Rust value                                    |
//! | [`interruption`] | an exception that one thread raises in the wait of another                         |
//! | [`thread`]  | the calling thread                                                           |
//! | [`raise`]   | setting exceptions                                                           |
//! | [`wait`]    | waiting without the interpreter's lock, and signals meanwhile                |
//! | [`layout`]  | what is assumed of CPython's structs, checked at compile time                |
//!
//! Raw slots instead of `#[pymethods]`: these are methods of some 20 ns, and the generated wrappers cost as much
//! again.

pub(crate) mod args;
pub(crate) mod bytes;
pub(crate) mod call;
pub(crate) mod file;
pub(crate) mod fork;
pub(crate) mod function;
pub(crate) mod interruption;
pub(crate) mod layout;
pub(crate) mod method;
pub(crate) mod native;
pub(crate) mod object;
pub(crate) mod raise;
pub(crate) mod send;
pub(crate) mod thread;
pub(crate) mod wait;
