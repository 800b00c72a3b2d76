//! `threading.Semaphore` and `threading.BoundedSemaphore`.
//!
//! `_cond`, on which the standard classes are built, is a [`companion`].
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Semaphore`, `class BoundedSemaphore`.

use super::{
    companion::{self, Companioned},
    overrides::{self, Watched},
};
use crate::seconds::{self, Seconds};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{read, read_write, with_args},
        native::{Class, Made, Native, This},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use threeply::time::Deadline;

/// The value of an instance.
pub(crate) struct Semaphore {
    engine: threeply::threading::Semaphore,
}

/// `release` is not ours: a note, where that is so for one instance.
const RELEASE_REPLACED: u8 = 1 << 0;

/// `with semaphore:` ends by `self.release()`.
const WATCHED: [Watched; 1] = [(c"release", RELEASE_REPLACED)];

impl Native for Semaphore {
    fn new() -> Self {
        Self {
            engine: threeply::threading::Semaphore::new(1),
        }
    }
}

impl Companioned for Semaphore {
    #[inline]
    fn notes(&self) -> u8 {
        self.engine.notes()
    }

    fn note(&self, bits: u8) {
        self.engine.note(bits);
    }
}

const ACQUIRE: Parameters<2> = Parameters {
    function: "acquire",
    names: [c"blocking", c"timeout"],
    required: 0,
};
const RELEASE: Parameters<1> = Parameters {
    function: "release",
    names: [c"n"],
    required: 0,
};
const INIT: Parameters<1> = Parameters {
    function: "__init__",
    names: [c"value"],
    required: 0,
};

/// Makes both classes, as subclasses of the standard ones.
pub(super) fn semaphores<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    condition: companion::Parts<'_>,
) -> Result<[Owned<'py>; 2], Raised> {
    let parent = standard.attribute(c"Semaphore")?;
    let Made {
        class: semaphore,
        core,
    } = Class::new(c"Semaphore", DOC)
        .init(init_unbounded)
        .repr(repr)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .attributes([
            read_write(
                c"_value",
                c"The number of permits left.",
                permits,
                set_permits,
            ),
            companion::attribute::<Semaphore>(),
        ])
        .make(py, c"threeply.threading", None, &[parent.borrow()])?;
    condition.give_to(semaphore.borrow())?;
    let parent = standard.attribute(c"BoundedSemaphore")?;
    let bases = [semaphore.borrow(), parent.borrow()];
    let Made { class: bounded, .. } = Class::new(c"BoundedSemaphore", BOUNDED_DOC)
        .init(init_bounded)
        .repr(repr_bounded)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .attributes([read(
            c"_initial_value",
            c"The most permits it may have.",
            bound,
        )])
        .make(py, c"threeply.threading", Some(core.borrow()), &bases)?;
    overrides::learn(semaphore.borrow(), &WATCHED, 0)?;
    overrides::learn(bounded.borrow(), &WATCHED, 0)?;
    Ok([semaphore, bounded])
}

fn methods() -> [crate::ffi::method::Method; 5] {
    [
        with_args(c"acquire", ACQUIRE_DOC, acquire),
        with_args(c"__enter__", ENTER_DOC, acquire),
        with_args(c"release", RELEASE_DOC, release),
        with_args(c"__exit__", EXIT_DOC, exit),
        super::unpicklable::<Semaphore>(),
    ]
}

fn init_unbounded(this: This<'_, Semaphore>, args: Args<'_>) -> Result<(), Raised> {
    let value = initial_value(this, args)?;
    this.engine
        .reset(value, threeply::threading::Semaphore::MAX)
        .map_err(|error| error::too_many_permits(this.py(), error))
}

fn init_bounded(this: This<'_, Semaphore>, args: Args<'_>) -> Result<(), Raised> {
    let value = initial_value(this, args)?;
    this.engine
        .reset(value, value)
        .map_err(|error| error::too_many_permits(this.py(), error))
}

fn initial_value(this: This<'_, Semaphore>, args: Args<'_>) -> Result<usize, Raised> {
    let [value] = args.bind(&INIT)?;
    let Some(value) = value else {
        return Ok(1);
    };
    let number = value.integer()?;
    if number < 0 {
        return Err(error::value_error(
            this.py(),
            "semaphore initial value must be >= 0",
        ));
    }
    // DIFFERENCE: A semaphore counts in a machine word
    let fits = usize::try_from(number).ok();
    fits.filter(|number| *number <= threeply::threading::Semaphore::MAX)
        .ok_or_else(|| error::overflow_error(this.py(), "semaphore initial value is too large"))
}

#[inline]
fn acquire<'py>(this: This<'py, Semaphore>, args: Args<'py>) -> Answer<'py> {
    if args.exactly::<0>().is_some() && this.engine.try_acquire() {
        return Ok(Owned::boolean(this.py(), true));
    }
    acquire_slow(this, args)
}

#[cold]
fn acquire_slow<'py>(this: This<'py, Semaphore>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [blocking, timeout] = args.bind(&ACQUIRE)?;
    let blocking = blocking.map_or(Ok(true), Object::truth)?;
    if !blocking && timeout.is_some_and(|timeout| !timeout.is_none()) {
        return Err(error::value_error(
            py,
            "can't specify timeout for non-blocking acquire",
        ));
    }
    let timeout = Seconds::from_argument(timeout)?;
    if this.engine.try_acquire() {
        return Ok(Owned::boolean(py, true));
    }
    if !blocking {
        return Ok(Owned::boolean(py, false));
    }
    let deadline: Deadline = seconds::deadline(py, timeout)?;
    let taken = wait::for_a_thread(py, deadline, |interrupted| {
        this.engine.acquire_unless(deadline, interrupted)
    })?;
    Ok(Owned::boolean(py, taken))
}

#[inline]
fn release<'py>(this: This<'py, Semaphore>, args: Args<'py>) -> Answer<'py> {
    let count = if args.exactly::<0>().is_some() {
        1
    } else {
        release_count(this, args)?
    };
    give_back(this, count)?;
    Ok(Owned::none(this.py()))
}

fn exit<'py>(this: This<'py, Semaphore>, _args: Args<'py>) -> Answer<'py> {
    let replaced = overrides::of_class(this, &WATCHED)? | this.engine.notes();
    if replaced & RELEASE_REPLACED != 0 {
        this.object().call_method(c"release", &[])?;
        return Ok(Owned::none(this.py()));
    }
    give_back(this, 1)?;
    Ok(Owned::none(this.py()))
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn attribute_is_set(this: This<'_, Semaphore>, name: Object<'_>) -> Result<(), Raised> {
    if let Some(bit) = overrides::watched_bit(name, &WATCHED) {
        this.engine.note(bit);
    }
    Ok(())
}

fn release_count(this: This<'_, Semaphore>, args: Args<'_>) -> Result<usize, Raised> {
    let [count] = args.bind(&RELEASE)?;
    let Some(count) = count else {
        return Ok(1);
    };
    let count = count.integer()?;
    if count < 1 {
        return Err(error::value_error(this.py(), "n must be one or more"));
    }
    // What does not fit is more than any semaphore has room for.
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

#[inline]
fn give_back(this: This<'_, Semaphore>, count: usize) -> Result<(), Raised> {
    this.engine
        .release(count)
        .map_err(|error| error::too_many_permits(this.py(), error))?;
    companion::notify(this)
}

fn permits(this: This<'_, Semaphore>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.permits())
}

fn set_permits<'py>(this: This<'py, Semaphore>, value: Option<Object<'py>>) -> Result<(), Raised> {
    let number = match value {
        Some(value) => value.integer()?,
        None => -1,
    };
    let Ok(number) = usize::try_from(number) else {
        return Err(error::value_error(
            this.py(),
            "a semaphore's value must be an integer >= 0",
        ));
    };
    this.engine
        .set_permits(number)
        .map_err(|error| error::too_many_permits(this.py(), error))
}

fn bound(this: This<'_, Semaphore>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.bound())
}

fn repr(this: This<'_, Semaphore>) -> Answer<'_> {
    super::describe(this.object(), &format!("value={}", this.engine.permits()))
}

fn repr_bounded(this: This<'_, Semaphore>) -> Answer<'_> {
    let value = format!("value={}/{}", this.engine.permits(), this.engine.bound());
    super::describe(this.object(), &value)
}

const DOC: &std::ffi::CStr = c"Semaphore(value=1)
--

A number of permits that threads take and give back.

`acquire` takes one and waits while there is none; `release` gives some. It is safe
to use from any thread, from signal handlers and from `__del__`; only `acquire`
blocks. A permit may be given by another thread than the one that took it.

Args:
    value: The number of permits at first.

Raises:
    ValueError: `value` is below zero.
    TypeError: `value` is not an integer.
    OverflowError: `value` does not fit.

Source: CPython Lib/threading.py, class Semaphore.";

const BOUNDED_DOC: &std::ffi::CStr = c"BoundedSemaphore(value=1)
--

A semaphore that never has more permits than at first.

Args:
    value: The number of permits at first, and the most.

Raises:
    ValueError: `value` is below zero.
    TypeError: `value` is not an integer.
    OverflowError: `value` does not fit.

Source: CPython Lib/threading.py, class BoundedSemaphore.";

const ACQUIRE_DOC: &std::ffi::CStr = c"acquire($self, blocking=True, timeout=None)
--

Take a permit, waiting while there is none.

The wait ends when another thread calls `release`, when `timeout` has passed, or
when a signal handler that runs in the main thread meanwhile raises (Ctrl-C).

Args:
    blocking: Whether to wait at all.
    timeout: The most seconds to wait, an int or a float; None waits for ever,
        zero or less not at all.

Returns:
    Whether a permit was taken.

Raises:
    ValueError: `timeout` is given though `blocking` is false, or is NaN.
    TypeError: `timeout` is not a number.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

const ENTER_DOC: &std::ffi::CStr = c"__enter__($self, blocking=True, timeout=None)
--

Take a permit, as `acquire` does.";

const RELEASE_DOC: &std::ffi::CStr = c"release($self, n=1)
--

Give `n` permits and wake as many of the threads that wait.

Args:
    n: How many, one or more.

Raises:
    ValueError: `n` is below one, or (for a BoundedSemaphore) there would be more
        permits than at first; none is given then.
    TypeError: `n` is not an integer.";

const EXIT_DOC: &std::ffi::CStr = c"__exit__($self, t, v, tb)
--

Give one permit.";
