//! `threading.RWLock`, which the standard module does not have.
//!
//! `lock.read` and `lock.write` are its two sides, each a lock as `threading.Lock` is one: for `with`, for a `Condition`, for code
//! that wants a lock. A side is made when it is asked for, and keeps its lock alive.
//!
//! Neither class has a dictionary or heirs, so no cycle can go through them that the garbage collector would have to see.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

use super::patience::{Patience, acquire_doc};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, read, with_args},
        native::{Class, Heirs, Kept, Native, This, instance},
        object::{Answer, Held, Owned, Raised},
        wait,
    },
};
use pyo3::Python;
use std::sync::OnceLock;
use threeply::threading::RawRwLock;

/// The value of an instance.
pub(crate) struct RWLock {
    engine: RawRwLock,
}

impl Native for RWLock {
    fn new() -> Self {
        Self {
            engine: RawRwLock::new(),
        }
    }
}

/// One side of a lock; of none if it was made by the class.
pub(crate) struct Side(Option<(Kept<RWLock>, Mode)>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
}

impl Native for Side {
    fn new() -> Self {
        Self(None)
    }
}

/// The class of the sides.
static SIDE: OnceLock<Held> = OnceLock::new();

const ACQUIRE_READ: Parameters<2> = Parameters {
    function: "acquire_read",
    names: [c"blocking", c"timeout"],
    required: 0,
};
const ACQUIRE_WRITE: Parameters<2> = Parameters {
    function: "acquire_write",
    ..ACQUIRE_READ
};
const ACQUIRE: Parameters<2> = Parameters {
    function: "acquire",
    ..ACQUIRE_READ
};

/// Makes the class.
pub(crate) fn rwlock(py: Python<'_>) -> Answer<'_> {
    let side = side_class(py)?.into_held();
    // The extension is loaded once, so nobody has made one before.
    drop(SIDE.set(side));
    Class::new(c"RWLock", DOC)
        .repr(repr)
        .methods([
            with_args(c"acquire_read", ACQUIRE_READ_DOC, acquire_read),
            plain(c"release_read", RELEASE_READ_DOC, release_read),
            with_args(c"acquire_write", ACQUIRE_WRITE_DOC, acquire_write),
            plain(c"release_write", RELEASE_WRITE_DOC, release_write),
            plain(c"_at_fork_reinit", super::lock::AT_FORK_DOC, at_fork_reinit),
            super::unpicklable::<RWLock>(),
        ])
        .attributes([
            read(
                c"read",
                c"The lock for reading: `with lock.read:`.",
                read_side,
            ),
            read(
                c"write",
                c"The lock for writing: `with lock.write:`.",
                write_side,
            ),
            read(c"readers", c"How many readers hold the lock.", readers),
            read(c"writer", c"Whether a writer holds the lock.", writer),
            read(c"waiting", c"How many threads wait for the lock.", waiting),
        ])
        .make_small(py, c"threeply.threading", Heirs::None)
}

fn side_class(py: Python<'_>) -> Answer<'_> {
    Class::new(c"RWLockSide", SIDE_DOC)
        .repr(repr_side)
        .methods([
            with_args(c"acquire", ACQUIRE_DOC, acquire),
            plain(c"release", RELEASE_DOC, release),
            plain(c"locked", LOCKED_DOC, locked),
            with_args(c"__enter__", ENTER_DOC, acquire),
            with_args(c"__exit__", EXIT_DOC, exit),
            super::unpicklable::<Side>(),
        ])
        .make_small(py, c"threeply.threading", Heirs::None)
}

#[inline]
fn try_acquire(lock: &RWLock, mode: Mode) -> bool {
    match mode {
        Mode::Read => lock.engine.try_read(),
        Mode::Write => lock.engine.try_write(),
    }
}

#[inline]
fn acquire_as<'py>(
    py: Python<'py>,
    lock: &RWLock,
    mode: Mode,
    args: Args<'py>,
    parameters: &Parameters<2>,
) -> Answer<'py> {
    if args.exactly::<0>().is_some() && try_acquire(lock, mode) {
        return Ok(Owned::boolean(py, true));
    }
    acquire_slow(py, lock, mode, args, parameters)
}

