//! `_cond`: the condition that the standard `Event` and `Semaphore` are built on.
//!
//! Ours are not, and an instance has none until somebody asks for it: our `Condition`, over a `Lock` of ours. From then on
//! what wakes the instance's own waiters notifies the condition too.
//!
//! # Invariants
//!
//! 1. The instance has noted its condition before anybody is given it.

use crate::ffi::{
    method::{Attribute, read_write},
    native::{Native, This},
    object::{Answer, Object, Owned, Raised},
};

/// The note that there is a condition.
const HAS_CONDITION: u8 = 1 << 7;

/// A value that may have a condition beside it, and the notes in which it says so. The last bit is this file's.
pub(super) trait Companioned: Native {
    fn notes(&self) -> u8;
    fn note(&self, bits: u8);
}

/// What a condition is made of.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) condition: Object<'a>,
    pub(super) lock: Object<'a>,
}

impl Parts<'_> {
    /// Gives the parts to a class whose instances make conditions of them.
    pub(super) fn give_to(self, class: Object<'_>) -> Result<(), Raised> {
        class.set_attribute(c"_Condition", self.condition)?;
        class.set_attribute(c"_Lock", self.lock)
    }
}

/// The attribute `_cond`.
pub(super) fn attribute<T: Companioned>() -> Attribute {
    let doc = c"A condition that is notified when waiting threads are woken.";
    read_write(c"_cond", doc, condition::<T>, set_condition::<T>)
}

/// Notifies the condition, if there is one.
#[inline]
pub(super) fn notify<T: Companioned>(this: This<'_, T>) -> Result<(), Raised> {
    if this.notes() & HAS_CONDITION == 0 {
        return Ok(());
    }
    notify_all(condition(this)?.borrow())
}

/// In a child: frees the condition's lock, if there is one.
pub(super) fn at_fork_reinit<T: Companioned>(this: This<'_, T>) -> Result<(), Raised> {
    if this.notes() & HAS_CONDITION == 0 {
        return Ok(());
    }
    let condition = condition(this)?;
    condition.borrow().call_method(c"_at_fork_reinit", &[])?;
    Ok(())
}

fn condition<T: Companioned>(this: This<'_, T>) -> Answer<'_> {
    let instance = this.object();
    let dictionary = instance.dictionary()?;
    let condition = match dictionary.borrow().entry(c"_cond") {
        Some(condition) => condition.to_owned(),
        None => make(instance, dictionary.borrow())?,
    };
    this.note(HAS_CONDITION);
    Ok(condition)
}

#[cold]
fn make<'py>(instance: Object<'py>, dictionary: Object<'py>) -> Answer<'py> {
    let lock = instance.call_method(c"_Lock", &[])?;
    let condition = instance.call_method(c"_Condition", &[lock.borrow()])?;
    let name = Owned::string(instance.py(), "_cond")?;
    // Two threads may get here; `setdefault` lets one of them win.
    dictionary.call_method(c"setdefault", &[name.borrow(), condition.borrow()])
}

fn set_condition<'py, T: Companioned>(
    this: This<'py, T>,
    value: Option<Object<'py>>,
) -> Result<(), Raised> {
    let dictionary = this.object().dictionary()?;
    dictionary.borrow().set_entry(c"_cond", value)?;
    this.note(HAS_CONDITION);
    Ok(())
}

/// `with condition: condition.notify_all()`.
#[cold]
fn notify_all(condition: Object<'_>) -> Result<(), Raised> {
    condition.call_method(c"acquire", &[])?;
    let notified = condition.call_method(c"notify_all", &[]);
    condition.call_method(c"release", &[])?;
    notified.map(drop)
}
