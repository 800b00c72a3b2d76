//! Errors that more than one room returns.
//!
//! An error that belongs to one operation lives beside it; here are those that any wait can end
//! with.

use std::{error::Error, fmt};

/// A wait's deadline passed before what it waited for came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deadline passed")
    }
}

impl Error for TimedOut {}
