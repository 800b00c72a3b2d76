//! `threading.RLock`.
//!
//! `isinstance(lock, _thread.RLock)` holds, since `__class__` answers for it. Programs derive from it as from the
//! interpreter's own.
//!
//! # Source
//!
//! CPython `Modules/_threadmodule.c`, `rlock_*`.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

use super::{lock, patience::Patience};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, read, with_args},
        native::{Class, Heirs, Native, This},
        object::{Answer, Held, Object, Owned, Raised},
        thread, wait,
    },
};
use pyo3::Python;
use std::{num::NonZeroUsize, sync::OnceLock};
use threeply::threading::RawRLock;

/// The value of an instance.
pub(crate) struct RLock {
    pub(super) engine: RawRLock,
}

impl Native for RLock {
    fn new() -> Self {
        Self {
            engine: RawRLock::new(),
        }
    }
}

/// The interpreter's own class, and ours.
static CLASSES: OnceLock<[Held; 2]> = OnceLock::new();

const RESTORE: Parameters<1> = Parameters {
    function: "_acquire_restore",
    names: [c"state"],
    required: 1,
};

/// Makes the class.
pub(crate) fn rlock<'py>(py: Python<'py>, standard: Object<'_>) -> Answer<'py> {
    let class = Class::new(c"RLock", DOC)
        .repr(repr)
        .methods([
            with_args(c"acquire", lock::ACQUIRE_DOC, acquire),
            plain(c"release", RELEASE_DOC, release),
            plain(c"locked", LOCKED_DOC, locked),
            with_args(c"__enter__", lock::ENTER_DOC, acquire),
            with_args(c"__exit__", EXIT_DOC, exit),
            plain(c"_is_owned", IS_OWNED_DOC, is_owned),
            plain(c"_release_save", RELEASE_SAVE_DOC, release_save),
            with_args(c"_acquire_restore", ACQUIRE_RESTORE_DOC, acquire_restore),
            plain(c"_recursion_count", RECURSION_DOC, recursion_count),
            plain(c"_at_fork_reinit", lock::AT_FORK_DOC, at_fork_reinit),
            super::unpicklable::<RLock>(),
        ])
        .attributes([read(c"__class__", c"The interpreter's own class.", class_)])
        .make_small(py, c"threeply.threading", Heirs::Any)?;
    let standard_class = standard.attribute(c"_CRLock")?;
    let ours = class.borrow().to_held();
    CLASSES.get_or_init(|| [standard_class.into_held(), ours]);
    Ok(class)
}

#[inline]
pub(super) fn acquire<'py>(this: This<'py, RLock>, args: Args<'py>) -> Answer<'py> {
    if args.exactly::<0>().is_some() && this.engine.try_acquire(thread::me()) {
        return Ok(Owned::boolean(this.py(), true));
    }
    acquire_slow(this, args)
}

#[cold]
fn acquire_slow<'py>(this: This<'py, RLock>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let me = thread::me();
    let patience = Patience::from_arguments(args)?;
    if this.engine.try_acquire(me) {
        return Ok(Owned::boolean(py, true));
    }
    let Some(deadline) = patience.deadline(py)? else {
        return Ok(Owned::boolean(py, false));
    };
    let acquired = wait::for_a_thread(py, deadline, |interrupted| {
        this.engine.acquire_unless(me, deadline, interrupted)
    })?;
    Ok(Owned::boolean(py, acquired))
}

