//! `threading.Event`.
//!
//! `_cond`, on which the standard class is built, is a [`companion`].
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Event`.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

use super::companion::{self, Companioned};
use crate::seconds::{self, Seconds};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, read_write, with_args},
        native::{Class, Made, Native, This},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;

/// The value of an instance.
pub(crate) struct Event {
    engine: threeply::threading::Event,
}

impl Native for Event {
    fn new() -> Self {
        Self {
            engine: threeply::threading::Event::new(),
        }
    }
}

impl Companioned for Event {
    #[inline]
    fn notes(&self) -> u8 {
        self.engine.notes()
    }

    fn note(&self, bits: u8) {
        self.engine.note(bits);
    }
}

const WAIT: Parameters<1> = Parameters {
    function: "wait",
    names: [c"timeout"],
    required: 0,
};
const INIT: Parameters<0> = Parameters {
    function: "__init__",
    names: [],
    required: 0,
};

/// Makes the class, as a subclass of the standard one.
pub(super) fn event<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    condition: companion::Parts<'_>,
) -> Answer<'py> {
    let parent = standard.attribute(c"Event")?;
    let Made { class, .. } = Class::new(c"Event", DOC)
        .init(init)
        .repr(repr)
        .methods([
            plain(c"is_set", IS_SET_DOC, is_set),
            plain(c"isSet", IS_SET_OLD_DOC, is_set_old),
            plain(c"set", SET_DOC, set),
            plain(c"clear", CLEAR_DOC, clear),
            with_args(c"wait", WAIT_DOC, wait_),
            plain(c"_at_fork_reinit", AT_FORK_DOC, at_fork_reinit),
            super::unpicklable::<Event>(),
        ])
        .attributes([
            read_write(c"_flag", c"Whether the flag is set.", is_set, set_flag),
            companion::attribute::<Event>(),
        ])
        .make(py, c"threeply.threading", None, &[parent.borrow()])?;
    condition.give_to(class.borrow())?;
    Ok(class)
}

fn init(this: This<'_, Event>, args: Args<'_>) -> Result<(), Raised> {
    args.bind(&INIT)?;
    this.engine.clear();
    Ok(())
}

fn is_set(this: This<'_, Event>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine.is_set()))
}

fn is_set_old(this: This<'_, Event>) -> Answer<'_> {
    error::deprecated(this.py(), c"isSet() is deprecated, use is_set() instead")?;
    this.object().call_method(c"is_set", &[])
}

fn set(this: This<'_, Event>) -> Answer<'_> {
    this.engine.set();
    companion::notify(this)?;
    Ok(Owned::none(this.py()))
}

fn clear(this: This<'_, Event>) -> Answer<'_> {
    this.engine.clear();
    Ok(Owned::none(this.py()))
}

fn wait_<'py>(this: This<'py, Event>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    if args.exactly::<0>().is_some() && this.engine.is_set() {
        return Ok(Owned::boolean(py, true));
    }
    let [timeout] = args.bind(&WAIT)?;
    let timeout = Seconds::from_argument(timeout)?;
    if this.engine.is_set() {
        return Ok(Owned::boolean(py, true));
    }
    let deadline = seconds::deadline(py, timeout)?;
    let came = wait::for_a_thread(py, deadline, |interrupted| {
        this.engine.wait_unless(deadline, interrupted)
    })?;
    Ok(Owned::boolean(py, came))
}

/// In a child: whoever waited stayed in the parent, and the engine knows it; only `_cond` is Python's.
fn at_fork_reinit(this: This<'_, Event>) -> Answer<'_> {
    companion::at_fork_reinit(this)?;
    Ok(Owned::none(this.py()))
}

fn set_flag<'py>(this: This<'py, Event>, value: Option<Object<'py>>) -> Result<(), Raised> {
    let Some(value) = value else {
        return Err(error::attribute_error(
            this.py(),
            "an Event's flag cannot be deleted",
        ));
    };
    if value.truth()? {
        this.engine.set();
    } else {
        this.engine.clear();
    }
    Ok(())
}

fn repr(this: This<'_, Event>) -> Answer<'_> {
    super::describe(
        this.object(),
        if this.engine.is_set() { "set" } else { "unset" },
    )
}

const DOC: &std::ffi::CStr = c"Event()
--

A flag that one thread sets and others wait for.

The flag is false at first. It is safe to use from any thread, from signal
handlers and from `__del__`; only `wait` blocks.

Source: CPython Lib/threading.py, class Event.";

const IS_SET_DOC: &std::ffi::CStr = c"is_set($self, /)
--

Return whether the flag is true.";

const IS_SET_OLD_DOC: &std::ffi::CStr = c"isSet($self, /)
--

Return whether the flag is true.

This method is deprecated, use `is_set` instead.

Raises:
    DeprecationWarning: where warnings are errors.";

const SET_DOC: &std::ffi::CStr = c"set($self, /)
--

Set the flag to true and wake every thread that waits for it.

Threads that call `wait` from now on do not block. A following `clear` does not
hold back those that were waiting.";

const CLEAR_DOC: &std::ffi::CStr = c"clear($self, /)
--

Reset the flag to false: threads that call `wait` block until the next `set`.";

const WAIT_DOC: &std::ffi::CStr = c"wait($self, timeout=None)
--

Block until the flag is true.

Ends at once if it is true already; otherwise when another thread calls `set`,
when `timeout` has passed, or when a signal handler that runs in the main thread
meanwhile raises (Ctrl-C).

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever,
        zero or less not at all.

Returns:
    True when the flag is (or was) set, False when the timeout passed.

Raises:
    TypeError: `timeout` is not a number.
    ValueError: `timeout` is NaN.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

const AT_FORK_DOC: &std::ffi::CStr = c"_at_fork_reinit($self, /)
--

Forget, in a forked child, the threads that waited in the parent.";
