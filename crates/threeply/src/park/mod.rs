//! The one place where a thread sleeps.
//!
//! Every blocking call of the engine ends up here, so that what a sleep owes its caller is written
//! once: it ends when it is woken, when its [`Deadline`](crate::time::Deadline) passes, and when the owner of the thread
//! interrupts it. Nothing polls.
//!
//! A thread that waits for files instead ([`poll`]) is interrupted in the same way.
//!
//! # How a wait travels
//!
//! 1. A primitive finds that it must wait, and calls [`WaitQueue::wait`] with a closure that says
//!    whether it still must.
//! 2. The queue links a node that lies on the caller's stack, asks the closure once more (so
//!    that a wake-up between the two is not lost), and sleeps on the thread's own [`Parker`].
//! 3. Whoever makes the event come true calls [`WaitQueue::wake`]: nodes are unlinked and marked
//!    under the queue's gate, threads are woken after it is open again.
//! 4. [`Parker::interrupt`] wakes the thread without its event. The wait then asks its caller whether to
//!    go on; its place in the queue is kept meanwhile.
//!
//! A thread spins for a few microseconds before it sleeps, where another processor can make its
//! event come true meanwhile and while that keeps happening. One that sleeps to a near deadline is woken early by as
//! much as sleeps tend to end late.

mod parker;
#[cfg(not(loom))]
mod poll;
mod queue;
mod spin;
mod take;
#[cfg(not(loom))]
mod timed;

pub use parker::{Parker, Unparked};
#[cfg(not(loom))]
pub use poll::{Watched, poll};
pub use queue::{Place, Stopped, WaitQueue, Wake};
pub use spin::Spin;

/// The answer of a wait that nothing but its event and its deadline may end.
pub(crate) fn never_stop() -> std::ops::ControlFlow<std::convert::Infallible> {
    std::ops::ControlFlow::Continue(())
}
