//! `queue.Queue`.
//!
//! # State
//!
//! A queue is *closed* at first: its items lie in the engine, `put` and `get` are one call of it. It is *open* as soon as
//! somebody wants to see or change its inside — a subclass overrides `_init`, `_qsize`, `_put` or
//! `_get`, somebody patches one of those, or touches `mutex`, `queue`, `not_empty`, `not_full`, `all_tasks_done` — and
//! stays so: its state then lies in Python objects in its own dictionary, and every operation is that of the
//! Python floor's open queue, which keeps the standard class's contract (hooks run with
//! `mutex` held).
//!
//! # Transitions
//!
//! closed → open: the engine's queue is retired and hands over its items; threads that wait in it are woken
//! and go on in the open one, with what is left of their timeout.
//!
//! # Invariants
//!
//! 1. Items enter and leave the engine's queue only while attached (waiting is all that happens detached), so the
//!    garbage collector never sees one on its way.
//! 2. Whoever overrides a hook, wherever, is noticed before the next operation ([`overrides`]).
//!
//! # Source
//!
//! CPython `Lib/queue.py`, `class Queue`.

mod docs;
mod names;

use super::{
    overrides::{self, Overrides, Watched},
    seconds::{self, Seconds},
};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        method::{class_getitem, plain, read_write, with_args},
        native::{Class, Made, Native, This, Visit},
        object::{Answer, Held, Name, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use std::{
    ffi::CStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::{
    threading::{Ended, TryGetError, TryPutError},
    time::Deadline,
};

/// The value of an instance.
pub(crate) struct Queue {
    engine: threeply::threading::Queue<Held>,
    /// `maxsize` as it was given.
    maxsize: Mutex<Option<Held>>,
    is_open: AtomicBool,
    overrides: Overrides,
}

/// A hook is not ours: such a queue is open.
const HOOKED: u8 = 1 << 0;
/// `put` is not ours: `put_nowait` calls it.
const PUT_REPLACED: u8 = 1 << 1;
/// `get` is not ours: `get_nowait` calls it.
const GET_REPLACED: u8 = 1 << 2;

const WATCHED: [Watched; 6] = [
    (c"_init", HOOKED),
    (c"_qsize", HOOKED),
    (c"_put", HOOKED),
    (c"_get", HOOKED),
    (c"put", PUT_REPLACED),
    (c"get", GET_REPLACED),
];

impl Native for Queue {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self {
            engine: threeply::threading::Queue::unbounded(),
            maxsize: Mutex::new(None),
            is_open: AtomicBool::new(false),
            overrides: Overrides::new(),
        }
    }

    fn traverse(&self, visit: &mut Visit) {
        self.engine.visit(|item| visit.show(item));
    }

    fn clear(&self, _py: Python<'_>) {
        drop(self.engine.drain());
    }
}

const INIT: Parameters<1> = Parameters {
    function: "__init__",
    names: [c"maxsize"],
    required: 0,
};
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
const SHUTDOWN: Parameters<1> = Parameters {
    function: "shutdown",
    names: [c"immediate"],
    required: 0,
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

/// Makes the class, as a subclass of the standard one.
///
/// `open_queue` does what an open queue does, and names the exceptions.
pub(crate) fn queue<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    open_queue: Object<'_>,
) -> Answer<'py> {
    let parent = standard.attribute(c"Queue")?;
    let Made { class, .. } = Class::new(c"Queue", docs::QUEUE)
        .init(init)
        .watch_attributes(attribute_is_set)
        .methods([
            with_args(c"put", docs::PUT, put),
            with_args(c"get", docs::GET, get),
            with_args(c"put_nowait", docs::PUT_NOWAIT, put_nowait),
            plain(c"get_nowait", docs::GET_NOWAIT, get_nowait),
            plain(c"qsize", docs::QSIZE, qsize),
            plain(c"empty", docs::EMPTY, empty),
            plain(c"full", docs::FULL, full),
            plain(c"task_done", docs::TASK_DONE, task_done),
            plain(c"join", docs::JOIN, join),
            with_args(c"shutdown", docs::SHUTDOWN, shutdown),
            with_args(c"_init", docs::HOOK, hook_init),
            plain(c"_qsize", docs::HOOK, hook_qsize),
            with_args(c"_put", docs::HOOK, hook_put),
            plain(c"_get", docs::HOOK, hook_get),
            plain(c"_hand_over", docs::HAND_OVER, hand_over),
            class_getitem(),
            with_args(c"__reduce_ex__", docs::REDUCE, super::reduce_ex::<Queue>),
        ])
        .attributes([
            read_write(
                c"maxsize",
                c"The most items, 0 for any number.",
                maxsize,
                set_maxsize,
            ),
            read_write(
                c"unfinished_tasks",
                c"How many items were put and not reported done.",
                unfinished_tasks,
                |this, value| set_open(this, &names::UNFINISHED_TASKS, value),
            ),
            read_write(
                c"is_shutdown",
                c"Whether shutdown() was called.",
                is_shutdown,
                |this, value| set_open(this, &names::IS_SHUTDOWN, value),
            ),
            read_write(
                c"queue",
                c"The items. Asking for it opens the queue.",
                |this| get_open(this, &names::QUEUE),
                |this, value| set_open(this, &names::QUEUE, value),
            ),
            read_write(
                c"mutex",
                c"The lock of an open queue. Asking for it opens the queue.",
                |this| get_open(this, &names::MUTEX),
                |this, value| set_open(this, &names::MUTEX, value),
            ),
            read_write(
                c"not_empty",
                c"Notified after a put. Asking for it opens the queue.",
                |this| get_open(this, &names::NOT_EMPTY),
                |this, value| set_open(this, &names::NOT_EMPTY, value),
            ),
            read_write(
                c"not_full",
                c"Notified after a get. Asking for it opens the queue.",
                |this| get_open(this, &names::NOT_FULL),
                |this, value| set_open(this, &names::NOT_FULL, value),
            ),
            read_write(
                c"all_tasks_done",
                c"Notified when nothing is unfinished. Asking for it opens the queue.",
                |this| get_open(this, &names::ALL_TASKS_DONE),
                |this, value| set_open(this, &names::ALL_TASKS_DONE, value),
            ),
        ])
        .make(py, c"threeply.queue", None, &[parent.borrow()])?;
    class.borrow().set_attribute(c"_open_queue", open_queue)?;
    overrides::learn(class.borrow(), &WATCHED)?;
    Ok(class)
}

