//! What `Thread.interrupt` sends an exception through: a thread's waits.

use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        interruption::Interruption,
        method::{plain, with_args},
        native::{Class, Heirs, Native, This},
        object::{Answer, Owned},
    },
};
use pyo3::Python;
use std::sync::Arc;

/// The value of an instance: it belongs to the thread that made it.
pub(crate) struct WaitSlot(Arc<Interruption>);

impl Native for WaitSlot {
    fn new() -> Self {
        Self(Interruption::current())
    }
}

const INTERRUPT: Parameters<1> = Parameters {
    function: "interrupt",
    names: [c"exc"],
    required: 1,
};

/// Makes the class.
pub(crate) fn wait_slot(py: Python<'_>) -> Answer<'_> {
    Class::<WaitSlot>::new(c"wait_slot", DOC)
        .methods([
            with_args(c"interrupt", INTERRUPT_DOC, interrupt),
            plain(c"end", END_DOC, end),
        ])
        .make_small(py, c"threeply.threading", Heirs::None)
}

fn interrupt<'py>(this: This<'py, WaitSlot>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [exc] = args.bind(&INTERRUPT)?;
    let none = Owned::none(py);
    let exc = exc.unwrap_or(none.borrow());
    if !exc.is_exception() {
        let message = format!(
            "exc must be an exception class or instance, not {}",
            exc.class_name()
        );
        return Err(error::type_error(py, &message));
    }
    Ok(Owned::boolean(py, this.0.send(exc)))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a slot")]
fn end(this: This<'_, WaitSlot>) -> Answer<'_> {
    this.0.end();
    Ok(Owned::none(this.py()))
}

const DOC: &std::ffi::CStr = c"wait_slot()
--

The calling thread's waits, for another thread to end.";

const INTERRUPT_DOC: &std::ffi::CStr = c"interrupt($self, /, exc)
--

Raise `exc` in the native wait in which the thread is, or else in its next one.

Args:
    exc: An exception class or instance.

Returns:
    False if the thread has ended.

Raises:
    TypeError: `exc` is no exception.";

const END_DOC: &std::ffi::CStr = c"end($self, /)
--

Take no more, and give up what was not raised. For the thread itself, at its end.";
