//! `threading.Condition`.
//!
//! Over a lock of ours the whole wait is the engine's: take a place in the queue, release, sleep and acquire again, with no
//! Python in between. Any other lock, and a lock that was exchanged, is called by its methods, as the standard
//! class does; so is what a subclass overrides.
//!
//! # Invariants
//!
//! 1. A wait that has released its lock acquires it again before it returns, whatever ended it.
//! 2. A notification that reaches a wait which ends by an exception is passed on.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Condition`.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method of a class has the slot's signature"
)]

mod docs;
mod wait;

use self::wait::{wait_, wait_for};
use super::{
    lock::{self, Lock},
    overrides::{self, Overrides, Watched},
    rlock::{self, RLock},
};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, read, with_args},
        native::{Class, Kept, Made, Native, This},
        object::{Answer, Name, Object, Owned, Raised},
        thread,
    },
};
use pyo3::Python;
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};
use threeply::park::WaitQueue;

/// The value of an instance.
pub(crate) struct Condition {
    waiting: WaitQueue,
    /// The lock, if it is one of ours. It is also in the dictionary, as `_lock`.
    known: OnceLock<Known>,
    /// Whether `_lock` is another one by now.
    is_exchanged: AtomicBool,
    overrides: Overrides,
}

/// A lock of ours.
enum Known {
    Lock(Kept<Lock>),
    RLock(Kept<RLock>),
}

/// One of the methods by which a wait handles its lock is not ours.
const LOCKING_REPLACED: u8 = 1 << 0;
/// `wait` is not ours: `wait_for` calls it.
const WAIT_REPLACED: u8 = 1 << 1;
/// `notify` is not ours: `notify_all` calls it.
const NOTIFY_REPLACED: u8 = 1 << 2;
/// `notify_all` is not ours: `notifyAll` calls it anyway.
const WATCHED: [Watched; 5] = [
    (c"_is_owned", LOCKING_REPLACED),
    (c"_release_save", LOCKING_REPLACED),
    (c"_acquire_restore", LOCKING_REPLACED),
    (c"wait", WAIT_REPLACED),
    (c"notify", NOTIFY_REPLACED),
];

static LOCK: Name = Name::new(c"_lock");
static ACQUIRE: Name = Name::new(c"acquire");
static RELEASE: Name = Name::new(c"release");
static LOCKED: Name = Name::new(c"locked");
static ENTER: Name = Name::new(c"__enter__");
static EXIT: Name = Name::new(c"__exit__");
static IS_OWNED: Name = Name::new(c"_is_owned");
static RELEASE_SAVE: Name = Name::new(c"_release_save");
static ACQUIRE_RESTORE: Name = Name::new(c"_acquire_restore");
static AT_FORK_REINIT: Name = Name::new(c"_at_fork_reinit");
static NOTIFY: Name = Name::new(c"notify");
static NOTIFY_ALL: Name = Name::new(c"notify_all");

const INIT: Parameters<1> = Parameters {
    function: "__init__",
    names: [c"lock"],
    required: 0,
};
const NOTIFY_PARAMETERS: Parameters<1> = Parameters {
    function: "notify",
    names: [c"n"],
    required: 0,
};
const ACQUIRE_RESTORE_PARAMETERS: Parameters<1> = Parameters {
    function: "_acquire_restore",
    names: [c"x"],
    required: 1,
};

impl Native for Condition {
    fn new() -> Self {
        Self {
            waiting: WaitQueue::new(),
            known: OnceLock::new(),
            is_exchanged: AtomicBool::new(false),
            overrides: Overrides::new(),
        }
    }
}

