//! How long a call may wait.

use crate::{
    ffi::object::{Object, Owned, Raised},
    seconds::{self, Seconds},
};
use pyo3::Python;
use threeply::time::Deadline;

/// The `block` and `timeout` of a call.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    None,
    Some(Option<Seconds>),
}

impl Patience {
    pub(super) fn from_arguments(
        block: Option<Object<'_>>,
        timeout: Option<Object<'_>>,
    ) -> Result<Self, Raised> {
        Ok(if block.map_or(Ok(true), Object::truth)? {
            Self::Some(Seconds::from_argument(timeout)?)
        } else {
            Self::None
        })
    }

    pub(super) fn is_negative(self) -> bool {
        matches!(self, Self::Some(Some(seconds)) if seconds.is_negative())
    }

    /// `block` and `timeout` for the open queue: what is left, if the wait has begun.
    pub(super) fn rest(
        self,
        py: Python<'_>,
        deadline: Option<Deadline>,
    ) -> Result<[Owned<'_>; 2], Raised> {
        let left = deadline
            .and_then(Deadline::remaining)
            .map(|left| left.as_secs_f64());
        let timeout = match (self, left) {
            (_, Some(left)) => Owned::float(py, left)?,
            (Self::Some(Some(seconds)), None) => Owned::float(py, seconds.get())?,
            _ => Owned::none(py),
        };
        Ok([Owned::boolean(py, matches!(self, Self::Some(_))), timeout])
    }

    /// The deadline of a wait, `None` where there is to be none.
    pub(super) fn deadline(self, py: Python<'_>) -> Result<Option<Deadline>, Raised> {
        match self {
            Self::None => Ok(None),
            Self::Some(timeout) => seconds::deadline(py, timeout).map(Some),
        }
    }
}
