//! How long an `acquire` may wait: its `blocking` and `timeout`.
//!
//! # Source
//!
//! CPython `Modules/_threadmodule.c`, `lock_acquire_parse_args`.

use crate::seconds::Seconds;
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        object::{Object, Raised},
    },
};
use pyo3::Python;
use threeply::time::Deadline;

/// How long a call may wait for a lock.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// So many seconds, or for ever.
    Some(Option<Seconds>),
}

const ACQUIRE: Parameters<2> = Parameters {
    function: "acquire",
    names: [c"blocking", c"timeout"],
    required: 0,
};

/// The docstring of an `acquire`: its name, what it does, and what all of them take, return and raise.
macro_rules! acquire_doc {
    ($name:literal, $deed:literal) => {{
        let text = concat!(
            $name,
            "($self, blocking=True, timeout=-1)\n--\n\n",
            $deed,
            "

Args:
    blocking: Whether to wait at all.
    timeout: The most seconds to wait, an int or a float; -1 waits for ever.

Returns:
    Whether the lock was acquired.

Raises:
    ValueError: `timeout` is negative (but not -1), or NaN, or given though
        `blocking` is false.
    TypeError: `timeout` is not a number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.\0"
        );
        match std::ffi::CStr::from_bytes_with_nul(text.as_bytes()) {
            Ok(doc) => doc,
            Err(_) => panic!("a docstring has no NUL but the last"),
        }
    }};
}
pub(super) use acquire_doc;

impl Patience {
    /// Reads `acquire(blocking=True, timeout=-1)`.
    ///
    /// # Errors
    ///
    /// `ValueError` for a timeout that is negative (but not -1) or NaN or goes with `blocking=False`, `TypeError` for what is no number.
    pub(super) fn from_arguments(args: Args<'_>) -> Result<Self, Raised> {
        Self::of(args, &ACQUIRE)
    }

    /// Reads the arguments of an `acquire` by another name.
    ///
    /// # Errors
    ///
    /// As for [`from_arguments`](Self::from_arguments).
    pub(super) fn of(args: Args<'_>, parameters: &Parameters<2>) -> Result<Self, Raised> {
        let [blocking, timeout] = args.bind(parameters)?;
        let blocking = blocking.map_or(Ok(true), Object::truth)?;
        let Some(timeout) = timeout else {
            return Ok(if blocking {
                Self::Some(None)
            } else {
                Self::None
            });
        };
        let py = timeout.py();
        if timeout.is_none() {
            return Err(error::type_error(
                py,
                "timeout must be a number of seconds, not None",
            ));
        }
        let seconds = Seconds::from_argument(Some(timeout))?;
        // -1 stands for no timeout.
        let seconds = seconds.filter(|seconds| !seconds.is(-1.0));
        match seconds {
            None if blocking => Ok(Self::Some(None)),
            None => Ok(Self::None),
            Some(_) if !blocking => Err(error::value_error(
                py,
                "can't specify a timeout for a non-blocking call",
            )),
            Some(seconds) if seconds.is_negative() => Err(error::value_error(
                py,
                "timeout value must be a non-negative number",
            )),
            Some(seconds) => {
                seconds.check(py)?;
                Ok(Self::Some(Some(seconds)))
            }
        }
    }

    /// The deadline of a wait that begins now, `None` where there is to be none.
    pub(super) fn deadline(self, py: Python<'_>) -> Result<Option<Deadline>, Raised> {
        match self {
            Self::None => Ok(None),
            Self::Some(None) => Ok(Some(Deadline::NEVER)),
            Self::Some(Some(seconds)) => seconds.deadline(py).map(Some),
        }
    }
}
