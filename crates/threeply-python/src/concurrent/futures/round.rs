//! What `wait` and `as_completed` wait on: several futures at once.
//!
//! # Invariants
//!
//! 1. The engine's round is attached to each future or to none; a future that has been taken is no longer referred to.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `wait`, `as_completed`.

use super::{crew, future::Future, opening};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, with_args},
        native::{Class, Kept, Made, Native, Recognizer, This, Visit},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use threeply::{
    concurrent::futures::{Round as Engine, Until},
    time::Deadline,
};

/// The value of an instance.
pub(crate) struct Round {
    futures: Mutex<Vec<Option<Kept<Future>>>>,
    begun: OnceLock<Begun>,
}

/// What is known when it begins.
struct Begun {
    engine: Arc<Engine>,
    until: Until,
    deadline: Deadline,
    /// Whether all are ours, and not of a class derived from it.
    are_native: bool,
}

impl Native for Round {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self {
            futures: Mutex::new(Vec::new()),
            begun: OnceLock::new(),
        }
    }

    fn traverse(&self, visit: &mut Visit) {
        self.lock()
            .iter()
            .flatten()
            .all(|future| visit.show(future.held()));
    }

    fn clear(&self, _py: Python<'_>) {
        let futures = std::mem::take(&mut *self.lock());
        drop(futures);
    }
}

impl Round {
    fn lock(&self) -> MutexGuard<'_, Vec<Option<Kept<Future>>>> {
        self.futures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const INIT: Parameters<3> = Parameters {
    function: "Round",
    names: [c"futures", c"until", c"timeout"],
    required: 2,
};
const SPLIT_PARAMETERS: Parameters<2> = Parameters {
    function: "split",
    names: [c"done", c"not_done"],
    required: 2,
};

/// Makes the class.
pub(crate) fn round(py: Python<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Round", DOC)
        .init(init)
        .methods([
            plain(c"is_over", IS_OVER, is_over),
            plain(c"attach", ATTACH, attach),
            plain(c"wait", WAIT, wait_),
            plain(c"take", TAKE, take),
            with_args(c"split", SPLIT, split),
            plain(c"detach", DETACH, detach),
        ])
        .make(py, c"threeply.concurrent.futures", None, &[])?;
    Ok(class)
}

fn init(this: This<'_, Round>, args: Args<'_>) -> Result<(), Raised> {
    let py = this.py();
    let [futures, until, timeout] = args.bind(&INIT)?;
    let timeout = Seconds::from_argument(timeout)?;
    let deadline = seconds::deadline(py, timeout)?;
    let until = match until.map_or(Ok(0), Object::integer)? {
        0 => Until::All,
        1 => Until::First,
        2 => Until::FirstFailure,
        _ => Until::Each,
    };
    let futures = futures.map(Object::items).into_iter().flatten();
    let mut recognizer = Recognizer::<Future>::new();
    let mut kept = Vec::new();
    let mut are_native = true;
    for future in futures {
        match recognizer.native(future) {
            Some(future) => kept.push(Some(future.keep())),
            None => are_native = false,
        }
    }
    let Ok(count) = u32::try_from(kept.len()) else {
        return Err(error::overflow_error(py, "too many futures"));
    };
    let old = std::mem::replace(&mut *this.lock(), kept);
    drop(old);
    let begun = Begun {
        engine: Arc::new(Engine::new(until, count)),
        until,
        deadline,
        are_native,
    };
    if this.begun.set(begun).is_err() {
        return Err(error::runtime_error(py, "a round begins once"));
    }
    Ok(())
}

impl<'py> This<'py, Round> {
    fn begun(self) -> Result<&'py Begun, Raised> {
        let value: &'py Round = self.value();
        value
            .begun
            .get()
            .ok_or_else(|| error::runtime_error(self.py(), "the round has not begun"))
    }

    fn wait_on(self, begun: &Begun) -> Result<bool, Raised> {
        let engine = &begun.engine;
        if engine.is_over() {
            return Ok(true);
        }
        if crew::is_worker() && begun.deadline == Deadline::NEVER {
            self.help(engine)?;
        }
        wait::for_a_thread(self.py(), begun.deadline, |interrupted| {
            engine.wait_unless(begun.deadline, interrupted)
        })
    }

    /// Makes the calls that are waited for and that nobody has begun, until it is over.
    #[cold]
    fn help(self, engine: &Engine) -> Result<(), Raised> {
        for (_, future) in self.futures() {
            if engine.is_over() {
                break;
            }
            crew::help(future.this(self.py()))?;
        }
        Ok(())
    }

