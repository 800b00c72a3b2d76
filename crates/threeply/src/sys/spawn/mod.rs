//! Starting a program in a child process.
//!
//! A [`Plan`] is worked out by the caller, with everything allocated. [`spawn`] blocks all signals, makes the child in one of the
//! ways, and returns when the program runs, or with the step that failed; then no child is left. Of a child that was
//! forked the caller may wait for that in its own way, and give it up ([`Starting`]).
//!
//! | file | its noun |
//! |---|---|
//! | `plan` | what a child is to do |
//! | `strings` | strings as the kernel takes them |
//! | `hook` | a caller's function that runs in the child |
//! | `start` | the parent's part |
//! | `starting` | a child whose program may not run yet |
//! | `way` | clone and fork |
//! | `clone3` | a clone without its parent's signal handlers |
//! | `lifeline` | a pipe whose end tells that a forked child runs its program |
//! | `memory` | the child's stack; a page that outlives a fork |
//! | `child` | the child's part: no allocation, no lock, no panic |
//! | `call`, `descriptors`, `signals` | what it consists of |
//! | `report` | what the child tells of a failure |

mod call;
mod child;
mod clone3;
mod descriptors;
mod hook;
mod lifeline;
mod memory;
mod plan;
mod report;
mod signals;
mod start;
mod starting;
mod strings;
mod way;

pub(crate) use call::is_open;
pub use hook::Hook;
pub(crate) use plan::{Move, Plan, Reopened};
pub(crate) use report::Failure;
pub use report::Step;
pub(crate) use start::spawn;
pub(crate) use starting::{Spawned, Starting};
pub(crate) use strings::{CStrings, Collector, HoldsNul};
