//! Children in a row, each of which reads what the one before it writes.
//!
//! The pipe between two neighbours goes from child to child: this process makes it, hands the ends over, and keeps neither. So a
//! child whose reader has gone gets `SIGPIPE`, as it would from a shell, and nothing passes through here.
//!
//! # Source
//!
//! `pipe(7)`; "Pipelines" in bash(1); "Replacing shell pipeline" in CPython's `Doc/library/subprocess.rst`, where the caller has to close the ends.

mod children;
mod order;
mod run;

pub use children::Children;
pub use order::{Pipeline, PipelineError};
pub use run::{CompletedPipeline, PipelineOutput};
