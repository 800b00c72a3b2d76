//! System calls, and nearly all unsafe code.
//!
//! Each file wraps one thing the kernel offers in a function that a safe caller cannot misuse.

#[cfg(not(loom))]
pub(crate) mod affinity;
pub(crate) mod bell;
#[cfg(not(loom))]
pub(crate) mod deliver;
#[cfg(not(loom))]
pub(crate) mod environ;
pub(crate) mod fork;
pub(crate) mod futex;
#[cfg(not(loom))]
pub(crate) mod pidfd;
#[cfg(not(loom))]
pub(crate) mod published;
#[cfg(not(loom))]
pub(crate) mod relay;
#[cfg(not(loom))]
pub(crate) mod signals;
#[cfg(not(loom))]
pub(crate) mod slack;
#[cfg(not(loom))]
pub(crate) mod spawn;
