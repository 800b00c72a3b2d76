//! Whether somebody has put a method of their own in the place of one of ours.
//!
//! A standard class calls its own methods through `self`: `Semaphore.__exit__` calls `self.release()`, `Queue.put` calls
//! `self._put(item)`. A subclass may override them, a program may patch the class or one instance. Ours call the
//! engine, unless that has happened; asking must cost next to nothing.
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
        atomic::{AtomicU8, AtomicU32, Ordering},
    },
};

/// A method that others call through `self`, and the bit that says that it was replaced.
pub(super) type Watched = (&'static CStr, u8);

/// Our own methods of that kind, of all classes made here, by address.
static OURS: Mutex<Option<HashMap<usize, Held>>> = Mutex::new(None);

/// The version of a class of which nothing is known to be replaced.
static PLAIN_VERSION: AtomicU32 = AtomicU32::new(0);

/// What is known of one instance.
pub(super) struct Overrides {
    /// The version of the class when it was last looked at.
    version: AtomicU32,
    by_class: AtomicU8,
    by_instance: AtomicU8,
}

impl Overrides {
    pub(super) fn new() -> Self {
        Self {
            version: AtomicU32::new(0),
            by_class: AtomicU8::new(0),
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
        let version = This::class_version(this);
        if version == 0 || version != self.version.load(Ordering::Relaxed) {
            self.look(this, version, watched)?;
        }
        Ok(self.by_class.load(Ordering::Relaxed) | self.by_instance.load(Ordering::Relaxed))
    }

    #[cold]
    fn look<T: Native>(
        &self,
        this: This<'_, T>,
        version: u32,
        watched: &[Watched],
    ) -> Result<(), Raised> {
        let mut replaced = 0;
        let mut version = version;
        if version == 0 || version != PLAIN_VERSION.load(Ordering::Relaxed) {
            let class = this.class();
            for (name, bit) in watched {
                if !is_ours(class.attribute(name)?.borrow()) {
                    replaced |= bit;
                }
            }
            // The look-ups gave the class a version if it had none.
            version = This::class_version(this);
            if replaced == 0 {
                PLAIN_VERSION.store(version, Ordering::Relaxed);
            }
        }
        self.by_class.store(replaced, Ordering::Relaxed);
        self.version.store(version, Ordering::Relaxed);
        Ok(())
    }

    /// Notes that an attribute of the instance is set, and returns its bit if it is watched.
    pub(super) fn attribute_is_set(&self, name: Object<'_>, watched: &[Watched]) -> Option<u8> {
        let (_, bit) = watched.iter().find(|(watched, _)| name.is_text(watched))?;
        self.by_instance.fetch_or(*bit, Ordering::Relaxed);
        Some(*bit)
    }
}

/// Learns which methods of a class made here are ours.
pub(super) fn learn(class: Object<'_>, watched: &[Watched]) -> Result<(), Raised> {
    for (name, _) in watched {
        let method = class.attribute(name)?;
        let address = method.borrow().as_ptr() as usize;
        let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
        ours.get_or_insert_default()
            .insert(address, method.into_held());
    }
    Ok(())
}

fn is_ours(method: Object<'_>) -> bool {
    let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    ours.as_ref()
        .is_some_and(|ours| ours.contains_key(&(method.as_ptr() as usize)))
}
