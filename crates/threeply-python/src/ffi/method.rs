#![expect(unsafe_code, reason = "slots are C functions")]
//! Methods and attributes as raw slots, made from safe functions.
//!
//! `method::plain(c"set", DOC, Event::set)` makes the table entry of a method from a safe function of this
//! crate. The C function in the entry is generated for that one safe function: the safe function is an item, so its type
//! has no size and a value of it can be had anywhere ([`conjure`]).
//!
//! A panic in a method is a bug of ours; it ends the process, at the boundary to C.

use super::{
    args::Args,
    native::{Native, This},
    object::{Answer, Object, Owned, Raised},
};
use pyo3::{Python, ffi};
use std::{
    ffi::{CStr, c_int, c_void},
    marker::PhantomData,
    ptr::NonNull,
};

/// The table entry of a method.
pub(crate) struct Method(pub(super) ffi::PyMethodDef);

/// The table entry of an attribute.
pub(crate) struct Attribute(pub(super) ffi::PyGetSetDef);

/// A method without arguments.
pub(crate) fn plain<T, F>(name: &'static CStr, doc: &'static CStr, method: F) -> Method
where
    T: Native,
    F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
{
    unsafe extern "C" fn call<T, F>(
        this: *mut ffi::PyObject,
        _: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject
    where
        T: Native,
        F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
    {
        // SAFETY: called by the interpreter on an instance of the class that holds this method.
        let this = unsafe { This::<T>::from_api(this) };
        // SAFETY: `plain` was given a value of `F`.
        let method = unsafe { conjure::<F>() };
        give(method(this))
    }
    let _ = method;
    let function = ffi::PyMethodDefPointer {
        PyCFunction: call::<T, F>,
    };
    entry(name, doc, function, ffi::METH_NOARGS)
}

/// A method with one positional argument, or any that ignores all its arguments.
pub(crate) fn with_args<T, F>(name: &'static CStr, doc: &'static CStr, method: F) -> Method
where
    T: Native,
    F: for<'py> Fn(This<'py, T>, Args<'py>) -> Answer<'py> + Copy + 'static,
{
    unsafe extern "C" fn call<T, F>(
        this: *mut ffi::PyObject,
        values: *const *mut ffi::PyObject,
        count: ffi::Py_ssize_t,
        keywords: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject
    where
        T: Native,
        F: for<'py> Fn(This<'py, T>, Args<'py>) -> Answer<'py> + Copy + 'static,
    {
        // SAFETY: called by the interpreter on an instance of the class that holds this method.
        let this = unsafe { This::<T>::from_api(this) };
        // SAFETY: these are the arguments of a `METH_FASTCALL | METH_KEYWORDS` function.
        let args = unsafe { Args::new(this.py(), values, count.cast_unsigned(), keywords) };
        // SAFETY: `with_args` was given a value of `F`.
        let method = unsafe { conjure::<F>() };
        give(method(this, args))
    }
    let _ = method;
    let function = ffi::PyMethodDefPointer {
        PyCFunctionFastWithKeywords: call::<T, F>,
    };
    entry(name, doc, function, ffi::METH_FASTCALL | ffi::METH_KEYWORDS)
}

/// `__class_getitem__`, as for every generic class: `Queue[int]`.
pub(crate) fn class_getitem() -> Method {
    unsafe extern "C" fn call(
        class: *mut ffi::PyObject,
        item: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject {
        // SAFETY: called by the interpreter with a class and an argument, attached.
        unsafe { ffi::Py_GenericAlias(class, item) }
    }
    let doc = c"__class_getitem__($type, item, /)\n--\n\nReturn a generic alias, for annotations.";
    let function = ffi::PyMethodDefPointer { PyCFunction: call };
    entry(
        c"__class_getitem__",
        doc,
        function,
        ffi::METH_O | ffi::METH_CLASS,
    )
}

fn entry(
    name: &'static CStr,
    doc: &'static CStr,
    function: ffi::PyMethodDefPointer,
    flags: c_int,
) -> Method {
    Method(ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: function,
        ml_flags: flags,
        ml_doc: doc.as_ptr(),
    })
}

/// An attribute that is read.
pub(crate) fn read<T, F>(name: &'static CStr, doc: &'static CStr, get: F) -> Attribute
where
    T: Native,
    F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
{
    let _ = get;
    Attribute(ffi::PyGetSetDef {
        name: name.as_ptr(),
        get: Some(getter::<T, F>),
        set: None,
        doc: doc.as_ptr(),
        closure: std::ptr::null_mut(),
    })
}

/// An attribute that is read and written; a value of `None` asks for its deletion.
pub(crate) fn read_write<T, F, G>(
    name: &'static CStr,
    doc: &'static CStr,
    get: F,
    set: G,
) -> Attribute
where
    T: Native,
    F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
    G: for<'py> Fn(This<'py, T>, Option<Object<'py>>) -> Result<(), Raised> + Copy + 'static,
{
    let _ = set;
    Attribute(ffi::PyGetSetDef {
        set: Some(setter::<T, G>),
        ..read::<T, F>(name, doc, get).0
    })
}

unsafe extern "C" fn getter<T, F>(this: *mut ffi::PyObject, _: *mut c_void) -> *mut ffi::PyObject
where
    T: Native,
    F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
{
    // SAFETY: called by the interpreter on an instance of the class that holds this attribute.
    let this = unsafe { This::<T>::from_api(this) };
    // SAFETY: `read` was given a value of `F`.
    let get = unsafe { conjure::<F>() };
    give(get(this))
}

unsafe extern "C" fn setter<T, G>(
    this: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
    _: *mut c_void,
) -> c_int
where
    T: Native,
    G: for<'py> Fn(This<'py, T>, Option<Object<'py>>) -> Result<(), Raised> + Copy + 'static,
{
    // SAFETY: called by the interpreter on an instance of the class that holds this attribute.
    let this = unsafe { This::<T>::from_api(this) };
    // SAFETY: `read_write` was given a value of `G`.
    let set = unsafe { conjure::<G>() };
    // SAFETY: the value, if there is one, lives as long as the call.
    let value = NonNull::new(value).map(|value| unsafe { Object::new(this.py(), value) });
    match set(this, value) {
        Ok(()) => 0,
        Err(_) => -1,
    }
}

/// What C is given: the reference, or null with the exception set.
#[inline]
pub(super) fn give(answer: Answer<'_>) -> *mut ffi::PyObject {
    match answer {
        Ok(object) => Owned::into_ptr(object),
        Err(_) => std::ptr::null_mut(),
    }
}

/// Makes a value of a function item's type.
///
/// # Safety
///
/// A value of `F` was given to the caller's maker: being `Copy` and without size, that value is here too.
#[inline]
pub(super) unsafe fn conjure<F: Copy + 'static>() -> F {
    const { assert!(size_of::<F>() == 0, "a method is made from a function item") };
    // SAFETY: `F` has no size, so there is nothing to read; by the caller a value of it exists.
    unsafe { NonNull::<F>::dangling().as_ptr().read() }
}

/// Ties a C function to the safe ones that it was generated for.
pub(super) struct Tied<T, F>(PhantomData<(T, F)>);

impl<T, F> Tied<T, F>
where
    T: Native,
    F: for<'py> Fn(This<'py, T>, Args<'py>) -> Result<(), Raised> + Copy + 'static,
{
    /// A `tp_init` made from a safe function.
    pub(super) unsafe extern "C" fn init(
        this: *mut ffi::PyObject,
        args: *mut ffi::PyObject,
        keywords: *mut ffi::PyObject,
    ) -> c_int {
        // SAFETY: called by the interpreter on an instance of the class with this slot.
        let this = unsafe { This::<T>::from_api(this) };
        let py: Python<'_> = this.py();
        // SAFETY: the value of `F` was given to `Class::init`.
        let init = unsafe { conjure::<F>() };
        // SAFETY: a `tp_init` gets a tuple, and a dictionary or null.
        let outcome = unsafe { lay_open(py, args, keywords, |args| init(this, args)) };
        match outcome {
            Ok(()) => 0,
            Err(_) => -1,
        }
    }
}

/// Turns a tuple and a dictionary into the arguments of a fast call.
///
/// # Safety
///
/// `args` is a tuple, `keywords` a dictionary with string keys or null; both live as long as `'py`.
unsafe fn lay_open<'py>(
    py: Python<'py>,
    args: *mut ffi::PyObject,
    keywords: *mut ffi::PyObject,
    call: impl FnOnce(Args<'py>) -> Result<(), Raised>,
) -> Result<(), Raised> {
    // SAFETY: by the caller.
    let positional = unsafe { ffi::PyTuple_GET_SIZE(args) };
    let mut values = Vec::new();
    for index in 0..positional {
        // SAFETY: within the tuple.
        values.push(unsafe { ffi::PyTuple_GET_ITEM(args, index) });
    }
    let mut names = Vec::new();
    if !keywords.is_null() {
        let (mut place, mut name, mut value) = (0, std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: a live dictionary that nobody changes meanwhile; the rest is ours to write.
        while unsafe { ffi::PyDict_Next(keywords, &raw mut place, &raw mut name, &raw mut value) }
            == 1
        {
            names.push(name);
            values.push(value);
        }
    }
    if names.is_empty() {
        // SAFETY: `values` holds live objects and outlasts the call.
        return call(unsafe { Args::new(py, values.as_ptr(), values.len(), std::ptr::null_mut()) });
    }
    let count = names.len() as ffi::Py_ssize_t;
    // SAFETY: attached.
    let tuple = Owned::from_api(py, unsafe { ffi::PyTuple_New(count) })?;
    for (index, name) in names.iter().enumerate() {
        // SAFETY: the dictionary keeps the name alive; the tuple takes a reference of its own.
        unsafe { ffi::Py_INCREF(*name) };
        // SAFETY: a new tuple, each place of which is filled once.
        unsafe { ffi::PyTuple_SET_ITEM(tuple.borrow().as_ptr(), index as ffi::Py_ssize_t, *name) };
    }
    let positional = values.len() - names.len();
    // SAFETY: `values` and the tuple hold live objects and outlast the call.
    call(unsafe { Args::new(py, values.as_ptr(), positional, tuple.borrow().as_ptr()) })
}
