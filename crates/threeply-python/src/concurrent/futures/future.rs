//! `concurrent.futures.Future`.
//!
//! # State
//!
//! A future is *closed* at first: its state is the engine's. It is *open* as soon as somebody wants its inside — asks for
//! `_condition`, `_waiters` or `_done_callbacks`, or writes any of its attributes, as the standard `wait` does — and stays so: its
//! state then lies in its own dictionary, and every operation is the standard class's own.
//!
//! # Transitions
//!
//! closed → open: the engine's part is retired and hands over state, callbacks and rounds ([`opening`](super::opening)); threads
//! that wait in it are woken and go on in the standard way, with what is left of their timeout.
//!
//! # Invariants
//!
//! 1. The engine's part changes only while attached.
//! 2. Callbacks run on the thread that made the future done, after everybody else has been told, and under no lock.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/_base.py`, `class Future`.

use super::{call::Call, crew, docs, names, opening};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        method::{Method, class_getitem, plain, read_write, with_args},
        native::{Class, Made, Native, This, Visit},
        object::{Answer, Emptied, Held, Object, Owned, Raised},
        raise, wait,
    },
    seconds::{self, Seconds},
    threading::unpicklable,
};
use pyo3::Python;
use std::sync::{Mutex, MutexGuard, PoisonError};
use threeply::{
    concurrent::futures::{Cancel, Completion, Ended, State},
    time::Deadline,
};

/// The value of an instance.
pub(crate) struct Future {
    pub(super) engine: Completion<Emptied, Held>,
    /// What a pool's worker is to do.
    call: Mutex<Option<Call>>,
}

impl Native for Future {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self {
            engine: Completion::new(),
            call: Mutex::new(None),
        }
    }

    fn traverse(&self, visit: &mut Visit) {
        if let Some(value) = self.engine.value()
            && !visit.show_emptied(value)
        {
            return;
        }
        if let Some(call) = &*self.call()
            && !call.traverse(visit)
        {
            return;
        }
        self.engine.visit(|callback| visit.show(callback));
    }

    fn clear(&self, py: Python<'_>) {
        let call = self.call().take();
        drop(call);
        drop(self.engine.take_callbacks());
        if let Some(value) = self.engine.value() {
            value.empty(py);
        }
    }
}

impl Future {
    pub(super) fn call(&self) -> MutexGuard<'_, Option<Call>> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const INIT: Parameters<0> = Parameters {
    function: "__init__",
    names: [],
    required: 0,
};
const RESULT: Parameters<1> = Parameters {
    function: "result",
    names: [c"timeout"],
    required: 0,
};
const EXCEPTION: Parameters<1> = Parameters {
    function: "exception",
    names: [c"timeout"],
    required: 0,
};
const ADD_DONE_CALLBACK: Parameters<1> = Parameters {
    function: "add_done_callback",
    names: [c"fn"],
    required: 1,
};
const SET_RESULT: Parameters<1> = Parameters {
    function: "set_result",
    names: [c"result"],
    required: 1,
};
const SET_EXCEPTION: Parameters<1> = Parameters {
    function: "set_exception",
    names: [c"exception"],
    required: 1,
};

