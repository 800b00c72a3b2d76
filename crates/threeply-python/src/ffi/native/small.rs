//! Small native classes: an instance is its value and a place for weak references, nothing else.
//!
//! What programs make by the thousand — locks — has no dictionary, no garbage collector's head, and one class instead
//! of two: 24 bytes beside the value.

use super::{Class, Instance, MADE, Native, is_made_here, is_small_of, remember};
use crate::{
    error,
    ffi::{
        call,
        object::{Answer, Object, Owned, Raised},
    },
};
use pyo3::{Python, ffi};
use std::{
    ffi::{CStr, CString, c_int, c_void},
    mem::offset_of,
    ptr,
    sync::atomic::Ordering,
};

#[repr(C)]
struct Small<T> {
    instance: Instance<T>,
    weak_references: *mut ffi::PyObject,
}

/// Whether Python classes may derive from a small class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heirs {
    /// It is final, and takes no arguments.
    None,
    /// It may be derived from, and leaves the arguments to the heirs.
    Any,
}

impl<T: Native> Class<T> {
    /// Makes the class, whose full name is `module.name`.
    pub(crate) fn make_small<'py>(
        mut self,
        py: Python<'py>,
        module: &CStr,
        heirs: Heirs,
    ) -> Answer<'py> {
        const { assert!(!T::HOLDS_OBJECTS, "the collector sees no small instance") };
        self.slots
            .retain(|slot| slot.slot != ffi::Py_tp_new && slot.slot != ffi::Py_tp_dealloc);
        let (new, call): (ffi::newfunc, ffi::vectorcallfunc) = match heirs {
            Heirs::None => (new::<T, false>, call::<T, false>),
            Heirs::Any => (new::<T, true>, call::<T, true>),
        };
        self.slot(ffi::Py_tp_new, new as *mut c_void);
        self.slot(ffi::Py_tp_dealloc, dealloc::<T> as *mut c_void);
        self.slot(ffi::Py_tp_doc, self.doc.as_ptr().cast_mut().cast());
        self.table_slots::<T>();
        self.slot(0, ptr::null_mut());
        let name = [module.to_bytes(), b".", self.name.to_bytes()].concat();
        let name = CString::new(name).expect("the parts of a name have no NUL");
        let base = if heirs == Heirs::Any {
            ffi::Py_TPFLAGS_BASETYPE
        } else {
            0
        };
        let flags = ffi::Py_TPFLAGS_DEFAULT | base;
        let mut spec = ffi::PyType_Spec {
            // Before 3.12 the name is kept by reference (invariant 2).
            name: Box::leak(name.into_boxed_c_str()).as_ptr(),
            basicsize: c_int::try_from(size_of::<Small<T>>()).expect("an instance is small"),
            itemsize: 0,
            flags: u32::try_from(flags).expect("a spec's flags are 32 bits"),
            slots: self.slots.as_mut_ptr(),
        };
        // SAFETY: a spec whose slots end with zero, and tables that end with an empty entry and live for ever.
        let class = Owned::from_api(py, unsafe { ffi::PyType_FromSpec(&raw mut spec) })?;
        let struct_ = class.borrow().as_ptr().cast::<ffi::PyTypeObject>();
        // SAFETY: a class that nobody else has yet. Classes derived from it do not inherit this.
        unsafe { (*struct_).tp_vectorcall = Some(call) };
        remember::<T>(class.borrow(), true);
        Ok(class)
    }

    /// The tables of methods, attributes and members, which a class refers to for ever (invariant 2).
    fn table_slots<U>(&mut self) {
        let mut methods: Vec<_> = self.methods.drain(..).map(|method| method.0).collect();
        methods.push(ffi::PyMethodDef::zeroed());
        self.slot(ffi::Py_tp_methods, methods.leak().as_mut_ptr().cast());
        let mut attributes: Vec<_> = self.attributes.drain(..).map(|entry| entry.0).collect();
        attributes.push(ffi::PyGetSetDef {
            name: ptr::null(),
            get: None,
            set: None,
            doc: ptr::null(),
            closure: ptr::null_mut(),
        });
        self.slot(ffi::Py_tp_getset, attributes.leak().as_mut_ptr().cast());
        let place = offset_of!(Small<U>, weak_references);
        let members = Box::leak(Box::new([
            ffi::PyMemberDef {
                name: c"__weaklistoffset__".as_ptr(),
                type_code: ffi::Py_T_PYSSIZET,
                offset: place as ffi::Py_ssize_t,
                flags: ffi::Py_READONLY,
                doc: ptr::null(),
            },
            ffi::PyMemberDef::default(),
        ]));
        self.slot(ffi::Py_tp_members, members.as_mut_ptr().cast());
    }
}

