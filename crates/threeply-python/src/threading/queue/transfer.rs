//! Putting and getting: at once, or waiting.
//!
//! Each operation tries the engine's queue while attached. What it refuses goes the slow way: to the open
//! queue, to an exception, or to a wait after which it is tried again.

use super::{GET_REPLACED, PUT_REPLACED, Queue, names, patience::Patience};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        native::This,
        object::{Answer, Held, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use threeply::threading::{Ended, TryGetError, TryPutError};

const PUT: Parameters<3> = Parameters {
    function: "put",
    names: [c"item", c"block", c"timeout"],
    required: 1,
};
const GET: Parameters<2> = Parameters {
    function: "get",
    names: [c"block", c"timeout"],
    required: 0,
};
const PUT_NOWAIT: Parameters<1> = Parameters {
    function: "put_nowait",
    names: [c"item"],
    required: 1,
};

#[inline]
pub(super) fn put<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    if let Some([item]) = args.exactly::<1>() {
        this.look_at_overrides()?;
        return match this.try_put(item.to_held())? {
            Ok(()) => Ok(Owned::none(this.py())),
            Err(refused) => put_slow(this, refused, Patience::Some(None)),
        };
    }
    put_with_patience(this, args)
}

#[cold]
fn put_with_patience<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [item, block, timeout] = args.bind(&PUT)?;
    let patience = Patience::from_arguments(block, timeout)?;
    if patience.is_negative() && this.engine.bound().is_some() {
        return Err(negative_timeout(this.py()));
    }
    let Some(item) = item else {
        return Err(error::missing_argument(this.py(), PUT.function, c"item"));
    };
    this.look_at_overrides()?;
    match this.try_put(item.to_held())? {
        Ok(()) => Ok(Owned::none(this.py())),
        Err(refused) => put_slow(this, refused, patience),
    }
}

#[cold]
fn put_slow(this: This<'_, Queue>, refused: TryPutError<Held>, patience: Patience) -> Answer<'_> {
    let py = this.py();
    let mut refused = refused;
    let mut deadline = None;
    let mut is_late = false;
    loop {
        let item = match refused {
            TryPutError::Full(item) => item,
            TryPutError::ShutDown(_) => return Err(this.raise(c"ShutDown")),
            TryPutError::Retired(item) => {
                let [block, timeout] = patience.rest(py, deadline)?;
                let item = item.get(py);
                let open_queue = this.object().attribute_named(&names::OPEN_QUEUE)?;
                let args = [this.object(), item, block.borrow(), timeout.borrow()];
                return open_queue.borrow().call_method_named(&names::PUT, args);
            }
        };
        if deadline.is_none() {
            deadline = patience.deadline(py)?;
        }
        let Some(until) = deadline.filter(|_| !is_late) else {
            return Err(this.raise(c"Full"));
        };
        let wait =
            |interrupted: wait::Interrupted<'_>| this.engine.wait_for_room(until, interrupted);
        is_late = wait::for_a_thread(py, until, wait)? == Ended::TimedOut;
        refused = match this.try_put(item)? {
            Ok(()) => return Ok(Owned::none(py)),
            Err(refused) => refused,
        };
    }
}

#[inline]
pub(super) fn get<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    if args.exactly::<0>().is_some() {
        this.look_at_overrides()?;
        return match this.try_get()? {
            Ok(item) => Ok(item.into_owned(this.py())),
            Err(refused) => get_slow(this, refused, Patience::Some(None)),
        };
    }
    get_with_patience(this, args)
}

#[cold]
fn get_with_patience<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [block, timeout] = args.bind(&GET)?;
    let patience = Patience::from_arguments(block, timeout)?;
    if patience.is_negative() {
        return Err(negative_timeout(this.py()));
    }
    this.look_at_overrides()?;
    match this.try_get()? {
        Ok(item) => Ok(item.into_owned(this.py())),
        Err(refused) => get_slow(this, refused, patience),
    }
}

#[cold]
fn get_slow(this: This<'_, Queue>, refused: TryGetError, patience: Patience) -> Answer<'_> {
    let py = this.py();
    let mut refused = refused;
    let mut deadline = None;
    let mut is_late = false;
    loop {
        if refused == TryGetError::ShutDown {
            return Err(this.raise(c"ShutDown"));
        }
        if refused == TryGetError::Retired {
            let [block, timeout] = patience.rest(py, deadline)?;
            let open_queue = this.object().attribute_named(&names::OPEN_QUEUE)?;
            let args = [this.object(), block.borrow(), timeout.borrow()];
            return open_queue.borrow().call_method_named(&names::GET, args);
        }
        if deadline.is_none() {
            deadline = patience.deadline(py)?;
        }
        let Some(until) = deadline.filter(|_| !is_late) else {
            return Err(this.raise(c"Empty"));
        };
        let wait =
            |interrupted: wait::Interrupted<'_>| this.engine.wait_for_item(until, interrupted);
        is_late = wait::for_a_thread(py, until, wait)? == Ended::TimedOut;
        refused = match this.try_get()? {
            Ok(item) => return Ok(item.into_owned(py)),
            Err(refused) => refused,
        };
    }
}

pub(super) fn put_nowait<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [item] = args.bind(&PUT_NOWAIT)?;
    let Some(item) = item else {
        return Err(error::missing_argument(
            this.py(),
            PUT_NOWAIT.function,
            c"item",
        ));
    };
    if this.look_at_overrides()? & PUT_REPLACED != 0 {
        let block = Owned::boolean(this.py(), false);
        return this
            .object()
            .call_method_named(&names::PUT, [item, block.borrow()]);
    }
    match this.try_put(item.to_held())? {
        Ok(()) => Ok(Owned::none(this.py())),
        Err(refused) => put_slow(this, refused, Patience::None),
    }
}

pub(super) fn get_nowait(this: This<'_, Queue>) -> Answer<'_> {
    if this.look_at_overrides()? & GET_REPLACED != 0 {
        let block = Owned::boolean(this.py(), false);
        return this
            .object()
            .call_method_named(&names::GET, [block.borrow()]);
    }
    match this.try_get()? {
        Ok(item) => Ok(item.into_owned(this.py())),
        Err(refused) => get_slow(this, refused, Patience::None),
    }
}

fn negative_timeout(py: Python<'_>) -> Raised {
    error::value_error(py, "'timeout' must be a non-negative number")
}
