//! System calls, and nearly all unsafe code.
//!
//! Each file wraps one thing the kernel offers in a function that a safe caller cannot misuse.

#[cfg(not(loom))]
pub(crate) mod affinity;
pub(crate) mod bell;
pub(crate) mod deliver;
pub(crate) mod fork;
pub(crate) mod futex;
pub(crate) mod published;
pub(crate) mod relay;
pub(crate) mod signals;
#[cfg(not(loom))]
pub(crate) mod slack;
