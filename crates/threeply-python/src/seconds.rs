//! Timeouts: a Python number of seconds becomes a [`Deadline`].
//!
//! # Source
//!
//! CPython `Modules/_threadmodule.c`, `lock_acquire_parse_args`; `Lib/threading.py`, `Condition.wait`.

use crate::{
    error,
    ffi::object::{Object, Raised},
};
use pyo3::Python;
use std::time::Duration;
use threeply::time::Deadline;

/// `threading.TIMEOUT_MAX` on 64-bit Linux: the most seconds that any wait takes.
const MOST: f64 = 9_223_372_036.0;

/// A timeout as it was given: a number of seconds that is not NaN.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Seconds(f64);

impl Seconds {
    /// Reads a timeout; `None`, or no argument, is none.
    ///
    /// # Errors
    ///
    /// `TypeError` where it is no number, `ValueError` where it is NaN.
    pub(crate) fn from_argument(timeout: Option<Object<'_>>) -> Result<Option<Self>, Raised> {
        let Some(timeout) = timeout.filter(|timeout| !timeout.is_none()) else {
            return Ok(None);
        };
        number(timeout).map(|seconds| Some(Self(seconds)))
    }

    pub(crate) fn get(self) -> f64 {
        self.0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 < 0.0
    }

    pub(crate) fn is(self, seconds: f64) -> bool {
        self.0.total_cmp(&seconds).is_eq()
    }

    /// Refuses what is too long for a wait.
    ///
    /// # Errors
    ///
    /// `OverflowError` for more than `threading.TIMEOUT_MAX`.
    pub(crate) fn check(self, py: Python<'_>) -> Result<(), Raised> {
        if self.0 > MOST {
            let message = "timeout value is too large: at most threading.TIMEOUT_MAX seconds";
            return Err(error::overflow_error(py, message));
        }
        Ok(())
    }

    /// The moment that lies so many seconds ahead; now for a negative number.
    ///
    /// # Errors
    ///
    /// `OverflowError` for more than `threading.TIMEOUT_MAX`.
    pub(crate) fn deadline(self, py: Python<'_>) -> Result<Deadline, Raised> {
        self.check(py)?;
        Ok(Deadline::after(Duration::from_secs_f64(self.0.max(0.0))))
    }
}

/// A number of seconds: an `int`, a `float`, and whatever else says what number it is (`Decimal`,
/// `Fraction`).
///
/// # Errors
///
/// The interpreter's `TypeError` where it is no real number (text and `complex` are none),
/// `ValueError` where it is NaN.
pub(crate) fn number(seconds: Object<'_>) -> Result<f64, Raised> {
    let py = seconds.py();
    // DIFFERENCE: A timeout may be a Decimal or a Fraction
    let number = seconds.float()?;
    // DIFFERENCE: A timeout of NaN is an error
    if number.is_nan() {
        let message = "a timeout must be a number of seconds, not NaN";
        return Err(error::value_error(py, message));
    }
    Ok(number)
}

/// The deadline of a wait that may last for ever.
pub(crate) fn deadline(py: Python<'_>, timeout: Option<Seconds>) -> Result<Deadline, Raised> {
    timeout.map_or(Ok(Deadline::NEVER), |seconds| seconds.deadline(py))
}

/// The deadline of a wait that no number of seconds is too long for.
pub(crate) fn unbounded(timeout: Option<Seconds>) -> Deadline {
    match timeout {
        Some(seconds) if seconds.get() <= MOST => {
            Deadline::after(Duration::from_secs_f64(seconds.get().max(0.0)))
        }
        _ => Deadline::NEVER,
    }
}
