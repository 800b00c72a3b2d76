//! What sets `Queue`, `LifoQueue` and `PriorityQueue` apart: how an item goes in and out.

use super::Queue;
use crate::ffi::{
    native::This,
    object::{Held, Raised},
};
use pyo3::Python;
use threeply::threading::{Sorting, TryGetError, TryPutError};

/// How a class puts an item into the engine's queue and gets one out of it, without waiting.
pub(super) trait Transfer: 'static {
    /// # Errors
    ///
    /// The outer one is what a comparison raised.
    fn try_put(this: This<'_, Queue>, item: Held) -> Result<Result<(), TryPutError<Held>>, Raised>;

    /// # Errors
    ///
    /// The outer one is what a comparison raised.
    fn try_get(this: This<'_, Queue>) -> Result<Result<Held, TryGetError>, Raised>;
}

/// At the ends: `Queue` and `LifoQueue`.
pub(super) struct AtTheEnds;

impl Transfer for AtTheEnds {
    #[inline]
    fn try_put(this: This<'_, Queue>, item: Held) -> Result<Result<(), TryPutError<Held>>, Raised> {
        Ok(this.engine.try_put(item))
    }

    #[inline]
    fn try_get(this: This<'_, Queue>) -> Result<Result<Held, TryGetError>, Raised> {
        Ok(this.engine.try_get())
    }
}

/// By comparison: `PriorityQueue`.
// DIFFERENCE: A PriorityQueue compares without its lock
pub(super) struct ByComparison;

impl Transfer for ByComparison {
    fn try_put(this: This<'_, Queue>, item: Held) -> Result<Result<(), TryPutError<Held>>, Raised> {
        this.engine.try_put_sorted(item, &mut LessThan(this.py()))
    }

    fn try_get(this: This<'_, Queue>) -> Result<Result<Held, TryGetError>, Raised> {
        this.engine.try_get_sorted(&mut LessThan(this.py()))
    }
}

/// Compares with `<`, as `heapq` does.
struct LessThan<'py>(Python<'py>);

impl Sorting<Held> for LessThan<'_> {
    /// A reference of its own: another thread may take the item meanwhile.
    type Key = Held;
    type Error = Raised;

    #[inline]
    fn key(&self, item: &Held) -> Held {
        item.get(self.0).to_held()
    }

    #[inline]
    fn is_less(&mut self, one: &Held, other: &Held) -> Result<bool, Raised> {
        one.get(self.0).is_less(other.get(self.0))
    }
}
