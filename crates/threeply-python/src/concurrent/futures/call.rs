//! The call that a future stands for, until somebody makes it.

use super::future::Future;
use crate::ffi::{
    args::Args,
    call,
    native::{This, Visit},
    object::{Held, Object, Owned, Raised},
};
use pyo3::Python;
use threeply::concurrent::futures::State;

/// A function and what it is called with, and whose workers may call it.
pub(crate) struct Call {
    function: Held,
    /// A tuple.
    positional: Held,
    /// A dictionary.
    keywords: Option<Held>,
    /// The address of the crew.
    crew: usize,
}

impl Call {
    /// The call of the first argument with all others.
    ///
    /// # Errors
    ///
    /// `MemoryError`; `Ok(None)` is for no argument at all.
    pub(super) fn of(py: Python<'_>, args: Args<'_>, crew: usize) -> Result<Option<Self>, Raised> {
        let Some((function, rest)) = args.split_first() else {
            return Ok(None);
        };
        Ok(Some(Self {
            function: function.to_held(),
            positional: rest.to_tuple(py)?.into_held(),
            keywords: rest.to_dictionary(py)?.map(Owned::into_held),
            crew,
        }))
    }

    /// The same of what is there already: a function, a tuple, and a dictionary or `None`.
    pub(super) fn laid_out(
        function: Object<'_>,
        positional: Object<'_>,
        keywords: Object<'_>,
        crew: usize,
    ) -> Self {
        Self {
            function: function.to_held(),
            positional: positional.to_held(),
            keywords: (!keywords.is_none()).then(|| keywords.to_held()),
            crew,
        }
    }

    pub(super) fn traverse(&self, visit: &mut Visit) -> bool {
        visit.show(&self.function)
            && visit.show(&self.positional)
            && self.keywords.iter().all(|keywords| visit.show(keywords))
    }
}

impl This<'_, Future> {
    /// Leaves the call for whoever will make it.
    pub(super) fn put_call(self, call: Call) {
        let old = self.call().replace(call);
        drop(old);
    }

    /// Says whether it waits for a worker of this crew.
    pub(super) fn is_queued_in(self, crew: usize) -> bool {
        self.engine.state() == State::Pending
            && self.call().as_ref().is_some_and(|call| call.crew == crew)
    }

    /// Makes the call, unless somebody has, or it was cancelled.
    ///
    /// # Errors
    ///
    /// What a callback raised that is no `Exception`, or `InvalidStateError` if somebody else finished the future meanwhile.
    pub(super) fn make_call(self) -> Result<(), Raised> {
        let py = self.py();
        let taken = self.call().take();
        let Some(Call {
            function,
            positional,
            keywords,
            ..
        }) = taken
        else {
            return Ok(());
        };
        let [function, positional] = [function, positional].map(|held| held.into_owned(py));
        let keywords = keywords.map(|held| held.into_owned(py));
        let begins = if self.is_open() {
            let began = self.by_standard(c"set_running_or_notify_cancel", &[])?;
            began.borrow().truth()?
        } else {
            self.engine.start() == Ok(true)
        };
        if !begins {
            return Ok(());
        }
        let came = call::call_laid_out(
            function.borrow(),
            positional.borrow(),
            keywords.as_ref().map(Owned::borrow),
        );
        // What the call needed is not kept until its result is asked for.
        drop((function, positional, keywords));
        match came {
            Ok(value) => self.finish(value.borrow(), false),
            Err(raised) => {
                let exception = raised.into_exception(py);
                self.finish(exception.borrow(), true)
            }
        }
    }
}