/// Makes the class over the standard one; `open_future` is what the Python floor does for it.
pub(crate) fn future<'py>(standard: Object<'py>, open_future: Object<'_>) -> Answer<'py> {
    let parent = standard.attribute(c"Future")?;
    let Made { class, .. } = Class::new(c"Future", docs::FUTURE)
        .init(init)
        .repr(repr)
        .methods([
            plain(c"cancel", docs::CANCEL, cancel),
            plain(c"cancelled", docs::CANCELLED, cancelled),
            plain(c"running", docs::RUNNING, running),
            plain(c"done", docs::DONE, done),
            with_args(c"result", docs::RESULT, result),
            with_args(c"exception", docs::EXCEPTION, exception),
            with_args(
                c"add_done_callback",
                docs::ADD_DONE_CALLBACK,
                add_done_callback,
            ),
            plain(
                c"set_running_or_notify_cancel",
                docs::SET_RUNNING,
                set_running_or_notify_cancel,
            ),
            with_args(c"set_result", docs::SET_RESULT, set_result),
            with_args(c"set_exception", docs::SET_EXCEPTION, set_exception),
            plain(c"_hand_over", docs::HAND_OVER, opening::hand_over),
            with_args(
                c"_result_or_cancel",
                docs::RESULT_OR_CANCEL,
                result_or_cancel,
            ),
            class_getitem(),
            unpicklable::<Future>(),
        ])
        .methods(snapshot())
        .attributes([
            read_write(
                c"_state",
                c"PENDING, RUNNING, …",
                opening::state,
                |this, value| opening::set(this, &names::STATE, value),
            ),
            read_write(
                c"_result",
                c"What was returned.",
                opening::result,
                |this, value| opening::set(this, &names::RESULT, value),
            ),
            read_write(
                c"_exception",
                c"What was raised.",
                opening::exception,
                |this, value| opening::set(this, &names::EXCEPTION, value),
            ),
            read_write(
                c"_condition",
                c"A condition over the state. Asking for it opens the future.",
                |this| opening::get(this, &names::CONDITION),
                |this, value| opening::set(this, &names::CONDITION, value),
            ),
            read_write(
                c"_waiters",
                c"Who waits for several futures. Asking for it opens the future.",
                |this| opening::get(this, &names::WAITERS),
                |this, value| opening::set(this, &names::WAITERS, value),
            ),
            read_write(
                c"_done_callbacks",
                c"What is called when it is done. Asking for it opens the future.",
                |this| opening::get(this, &names::DONE_CALLBACKS),
                |this, value| opening::set(this, &names::DONE_CALLBACKS, value),
            ),
        ])
        .make(
            standard.py(),
            c"threeply.concurrent.futures",
            None,
            &[parent.borrow()],
        )?;
    class.borrow().set_attribute(c"_open_future", open_future)?;
    class
        .borrow()
        .set_attribute(c"_standard", parent.borrow())?;
    Ok(class)
}

/// What asyncio asks of a future that it wraps, where the standard class has it.
fn snapshot() -> Option<Method> {
    cfg!(Py_3_15).then(|| plain(c"_get_snapshot", docs::GET_SNAPSHOT, get_snapshot))
}

fn init(_this: This<'_, Future>, args: Args<'_>) -> Result<(), Raised> {
    args.bind(&INIT).map(drop)
}

fn repr(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return this.by_standard(c"__repr__", &[]);
    }
    this.by_floor(&names::REPR, [])
}

fn done(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return this.by_standard(c"done", &[]);
    }
    Ok(Owned::boolean(this.py(), this.engine.state().is_done()))
}

fn running(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return this.by_standard(c"running", &[]);
    }
    let is_running = this.engine.state() == State::Running;
    Ok(Owned::boolean(this.py(), is_running))
}

fn cancelled(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return this.by_standard(c"cancelled", &[]);
    }
    let is_cancelled = matches!(this.engine.state(), State::Cancelled | State::Notified);
    Ok(Owned::boolean(this.py(), is_cancelled))
}

fn get_snapshot(this: This<'_, Future>) -> Answer<'_> {
    let py = this.py();
    if this.is_open() {
        return this.by_standard(c"_get_snapshot", &[]);
    }
    // The state first: where it says that there is a value, the value is there.
    let state = this.engine.state();
    let value = this.value_if_finished();
    let (result, exception) = match value {
        Some(value) if this.engine.has_failed() => (None, Some(value)),
        value => (value, None),
    };
    let none = || Owned::none(py);
    Owned::tuple(
        py,
        [
            Owned::boolean(py, state.is_done()),
            Owned::boolean(py, matches!(state, State::Cancelled | State::Notified)),
            result.unwrap_or_else(none),
            exception.unwrap_or_else(none),
        ],
    )
}

fn cancel(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return this.by_standard(c"cancel", &[]);
    }
    let is_cancelled = match this.engine.cancel() {
        Cancel::Refused => false,
        Cancel::Already => true,
        Cancel::Now(callbacks) => {
            this.call_back(callbacks)?;
            true
        }
    };
    Ok(Owned::boolean(this.py(), is_cancelled))
}

