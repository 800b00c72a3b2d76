//! `threading.Barrier`.
//!
//! The action runs between the last arrival and the release, when nothing of ours is locked: the barrier's phase keeps newcomers
//! out meanwhile.
//!
//! DIFFERENCE: A barrier's action runs without a lock
//!
//! # Invariants
//!
//! 1. No Python runs while `settings` is locked.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Barrier`.

use crate::seconds::{self, Seconds};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        method::{plain, read, with_args},
        native::{Class, Made, Native, This, Visit},
        object::{Answer, Held, Name, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use std::sync::{Mutex, MutexGuard, PoisonError};
use threeply::threading::{Arrival, BrokenBarrier, Phase};
use threeply::time::Deadline;

/// The value of an instance.
pub(crate) struct Barrier {
    engine: threeply::threading::Barrier,
    settings: Mutex<Settings>,
}

/// What `__init__` was given.
#[derive(Default)]
struct Settings {
    is_made: bool,
    action: Option<Held>,
    timeout: Option<Held>,
}

impl Native for Barrier {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self {
            engine: threeply::threading::Barrier::new(1),
            settings: Mutex::default(),
        }
    }

    fn traverse(&self, visit: &mut Visit) {
        let settings = self.settings();
        for object in [&settings.action, &settings.timeout].into_iter().flatten() {
            if !visit.show(object) {
                return;
            }
        }
    }

    fn clear(&self, _py: Python<'_>) {
        let before = {
            let mut settings = self.settings();
            (settings.action.take(), settings.timeout.take())
        };
        drop(before);
    }
}

impl Barrier {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn action<'py>(&self, py: Python<'py>) -> Option<Owned<'py>> {
        let settings = self.settings();
        settings.action.as_ref().map(|held| held.get(py).to_owned())
    }

    fn timeout<'py>(&self, py: Python<'py>) -> Option<Owned<'py>> {
        let settings = self.settings();
        settings
            .timeout
            .as_ref()
            .map(|held| held.get(py).to_owned())
    }
}

const INIT: Parameters<3> = Parameters {
    function: "__init__",
    names: [c"parties", c"action", c"timeout"],
    required: 1,
};
const WAIT: Parameters<1> = Parameters {
    function: "wait",
    names: [c"timeout"],
    required: 0,
};

static BROKEN: Name = Name::new(c"broken");
static PARTIES: Name = Name::new(c"parties");
static N_WAITING: Name = Name::new(c"n_waiting");
static INDEX: Name = Name::new(c"__index__");

/// Makes the class, as a subclass of the standard one.
pub(crate) fn barrier<'py>(py: Python<'py>, standard: Object<'_>) -> Answer<'py> {
    let parent = standard.attribute(c"Barrier")?;
    let Made { class, .. } = Class::new(c"Barrier", DOC)
        .init(init)
        .repr(repr)
        .methods([
            with_args(c"wait", WAIT_DOC, wait_),
            plain(c"reset", RESET_DOC, reset),
            plain(c"abort", ABORT_DOC, abort),
            super::unpicklable::<Barrier>(),
        ])
        .attributes([
            read(c"parties", c"How many threads must come.", parties),
            read(c"n_waiting", c"How many threads wait.", waiting),
            read(c"broken", c"Whether the barrier is broken.", is_broken),
            // DIFFERENCE: A barrier has no `_cond`
            read(c"_parties", c"How many threads must come.", parties),
            read(c"_action", c"What the last to come calls.", action),
            read(c"_timeout", c"The timeout of waits without one.", timeout),
            read(
                c"_state",
                c"0 filling, 1 draining, -1 resetting, -2 broken.",
                state,
            ),
            read(c"_count", c"How many threads are inside.", count),
        ])
        .make(py, c"threeply.threading", None, &[parent.borrow()])?;
    class.borrow().set_attribute(c"_standard", standard)?;
    Ok(class)
}

fn init(this: This<'_, Barrier>, args: Args<'_>) -> Result<(), Raised> {
    let py = this.py();
    let [parties, action, timeout] = args.bind(&INIT)?;
    let none = Owned::none(py);
    let parties = number_of_parties(parties.unwrap_or(none.borrow()))?;
    let hold =
        |given: Option<Object<'_>>| given.filter(|given| !given.is_none()).map(Object::to_held);
    let settings = Settings {
        is_made: true,
        action: hold(action),
        timeout: hold(timeout),
    };
    let before = std::mem::replace(&mut *this.settings(), settings);
    drop(before);
    this.engine.restart(parties);
    Ok(())
}

fn number_of_parties(parties: Object<'_>) -> Result<usize, Raised> {
    let py = parties.py();
    if !parties.is_integer() && parties.attribute_if_any(&INDEX)?.is_none() {
        let message = format!("parties must be an integer, not {}", parties.class_name());
        return Err(error::type_error(py, &message));
    }
    let number = parties.integer()?;
    // DIFFERENCE: A barrier has one party at least
    if number < 1 {
        return Err(error::value_error(py, "parties must be >= 1"));
    }
    // DIFFERENCE: A barrier counts in a machine word
    let fits = usize::try_from(number).ok();
    fits.filter(|number| *number <= threeply::threading::Barrier::MAX)
        .ok_or_else(|| error::overflow_error(py, "parties is too large"))
}

