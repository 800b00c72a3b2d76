//! `queue.Queue`, `queue.LifoQueue` and `queue.PriorityQueue`.
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
//! DIFFERENCE: A queue has its lock when it is asked for
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
//! CPython `Lib/queue.py`, `class Queue`, `class LifoQueue`, `class PriorityQueue`.

mod docs;
mod kinds;
mod names;
mod opening;
mod patience;
mod transfer;

use self::{
    kinds::{LAST_IN, ORDERS, SMALLEST},
    opening::{
        get_open, hand_over, hook_get, hook_get_lifo, hook_get_priority, hook_init, hook_init_lifo,
        hook_init_priority, hook_put, hook_put_priority, hook_qsize, is_shutdown, maxsize,
        set_maxsize, set_open, unfinished_tasks,
    },
    transfer::{get, get_nowait, put, put_nowait},
};
use super::overrides::{self, Overrides, Watched};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{Method, class_getitem, plain, read_write, with_args},
        native::{Class, Made, Native, This, Visit},
        object::{Answer, Held, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU8, Ordering},
};
use threeply::time::Deadline;

/// The value of an instance.
pub(crate) struct Queue {
    engine: threeply::threading::Queue<Held>,
    /// `maxsize` as it was given.
    maxsize: Mutex<Option<Held>>,
    is_open: AtomicBool,
    /// The mark of the class that it had when it was initialised.
    order: AtomicU8,
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
            order: AtomicU8::new(0),
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
const SHUTDOWN: Parameters<1> = Parameters {
    function: "shutdown",
    names: [c"immediate"],
    required: 0,
};

/// Makes the three classes, as subclasses of the standard ones, each by its name.
///
/// `open_queue` does what an open queue does, and names the exceptions.
pub(crate) fn queues<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    open_queue: Object<'_>,
) -> Result<[(&'static str, Owned<'py>); 3], Raised> {
    let parent = standard.attribute(c"Queue")?;
    let Made { class: queue, core } = Class::new(c"Queue", docs::QUEUE)
        .init(init)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .methods([
            with_args(c"_init", docs::HOOK, hook_init),
            with_args(c"_put", docs::HOOK, hook_put),
            plain(c"_get", docs::HOOK, hook_get),
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
    queue.borrow().set_attribute(c"_open_queue", open_queue)?;
    let parent = standard.attribute(c"LifoQueue")?;
    let bases = [queue.borrow(), parent.borrow()];
    let Made { class: lifo, .. } = Class::new(c"LifoQueue", docs::LIFO_QUEUE)
        .init(init)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .methods([
            with_args(c"_init", docs::HOOK, hook_init_lifo),
            with_args(c"_put", docs::HOOK, hook_put),
            plain(c"_get", docs::HOOK, hook_get_lifo),
        ])
        .make(py, c"threeply.queue", Some(core.borrow()), &bases)?;
    overrides::learn(queue.borrow(), &WATCHED, 0)?;
    overrides::learn(lifo.borrow(), &WATCHED, LAST_IN)?;
    let parent = standard.attribute(c"PriorityQueue")?;
    let bases = [queue.borrow(), parent.borrow()];
    let Made {
        class: priority, ..
    } = Class::new(c"PriorityQueue", docs::PRIORITY_QUEUE)
        .init(init)
        .watch_attributes(attribute_is_set)
        .methods(methods())
        .methods([
            with_args(c"_init", docs::HOOK, hook_init_priority),
            with_args(c"_put", docs::HOOK, hook_put_priority),
            plain(c"_get", docs::HOOK, hook_get_priority),
        ])
        .make(py, c"threeply.queue", Some(core.borrow()), &bases)?;
    overrides::learn(priority.borrow(), &WATCHED, SMALLEST)?;
    Ok([
        ("Queue", queue),
        ("LifoQueue", lifo),
        ("PriorityQueue", priority),
    ])
}

/// The methods of all three classes; each has them itself, where the interpreter's fast paths find them.
fn methods() -> [Method; 14] {
    [
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
        plain(c"_qsize", docs::HOOK, hook_qsize),
        plain(c"_hand_over", docs::HAND_OVER, hand_over),
        class_getitem(),
        super::unpicklable::<Queue>(),
    ]
}

fn init(this: This<'_, Queue>, args: Args<'_>) -> Result<(), Raised> {
    let [maxsize] = args.bind(&INIT)?;
    let zero = Owned::integer(this.py(), 0)?;
    let maxsize = maxsize.unwrap_or(zero.borrow());
    let order = this.overrides.of(this, &WATCHED)? & ORDERS;
    this.order.store(order, Ordering::Relaxed);
    this.look_at_overrides()?;
    if this.engine.is_retired() {
        this.open_with(&names::START, maxsize)?;
        return Ok(());
    }
    let bound = bound_of(maxsize)?;
    let old = this.engine.reset(bound, kinds::order(order));
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

impl This<'_, Queue> {
    fn keep_maxsize(self, maxsize: Object<'_>) {
        let old = {
            let mut kept = self.maxsize.lock().unwrap_or_else(PoisonError::into_inner);
            kept.replace(maxsize.to_held())
        };
        drop(old);
    }

    /// Opens the queue if a hook is overridden by now, or the class another one (invariant 2); says what else is overridden.
    #[inline]
    fn look_at_overrides(self) -> Result<u8, Raised> {
        let found = self.overrides.of(self, &WATCHED)?;
        // Relaxed: written and read while attached.
        let as_initialised = self.order.load(Ordering::Relaxed);
        if (found ^ as_initialised) & (HOOKED | ORDERS) != 0 && !self.engine.is_retired() {
            self.open_up()?;
        }
        Ok(found)
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
