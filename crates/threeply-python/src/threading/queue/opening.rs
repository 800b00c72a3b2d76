//! Opening a queue, and what an open queue shows of itself.
//!
//! The way there: `open_up` calls the Python floor, which makes the lock and the conditions, takes what is in the engine's queue
//! with `_hand_over`, and calls that once more when everything has its place.

use super::{Queue, bound_of, names};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        native::This,
        object::{Answer, Name, Object, Owned, Raised},
    },
};
use std::{
    ffi::CStr,
    sync::{PoisonError, atomic::Ordering},
};

const HOOK_INIT: Parameters<1> = Parameters {
    function: "_init",
    names: [c"maxsize"],
    required: 1,
};
const HOOK_PUT: Parameters<1> = Parameters {
    function: "_put",
    names: [c"item"],
    required: 1,
};

impl<'py> This<'py, Queue> {
    /// Opens the queue, or waits until the thread that does so is through.
    #[cold]
    pub(super) fn open_up(self) -> Result<(), Raised> {
        self.open(&names::OPEN_UP).map(drop)
    }

    /// Calls a method of the Python floor's open queue with this queue.
    #[cold]
    pub(super) fn open(self, method: &Name) -> Answer<'py> {
        let open_queue = self.object().attribute_named(&names::OPEN_QUEUE)?;
        open_queue
            .borrow()
            .call_method_named(method, [self.object()])
    }

    /// The same with one argument.
    #[cold]
    pub(super) fn open_with(self, method: &Name, argument: Object<'_>) -> Answer<'py> {
        let open_queue = self.object().attribute_named(&names::OPEN_QUEUE)?;
        open_queue
            .borrow()
            .call_method_named(method, [self.object(), argument])
    }

    /// What an open queue keeps its items in.
    pub(super) fn container(self) -> Answer<'py> {
        get_open(self, &names::QUEUE)
    }

    /// Raises an exception that the open queue names.
    #[cold]
    pub(super) fn raise(self, name: &CStr) -> Raised {
        let class = self
            .object()
            .attribute(c"_open_queue")
            .and_then(|open_queue| open_queue.borrow().attribute(name));
        match class {
            Ok(class) => call::raise_class(class.borrow()),
            Err(raised) => raised,
        }
    }
}

pub(super) fn hook_init<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    args.bind(&HOOK_INIT)?;
    this.open(&names::HOOK_INIT)
}

pub(super) fn hook_init_lifo<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    args.bind(&HOOK_INIT)?;
    this.open(&names::HOOK_INIT_LIFO)
}

pub(super) fn hook_init_priority<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    args.bind(&HOOK_INIT)?;
    this.open(&names::HOOK_INIT_PRIORITY)
}

pub(super) fn hook_qsize(this: This<'_, Queue>) -> Answer<'_> {
    if !this.engine.is_retired() {
        return Owned::integer(this.py(), this.engine.len());
    }
    Owned::integer(this.py(), this.container()?.borrow().length()?)
}

pub(super) fn hook_put<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [item] = args.bind(&HOOK_PUT)?;
    let none = Owned::none(this.py());
    let item = item.unwrap_or(none.borrow());
    this.container()?
        .borrow()
        .call_method_named(&names::APPEND, [item])
}

pub(super) fn hook_put_priority<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [item] = args.bind(&HOOK_PUT)?;
    let none = Owned::none(this.py());
    this.open_with(&names::HOOK_PUT_PRIORITY, item.unwrap_or(none.borrow()))
}

pub(super) fn hook_get(this: This<'_, Queue>) -> Answer<'_> {
    this.container()?
        .borrow()
        .call_method_named(&names::POPLEFT, [])
}

pub(super) fn hook_get_lifo(this: This<'_, Queue>) -> Answer<'_> {
    this.container()?
        .borrow()
        .call_method_named(&names::POP, [])
}

pub(super) fn hook_get_priority(this: This<'_, Queue>) -> Answer<'_> {
    this.open(&names::HOOK_GET_PRIORITY)
}

/// Retires the engine's queue: `(items, unfinished, is_shutdown, maxsize)`. The second call says that they have their
/// place, gives `None`, and makes the queue open.
pub(super) fn hand_over(this: This<'_, Queue>) -> Answer<'_> {
    let py = this.py();
    let maxsize = maxsize(this)?;
    let Some(retired) = this.engine.retire() else {
        this.is_open.store(true, Ordering::Release);
        return Ok(Owned::none(py));
    };
    let items = Owned::list(
        py,
        retired.items.into_iter().map(|item| item.into_owned(py)),
    )?;
    let unfinished = Owned::integer(py, retired.unfinished)?;
    let is_shutdown = Owned::boolean(py, retired.is_shut_down);
    Owned::tuple(py, [items, unfinished, is_shutdown, maxsize])
}

pub(super) fn maxsize(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::MAXSIZE);
    }
    let kept = this.maxsize.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.as_ref() {
        Some(maxsize) => Ok(maxsize.get(this.py()).to_owned()),
        None => Owned::integer(this.py(), 0),
    }
}

pub(super) fn set_maxsize<'py>(
    this: This<'py, Queue>,
    value: Option<Object<'py>>,
) -> Result<(), Raised> {
    if this.is_open.load(Ordering::Acquire) {
        return set_open(this, &names::MAXSIZE, value);
    }
    let Some(value) = value else {
        return Err(error::attribute_error(
            this.py(),
            "a Queue's maxsize cannot be deleted",
        ));
    };
    this.engine.set_bound(bound_of(value)?);
    this.keep_maxsize(value);
    Ok(())
}

pub(super) fn unfinished_tasks(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::UNFINISHED_TASKS);
    }
    Owned::integer(this.py(), this.engine.unfinished())
}

pub(super) fn is_shutdown(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::IS_SHUTDOWN);
    }
    Ok(Owned::boolean(this.py(), this.engine.is_shut_down()))
}

/// Reads an attribute that an open queue has in its dictionary, opening it for that.
pub(super) fn get_open<'py>(this: This<'py, Queue>, name: &Name) -> Answer<'py> {
    let dictionary = this.object().dictionary()?;
    if let Some(value) = dictionary.borrow().entry_named(name)? {
        return Ok(value.to_owned());
    }
    // What an open queue lacks, it lacks: its class's hooks may ask here, with `mutex` held.
    if !this.is_open.load(Ordering::Acquire) {
        this.open_up()?;
    }
    if let Some(value) = dictionary.borrow().entry_named(name)? {
        Ok(value.to_owned())
    } else {
        let message = format!(
            "'Queue' object has no attribute '{}'",
            name.text().to_string_lossy()
        );
        Err(error::attribute_error(this.py(), &message))
    }
}

/// Writes or deletes such an attribute.
pub(super) fn set_open<'py>(
    this: This<'py, Queue>,
    name: &Name,
    value: Option<Object<'py>>,
) -> Result<(), Raised> {
    if !this.is_open.load(Ordering::Acquire) {
        this.open_up()?;
    }
    this.object()
        .dictionary()?
        .borrow()
        .set_entry(name.text(), value)
}
