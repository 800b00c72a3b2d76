//! `threading.Lock`.
//!
//! `isinstance(lock, _thread.LockType)` holds, since `__class__` answers for it: the interpreter's own class
//! cannot be derived from.
//!
//! # Source
//!
//! CPython `Modules/_threadmodule.c`, `lock_*`.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

use super::patience::{Patience, acquire_doc};
use crate::{
    error,
    ffi::{
        args::Args,
        method::{plain, read, with_args},
        native::{Class, Heirs, Native, This},
        object::{Answer, Held, Object, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use std::sync::OnceLock;
use threeply::threading::RawLock;

/// The value of an instance.
pub(crate) struct Lock {
    pub(super) engine: RawLock,
}

impl Native for Lock {
    fn new() -> Self {
        Self {
            engine: RawLock::new(),
        }
    }
}

// DIFFERENCE: Lock and RLock are classes on every Python
/// The interpreter's own class of locks.
static STANDARD_CLASS: OnceLock<Held> = OnceLock::new();

/// Makes the class.
pub(crate) fn lock<'py>(py: Python<'py>, standard: Object<'_>) -> Answer<'py> {
    let instance = standard.call_method(c"_allocate_lock", &[])?;
    let class = instance.borrow().attribute(c"__class__")?;
    STANDARD_CLASS.get_or_init(|| class.into_held());
    Class::new(c"Lock", DOC)
        .repr(repr)
        .methods([
            with_args(c"acquire", ACQUIRE_DOC, acquire),
            plain(c"release", RELEASE_DOC, release),
            plain(c"locked", LOCKED_DOC, locked),
            with_args(c"__enter__", ENTER_DOC, acquire),
            with_args(c"__exit__", EXIT_DOC, exit),
            with_args(c"acquire_lock", ACQUIRE_OLD_DOC, acquire),
            plain(c"release_lock", RELEASE_OLD_DOC, release),
            plain(c"locked_lock", LOCKED_OLD_DOC, locked),
            plain(c"_at_fork_reinit", AT_FORK_DOC, at_fork_reinit),
            super::unpicklable::<Lock>(),
        ])
        .attributes([read(c"__class__", c"The interpreter's own class.", class_)])
        .make_small(py, c"threeply.threading", Heirs::None)
}

#[inline]
pub(super) fn acquire<'py>(this: This<'py, Lock>, args: Args<'py>) -> Answer<'py> {
    if args.exactly::<0>().is_some() && this.engine.try_acquire() {
        return Ok(Owned::boolean(this.py(), true));
    }
    acquire_slow(this, args)
}

#[cold]
fn acquire_slow<'py>(this: This<'py, Lock>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let patience = Patience::from_arguments(args)?;
    if this.engine.try_acquire() {
        return Ok(Owned::boolean(py, true));
    }
    let Some(deadline) = patience.deadline(py)? else {
        return Ok(Owned::boolean(py, false));
    };
    let acquired = wait::for_a_thread(py, deadline, |interrupted| {
        this.engine.acquire_unless(deadline, interrupted)
    })?;
    Ok(Owned::boolean(py, acquired))
}

#[inline]
pub(super) fn release(this: This<'_, Lock>) -> Answer<'_> {
    if this.engine.release() {
        Ok(Owned::none(this.py()))
    } else {
        Err(not_held(this.py()))
    }
}

#[inline]
fn exit<'py>(this: This<'py, Lock>, _args: Args<'py>) -> Answer<'py> {
    release(this)
}

#[cold]
fn not_held(py: Python<'_>) -> Raised {
    error::runtime_error(py, "release unlocked lock")
}

fn locked(this: This<'_, Lock>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine.is_held()))
}

/// In a child: frees the lock; whoever waited stayed in the parent, and the engine knows it.
fn at_fork_reinit(this: This<'_, Lock>) -> Answer<'_> {
    this.engine.release();
    Ok(Owned::none(this.py()))
}

fn class_(this: This<'_, Lock>) -> Answer<'_> {
    let py = this.py();
    Ok(match STANDARD_CLASS.get() {
        Some(class) => class.get(py).to_owned(),
        None => this.class().to_owned(),
    })
}

fn repr(this: This<'_, Lock>) -> Answer<'_> {
    let status = if this.engine.is_held() {
        "locked"
    } else {
        "unlocked"
    };
    super::describe_lock(this.object(), this.class(), status, "")
}

const DOC: &std::ffi::CStr = c"Lock()
--

A lock that one thread holds at a time.

It may be released by another thread than the one that acquired it, and is not
re-entrant. It is safe to use from any thread; only `acquire` blocks.

Raises:
    TypeError: Arguments were given.

Source: CPython Modules/_threadmodule.c, lock.";

pub(super) const ACQUIRE_DOC: &std::ffi::CStr = acquire_doc!(
    "acquire",
    "Acquire the lock, waiting while another thread holds it.

The wait ends when the lock is released, when `timeout` has passed, or when a signal
handler that runs in the main thread meanwhile raises (Ctrl-C)."
);

pub(super) const ENTER_DOC: &std::ffi::CStr = c"__enter__($self, blocking=True, timeout=-1)
--

Acquire the lock, as `acquire` does.";

const RELEASE_DOC: &std::ffi::CStr = c"release($self, /)
--

Release the lock and wake one thread that waits for it.

Raises:
    RuntimeError: Nobody holds it.";

const EXIT_DOC: &std::ffi::CStr = c"__exit__($self, /, *exc_info)
--

Release the lock.";

const LOCKED_DOC: &std::ffi::CStr = c"locked($self, /)
--

Return whether a thread holds the lock.";

const ACQUIRE_OLD_DOC: &std::ffi::CStr = c"acquire_lock($self, blocking=True, timeout=-1)
--

An obsolete synonym of `acquire`.";

const RELEASE_OLD_DOC: &std::ffi::CStr = c"release_lock($self, /)
--

An obsolete synonym of `release`.";

const LOCKED_OLD_DOC: &std::ffi::CStr = c"locked_lock($self, /)
--

An obsolete synonym of `locked`.";

pub(super) const AT_FORK_DOC: &std::ffi::CStr = c"_at_fork_reinit($self, /)
--

Free the lock in a forked child, in which the thread that held it does not exist.";