/// Makes the class, as a subclass of the standard one; `rlock` is the class of the lock that it makes itself.
pub(crate) fn condition<'py>(
    py: Python<'py>,
    standard: Object<'_>,
    rlock: Object<'_>,
) -> Answer<'py> {
    let parent = standard.attribute(c"Condition")?;
    let Made { class, .. } = Class::new(c"Condition", docs::CONDITION)
        .init(init)
        .repr(repr)
        .watch_attributes(attribute_is_set)
        .methods([
            with_args(c"acquire", lock::ACQUIRE_DOC, acquire),
            plain(c"release", docs::RELEASE, release),
            plain(c"locked", docs::LOCKED, locked),
            with_args(c"__enter__", docs::ENTER, enter),
            with_args(c"__exit__", docs::EXIT, exit),
            with_args(c"wait", docs::WAIT, wait_),
            with_args(c"wait_for", docs::WAIT_FOR, wait_for),
            with_args(c"notify", docs::NOTIFY, notify),
            plain(c"notify_all", docs::NOTIFY_ALL, notify_all),
            plain(c"notifyAll", docs::NOTIFY_ALL_OLD, notify_all_old),
            plain(c"_is_owned", docs::IS_OWNED, is_owned),
            plain(c"_release_save", docs::RELEASE_SAVE, release_save),
            with_args(c"_acquire_restore", docs::ACQUIRE_RESTORE, acquire_restore),
            plain(c"_at_fork_reinit", lock::AT_FORK_DOC, at_fork_reinit),
            super::unpicklable::<Condition>(),
        ])
        .attributes([read(
            c"_waiters",
            c"A list with an entry for each thread that waits.",
            waiters,
        )])
        .make(py, c"threeply.threading", None, &[parent.borrow()])?;
    class.borrow().set_attribute(c"_RLock", rlock)?;
    overrides::learn(class.borrow(), &WATCHED, 0)?;
    Ok(class)
}

fn init(this: This<'_, Condition>, args: Args<'_>) -> Result<(), Raised> {
    let [lock] = args.bind(&INIT)?;
    let lock = match lock.filter(|lock| !lock.is_none()) {
        Some(lock) => lock.to_owned(),
        None => this.object().call_method(c"_RLock", &[])?,
    };
    let lock = lock.borrow();
    this.object()
        .dictionary()?
        .borrow()
        .set_entry(LOCK.text(), Some(lock))?;
    let known = if let Some(lock) = lock.native::<Lock>() {
        Some(Known::Lock(lock.keep()))
    } else {
        lock.native::<RLock>().map(|lock| Known::RLock(lock.keep()))
    };
    if known.is_none_or(|known| this.known.set(known).is_err()) {
        this.is_exchanged.store(true, Ordering::Relaxed);
    }
    Ok(())
}

fn attribute_is_set(this: This<'_, Condition>, name: Object<'_>) -> Result<(), Raised> {
    this.overrides.attribute_is_set(name, &WATCHED);
    if name.is_text(LOCK.text()) {
        this.is_exchanged.store(true, Ordering::Relaxed);
    }
    Ok(())
}

impl Known {
    #[inline]
    fn is_mine(&self) -> bool {
        match self {
            Self::Lock(lock) => lock.engine.is_held(),
            Self::RLock(lock) => lock.engine.is_owned_by(thread::me()),
        }
    }
}

impl<'py> This<'py, Condition> {
    /// The lock, if it is one of ours and nobody has a hand in how it is handled.
    #[inline]
    fn known(&self) -> Result<Option<&Known>, Raised> {
        let replaced = self.overrides.of(*self, &WATCHED)? & LOCKING_REPLACED != 0;
        if replaced {
            return Ok(None);
        }
        Ok(self.lock_of_ours())
    }

    /// The lock, if it is one of ours.
    #[inline]
    fn lock_of_ours(&self) -> Option<&Known> {
        if self.is_exchanged.load(Ordering::Relaxed) {
            return None;
        }
        self.known.get()
    }

    fn lock(self) -> Answer<'py> {
        self.object().attribute_named(&LOCK)
    }

    /// Whether the calling thread may wait and notify.
    #[inline]
    fn check_owned(self, deed: &str) -> Result<(), Raised> {
        let is_mine = match self.known()? {
            Some(known) => known.is_mine(),
            None => self
                .object()
                .call_method_named(&IS_OWNED, [])?
                .borrow()
                .truth()?,
        };
        if is_mine {
            return Ok(());
        }
        let message = format!("cannot {deed} on un-acquired lock");
        Err(error::runtime_error(self.py(), &message))
    }
}

#[inline]
fn acquire<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    match this.lock_of_ours() {
        Some(Known::RLock(lock)) => rlock::acquire(lock.this(this.py()), args),
        Some(Known::Lock(lock)) => lock::acquire(lock.this(this.py()), args),
        None => {
            let acquire = this.lock()?.borrow().attribute_named(&ACQUIRE)?;
            acquire.borrow().call_with(args)
        }
    }
}