/// Calls the very class. Spares a tuple for no arguments.
unsafe extern "C" fn call<T: Native, const OPEN: bool>(
    class: *mut ffi::PyObject,
    _args: *const *mut ffi::PyObject,
    count: usize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: it only takes a flag out of the count.
    let positional = unsafe { ffi::PyVectorcall_NARGS(count) };
    if positional != 0 || !keywords.is_null() {
        // SAFETY: called by the interpreter, attached.
        let py = unsafe { Python::assume_attached() };
        // SAFETY: a live class.
        let refused = unsafe { refuse_arguments(py, class.cast(), OPEN) };
        if refused.is_err() {
            return ptr::null_mut();
        }
    }
    // SAFETY: the class was made for `T`.
    unsafe { allocate(class.cast(), T::new) }
}

/// `tp_new`, for classes that are derived from this one and for `Class.__new__(Class)`.
unsafe extern "C" fn new<T: Native, const OPEN: bool>(
    class: *mut ffi::PyTypeObject,
    args: *mut ffi::PyObject,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: a `tp_new` is called with a tuple.
    let positional = unsafe { ffi::PyTuple_GET_SIZE(args) };
    // A derived class may take arguments for its own `__init__`.
    if (positional != 0 || !keywords.is_null()) && is_made_here(class as usize) {
        // SAFETY: called by the interpreter, attached.
        let py = unsafe { Python::assume_attached() };
        // SAFETY: a live class.
        let refused = unsafe { refuse_arguments(py, class, OPEN) };
        if refused.is_err() {
            return ptr::null_mut();
        }
    }
    // SAFETY: the class was made for `T` or derived from one that was.
    unsafe { allocate(class, T::new) }
}

/// Refuses arguments, or (`open`) does as the running CPython for a class that used to ignore them:
/// warn, or nothing.
///
/// # Safety
///
/// `class` is a live class.
unsafe fn refuse_arguments(
    py: Python<'_>,
    class: *mut ffi::PyTypeObject,
    open: bool,
) -> Result<(), Raised> {
    // SAFETY: a live class has a name.
    let name = unsafe { (*class).tp_name };
    // SAFETY: it is NUL-terminated and lives as long as the class.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    let name = name.rsplit('.').next().unwrap_or(&name);
    // From 3.15 on the interpreter's RLock refuses them too.
    if !open || cfg!(Py_3_15) {
        return Err(error::type_error(
            py,
            &format!("{name}() takes no arguments"),
        ));
    }
    if cfg!(not(Py_3_13)) {
        return Ok(());
    }
    let message = format!("Passing arguments to {name} is deprecated and will be removed in 3.15");
    let message = CString::new(message).expect("a class name has no NUL");
    error::deprecated(py, &message)
}

/// Makes an instance of a small class that was made for `T`, with a value of its own.
pub(crate) fn instance<T: Native>(class: Object<'_>, value: T) -> Answer<'_> {
    assert!(
        is_small_of::<T>(class.as_ptr() as usize),
        "a value goes into a small class that was made for it"
    );
    // SAFETY: a small class of `T`, as was just asked; a borrowed object says that we are attached.
    let instance = unsafe { allocate(class.as_ptr().cast(), || value) };
    Owned::from_api(class.py(), instance)
}

/// # Safety
///
/// Attached, with a class that is a small one of `T` or derived from one.
unsafe fn allocate<T: Native>(
    class: *mut ffi::PyTypeObject,
    value_of: impl FnOnce() -> T,
) -> *mut ffi::PyObject {
    // SAFETY: a live class that is ready has an allocator.
    let allocate = unsafe { (*class).tp_alloc };
    let Some(allocate) = allocate else {
        return ptr::null_mut();
    };
    // SAFETY: as above. The memory is zeroed: no weak references.
    let instance = unsafe { allocate(class, 0) };
    if !instance.is_null() {
        MADE.fetch_add(1, Ordering::Relaxed);
        // SAFETY: `instance` begins with an `Instance<T>` whose value nobody has written yet.
        let value = unsafe { &raw mut (*instance.cast::<Instance<T>>()).value };
        // SAFETY: as above.
        unsafe { value.write(value_of()) };
    }
    instance
}

unsafe extern "C" fn dealloc<T: Native>(instance: *mut ffi::PyObject) {
    // SAFETY: a dying instance still has its class.
    let class = unsafe { ffi::Py_TYPE(instance) };
    // SAFETY: the instance is a `Small<T>`, whose weak references the interpreter keeps.
    let weak_references = unsafe { (*instance.cast::<Small<T>>()).weak_references };
    if !weak_references.is_null() {
        // SAFETY: a dying instance with weak references; attached.
        unsafe { call::clear_weak_references(instance) };
    }
    // SAFETY: invariant 1: the instance begins with an `Instance<T>`; nothing is read.
    let value = unsafe { &raw mut (*instance.cast::<Instance<T>>()).value };
    // SAFETY: the value was written by `allocate`, and this is its only drop.
    unsafe { ptr::drop_in_place(value) };
    // SAFETY: a live class.
    if let Some(free) = unsafe { (*class).tp_free } {
        // SAFETY: the memory is that of the instance, which nothing refers to.
        unsafe { free(instance.cast()) };
    }
    // SAFETY: an instance of a heap class holds a reference to it; never the last one (invariant 2), and a class
    // derived from this one goes on to `type`'s own clean-up.
    unsafe { ffi::Py_DECREF(class.cast()) };
}
