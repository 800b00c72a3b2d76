//! Calls that run elsewhere, and what comes of them.
//!
//! | here                     | Python                                                    |
//! |--------------------------|-----------------------------------------------------------|
//! | [`Future`], [`Promise`]  | `Future`, from both ends                                  |
//! | [`Executor`]             | `Executor`                                                |
//! | [`ThreadPoolExecutor`]   | `ThreadPoolExecutor`                                      |
//! | [`wait`]                 | `wait`                                                    |
//! | [`as_completed`]         | `as_completed`                                            |
//! | [`Completion`]           | what a `Future` is, but for the handle around it          |
//! | [`Round`]                | the waiter inside `wait` and `as_completed`               |
//! | [`WorkQueue`]            | what lies between `submit` and the workers of a pool      |

mod completion;
// Threads that run calls are the standard library's, which no model runs; what they stand on is modelled.
#[cfg(not(loom))]
mod executor;
#[cfg(not(loom))]
mod failure;
#[cfg(not(loom))]
mod future;
#[cfg(not(loom))]
mod job;
#[cfg(not(loom))]
mod pool;
mod round;
#[cfg(not(loom))]
mod shared;
#[cfg(not(loom))]
mod wait;
mod work;

pub use completion::{Cancel, Completion, Ended, Retired, State};
#[cfg(not(loom))]
pub use executor::{Executor, Map};
#[cfg(not(loom))]
pub use failure::{Failure, Panic, SubmitError};
#[cfg(not(loom))]
pub use future::{Future, Promise};
#[cfg(not(loom))]
pub use pool::{ThreadPoolBuilder, ThreadPoolExecutor};
pub use round::{Round, Told, Until};
#[cfg(not(loom))]
pub use wait::{AsCompleted, ReturnWhen, Waited, as_completed, wait, wait_unless};
pub use work::{Counts, Next, Refused, RunBy, WorkQueue, Worker};