#[inline]
pub(super) fn release(this: This<'_, RLock>) -> Answer<'_> {
    match this.engine.release(thread::me()) {
        Ok(()) => Ok(Owned::none(this.py())),
        Err(_) => Err(not_owned(this.py())),
    }
}

#[inline]
fn exit<'py>(this: This<'py, RLock>, _args: Args<'py>) -> Answer<'py> {
    release(this)
}

#[cold]
fn not_owned(py: Python<'_>) -> Raised {
    error::runtime_error(py, "cannot release un-acquired lock")
}

fn locked(this: This<'_, RLock>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine.is_held()))
}

fn is_owned(this: This<'_, RLock>) -> Answer<'_> {
    let is_mine = this.engine.is_owned_by(thread::me());
    Ok(Owned::boolean(this.py(), is_mine))
}

fn recursion_count(this: This<'_, RLock>) -> Answer<'_> {
    let is_mine = this.engine.is_owned_by(thread::me());
    Owned::integer(this.py(), if is_mine { this.engine.depth() } else { 0 })
}

fn release_save(this: This<'_, RLock>) -> Answer<'_> {
    let py = this.py();
    let me = thread::me();
    // Made first: what fails must leave the lock as it is.
    let owner = Owned::integer(py, me.get())?;
    let depth = Owned::integer(py, this.engine.depth())?;
    let state = Owned::tuple(py, [depth, owner])?;
    match this.engine.release_all(me) {
        Ok(_) => Ok(state),
        Err(_) => Err(not_owned(py)),
    }
}

fn acquire_restore<'py>(this: This<'py, RLock>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [state] = args.bind(&RESTORE)?;
    let none = Owned::none(py);
    let [depth, owner] = state
        .unwrap_or(none.borrow())
        .pair()
        .ok_or_else(|| error::type_error(py, "state must be what _release_save returned"))?;
    let (depth, owner) = (depth.integer()?, owner.integer()?);
    let depth = usize::try_from(depth).ok().filter(|depth| *depth > 0);
    let owner = usize::try_from(owner).ok().and_then(NonZeroUsize::new);
    let (Some(depth), Some(owner)) = (depth, owner) else {
        return Err(error::value_error(
            py,
            "state must be what _release_save returned",
        ));
    };
    if !this.engine.try_acquire_all(owner, depth) {
        wait::uninterrupted(py, || this.engine.acquire_all(owner, depth));
    }
    Ok(Owned::none(py))
}

/// In a child: frees the lock; whoever waited stayed in the parent, and the engine knows it.
fn at_fork_reinit(this: This<'_, RLock>) -> Answer<'_> {
    this.engine.reset();
    Ok(Owned::none(this.py()))
}

/// The interpreter's own class for an instance of the very class; for one of a derived class that.
fn class_(this: This<'_, RLock>) -> Answer<'_> {
    let class = this.class();
    Ok(match CLASSES.get() {
        Some([standard, ours]) if ours.as_ptr() == class.as_ptr() => {
            standard.get(this.py()).to_owned()
        }
        _ => class.to_owned(),
    })
}

fn repr(this: This<'_, RLock>) -> Answer<'_> {
    let owner = this.engine.owner().map_or(0, NonZeroUsize::get);
    let status = if owner == 0 { "unlocked" } else { "locked" };
    let detail = format!(" owner={owner} count={}", this.engine.depth());
    super::describe_lock(this.object(), this.class(), status, &detail)
}

const DOC: &std::ffi::CStr = c"RLock()
--

A lock that its owner may acquire again.

It is free once its owner has released it as often as acquired it. It is safe to use
from any thread; only `acquire` blocks.

Source: CPython Modules/_threadmodule.c, RLock.";

const RELEASE_DOC: &std::ffi::CStr = c"release($self, /)
--

Take back one `acquire`; the last one frees the lock and wakes one thread that waits.

Raises:
    RuntimeError: The calling thread does not own the lock.";

const EXIT_DOC: &std::ffi::CStr = c"__exit__($self, /, *exc_info)
--

Take back one `acquire`.";

const LOCKED_DOC: &std::ffi::CStr = c"locked($self, /)
--

Return whether a thread owns the lock. Exists on every Python version.";

const IS_OWNED_DOC: &std::ffi::CStr = c"_is_owned($self, /)
--

Return whether the calling thread owns the lock. For `Condition`.";

const RELEASE_SAVE_DOC: &std::ffi::CStr = c"_release_save($self, /)
--

Free the lock, and return what `_acquire_restore` needs. For `Condition`.

Raises:
    RuntimeError: The calling thread does not own the lock.";

const ACQUIRE_RESTORE_DOC: &std::ffi::CStr = c"_acquire_restore($self, state, /)
--

Acquire the lock as it was before `_release_save`. For `Condition`.

Only the lock's release ends the wait.

Args:
    state: What `_release_save` returned.

Raises:
    TypeError, ValueError: `state` is something else.";

const RECURSION_DOC: &std::ffi::CStr = c"_recursion_count($self, /)
--

Return how often the calling thread has acquired the lock. For internal use.";
