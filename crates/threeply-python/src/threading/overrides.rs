//! Whether somebody has put a method of their own in the place of one of ours.
//!
//! A standard class calls its own methods through `self`: `Semaphore.__exit__` calls `self.release()`, `Queue.put` calls
//! `self._put(item)`. A subclass may override them, a program may patch the class or one instance. Ours call the
//! engine, unless that has happened; asking must cost next to nothing. What is known of a class is kept for all of its
//! instances together, in a small table: an instance has bytes to spare for what was set on itself alone.
//!
//! # Invariants
//!
//! 1. Every change of a class or of its bases gives it another version (or none), and versions are unique among
//!    classes: the class is looked at again whenever its version is another than the last time.
//! 2. A method that was set on an instance is noticed when it is set, for good.
//!
//! # Memory ordering
//!
//! All of it is read and written while attached; relaxed.
//!
//! # Source
//!
//! CPython `Objects/typeobject.c`, `PyType_Modified`, `assign_version_tag`.

use crate::ffi::{
    native::{Native, This},
    object::{Held, Object, Raised},
};
use std::{
    collections::HashMap,
    ffi::CStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

/// A method that others call through `self`, and the bit that says that it was replaced.
pub(super) type Watched = (&'static CStr, u8);

/// A class made here, by its address, and the name of a method of that kind.
type Own = (usize, &'static CStr);

/// Our own methods of that kind, each for the class that it does the work of.
static OURS: Mutex<Option<HashMap<Own, Held>>> = Mutex::new(None);

/// What was found at the last classes looked at, by the version of the class: the version, then the bits. A version
/// that another one pushed out is looked at again.
static KNOWN: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
const BITS: u32 = 8;

/// The bits of the methods that were set on an instance itself.
pub(super) struct Overrides {
    by_instance: AtomicU8,
}

impl Overrides {
    pub(super) fn new() -> Self {
        Self {
            by_instance: AtomicU8::new(0),
        }
    }

    /// The bits of the methods that are not ours.
    ///
    /// # Errors
    ///
    /// What a metaclass raised when it was asked for a method.
    #[inline]
    pub(super) fn of<T: Native>(
        &self,
        this: This<'_, T>,
        watched: &[Watched],
    ) -> Result<u8, Raised> {
        Ok(of_class(this, watched)? | self.by_instance.load(Ordering::Relaxed))
    }

    /// Notes that an attribute of the instance is set, and returns its bit if it is watched.
    pub(super) fn attribute_is_set(&self, name: Object<'_>, watched: &[Watched]) -> Option<u8> {
        let bit = watched_bit(name, watched)?;
        self.by_instance.fetch_or(bit, Ordering::Relaxed);
        Some(bit)
    }
}

/// The bits of the methods that are not ours in the instance's class.
///
/// # Errors
///
/// What a metaclass raised when it was asked for a method.
#[inline]
pub(super) fn of_class<T: Native>(this: This<'_, T>, watched: &[Watched]) -> Result<u8, Raised> {
    let version = This::class_version(this);
    let known = place(version).load(Ordering::Relaxed);
    if version != 0 && known >> BITS == u64::from(version) {
        return Ok(known.to_le_bytes()[0]);
    }
    look(this, watched)
}

#[cold]
fn look<T: Native>(this: This<'_, T>, watched: &[Watched]) -> Result<u8, Raised> {
    let before = This::class_version(this);
    let mut replaced = 0;
    let class = this.class();
    let line = class.attribute(c"__mro__")?;
    for (name, bit) in watched {
        let method = class.attribute(name)?;
        if !is_own(line.borrow(), name, method.borrow()) {
            replaced |= bit;
        }
    }
    // The look-ups give the class a version if it had none: it is known from the next time on. One that a metaclass
    // changed meanwhile may have been looked at in part.
    let version = This::class_version(this);
    if version != 0 && version == before {
        let known = u64::from(version) << BITS | u64::from(replaced);
        place(version).store(known, Ordering::Relaxed);
    }
    Ok(replaced)
}

#[inline]
fn place(version: u32) -> &'static AtomicU64 {
    &KNOWN[version as usize % KNOWN.len()]
}

/// The bit of an attribute if it is watched.
pub(super) fn watched_bit(name: Object<'_>, watched: &[Watched]) -> Option<u8> {
    let (_, bit) = watched.iter().find(|(watched, _)| name.is_text(watched))?;
    Some(*bit)
}

/// Learns which methods of a class made here are ours.
pub(super) fn learn(class: Object<'_>, watched: &[Watched]) -> Result<(), Raised> {
    for (name, _) in watched {
        let method = class.attribute(name)?;
        let own = (class.as_ptr() as usize, *name);
        let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
        ours.get_or_insert_default().insert(own, method.into_held());
    }
    Ok(())
}

/// Whether a class with this line of classes has the method of the first of them that was made here. Another one's is as
/// good as a method from elsewhere: the engine does for a `LifoQueue` what that class says.
fn is_own(line: Object<'_>, name: &'static CStr, method: Object<'_>) -> bool {
    let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(ours) = ours.as_ref() else {
        return false;
    };
    let mut classes = line.items().map(|class| class.as_ptr() as usize);
    let own = classes.find_map(|class| ours.get(&(class, name)));
    own.is_some_and(|own| own.as_ptr() == method.as_ptr())
}