    /// Every future that was not taken, with its number.
    fn futures(self) -> Vec<(u32, Kept<Future>)> {
        let py = self.py();
        let futures = self.lock();
        let numbered = (0..).zip(futures.iter());
        numbered
            .filter_map(|(index, future)| Some((index, future.as_ref()?.this(py).keep())))
            .collect()
    }
}

fn is_over(this: This<'_, Round>) -> Answer<'_> {
    let py = this.py();
    let begun = this.begun()?;
    let (mut count, mut settled, mut failed) = (0, 0, false);
    for future in this.lock().iter().flatten() {
        count += 1;
        if !future.engine.is_retired() && future.engine.state().is_settled() {
            settled += 1;
            failed |= future.engine.has_failed();
        }
    }
    let is_over = match begun.until {
        Until::All => settled == count,
        Until::First => settled > 0 || count == 0,
        Until::FirstFailure => failed || settled == count,
        Until::Each => false,
    };
    if is_over && begun.are_native && settled == count {
        return Ok(Owned::none(py));
    }
    Ok(Owned::boolean(py, is_over && begun.are_native))
}

fn attach(this: This<'_, Round>) -> Answer<'_> {
    let py = this.py();
    let begun = this.begun()?;
    let futures = this.futures();
    let are_closed = || {
        futures
            .iter()
            .all(|(_, future)| !future.engine.is_retired())
    };
    let are_ours = begun.are_native && are_closed();
    if are_ours {
        for (index, future) in &futures {
            // It cannot have been opened since: nothing of Python has run.
            future.engine.attach(&begun.engine, *index);
        }
    }
    Ok(Owned::boolean(py, are_ours))
}

fn wait_(this: This<'_, Round>) -> Answer<'_> {
    let is_over = this.wait_on(this.begun()?)?;
    Ok(Owned::boolean(this.py(), is_over))
}

fn take(this: This<'_, Round>) -> Answer<'_> {
    let py = this.py();
    let begun = this.begun()?;
    if !this.wait_on(begun)? {
        return Ok(Owned::none(py));
    }
    let numbers = begun.engine.take_all();
    let mut taken = Vec::with_capacity(numbers.len());
    let mut futures = this.lock();
    for index in numbers.into_iter().rev() {
        taken.extend(futures.get_mut(index as usize).and_then(Option::take));
    }
    drop(futures);
    Owned::list(py, taken.into_iter().map(|future| future.into_owned(py)))
}

fn split<'py>(this: This<'py, Round>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [done, not_done] = args.bind(&SPLIT_PARAMETERS)?;
    for (_, future) in this.futures() {
        let future = future.this(py);
        let is_settled = if future.is_open() {
            // It was opened meanwhile.
            opening::is_settled(future.object())?
        } else {
            future.engine.state().is_settled()
        };
        let set = if is_settled { done } else { not_done };
        if let Some(set) = set {
            set.add_to_set(future.object())?;
        }
    }
    Ok(Owned::none(py))
}

fn detach(this: This<'_, Round>) -> Answer<'_> {
    let begun = this.begun()?;
    for (_, future) in this.futures() {
        future.engine.detach(&begun.engine);
    }
    let futures = std::mem::take(&mut *this.lock());
    drop(futures);
    Ok(Owned::none(this.py()))
}

const DOC: &std::ffi::CStr = c"Round(futures, until, timeout=None)
--

Several futures that are waited for at once.

Args:
    futures: A tuple of them, each once.
    until: 0 for all, 1 for the first, 2 for the first failure, 3 for each.
    timeout: The most seconds, from now on; None for any time.";

const ATTACH: &std::ffi::CStr = c"attach($self, /)
--

Have each future tell the round.

Returns:
    Whether that could be: not where one is open, or is none of ours.";

const WAIT: &std::ffi::CStr = c"wait($self, /)
--

Wait until it is over or the time has passed.

Returns:
    Whether it is over.";

const TAKE: &std::ffi::CStr = c"take($self, /)
--

Wait for futures that are done, and let go of them.

Returns:
    A list of them, the last one first; None when the time has passed.";

const IS_OVER: &std::ffi::CStr = c"is_over($self, /)
--

Look whether there is anything to wait for.

Returns:
    None if all futures are done already, True if what is waited for has come. False where one is open, or
    is none of ours.";

const SPLIT: &std::ffi::CStr = c"split($self, done, not_done, /)
--

Put each future into one of two sets.";

const DETACH: &std::ffi::CStr = c"detach($self, /)
--

Wait no more: no future refers to the round from here on, nor the round to them.";