#[inline]
fn release(this: This<'_, Condition>) -> Answer<'_> {
    match this.lock_of_ours() {
        Some(Known::RLock(lock)) => rlock::release(lock.this(this.py())),
        Some(Known::Lock(lock)) => lock::release(lock.this(this.py())),
        None => this.lock()?.borrow().call_method_named(&RELEASE, []),
    }
}

fn locked(this: This<'_, Condition>) -> Answer<'_> {
    this.lock()?.borrow().call_method_named(&LOCKED, [])
}

#[inline]
fn enter<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    if this.lock_of_ours().is_some() {
        return acquire(this, args);
    }
    this.lock()?.borrow().call_method_named(&ENTER, [])
}

#[inline]
fn exit<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    if this.lock_of_ours().is_some() {
        return release(this);
    }
    let exit = this.lock()?.borrow().attribute_named(&EXIT)?;
    exit.borrow().call_with(args)
}

fn notify<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    this.check_owned("notify")?;
    let [count] = args.bind(&NOTIFY_PARAMETERS)?;
    let count = match count {
        None => 1,
        Some(count) => usize::try_from(count.integer()?.max(0)).unwrap_or(usize::MAX),
    };
    this.waiting.wake(count);
    Ok(Owned::none(this.py()))
}

fn notify_all(this: This<'_, Condition>) -> Answer<'_> {
    if this.overrides.of(this, &WATCHED)? & NOTIFY_REPLACED != 0 {
        let count = Owned::integer(this.py(), this.waiting.len())?;
        return this.object().call_method_named(&NOTIFY, [count.borrow()]);
    }
    this.check_owned("notify")?;
    this.waiting.wake_all();
    Ok(Owned::none(this.py()))
}

fn notify_all_old(this: This<'_, Condition>) -> Answer<'_> {
    error::deprecated(
        this.py(),
        c"notifyAll() is deprecated, use notify_all() instead",
    )?;
    this.object().call_method_named(&NOTIFY_ALL, [])
}

/// `_is_owned` for a lock that has none: it is taken for owned if it cannot be acquired.
fn is_owned(this: This<'_, Condition>) -> Answer<'_> {
    let py = this.py();
    if let Some(known) = this.lock_of_ours() {
        return Ok(Owned::boolean(py, known.is_mine()));
    }
    let lock = this.lock()?;
    if let Some(is_owned) = lock.borrow().attribute_if_any(&IS_OWNED)? {
        return is_owned.borrow().call(&[]);
    }
    let no = Owned::boolean(py, false);
    let acquired = lock.borrow().call_method_named(&ACQUIRE, [no.borrow()])?;
    let was_free = acquired.borrow().truth()?;
    if was_free {
        lock.borrow().call_method_named(&RELEASE, [])?;
    }
    Ok(Owned::boolean(py, !was_free))
}

fn release_save(this: This<'_, Condition>) -> Answer<'_> {
    let lock = this.lock()?;
    if let Some(release_save) = lock.borrow().attribute_if_any(&RELEASE_SAVE)? {
        return release_save.borrow().call(&[]);
    }
    lock.borrow().call_method_named(&RELEASE, [])?;
    Ok(Owned::none(this.py()))
}

fn acquire_restore<'py>(this: This<'py, Condition>, args: Args<'py>) -> Answer<'py> {
    let [state] = args.bind(&ACQUIRE_RESTORE_PARAMETERS)?;
    let none = Owned::none(this.py());
    let state = state.unwrap_or(none.borrow());
    let lock = this.lock()?;
    match lock.borrow().attribute_if_any(&ACQUIRE_RESTORE)? {
        Some(acquire_restore) => acquire_restore.borrow().call(&[state]),
        None => lock.borrow().call_method_named(&ACQUIRE, []),
    }
}

/// In a child: frees the lock; whoever waited stayed in the parent, and the engine knows it.
fn at_fork_reinit(this: This<'_, Condition>) -> Answer<'_> {
    this.lock()?.borrow().call_method_named(&AT_FORK_REINIT, [])
}

fn waiters(this: This<'_, Condition>) -> Answer<'_> {
    let count = this.waiting.len();
    let py = this.py();
    Owned::list(py, (0..count).map(|_| Owned::none(py)))
}

fn repr(this: This<'_, Condition>) -> Answer<'_> {
    let lock = this.lock()?.borrow().repr()?;
    let text = format!(
        "<Condition({}, {})>",
        lock.borrow().text(),
        this.waiting.len()
    );
    Owned::string(this.py(), &text)
}
