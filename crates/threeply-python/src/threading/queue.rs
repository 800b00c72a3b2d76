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

mod classes;
mod docs;
mod kinds;
mod names;
mod opening;
mod patience;
mod transfer;

pub(crate) use classes::queues;

use self::kinds::ORDERS;
use super::overrides::{Overrides, Watched};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        native::{Native, This, Visit},
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
        wait::for_a_thread(py, Deadline::NEVER, |interrupted| {
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