#[cold]
fn acquire_slow<'py>(
    py: Python<'py>,
    lock: &RWLock,
    mode: Mode,
    args: Args<'py>,
    parameters: &Parameters<2>,
) -> Answer<'py> {
    let patience = Patience::of(args, parameters)?;
    if try_acquire(lock, mode) {
        return Ok(Owned::boolean(py, true));
    }
    let Some(deadline) = patience.deadline(py)? else {
        return Ok(Owned::boolean(py, false));
    };
    let acquired = wait::for_a_thread(py, deadline, |interrupted| match mode {
        Mode::Read => lock.engine.read_unless(deadline, interrupted),
        Mode::Write => lock.engine.write_unless(deadline, interrupted),
    })?;
    Ok(Owned::boolean(py, acquired))
}

#[inline]
fn release_as<'py>(py: Python<'py>, lock: &RWLock, mode: Mode) -> Answer<'py> {
    let released = match mode {
        Mode::Read => lock.engine.unlock_read(),
        Mode::Write => lock.engine.unlock_write(),
    };
    match released {
        Ok(()) => Ok(Owned::none(py)),
        Err(_) => Err(not_held(py, mode)),
    }
}

#[cold]
fn not_held(py: Python<'_>, mode: Mode) -> Raised {
    let message = match mode {
        Mode::Read => "release of an RWLock that no reader holds",
        Mode::Write => "release of an RWLock that no writer holds",
    };
    error::runtime_error(py, message)
}

fn acquire_read<'py>(this: This<'py, RWLock>, args: Args<'py>) -> Answer<'py> {
    acquire_as(this.py(), &this, Mode::Read, args, &ACQUIRE_READ)
}

fn acquire_write<'py>(this: This<'py, RWLock>, args: Args<'py>) -> Answer<'py> {
    acquire_as(this.py(), &this, Mode::Write, args, &ACQUIRE_WRITE)
}

