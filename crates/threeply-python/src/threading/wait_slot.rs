//! What other threads have of a thread: its waits, which `Thread.interrupt` ends, and its end,
//! which `Thread.join` waits for.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        interruption::Interruption,
        method::{plain, with_args},
        native::{Class, Heirs, Native, This},
        object::{Answer, Owned},
        wait,
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use std::sync::Arc;
use threeply::time::Deadline;

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
const JOIN: Parameters<1> = Parameters {
    function: "join",
    names: [c"timeout"],
    required: 0,
};

/// Makes the class.
pub(crate) fn wait_slot(py: Python<'_>) -> Answer<'_> {
    Class::<WaitSlot>::new(c"wait_slot", DOC)
        .methods([
            with_args(c"interrupt", INTERRUPT_DOC, interrupt),
            plain(c"end", END_DOC, end),
            with_args(c"join", JOIN_DOC, join),
            plain(c"is_ended", IS_ENDED_DOC, is_ended),
            plain(c"lose", LOSE_DOC, lose),
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

fn end(this: This<'_, WaitSlot>) -> Answer<'_> {
    this.0.end();
    Ok(Owned::none(this.py()))
}

fn join<'py>(this: This<'py, WaitSlot>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [timeout] = args.bind(&JOIN)?;
    let timeout = Seconds::from_argument(timeout)?;
    let gone = this.0.gone();
    let deadline = if gone.is_set() {
        Deadline::NEVER
    } else {
        seconds::deadline(py, timeout)?
    };
    if this.0.is_current() {
        // The interpreter's own join refuses that.
    } else if wait::is_finalizing() {
        // The interpreter's own join knows best what to say. Before 3.14 it would wait for ever.
        if cfg!(not(Py_3_14)) && !gone.is_set() {
            wait::refuse_at_the_end(py, deadline)?;
        }
    } else if !this.0.is_ended() {
        wait::detached(py, |interrupted| gone.wait_unless(deadline, interrupted))?;
    }
    // In its last steps it is left to the interpreter's own join: to be woken by the last of them,
    // and then to wait for the system's thread, would be a sleep more.
    match timeout {
        None => Ok(Owned::none(py)),
        Some(seconds) => {
            let left = deadline
                .remaining()
                .map_or(seconds.get(), |left| left.as_secs_f64());
            Owned::float(py, left)
        }
    }
}

fn is_ended(this: This<'_, WaitSlot>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.0.is_ended()))
}

fn lose(this: This<'_, WaitSlot>) -> Answer<'_> {
    this.0.lose();
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

const JOIN_DOC: &std::ffi::CStr = c"join($self, /, timeout=None)
--

Wait until the thread is gone or in its last steps, or the timeout has passed.

While the interpreter ends it does not wait.

Args:
    timeout: The most seconds to wait; None waits for ever.

Returns:
    What is left of the timeout, None of none.

Raises:
    TypeError: `timeout` is not a number.
    ValueError: `timeout` is NaN.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

const IS_ENDED_DOC: &std::ffi::CStr = c"is_ended($self, /)
--

Return whether the thread is through, but for its last steps.";

const LOSE_DOC: &std::ffi::CStr = c"lose($self, /)
--

Note, in a forked child, that the thread stayed in the parent.";