fn result<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    if let Some(value) = this.value_if_finished() {
        // The argument is not even looked at, but a wrong one is an error all the same.
        if args.exactly::<0>().is_none() {
            args.bind(&RESULT)?;
        }
        return this.given(value);
    }
    let [timeout] = args.bind(&RESULT)?;
    match this.wait(timeout)? {
        Waited::Done => {}
        Waited::Open(left) => return this.by_standard(c"result", &[left.borrow()]),
    }
    match this.value_if_finished() {
        Some(value) => this.given(value),
        None => Err(this.raise_named(c"CancelledError")),
    }
}

fn result_or_cancel<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    result(this, args).map_err(|raised| raised.after(this.py(), || cancel(this).map(drop)))
}

fn exception<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [timeout] = args.bind(&EXCEPTION)?;
    if this.value_if_finished().is_none() {
        match this.wait(timeout)? {
            Waited::Done => {}
            Waited::Open(left) => return this.by_standard(c"exception", &[left.borrow()]),
        }
    }
    match this.value_if_finished() {
        Some(value) if this.engine.has_failed() => Ok(value),
        Some(_) => Ok(Owned::none(py)),
        None => Err(this.raise_named(c"CancelledError")),
    }
}

fn add_done_callback<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [callback] = args.bind(&ADD_DONE_CALLBACK)?;
    let none = Owned::none(py);
    let callback = callback.unwrap_or(none.borrow());
    if this.is_open() {
        return this.by_standard(c"add_done_callback", &[callback]);
    }
    if let Err(callback) = this.engine.watch(callback.to_held()) {
        this.call_back(vec![callback])?;
    }
    Ok(Owned::none(py))
}

fn set_running_or_notify_cancel(this: This<'_, Future>) -> Answer<'_> {
    let py = this.py();
    if this.is_open() {
        return this.by_standard(c"set_running_or_notify_cancel", &[]);
    }
    if let Ok(begins) = this.engine.start() {
        return Ok(Owned::boolean(py, begins));
    }
    this.by_floor(&names::LOG_STATE, [])?;
    Err(error::runtime_error(py, "Future in unexpected state"))
}

fn set_result<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    let value = match args.exactly::<1>() {
        Some([value]) => Some(value),
        None => args.bind(&SET_RESULT)?[0],
    };
    let none = Owned::none(this.py());
    let value = value.unwrap_or(none.borrow());
    this.finish(value, false)?;
    Ok(Owned::none(this.py()))
}

fn set_exception<'py>(this: This<'py, Future>, args: Args<'py>) -> Answer<'py> {
    let [value] = args.bind(&SET_EXCEPTION)?;
    let none = Owned::none(this.py());
    let value = value.unwrap_or(none.borrow());
    // The standard one takes `None`, and has no exception then.
    this.finish(value, !value.is_none())?;
    Ok(Owned::none(this.py()))
}

/// How a wait of `result` ended, if neither by its deadline nor by an exception.
enum Waited<'py> {
    Done,
    /// The future was opened: the standard class goes on, with so many seconds.
    Open(Owned<'py>),
}

impl<'py> This<'py, Future> {
    pub(super) fn is_open(self) -> bool {
        self.engine.is_retired()
    }