fn init(this: This<'_, Queue>, args: Args<'_>) -> Result<(), Raised> {
    let [maxsize] = args.bind(&INIT)?;
    let zero = Owned::integer(this.py(), 0)?;
    let maxsize = maxsize.unwrap_or(zero.borrow());
    this.look_at_overrides()?;
    if this.engine.is_retired() {
        this.open_with(&names::START, maxsize)?;
        return Ok(());
    }
    let bound = bound_of(maxsize)?;
    let old = this.engine.reset(bound);
    this.keep_maxsize(maxsize);
    drop(old);
    Ok(())
}

/// The engine's bound for a `maxsize`: 0 for any number.
fn bound_of(maxsize: Object<'_>) -> Result<usize, Raised> {
    if maxsize.is_float() {
        // `qsize() >= 2.5` is true from 3 on, so 2.5 holds three items.
        let size = maxsize.float()?.ceil();
        let is_bound = size >= 1.0 && size < isize::MAX as f64;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number within the range"
        )]
        return Ok(if is_bound { size as usize } else { 0 });
    }
    if !maxsize.is_integer() && maxsize.attribute(c"__index__").is_err() {
        let message = format!("maxsize must be an integer, not {}", maxsize.class_name());
        return Err(error::type_error(maxsize.py(), &message));
    }
    // A negative number means any number of items, and so does one that no memory holds.
    Ok(usize::try_from(maxsize.integer()?).unwrap_or(0))
}

impl<'py> This<'py, Queue> {
    fn keep_maxsize(self, maxsize: Object<'_>) {
        let old = {
            let mut kept = self.maxsize.lock().unwrap_or_else(PoisonError::into_inner);
            kept.replace(maxsize.to_held())
        };
        drop(old);
    }

    /// Opens the queue if a hook is overridden by now (invariant 2); says what else is.
    #[inline]
    fn look_at_overrides(self) -> Result<u8, Raised> {
        let replaced = self.overrides.of(self, &WATCHED)?;
        if replaced & HOOKED != 0 && !self.engine.is_retired() {
            self.open_up()?;
        }
        Ok(replaced)
    }

    /// Opens the queue, or waits until the thread that does so is through.
    #[cold]
    fn open_up(self) -> Result<(), Raised> {
        self.open(&names::OPEN_UP).map(drop)
    }

