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

/// The classes made here that have methods of that kind, by address.
static OURS: Mutex<Option<HashMap<usize, Own>>> = Mutex::new(None);

/// What a class made here has of its own.
struct Own {
    methods: Vec<(&'static CStr, Held)>,
    marks: u8,
}

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

    /// The bits of the methods that are not ours, and the class's marks.
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

/// The bits of the methods that are not ours in the instance's class, and the class's marks.
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
    let class = this.class();
    let line = class.attribute(c"__mro__")?;
    let mut found = first_of_ours(line.borrow(), |own| own.marks).unwrap_or(0);
    for (name, bit) in watched {
        let method = class.attribute(name)?;
        if !is_own(line.borrow(), name, method.borrow()) {
            found |= bit;
        }
    }
    // The look-ups give the class a version if it had none: it is known from the next time on. One that a metaclass
    // changed meanwhile may have been looked at in part.
    let version = This::class_version(this);
    if version != 0 && version == before {
        let known = u64::from(version) << BITS | u64::from(found);
        place(version).store(known, Ordering::Relaxed);
    }
    Ok(found)
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

/// Learns which methods of a class made here are ours; `marks` are bits that say more of the class and its heirs.
pub(super) fn learn(class: Object<'_>, watched: &[Watched], marks: u8) -> Result<(), Raised> {
    let mut methods = Vec::new();
    for (name, _) in watched {
        methods.push((*name, class.attribute(name)?.into_held()));
    }
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    ours.get_or_insert_default()
        .insert(class.as_ptr() as usize, Own { methods, marks });
    Ok(())
}

/// Whether a class with this line has the method of the first class of ours. Another one's is as good as a method from
/// elsewhere: the engine does for a `LifoQueue` what that class says.
fn is_own(line: Object<'_>, name: &CStr, method: Object<'_>) -> bool {
    let has = |own: &Own| {
        let mut methods = own.methods.iter();
        methods.any(|(of, own)| *of == name && own.as_ptr() == method.as_ptr())
    };
    first_of_ours(line, has).unwrap_or(false)
}

/// Asks the first class in the line that was made here.
fn first_of_ours<R>(line: Object<'_>, ask: impl FnOnce(&Own) -> R) -> Option<R> {
    let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = ours.as_ref()?;
    let first = line
        .items()
        .find_map(|class| ours.get(&(class.as_ptr() as usize)))?;
    Some(ask(first))
}
