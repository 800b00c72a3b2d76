//! What every pool of threads has that must be fast: `submit`.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/thread.py`, `class ThreadPoolExecutor`.

use super::{
    call::Call,
    crew::{Crew, NotTaken},
    names,
};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::with_args,
        native::{Class, Kept, Made, Native, This, Visit},
        object::{Answer, Object, Owned, Raised},
    },
};
use std::sync::OnceLock;
use threeply::concurrent::futures::RunBy;

/// The value of an instance.
pub(crate) struct Pool {
    /// The crew, and whether calls go to it just as they are.
    crew: OnceLock<(Kept<Crew>, bool)>,
}

impl Native for Pool {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self {
            crew: OnceLock::new(),
        }
    }

    fn traverse(&self, visit: &mut Visit) {
        if let Some((crew, _)) = self.crew.get() {
            visit.show(crew.held());
        }
    }
}

/// A pool that nobody refers to gets no more calls; those that it has are made.
impl Drop for Pool {
    fn drop(&mut self) {
        if let Some((crew, _)) = self.crew.get()
            && let Some(team) = crew.begun()
        {
            team.queue.shut_down();
        }
    }
}

const BEGIN: Parameters<2> = Parameters {
    function: "_begin",
    names: [c"crew", c"plainly"],
    required: 2,
};

/// Makes the class over the standard pool's.
pub(crate) fn pool(standard: Object<'_>) -> Answer<'_> {
    let parent = standard.attribute(c"ThreadPoolExecutor")?;
    let Made { class, .. } = Class::<Pool>::new(c"Pool", DOC)
        .methods([
            with_args(c"submit", SUBMIT, submit),
            with_args(c"_begin", BEGIN_DOC, begin),
        ])
        .make(
            standard.py(),
            c"threeply.concurrent.futures",
            None,
            &[parent.borrow()],
        )?;
    Ok(class)
}

fn begin<'py>(this: This<'py, Pool>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [crew, plainly] = args.bind(&BEGIN)?;
    let Some(crew) = crew.and_then(Object::native::<Crew>) else {
        return Err(error::type_error(py, "crew must be a Crew"));
    };
    let plainly = plainly.map_or(Ok(true), Object::truth)?;
    if this.crew.set((crew.keep(), plainly)).is_err() {
        return Err(error::runtime_error(py, "a pool begins once"));
    }
    Ok(Owned::none(py))
}

fn submit<'py>(this: This<'py, Pool>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let Some((crew, true)) = this.crew.get() else {
        return submit_otherwise(this, args);
    };
    let crew = crew.this(py);
    let Some(call) = Call::of(py, args, crew.address())? else {
        return Err(error::missing_argument(py, "submit", c"fn"));
    };
    match crew.submit(call, 0)? {
        Ok((future, RunBy::New)) => start_worker(this, future),
        Ok((future, _)) => Ok(future),
        Err(NotTaken::Full | NotTaken::ShutDown) => Err(refuse(this)),
    }
}

/// Where more is asked of the pool than a call and a queue, or `__init__` was not called.
#[cold]
fn submit_otherwise<'py>(this: This<'py, Pool>, args: Args<'py>) -> Answer<'py> {
    let submit = this.object().attribute_named(&names::SUBMIT_WITH)?;
    submit.borrow().call_with(args)
}

/// Has a worker started; a call for which that cannot be is taken back.
#[cold]
fn start_worker<'py>(this: This<'py, Pool>, future: Owned<'py>) -> Answer<'py> {
    match this
        .object()
        .call_method_named(&names::ADJUST_THREAD_COUNT, [])
    {
        Ok(_) => Ok(future),
        Err(raised) => Err(raised.after(this.py(), || {
            future.borrow().call_method(c"cancel", &[]).map(drop)
        })),
    }
}

/// The exception that says why there are no more calls.
#[cold]
fn refuse(this: This<'_, Pool>) -> Raised {
    match this.object().call_method_named(&names::REFUSE, []) {
        Ok(_) => error::runtime_error(this.py(), "cannot schedule new futures after shutdown"),
        Err(raised) => raised,
    }
}

const DOC: &std::ffi::CStr = c"Pool()
--

A pool of threads, as far as it is native.";

const SUBMIT: &std::ffi::CStr = c"submit($self, fn, /, *args, **kwargs)
--

Have `fn(*args, **kwargs)` called by a worker, and return its future.

An idle worker is used before a new one is started. Waits only where the pool has a `max_queue` and it is full;
that wait ends by Ctrl-C or another handler that raises (in the main thread), by `Thread.interrupt`, and by `shutdown`.

Args:
    fn: A callable.
    *args: What it is called with.
    **kwargs: The same, by name.

Raises:
    RuntimeError: The pool or the program is being shut down.
    BrokenThreadPool: A worker's initializer raised.

Source: CPython Lib/concurrent/futures/thread.py, ThreadPoolExecutor.submit.";

const BEGIN_DOC: &std::ffi::CStr = c"_begin($self, /, crew, plainly)
--

Give the pool its crew. Calls that go there otherwise than plainly go by `_submit_with`.";
