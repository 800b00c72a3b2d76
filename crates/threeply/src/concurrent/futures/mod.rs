//! Calls that run elsewhere, and what comes of them.
//!
//! | here             | Python                                                    |
//! |------------------|-----------------------------------------------------------|
//! | [`Completion`]   | what a `Future` is, but for the Python around it          |
//! | [`Round`]        | the waiter inside `wait` and `as_completed`               |

mod completion;
mod round;

pub use completion::{Cancel, Completion, Ended, Retired, State, Watchers};
pub use round::{Round, Told, Until};
