//! Waiting for a condition.

use super::{ACQUIRE_RESTORE, Condition, Known, RELEASE_SAVE, WAIT_REPLACED, WATCHED};
use crate::{
    ffi::{
        args::{Args, Parameters},
        native::This,
        object::{Answer, Name, Object, Owned, Raised},
        thread, wait,
    },
    seconds::{self, Seconds},
};
use std::cell::Cell;
use threeply::{
    park::{Place, Stopped, Wake},
    time::Deadline,
};

const WAIT: Parameters<1> = Parameters {
    function: "wait",
    names: [c"timeout"],
    required: 0,
};
const WAIT_FOR: Parameters<2> = Parameters {
    function: "wait_for",
    names: [c"predicate", c"timeout"],
    required: 1,
};

static WAIT_NAME: Name = Name::new(c"wait");

pub(super) fn wait_<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    this.check_owned("wait")?;
    let [timeout] = args.bind(&WAIT)?;
    let deadline = seconds::deadline(py, Seconds::from_argument(timeout)?)?;
    let notified = wait_until(this, deadline)?;
    Ok(Owned::boolean(py, notified))
}

pub(super) fn wait_for<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [predicate, timeout] = args.bind(&WAIT_FOR)?;
    let none = Owned::none(py);
    let predicate = predicate.unwrap_or(none.borrow());
    let mut result = predicate.call(&[])?;
    if result.borrow().truth()? {
        return Ok(result);
    }
    let deadline = seconds::deadline(py, Seconds::from_argument(timeout)?)?;
    loop {
        wait_once(this, deadline)?;
        result = predicate.call(&[])?;
        if result.borrow().truth()? || deadline.has_passed() {
            return Ok(result);
        }
    }
}

/// One wait of `wait_for`, by `self.wait` if that is overridden.
fn wait_once(this: This<'_, Condition>, deadline: Deadline) -> Result<(), Raised> {
    let py = this.py();
    if this.overrides.of(this, &WATCHED)? & WAIT_REPLACED == 0 {
        this.check_owned("wait")?;
        return wait_until(this, deadline).map(drop);
    }
    let timeout = match deadline.remaining() {
        Some(left) => Owned::float(py, left.as_secs_f64())?,
        None => Owned::none(py),
    };
    this.object()
        .call_method_named(&WAIT_NAME, [timeout.borrow()])
        .map(drop)
}

/// Waits with the lock released: true if notified, false if the deadline passed.
fn wait_until(this: This<'_, Condition>, deadline: Deadline) -> Result<bool, Raised> {
    let place = this.waiting.enter();
    match this.known()? {
        Some(known) => wait_known(this, known, place, deadline),
        None => wait_foreign(this, place, deadline),
    }
}

fn wait_known(
    this: This<'_, Condition>,
    known: &Known,
    place: Place<'_>,
    deadline: Deadline,
) -> Result<bool, Raised> {
    let py = this.py();
    let depth = known.release();
    let is_acquired = Cell::new(false);
    let ended = wait::for_a_thread(py, deadline, |interrupted| {
        let ended = place.wait(deadline, interrupted);
        known.acquire(depth);
        is_acquired.set(true);
        pass_on(this, ended)
    });
    if !is_acquired.get() {
        // A handler raised before the wait, or there was to be none.
        wait::uninterrupted(py, || known.acquire(depth));
    }
    Ok(ended? != Wake::TimedOut)
}

fn wait_foreign(
    this: This<'_, Condition>,
    place: Place<'_>,
    deadline: Deadline,
) -> Result<bool, Raised> {
    let py = this.py();
    let state = this.object().call_method_named(&RELEASE_SAVE, [])?;
    let ended = wait::for_a_thread(py, deadline, |interrupted| {
        pass_on(this, place.wait(deadline, interrupted))
    });
    let restore = |state: Object<'_>| {
        this.object()
            .call_method_named(&ACQUIRE_RESTORE, [state])
            .map(drop)
    };
    match ended {
        Ok(wake) => {
            restore(state.borrow())?;
            Ok(wake != Wake::TimedOut)
        }
        Err(raised) => Err(raised.after(py, || restore(state.borrow()))),
    }
}

/// Gives a notification that reached a stopped wait to the next one.
fn pass_on(
    this: This<'_, Condition>,
    ended: Result<Wake, Stopped<Raised>>,
) -> Result<Wake, Raised> {
    ended.map_err(|Stopped { reason, woken }| {
        if woken {
            this.waiting.wake(1);
        }
        reason
    })
}

impl Known {
    /// Frees the lock, and says how often it was acquired.
    fn release(&self) -> usize {
        match self {
            Self::Lock(lock) => {
                lock.engine.release();
                1
            }
            Self::RLock(lock) => lock.engine.release_all(thread::me()).unwrap_or(1),
        }
    }

    /// Acquires the lock that often. Detached.
    fn acquire(&self, depth: usize) {
        match self {
            Self::Lock(lock) => lock.engine.acquire(),
            Self::RLock(lock) => lock.engine.acquire_all(thread::me(), depth),
        }
    }
}
