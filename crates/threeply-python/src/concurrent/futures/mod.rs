//! What `concurrent.futures` is made of.

mod bridge;
mod call;
mod crew;
mod docs;
mod future;
mod names;
mod opening;
mod pool;
mod round;

pub(crate) use crew::crew;
pub(crate) use future::future;
pub(crate) use pool::pool;
pub(crate) use round::round;
