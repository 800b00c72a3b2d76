//! What came of a call: for `Thread.result`.
//!
//! While a thread runs, its `run` and its target are called through outcomes, which keep what they return or raise. Being
//! native they add no frame to tracebacks.

use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        method::{plain, with_args},
        native::{Class, Made, Native, This, Visit},
        object::{Answer, Held, Owned, Raised},
        raise,
    },
};
use pyo3::Python;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value of an instance.
pub(crate) struct Outcome(Mutex<State>);

enum State {
    /// Nothing to run, or it is running.
    Open,
    Callee(Held),
    Returned(Held),
    Raised(Held),
}

impl Native for Outcome {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self(Mutex::new(State::Open))
    }

    fn traverse(&self, visit: &mut Visit) {
        if let State::Callee(held) | State::Returned(held) | State::Raised(held) = &*self.lock() {
            visit.show(held);
        }
    }

    fn clear(&self, _py: Python<'_>) {
        drop(self.change(State::Open));
    }
}

const INIT: Parameters<1> = Parameters {
    function: "Outcome",
    names: [c"callee"],
    required: 1,
};

/// Makes the class.
pub(crate) fn outcome(py: Python<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Outcome", DOC)
        .init(init)
        .methods([
            with_args(c"run", RUN_DOC, run),
            plain(c"value", VALUE_DOC, value),
        ])
        .make(py, c"threeply.threading", None, &[])?;
    Ok(class)
}

impl Outcome {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Exchanges the state; what was in it is for the caller to drop, outside of the lock.
    #[must_use]
    fn change(&self, state: State) -> State {
        std::mem::replace(&mut *self.lock(), state)
    }
}

fn init(this: This<'_, Outcome>, args: Args<'_>) -> Result<(), Raised> {
    let [callee] = args.bind(&INIT)?;
    let none = Owned::none(this.py());
    let callee = callee.unwrap_or(none.borrow()).to_held();
    drop(this.change(State::Callee(callee)));
    Ok(())
}

fn run<'py>(this: This<'py, Outcome>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let State::Callee(callee) = this.change(State::Open) else {
        return Err(error::runtime_error(py, "an outcome runs once"));
    };
    let callee = callee.into_owned(py);
    match callee.borrow().call_with(args) {
        Ok(value) => {
            drop(this.change(State::Returned(value.borrow().to_held())));
            Ok(value)
        }
        Err(raised) => {
            let exception = raised.into_exception(py);
            // A thread that exits by `sys.exit` is through, not in error: what it refers to is to die with it, so its
            // frames are not kept.
            let kept = match raise::bare_system_exit(exception.borrow()) {
                Some(exit) => exit?,
                None => exception.borrow().to_owned(),
            };
            drop(this.change(State::Raised(kept.into_held())));
            Err(call::restore_exception(exception))
        }
    }
}

fn value(this: This<'_, Outcome>) -> Answer<'_> {
    let py = this.py();
    let found = match &*this.lock() {
        State::Returned(value) => Ok(value.get(py).to_owned()),
        State::Raised(exception) => Err(Some(exception.get(py).to_owned())),
        State::Open | State::Callee(_) => Err(None),
    };
    match found {
        Ok(value) => Ok(value),
        Err(Some(exception)) => Err(call::raise(exception.borrow())),
        Err(None) => Err(error::runtime_error(
            py,
            "there is no result: the call has not ended in this process",
        )),
    }
}

const DOC: &std::ffi::CStr = c"Outcome(callee)
--

What came of calling `callee`.";

const RUN_DOC: &std::ffi::CStr = c"run($self, /, *args, **kwargs)
--

Call the callee, and keep what it returns or raises.

Returns:
    What the callee returned.

Raises:
    BaseException: What the callee raised.
    RuntimeError: This was called before.";

const VALUE_DOC: &std::ffi::CStr = c"value($self, /)
--

Return what the callee returned.

Raises:
    BaseException: What the callee raised.
    RuntimeError: The call has not ended in this process.";
