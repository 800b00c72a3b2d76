//! Events that other processes send, and that interrupt what a thread is doing.
//!
//! | here                        | Python                                            |
//! |-----------------------------|---------------------------------------------------|
//! | [`SignalSet`]               | sets of `signal.Signals`; `valid_signals`          |
//! | [`change_mask`], [`block`], [`pending`] | `pthread_sigmask`, `sigpending`       |
//! | [`wait`], [`pause`]         | `sigwait`, `sigwaitinfo`, `sigtimedwait`, `pause`  |
//! | [`signal()`], [`default_int_handler`] | `signal` and `add_handler`, `default_int_handler` |
//! | [`receive`]                 | (`receive`, which only threeply has)              |
//! | [`Timer`], [`alarm`]        | `setitimer`, `getitimer`, `alarm`                  |
//! | [`raise`], [`interrupt_calls`], [`describe`] | `raise_signal`, `siginterrupt`, `strsignal` |
//! | [`Relay`]                   | (what lets Ctrl-C end a native wait)              |

mod handle;
mod mask;
mod receive;
mod relay;
mod send;
mod set;
mod timer;
mod wait;

pub use handle::{Handling, default_int_handler, signal};
pub use mask::{Blocked, How, block, change_mask, pending};
pub use receive::{Receiver, receive};
pub use relay::Relay;
pub use send::{describe, interrupt_calls, raise};
pub use set::{NoSuchSignal, SignalSet};
pub use timer::{Schedule, Timer, alarm};
pub use wait::{Received, pause, wait, wait_unless, wait_until};