fn wait_<'py>(this: This<'py, Barrier>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let timeout = patience(this, args)?;
    let arrived = match this.engine.try_arrive().transpose() {
        Some(arrived) => arrived,
        None => wait::for_a_thread(py, Deadline::NEVER, |interrupted| {
            this.engine.arrive_unless(interrupted)
        })?,
    };
    let place = match arrived {
        Ok(Arrival::Waits(waiter)) => {
            // It begins now: who had to wait outside has all of it left.
            let deadline = seconds::deadline(py, timeout)?;
            wait::for_a_thread(py, deadline, |interrupted| {
                waiter.wait_unless(deadline, interrupted)
            })?
        }
        Ok(Arrival::Releases(releaser)) => {
            // If it raises, the releaser is dropped, which breaks the barrier.
            act(this)?;
            releaser.release()
        }
        Err(BrokenBarrier) => Err(BrokenBarrier),
    };
    match place {
        Ok(place) => Owned::integer(py, place),
        Err(BrokenBarrier) => Err(broken(this)),
    }
}

/// The timeout of a wait: its own, or else the barrier's. A wrong one is refused before the thread arrives.
fn patience(this: This<'_, Barrier>, args: Args<'_>) -> Result<Option<Seconds>, Raised> {
    let py = this.py();
    let [given] = args.bind(&WAIT)?;
    if !this.settings().is_made {
        let message = "Barrier.__init__() was not called, so it has no '_parties'";
        return Err(error::attribute_error(py, message));
    }
    let timeout = match given.filter(|given| !given.is_none()) {
        Some(given) => Seconds::from_argument(Some(given))?,
        None => match this.timeout(py) {
            Some(own) => Seconds::from_argument(Some(own.borrow()))?,
            None => None,
        },
    };
    if let Some(seconds) = timeout {
        seconds.check(py)?;
    }
    Ok(timeout)
}

/// What the last to come does before the release.
fn act(this: This<'_, Barrier>) -> Result<(), Raised> {
    if let Some(action) = this.action(this.py())
        && action.borrow().truth()?
    {
        action.borrow().call(&[])?;
    }
    Ok(())
}

/// The standard module's own `BrokenBarrierError`.
#[cold]
fn broken(this: This<'_, Barrier>) -> Raised {
    let class = this
        .object()
        .attribute(c"_standard")
        .and_then(|standard| standard.borrow().attribute(c"BrokenBarrierError"));
    match class {
        Ok(class) => call::raise_class(class.borrow()),
        Err(raised) => raised,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn reset(this: This<'_, Barrier>) -> Answer<'_> {
    this.engine.reset();
    Ok(Owned::none(this.py()))
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn abort(this: This<'_, Barrier>) -> Answer<'_> {
    this.engine.abort();
    Ok(Owned::none(this.py()))
}

fn parties(this: This<'_, Barrier>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.parties())
}

fn waiting(this: This<'_, Barrier>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.waiting())
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn is_broken(this: This<'_, Barrier>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine.is_broken()))
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn action(this: This<'_, Barrier>) -> Answer<'_> {
    let py = this.py();
    Ok(this.action(py).unwrap_or_else(|| Owned::none(py)))
}

#[expect(clippy::unnecessary_wraps, reason = "the slot's signature")]
fn timeout(this: This<'_, Barrier>) -> Answer<'_> {
    let py = this.py();
    Ok(this.timeout(py).unwrap_or_else(|| Owned::none(py)))
}

/// The standard class's name for a phase.
fn state(this: This<'_, Barrier>) -> Answer<'_> {
    let number = match this.engine.phase() {
        Phase::Filling | Phase::Releasing => 0,
        Phase::Draining => 1,
        Phase::Resetting => -1,
        Phase::Broken => -2,
    };
    Owned::signed(this.py(), number)
}

fn count(this: This<'_, Barrier>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.inside())
}

fn repr(this: This<'_, Barrier>) -> Answer<'_> {
    let object = this.object();
    if object.attribute_named(&BROKEN)?.borrow().truth()? {
        return super::describe(object, "broken");
    }
    let waiting = object.attribute_named(&N_WAITING)?.borrow().repr()?;
    let parties = object.attribute_named(&PARTIES)?.borrow().repr()?;
    let (waiting, parties) = (waiting.borrow().text(), parties.borrow().text());
    super::describe(object, &format!("waiters={waiting}/{parties}"))
}

const DOC: &std::ffi::CStr = c"Barrier(parties, action=None, timeout=None)
--

A place where threads wait for each other, and go on together.

Each calls `wait`; when the last has come all are released, and the barrier can be
used again. A wait that times out breaks the barrier for all.

Args:
    parties: How many threads must come.
    action: What the last to come calls before the others are released. If it
        raises, the barrier is broken.
    timeout: The timeout of each `wait` that is not given one.

Raises:
    ValueError: `parties` is below one.
    TypeError: `parties` is not an integer.
    OverflowError: `parties` does not fit.

Source: CPython Lib/threading.py, class Barrier.";

const WAIT_DOC: &std::ffi::CStr = c"wait($self, timeout=None)
--

Wait until all parties have come.

The wait also ends when the barrier gets broken or is reset, when `timeout` has
passed, which breaks the barrier, or when a signal handler that runs in the main
thread meanwhile raises (Ctrl-C): the thread then leaves, and the barrier is whole.

Args:
    timeout: The most seconds to wait for those that are missing, an int or a
        float; None stands for the barrier's own, zero or less for none.

Returns:
    How many threads came before this one.

Raises:
    BrokenBarrierError: The barrier is or gets broken, or is reset.
    TypeError: `timeout` is not a number.
    ValueError: `timeout` is NaN.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

const RESET_DOC: &std::ffi::CStr = c"reset($self, /)
--

Begin anew: threads that wait get BrokenBarrierError, a broken barrier is whole.";

const ABORT_DOC: &std::ffi::CStr = c"abort($self, /)
--

Break the barrier: threads that wait, and all that come, get BrokenBarrierError.";
