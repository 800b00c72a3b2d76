//! Programs in processes of their own.
//!
//! | here         | Python                          | what it is |
//! |--------------|---------------------------------|---|
//! | [`Popen`]    | the arguments of `Popen(...)`   | what a child is to be |
//! | [`Child`]    | a `Popen`                       | a process and this side of its pipes |
//! | [`Process`]  | `Popen.poll`, `wait`, `kill`    | a process that is never mistaken for another |
//! | [`Outcome`]  | `returncode`                    | how it ended |
//! | [`Containment`] | `Popen.kill_tree()`         | by what everything that it starts is known |
//! | [`ResourceUsage`] | `Popen.resource_usage()`   | what it used |
//! | [`Communication`] | `Popen.communicate`        | a talk with a child |
//! | [`Completed`] | `CompletedProcess`             | what became of it |
//! | [`Pipeline`], [`Children`] | `Popen(...) \| Popen(...)` | children, each of which reads what the one before it writes |
//! | [`Redirect`] | `PIPE`, `DEVNULL`, `STDOUT`, a file | where a standard stream goes |
//!
//! # From an order to a process
//!
//! `spawn` collects the strings (`image`), opens the pipes (`streams`), finds an order in which descriptors come to their places
//! (`arrangement`), and gives the plan to `sys::spawn`, which makes the child. Nothing of this is asked of the child but what only it can do.

mod arrangement;
mod capture;
mod child;
mod communication;
mod error;
mod feed;
mod handle;
mod image;
mod orphans;
mod outcome;
mod pipeline;
mod popen;
mod process;
mod redirect;
mod run;
mod sink;
mod spawn;
mod state;
mod streams;
mod talk;
mod tree;
mod usage;

pub use crate::sys::spawn::Hook;
pub use capture::TooMuchOutput;
pub use child::Child;
pub use communication::Communication;
pub use error::{SpawnError, Step};
pub use outcome::Outcome;
pub use pipeline::{Children, CompletedPipeline, Pipeline, PipelineError, PipelineOutput};
pub use popen::Popen;
pub use process::Process;
pub use redirect::{DEVNULL, PIPE, Redirect, STDOUT};
pub use run::{Completed, RunError, Unsuccessful};
pub use sink::Sink;
pub use tree::Containment;
pub use usage::ResourceUsage;
