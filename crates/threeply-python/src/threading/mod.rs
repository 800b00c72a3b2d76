//! The native classes of `threading` and `queue`.

mod barrier;
mod companion;
mod condition;
mod event;
mod lock;
mod outcome;
mod overrides;
mod patience;
mod queue;
mod rlock;
mod rwlock;
mod semaphore;
mod wait_slot;

pub(crate) use queue::queues;
pub(crate) use rwlock::rwlock;

use self::{
    barrier::barrier, condition::condition, event::event, lock::lock, outcome::outcome,
    rlock::rlock, semaphore::semaphores, wait_slot::wait_slot,
};

use crate::ffi::{
    args::Args,
    call::object_class,
    method::{Method, with_args},
    native::{Native, This},
    object::{Answer, Object, Owned, Raised},
};
use pyo3::Python;

/// The classes of `threading` over those of `standard`, each by its name.
pub(crate) fn types<'py>(
    py: Python<'py>,
    standard: Object<'_>,
) -> Result<Vec<(&'static str, Owned<'py>)>, Raised> {
    let lock = lock(py, standard)?;
    let rlock = rlock(py, standard)?;
    let condition = condition(py, standard, rlock.borrow())?;
    let companion = companion::Parts {
        condition: condition.borrow(),
        lock: lock.borrow(),
    };
    let event = event(py, standard, companion)?;
    let [semaphore, bounded] = semaphores(py, standard, companion)?;
    Ok(vec![
        ("Lock", lock),
        ("RLock", rlock),
        ("Condition", condition),
        ("Event", event),
        ("Semaphore", semaphore),
        ("BoundedSemaphore", bounded),
        ("Barrier", barrier(py, standard)?),
    ])
}

/// What the Python floor's `Thread` stands on, each by its name: the end of a thread's waits, and what came of its `run`.
pub(crate) fn parts_of_a_thread(py: Python<'_>) -> Result<[(&'static str, Owned<'_>); 2], Raised> {
    Ok([("wait_slot", wait_slot(py)?), ("Outcome", outcome(py)?)])
}

const REDUCE_DOC: &std::ffi::CStr = c"__reduce_ex__($self, protocol, /)
--

Refuse to be pickled, as the standard class does; a subclass with `__getstate__` can be.";

/// `__reduce_ex__` of a class that cannot be pickled.
pub(crate) fn unpicklable<T: Native>() -> Method {
    with_args(c"__reduce_ex__", REDUCE_DOC, reduce_ex::<T>)
}

/// The way of protocol 2 for every protocol.
///
/// The old protocols would make an empty instance out of one that holds a native value.
fn reduce_ex<'py, T: Native>(this: This<'py, T>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let asked = match args.exactly::<1>() {
        Some([protocol]) => protocol.integer()?,
        None => 2,
    };
    let protocol = Owned::integer(py, usize::try_from(asked).unwrap_or(0).max(2))?;
    let reduce = object_class(py).attribute(c"__reduce_ex__")?;
    reduce.borrow().call(&[this.object(), protocol.borrow()])
}

/// `<locked module.Class object at 0x…>`, as the interpreter's locks describe themselves.
fn describe_lock<'py>(
    instance: Object<'py>,
    class: Object<'py>,
    status: &str,
    detail: &str,
) -> Answer<'py> {
    let module = class.attribute(c"__module__")?;
    let name = class.attribute(c"__qualname__")?;
    let (module, name) = (module.borrow().text(), name.borrow().text());
    let text = format!(
        "<{status} {module}.{name} object{detail} at {:#x}>",
        instance.as_ptr() as usize
    );
    Owned::string(instance.py(), &text)
}

/// `<module.Class at 0x…: status>`, as the standard classes describe themselves.
fn describe<'py>(instance: Object<'py>, status: &str) -> Answer<'py> {
    let class = instance.attribute(c"__class__")?;
    let module = class.borrow().attribute(c"__module__")?;
    let name = class.borrow().attribute(c"__qualname__")?;
    let (module, name) = (module.borrow().text(), name.borrow().text());
    let text = format!(
        "<{module}.{name} at {:#x}: {status}>",
        instance.as_ptr() as usize
    );
    Owned::string(instance.py(), &text)
}
