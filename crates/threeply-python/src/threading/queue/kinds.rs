//! What sets `Queue`, `LifoQueue` and `PriorityQueue` apart: the order in which items come out.
//!
//! It is the class's, a mark of [`overrides`](super::super::overrides), whoever initialises the queue and whichever class's
//! `get` is called. A closed queue keeps the order that it was initialised with; where its class says another one by
//! now (its `__class__` was set), it opens.

use super::Queue;
use crate::ffi::{
    native::This,
    object::{Held, Raised},
};
use pyo3::Python;
use std::sync::atomic::Ordering;
use threeply::threading::{Order, Sorting, TryGetError, TryPutError};

/// The mark of `LifoQueue`.
pub(super) const LAST_IN: u8 = 1 << 3;
/// The mark of `PriorityQueue`.
pub(super) const SMALLEST: u8 = 1 << 4;
/// All marks. `Queue` has none.
pub(super) const ORDERS: u8 = LAST_IN | SMALLEST;

/// The engine's word for a class's mark.
pub(super) fn order(mark: u8) -> Order {
    match mark {
        LAST_IN => Order::LastIn,
        SMALLEST => Order::Smallest,
        _ => Order::FirstIn,
    }
}

impl This<'_, Queue> {
    /// Puts an item into the engine's queue, without waiting.
    ///
    /// # Errors
    ///
    /// The outer one is what a comparison raised.
    #[inline]
    pub(super) fn try_put(self, item: Held) -> Result<Result<(), TryPutError<Held>>, Raised> {
        // DIFFERENCE: A PriorityQueue compares without its lock
        if self.is_sorted() {
            let mut less_than = LessThan(self.py());
            return self.engine.try_put_sorted(item, &mut less_than);
        }
        Ok(self.engine.try_put(item))
    }

    /// Gets an item out of the engine's queue, without waiting.
    ///
    /// # Errors
    ///
    /// The outer one is what a comparison raised.
    #[inline]
    pub(super) fn try_get(self) -> Result<Result<Held, TryGetError>, Raised> {
        if self.is_sorted() {
            return self.engine.try_get_sorted(&mut LessThan(self.py()));
        }
        Ok(self.engine.try_get())
    }

    #[inline]
    fn is_sorted(self) -> bool {
        // Relaxed: written and read while attached.
        self.order.load(Ordering::Relaxed) == SMALLEST
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
