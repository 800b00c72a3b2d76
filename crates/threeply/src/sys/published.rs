#![expect(
    unsafe_code,
    reason = "a reference is kept as an address, for signal handlers"
)]
//! A reference that a signal handler reads.
//!
//! # Memory ordering
//!
//! Published with Release and read with Acquire, so what lies behind the reference is seen whole.

use std::{
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A place for one `&'static T`, replaced and read without a lock.
pub(crate) struct Published<T>(AtomicPtr<T>);

impl<T: Sync> Published<T> {
    pub(crate) const fn nothing() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    pub(crate) fn publish(&self, value: &'static T) {
        self.0
            .store(ptr::from_ref(value).cast_mut(), Ordering::Release);
    }

    /// Async-signal-safe: one load.
    pub(crate) fn get(&self) -> Option<&'static T> {
        let value = self.0.load(Ordering::Acquire);
        // SAFETY: only `publish` stores here, and it stores a `&'static T`; `T` is `Sync`.
        unsafe { value.as_ref() }
    }
}
