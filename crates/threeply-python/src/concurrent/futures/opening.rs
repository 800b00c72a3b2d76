//! Opening a future, and what a future shows of its inside.
//!
//! The way there: the Python floor puts a condition in the future's dictionary, and takes the state with `_hand_over` while it
//! holds that; whoever finds the future open meanwhile waits for the condition, as each method of the standard class does.

use super::{bridge, future::Future, names};
use crate::{
    error,
    ffi::{
        native::This,
        object::{Answer, Name, Object, Owned, Raised},
    },
};
use threeply::concurrent::futures::State;

impl<'py> This<'py, Future> {
    /// Calls a function of the Python floor with this future first.
    #[cold]
    pub(super) fn by_floor<const N: usize>(
        self,
        function: &Name,
        arguments: [Object<'_>; N],
    ) -> Answer<'py> {
        let floor = self.object().attribute_named(&names::OPEN_FUTURE)?;
        let all: Vec<_> = std::iter::once(self.object()).chain(arguments).collect();
        floor
            .borrow()
            .attribute_named(function)?
            .borrow()
            .call(&all)
    }
}

/// Retires the engine's part: `(state, result, exception, callbacks, waiters)`, or `None` if that was done before.
pub(super) fn hand_over(this: This<'_, Future>) -> Answer<'_> {
    let py = this.py();
    let Some(retired) = this.engine.retire() else {
        return Ok(Owned::none(py));
    };
    let state = name_of(this, retired.state)?;
    let value = this.engine.value().map(|value| value.get(py));
    let (result, exception) = match value {
        Some(value) if retired.failed => (Owned::none(py), value),
        Some(value) => (value, Owned::none(py)),
        None => (Owned::none(py), Owned::none(py)),
    };
    let callbacks = retired.callbacks.into_iter();
    let callbacks = Owned::list(py, callbacks.map(|callback| callback.into_owned(py)))?;
    let bridges: Result<Vec<_>, _> = retired
        .rounds
        .into_iter()
        .map(|(round, index)| bridge::bridge(py, round, index))
        .collect();
    let waiters = Owned::list(py, bridges?.into_iter())?;
    Owned::tuple(py, [state, result, exception, callbacks, waiters])
}

pub(super) fn state(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return get(this, &names::STATE);
    }
    name_of(this, this.engine.state())
}

pub(super) fn result(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return get(this, &names::RESULT);
    }
    Ok(value(this, false))
}

pub(super) fn exception(this: This<'_, Future>) -> Answer<'_> {
    if this.is_open() {
        return get(this, &names::EXCEPTION);
    }
    Ok(value(this, true))
}

fn value(this: This<'_, Future>, failed: bool) -> Owned<'_> {
    let py = this.py();
    let value = this
        .engine
        .value()
        .filter(|_| this.engine.has_failed() == failed);
    value.map_or_else(|| Owned::none(py), |value| value.get(py))
}

/// The string that stands for a state, the very one of the standard module.
fn name_of(this: This<'_, Future>, state: State) -> Answer<'_> {
    let name = match state {
        State::Pending => c"PENDING",
        State::Running => c"RUNNING",
        State::Cancelled => c"CANCELLED",
        State::Notified => c"CANCELLED_AND_NOTIFIED",
        State::Finished => c"FINISHED",
    };
    let floor = this.object().attribute_named(&names::OPEN_FUTURE)?;
    floor.borrow().attribute(name)
}

// DIFFERENCE: A future's inside is made when it is asked for
/// Reads an attribute that an open future has in its dictionary, opening it for that.
pub(super) fn get<'py>(this: This<'py, Future>, name: &Name) -> Answer<'py> {
    let dictionary = this.object().dictionary()?;
    if !this.is_open() || dictionary.borrow().entry_named(name)?.is_none() {
        this.by_floor(&names::OPEN_UP, [])?;
    }
    if let Some(value) = dictionary.borrow().entry_named(name)? {
        return Ok(value.to_owned());
    }
    let name = name.text().to_string_lossy();
    let message = format!("'Future' object has no attribute '{name}'");
    Err(error::attribute_error(this.py(), &message))
}

/// Writes or deletes such an attribute.
pub(super) fn set<'py>(
    this: This<'py, Future>,
    name: &Name,
    value: Option<Object<'py>>,
) -> Result<(), Raised> {
    if !this.is_open() {
        this.by_floor(&names::OPEN_UP, [])?;
    }
    let dictionary = this.object().dictionary()?;
    dictionary.borrow().set_entry(name.text(), value)
}

/// Says of any future whether `wait` counts it as done.
pub(super) fn is_settled(future: Object<'_>) -> Result<bool, Raised> {
    let state = future.attribute_named(&names::STATE)?;
    let state = state.borrow();
    Ok(state.is_text(c"FINISHED") || state.is_text(c"CANCELLED_AND_NOTIFIED"))
}
