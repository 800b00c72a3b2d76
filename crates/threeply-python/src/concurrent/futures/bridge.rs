//! A waiter, in the standard shape, that tells a round of the engine.
//!
//! When a future opens, what had told a round is to do so still: the standard class then calls its waiters.

use crate::ffi::{
    args::Args,
    method::with_args,
    native::{Class, Heirs, Native, This, instance},
    object::{Answer, Held, Owned},
};
use pyo3::Python;
use std::sync::{Arc, OnceLock};
use threeply::concurrent::futures::{Round, Told};

/// The value of an instance.
struct Bridge(Option<(Arc<Round>, u32)>);

impl Native for Bridge {
    fn new() -> Self {
        Self(None)
    }
}

static CLASS: OnceLock<Held> = OnceLock::new();

const TOLD: &std::ffi::CStr = c"($self, future, /)\n--\n\nTell the round.";
const DOC: &std::ffi::CStr = c"Bridge()\n--\n\nA waiter that tells a native round.";

/// Makes one that tells `round` of `index`.
pub(super) fn bridge(py: Python<'_>, round: Arc<Round>, index: u32) -> Answer<'_> {
    let class = if let Some(class) = CLASS.get() {
        class
    } else {
        let made = class(py)?.into_held();
        CLASS.get_or_init(|| made)
    };
    instance(class.get(py), Bridge(Some((round, index))))
}

fn class(py: Python<'_>) -> Answer<'_> {
    Class::<Bridge>::new(c"Bridge", DOC)
        .methods([
            with_args(c"add_result", TOLD, |this, args| {
                tell(this, args, Told::Finished)
            }),
            with_args(c"add_exception", TOLD, |this, args| {
                tell(this, args, Told::Failed)
            }),
            with_args(c"add_cancelled", TOLD, |this, args| {
                tell(this, args, Told::Cancelled)
            }),
        ])
        .make_small(py, c"threeply.concurrent.futures", Heirs::None)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a method")]
fn tell<'py>(this: This<'py, Bridge>, _: Args<'py>, told: Told) -> Answer<'py> {
    if let Some((round, index)) = &this.0 {
        round.tell(*index, told);
    }
    Ok(Owned::none(this.py()))
}