    /// Calls a method of the Python floor's open queue with this queue.
    #[cold]
    fn open(self, method: &Name) -> Answer<'py> {
        let open_queue = self.object().attribute_named(&names::OPEN_QUEUE)?;
        open_queue
            .borrow()
            .call_method_named(method, [self.object()])
    }

    /// The same with one argument.
    #[cold]
    fn open_with(self, method: &Name, argument: Object<'_>) -> Answer<'py> {
        let open_queue = self.object().attribute_named(&names::OPEN_QUEUE)?;
        open_queue
            .borrow()
            .call_method_named(method, [self.object(), argument])
    }

    /// What an open queue keeps its items in.
    fn container(self) -> Answer<'py> {
        get_open(self, &names::QUEUE)
    }

    /// Raises an exception that the open queue names.
    #[cold]
    fn raise(self, name: &CStr) -> Raised {
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

/// Opens the queue where a hook is set on the instance.
fn attribute_is_set(this: This<'_, Queue>, name: Object<'_>) -> Result<(), Raised> {
    let bit = this.overrides.attribute_is_set(name, &WATCHED);
    if bit == Some(HOOKED) && !this.engine.is_retired() {
        this.open_up()?;
    }
    Ok(())
}

/// How long a call may wait.
#[derive(Clone, Copy)]
enum Patience {
    None,
    Some(Option<Seconds>),
}

impl Patience {
    fn from_arguments(
        block: Option<Object<'_>>,
        timeout: Option<Object<'_>>,
    ) -> Result<Self, Raised> {
        Ok(if block.map_or(Ok(true), Object::truth)? {
            Self::Some(Seconds::from_argument(timeout)?)
        } else {
            Self::None
        })
    }

    fn is_negative(self) -> bool {
        matches!(self, Self::Some(Some(seconds)) if seconds.is_negative())
    }

    /// `block` and `timeout` for the open queue: what is left, if the wait has begun.
    fn rest(self, py: Python<'_>, deadline: Option<Deadline>) -> Result<[Owned<'_>; 2], Raised> {
        let left = deadline
            .and_then(Deadline::remaining)
            .map(|left| left.as_secs_f64());
        let timeout = match (self, left) {
            (_, Some(left)) => Owned::float(py, left)?,
            (Self::Some(Some(seconds)), None) => Owned::float(py, seconds.get())?,
            _ => Owned::none(py),
        };
        Ok([Owned::boolean(py, matches!(self, Self::Some(_))), timeout])
    }

    /// The deadline of a wait, `None` where there is to be none.
    fn deadline(self, py: Python<'_>) -> Result<Option<Deadline>, Raised> {
        match self {
            Self::None => Ok(None),
            Self::Some(timeout) => seconds::deadline(py, timeout).map(Some),
        }
    }
}

fn negative_timeout(py: Python<'_>) -> Raised {
    error::value_error(py, "'timeout' must be a non-negative number")
}

#[inline]
fn put<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    if let Some([item]) = args.exactly::<1>() {
        this.look_at_overrides()?;
        return match this.engine.try_put(item.to_held()) {
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
    match this.engine.try_put(item.to_held()) {
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
        is_late = wait::detached(py, wait)? == Ended::TimedOut;
        refused = match this.engine.try_put(item) {
            Ok(()) => return Ok(Owned::none(py)),
            Err(refused) => refused,
        };
    }
}

#[inline]
fn get<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    if args.exactly::<0>().is_some() {
        this.look_at_overrides()?;
        return match this.engine.try_get() {
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
    match this.engine.try_get() {
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
        is_late = wait::detached(py, wait)? == Ended::TimedOut;
        refused = match this.engine.try_get() {
            Ok(item) => return Ok(item.into_owned(py)),
            Err(refused) => refused,
        };
    }
}

fn put_nowait<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
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
    match this.engine.try_put(item.to_held()) {
        Ok(()) => Ok(Owned::none(this.py())),
        Err(refused) => put_slow(this, refused, Patience::None),
    }
}

fn get_nowait(this: This<'_, Queue>) -> Answer<'_> {
    if this.look_at_overrides()? & GET_REPLACED != 0 {
        let block = Owned::boolean(this.py(), false);
        return this
            .object()
            .call_method_named(&names::GET, [block.borrow()]);
    }
    match this.engine.try_get() {
        Ok(item) => Ok(item.into_owned(this.py())),
        Err(refused) => get_slow(this, refused, Patience::None),
    }
}

/// Says whether the queue is open, after a look at its class.
fn is_open(this: This<'_, Queue>) -> Result<bool, Raised> {
    this.look_at_overrides()?;
    Ok(this.engine.is_retired())
}

fn qsize(this: This<'_, Queue>) -> Answer<'_> {
    if is_open(this)? {
        return this.open(&names::QSIZE);
    }
    Owned::integer(this.py(), this.engine.len())
}

fn empty(this: This<'_, Queue>) -> Answer<'_> {
    if is_open(this)? {
        return this.open(&names::EMPTY);
    }
    Ok(Owned::boolean(this.py(), this.engine.is_empty()))
}

fn full(this: This<'_, Queue>) -> Answer<'_> {
    if is_open(this)? {
        return this.open(&names::FULL);
    }
    let is_full = this
        .engine
        .bound()
        .is_some_and(|bound| this.engine.len() >= bound);
    Ok(Owned::boolean(this.py(), is_full))
}

fn task_done(this: This<'_, Queue>) -> Answer<'_> {
    if is_open(this)? {
        return this.open(&names::TASK_DONE);
    }
    if !this.engine.task_done() {
        return Err(error::value_error(
            this.py(),
            "task_done() called too many times",
        ));
    }
    Ok(Owned::none(this.py()))
}

fn join(this: This<'_, Queue>) -> Answer<'_> {
    let py = this.py();
    if !is_open(this)? && this.engine.unfinished() > 0 {
        wait::detached(py, |interrupted| {
            this.engine.join_unless(Deadline::NEVER, interrupted)
        })?;
    }
    // It may have been opened meanwhile.
    if is_open(this)? {
        return this.open(&names::JOIN);
    }
    Ok(Owned::none(py))
}

fn shutdown<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [immediate] = args.bind(&SHUTDOWN)?;
    let immediate = immediate.map_or(Ok(false), Object::truth)?;
    if is_open(this)? {
        return this.open_with(&names::SHUTDOWN, Owned::boolean(py, immediate).borrow());
    }
    if immediate {
        drop(this.engine.shut_down_now());
    } else {
        this.engine.shut_down();
    }
    Ok(Owned::none(py))
}

// The hooks of a queue whose class does not override them, or calls `super()`.

fn hook_init<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    args.bind(&HOOK_INIT)?;
    this.open(&names::HOOK_INIT)
}

fn hook_qsize(this: This<'_, Queue>) -> Answer<'_> {
    if !this.engine.is_retired() {
        return Owned::integer(this.py(), this.engine.len());
    }
    Owned::integer(this.py(), this.container()?.borrow().length()?)
}

fn hook_put<'py>(this: This<'py, Queue>, args: Args<'py>) -> Answer<'py> {
    let [item] = args.bind(&HOOK_PUT)?;
    let none = Owned::none(this.py());
    let item = item.unwrap_or(none.borrow());
    this.container()?
        .borrow()
        .call_method_named(&names::APPEND, [item])
}

fn hook_get(this: This<'_, Queue>) -> Answer<'_> {
    this.container()?
        .borrow()
        .call_method_named(&names::POPLEFT, [])
}

/// Retires the engine's queue: `(items, unfinished, is_shutdown, maxsize)`. The second call says that they have their
/// place, gives `None`, and makes the queue open.
fn hand_over(this: This<'_, Queue>) -> Answer<'_> {
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

fn maxsize(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::MAXSIZE);
    }
    let kept = this.maxsize.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.as_ref() {
        Some(maxsize) => Ok(maxsize.get(this.py()).to_owned()),
        None => Owned::integer(this.py(), 0),
    }
}

fn set_maxsize<'py>(this: This<'py, Queue>, value: Option<Object<'py>>) -> Result<(), Raised> {
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

fn unfinished_tasks(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::UNFINISHED_TASKS);
    }
    Owned::integer(this.py(), this.engine.unfinished())
}

fn is_shutdown(this: This<'_, Queue>) -> Answer<'_> {
    if this.is_open.load(Ordering::Acquire) {
        return get_open(this, &names::IS_SHUTDOWN);
    }
    Ok(Owned::boolean(this.py(), this.engine.is_shut_down()))
}

/// Reads an attribute that an open queue has in its dictionary, opening it for that.
fn get_open<'py>(this: This<'py, Queue>, name: &Name) -> Answer<'py> {
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
fn set_open<'py>(
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
