//! Calls that run elsewhere, and what comes of them.
//!
//! | here             | Python                                                    |
//! |------------------|-----------------------------------------------------------|
//! | [`Completion`]   | what a `Future` is, but for the Python around it          |
//! | [`Round`]        | the waiter inside `wait` and `as_completed`               |
//! | [`WorkQueue`]    | what lies between `submit` and the workers of a pool      |

mod completion;
mod round;
mod work;

pub use completion::{Cancel, Completion, Ended, Retired, State, Watchers};
pub use round::{Round, Told, Until};
pub use work::{Counts, Next, Refused, RunBy, WorkQueue, Worker};