    /// Makes it done by what was returned, or raised.
    ///
    /// # Errors
    ///
    /// `InvalidStateError` if it is done already, and what a callback raised that is no `Exception`.
    pub(super) fn finish(self, value: Object<'py>, failed: bool) -> Result<(), Raised> {
        if !self.is_open() {
            return match self.engine.finish(Emptied::new(value), failed) {
                Ok(callbacks) if callbacks.is_empty() => Ok(()),
                Ok(callbacks) => self.call_back(callbacks),
                Err(refused) => {
                    drop(refused);
                    Err(self
                        .by_floor(&names::INVALID_STATE, [])
                        .map_or_else(|raised| raised, |error| call::raise(error.borrow())))
                }
            };
        }
        let method = if failed {
            c"set_exception"
        } else {
            c"set_result"
        };
        self.by_standard(method, &[value]).map(drop)
    }

    /// Calls callbacks as CPython does: what one raises is logged, unless it is meant to end the program.
    pub(super) fn call_back(self, callbacks: Vec<Held>) -> Result<(), Raised> {
        let py = self.py();
        for callback in callbacks {
            let callback = callback.into_owned(py);
            let Err(raised) = callback.borrow().call(&[self.object()]) else {
                continue;
            };
            let exception = raised.into_exception(py);
            if !raise::is_ordinary(exception.borrow()) {
                return Err(call::restore_exception(exception));
            }
            self.by_floor(&names::LOG_CALLBACK, [exception.borrow()])?;
        }
        Ok(())
    }

    #[inline]
    fn value_if_finished(self) -> Option<Owned<'py>> {
        if self.is_open() {
            return None;
        }
        self.engine.value().map(|value| value.get(self.py()))
    }

    /// Returns or raises the value.
    #[inline]
    fn given(self, value: Owned<'py>) -> Answer<'py> {
        if self.engine.has_failed() {
            return Err(call::raise(value.borrow()));
        }
        Ok(value)
    }

    #[cold]
    fn wait(self, timeout: Option<Object<'py>>) -> Result<Waited<'py>, Raised> {
        let py = self.py();
        let timeout = Seconds::from_argument(timeout)?;
        let deadline = seconds::deadline(py, timeout)?;
        if timeout.is_none() {
            crew::help(self)?;
        }
        let ended = if self.is_open() {
            Ended::Retired
        } else if self.engine.state().is_done() {
            Ended::Done
        } else {
            wait::for_a_thread(py, deadline, |interrupted| {
                self.engine.wait_unless(deadline, interrupted)
            })?
        };
        match ended {
            Ended::Done => Ok(Waited::Done),
            Ended::TimedOut => Err(self.raise_named(c"TimeoutError")),
            Ended::Retired => Ok(Waited::Open(seconds_left(py, timeout, deadline)?)),
        }
    }

    /// Calls a method of the standard class.
    #[cold]
    pub(super) fn by_standard(self, method: &std::ffi::CStr, args: &[Object<'_>]) -> Answer<'py> {
        let standard = self.object().attribute_named(&names::STANDARD)?;
        let method = standard.borrow().attribute(method)?;
        let all: Vec<_> = std::iter::once(self.object())
            .chain(args.iter().copied())
            .collect();
        method.borrow().call(&all)
    }

    /// Raises an exception of the standard module's.
    #[cold]
    fn raise_named(self, name: &std::ffi::CStr) -> Raised {
        let class = self
            .object()
            .attribute_named(&names::OPEN_FUTURE)
            .and_then(|floor| floor.borrow().attribute(name));
        match class {
            Ok(class) => call::raise_class(class.borrow()),
            Err(raised) => raised,
        }
    }
}

/// What is left of a timeout: a number of seconds or `None`.
fn seconds_left(py: Python<'_>, timeout: Option<Seconds>, deadline: Deadline) -> Answer<'_> {
    match timeout {
        None => Ok(Owned::none(py)),
        Some(_) => Owned::float(
            py,
            deadline.remaining().map_or(0.0, |left| left.as_secs_f64()),
        ),
    }
}
