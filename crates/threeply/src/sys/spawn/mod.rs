//! Starting a program in a child process.
//!
//! A [`Plan`] is worked out by the caller, with everything allocated. [`spawn`] blocks all signals, makes the child in one of the
//! [ways](way::Way), and returns when the program runs, or with the step that failed; then no child is left.
//!
//! | file | its noun |
//! |---|---|
//! | `plan` | what a child is to do |
//! | `strings` | strings as the kernel takes them |
//! | `start` | the parent's part |
//! | `way` | clone and fork |
//! | `lifeline` | a pipe whose end tells that a forked child runs its program |
//! | `memory` | the child's stack; a page that outlives a fork |
//! | `child` | the child's part: no allocation, no lock, no panic |
//! | `call`, `descriptors`, `signals` | what it consists of |
//! | `report` | what the child tells of a failure |

mod call;
mod child;
mod descriptors;
mod lifeline;
mod memory;
mod plan;
mod report;
mod signals;
mod start;
mod strings;
mod way;

pub(crate) use call::is_open;
pub use plan::Hook;
pub(crate) use plan::{Move, Plan, Reopened};
pub(crate) use report::Failure;
pub use report::Step;
pub(crate) use start::{Spawned, spawn};
pub(crate) use strings::{CStrings, Collector, HoldsNul};
