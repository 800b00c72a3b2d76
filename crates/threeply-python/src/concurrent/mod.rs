//! The binding of `concurrent`.

pub(crate) mod futures;