fn release_read(this: This<'_, RWLock>) -> Answer<'_> {
    release_as(this.py(), &this, Mode::Read)
}

fn release_write(this: This<'_, RWLock>) -> Answer<'_> {
    release_as(this.py(), &this, Mode::Write)
}

fn read_side(this: This<'_, RWLock>) -> Answer<'_> {
    side(this, Mode::Read)
}

fn write_side(this: This<'_, RWLock>) -> Answer<'_> {
    side(this, Mode::Write)
}

fn side(this: This<'_, RWLock>, mode: Mode) -> Answer<'_> {
    let class = SIDE.get().expect("it is made before any lock");
    instance(class.get(this.py()), Side(Some((this.keep(), mode))))
}

fn readers(this: This<'_, RWLock>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine.readers())
}

fn writer(this: This<'_, RWLock>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine.is_written()))
}

fn waiting(this: This<'_, RWLock>) -> Answer<'_> {
    let waiting = this.engine.waiting_readers() + this.engine.waiting_writers();
    Owned::integer(this.py(), waiting)
}

/// In a child: frees the lock; whoever waited stayed in the parent, and the engine knows it.
fn at_fork_reinit(this: This<'_, RWLock>) -> Answer<'_> {
    this.engine.reset();
    Ok(Owned::none(this.py()))
}

fn repr(this: This<'_, RWLock>) -> Answer<'_> {
    super::describe(this.object(), &status(&this))
}

fn status(lock: &RWLock) -> String {
    if lock.engine.is_written() {
        return String::from("writer");
    }
    format!("readers={}", lock.engine.readers())
}

impl Side {
    fn of(&self, py: Python<'_>) -> Result<(&RWLock, Mode), Raised> {
        match &self.0 {
            Some((lock, mode)) => Ok((lock, *mode)),
            None => Err(error::type_error(
                py,
                "an RWLockSide comes from RWLock.read or RWLock.write",
            )),
        }
    }
}

fn acquire<'py>(this: This<'py, Side>, args: Args<'py>) -> Answer<'py> {
    let (lock, mode) = this.of(this.py())?;
    acquire_as(this.py(), lock, mode, args, &ACQUIRE)
}

fn release(this: This<'_, Side>) -> Answer<'_> {
    let (lock, mode) = this.of(this.py())?;
    release_as(this.py(), lock, mode)
}

fn exit<'py>(this: This<'py, Side>, _args: Args<'py>) -> Answer<'py> {
    release(this)
}

fn locked(this: This<'_, Side>) -> Answer<'_> {
    let (lock, mode) = this.of(this.py())?;
    let is_held = match mode {
        Mode::Read => lock.engine.readers() > 0,
        Mode::Write => lock.engine.is_written(),
    };
    Ok(Owned::boolean(this.py(), is_held))
}

fn repr_side(this: This<'_, Side>) -> Answer<'_> {
    let (lock, mode) = this.of(this.py())?;
    let side = match mode {
        Mode::Read => "read",
        Mode::Write => "write",
    };
    super::describe(this.object(), &format!("{side} of {}", status(lock)))
}

const DOC: &std::ffi::CStr = c"RWLock()
--

A lock that many threads hold to read, or one to write.

`with lock.read:` and `with lock.write:` hold it for a block. Readers and writers take
turns, so neither starves: a reader that comes while a writer waits waits behind it,
and a writer that leaves lets all waiting readers in.

It is not re-entrant: a thread that reads and reads again may wait for ever, behind a
writer that waits for it. Another thread than the one that acquired it may release it.

Raises:
    TypeError: Arguments were given.

Only threeply has it.";

const SIDE_DOC: &std::ffi::CStr = c"RWLockSide()
--

The lock for reading, or the lock for writing, of an RWLock: `lock.read`, `lock.write`.";

const ACQUIRE_READ_DOC: &std::ffi::CStr = acquire_doc!(
    "acquire_read",
    "Acquire the lock to read, waiting while a writer holds it or waits for it.

The wait ends when the lock is released, when `timeout` has passed, or when a signal
handler that runs in the main thread meanwhile raises (Ctrl-C)."
);

const ACQUIRE_WRITE_DOC: &std::ffi::CStr = acquire_doc!(
    "acquire_write",
    "Acquire the lock to write, waiting while anybody holds it.

Writers get it in the order in which they came. The wait ends as that of
`acquire_read`."
);

const RELEASE_READ_DOC: &std::ffi::CStr = c"release_read($self, /)
--

Give up one reader's hold; the last one hands the lock over to a waiting writer.

Raises:
    RuntimeError: No reader holds the lock.";

const RELEASE_WRITE_DOC: &std::ffi::CStr = c"release_write($self, /)
--

Give up the writer's hold, and let waiting readers in, or else the next writer.

Raises:
    RuntimeError: No writer holds the lock.";

const ACQUIRE_DOC: &std::ffi::CStr = c"acquire($self, blocking=True, timeout=-1)
--

Acquire the lock on this side, as `RWLock.acquire_read` or `acquire_write` does.";

const ENTER_DOC: &std::ffi::CStr = c"__enter__($self, blocking=True, timeout=-1)
--

Acquire the lock on this side.";

const RELEASE_DOC: &std::ffi::CStr = c"release($self, /)
--

Release the lock on this side.

Raises:
    RuntimeError: Nobody holds it on this side.";

const EXIT_DOC: &std::ffi::CStr = c"__exit__($self, /, *exc_info)
--

Release the lock on this side.";

const LOCKED_DOC: &std::ffi::CStr = c"locked($self, /)
--

Return whether somebody holds the lock on this side.";
