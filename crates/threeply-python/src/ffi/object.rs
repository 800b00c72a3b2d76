#![expect(unsafe_code, reason = "reference counts are C's")]
//! References to Python objects.
//!
//! [`Object`] is borrowed, [`Owned`] counts. Dropping an `Owned` may run any Python code (a
//! `__del__`, a weak reference's callback), so it goes through [`call`](super::call) like every other way into Python; that is
//! what sets it apart from `PyO3`'s own.

use super::call;
use pyo3::{Bound, PyAny, PyErr, Python, ffi};
use std::{
    ffi::CStr,
    marker::PhantomData,
    ptr::{self, NonNull},
    sync::{
        OnceLock,
        atomic::{AtomicPtr, Ordering},
    },
};

/// A borrowed reference, valid while the interpreter is attached and `'py` lasts.
#[derive(Clone, Copy)]
pub(crate) struct Object<'py> {
    pointer: NonNull<ffi::PyObject>,
    py: Python<'py>,
}

/// A counted reference.
pub(crate) struct Owned<'py> {
    pointer: NonNull<ffi::PyObject>,
    py: Python<'py>,
}

/// A counted reference that may leave the interpreter's lock: an item in a queue, a static.
///
/// It must be dropped while attached, which its owners see to: they are Python objects themselves.
#[derive(Debug)]
pub(crate) struct Held(NonNull<ffi::PyObject>);

/// A counted reference that the garbage collector may take back early: from then on it is one to `None`.
#[derive(Debug)]
pub(crate) struct Emptied(AtomicPtr<ffi::PyObject>);

/// The name of an attribute, made into a Python string once: for what is asked often.
pub(crate) struct Name {
    text: &'static CStr,
    string: OnceLock<Held>,
}

/// A Python exception is set on this thread. Made only by the C API having said so.
#[derive(Debug)]
pub(crate) struct Raised(PhantomData<*mut ()>);

/// What a method gives back to Python.
pub(crate) type Answer<'py> = Result<Owned<'py>, Raised>;

impl Raised {
    /// To be called where the C API has just set an exception.
    pub(crate) const fn as_set() -> Self {
        Self(PhantomData)
    }

    /// Takes the exception back if it is an `AttributeError`.
    ///
    /// # Errors
    ///
    /// The same exception, if it is another one.
    pub(super) fn unless_attribute_error(self, py: Python<'_>) -> Result<(), Self> {
        // SAFETY: a static of the interpreter.
        let class = unsafe { ffi::PyExc_AttributeError };
        // SAFETY: attached, and an exception is set. It runs no Python: both are classes.
        if unsafe { ffi::PyErr_ExceptionMatches(class) } == 1 {
            drop(self.into_exception(py));
            Ok(())
        } else {
            Err(self)
        }
    }

    /// Puts the exception aside for `deed`; if that raises too, its exception is the one that counts.
    pub(crate) fn after(self, py: Python<'_>, deed: impl FnOnce() -> Result<(), Self>) -> Self {
        let aside = self.into_exception(py);
        match deed() {
            Ok(()) => call::restore_exception(aside),
            Err(raised) => raised,
        }
    }

    /// The exception itself, taken back.
    pub(crate) fn into_exception(self, py: Python<'_>) -> Owned<'_> {
        let Self(_) = self;
        call::take_exception(py)
    }

    /// The exception as `PyO3` carries it: for where `PyO3` called us, since it gives up references only then.
    pub(crate) fn into_err(self, py: Python<'_>) -> PyErr {
        let Self(_) = self;
        PyErr::fetch(py)
    }
}

impl<'py> Object<'py> {
    /// # Safety
    ///
    /// `pointer` is a live object for as long as `'py`.
    pub(crate) unsafe fn new(py: Python<'py>, pointer: NonNull<ffi::PyObject>) -> Self {
        Self { pointer, py }
    }

    /// # Safety
    ///
    /// `pointer` is the address of an object that lives for ever.
    pub(super) unsafe fn from_static(py: Python<'py>, pointer: *mut ffi::PyObject) -> Self {
        // SAFETY: by the caller, there is an object.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        Self { pointer, py }
    }

    /// What `PyO3` refers to.
    pub(crate) fn from_bound<T>(bound: &Bound<'py, T>) -> Self {
        // SAFETY: a `Bound`'s pointer is not null.
        let pointer = unsafe { NonNull::new_unchecked(bound.as_ptr()) };
        Self {
            pointer,
            py: bound.py(),
        }
    }

    pub(crate) fn py(self) -> Python<'py> {
        self.py
    }

    pub(crate) fn as_ptr(self) -> *mut ffi::PyObject {
        self.pointer.as_ptr()
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        // SAFETY: `None` is a static of the interpreter.
        self.as_ptr() == unsafe { ffi::Py_None() }
    }

    #[inline]
    pub(crate) fn to_owned(self) -> Owned<'py> {
        // SAFETY: `self` is a live object and we are attached.
        unsafe { ffi::Py_INCREF(self.as_ptr()) };
        Owned {
            pointer: self.pointer,
            py: self.py,
        }
    }

    #[inline]
    pub(crate) fn to_held(self) -> Held {
        // SAFETY: `self` is a live object and we are attached.
        unsafe { ffi::Py_INCREF(self.as_ptr()) };
        Held(self.pointer)
    }

    /// The content of a string, `?` for anything else; for messages.
    pub(crate) fn text(self) -> String {
        // SAFETY: a live object.
        if unsafe { ffi::PyUnicode_Check(self.as_ptr()) } != 1 {
            return String::from("?");
        }
        let mut length = 0;
        // SAFETY: a live string; `length` is ours to write.
        let bytes = unsafe { ffi::PyUnicode_AsUTF8AndSize(self.as_ptr(), &raw mut length) };
        if bytes.is_null() {
            // SAFETY: attached; a string with lone surrogates, which a message can do without.
            unsafe { ffi::PyErr_Clear() };
            return String::from("?");
        }
        let length = usize::try_from(length).unwrap_or(0);
        // SAFETY: the interpreter keeps the UTF-8 form as long as the string.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) };
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The items of a tuple; none of anything else.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = Self> {
        // SAFETY: a live object.
        let is_tuple = unsafe { ffi::PyTuple_Check(self.as_ptr()) == 1 };
        let count = if is_tuple {
            // SAFETY: a live tuple.
            unsafe { ffi::PyTuple_GET_SIZE(self.as_ptr()) }
        } else {
            0
        };
        (0..usize::try_from(count).unwrap_or(0)).map(move |index| {
            // SAFETY: within the tuple, which is of that size for ever.
            let item = unsafe { ffi::PyTuple_GET_ITEM(self.as_ptr(), index as ffi::Py_ssize_t) };
            // SAFETY: an item of a tuple is not null.
            let item = unsafe { NonNull::new_unchecked(item) };
            // SAFETY: the tuple keeps it alive.
            unsafe { Self::new(self.py, item) }
        })
    }

    /// The items of a tuple of two.
    pub(crate) fn pair(self) -> Option<[Self; 2]> {
        let mut items = self.items();
        let pair = [items.next()?, items.next()?];
        items.next().is_none().then_some(pair)
    }

    /// Says whether the object can be raised: an exception class or an instance of one.
    pub(crate) fn is_exception(self) -> bool {
        // SAFETY: a live object.
        let is_class = unsafe { ffi::PyExceptionClass_Check(self.as_ptr()) == 1 };
        // SAFETY: a live object.
        is_class || unsafe { ffi::PyExceptionInstance_Check(self.as_ptr()) == 1 }
    }

    /// The name of the object's class, for messages.
    pub(crate) fn class_name(self) -> String {
        // SAFETY: `self` is a live object, so its type is too.
        let class = unsafe { ffi::Py_TYPE(self.as_ptr()) };
        // SAFETY: as above.
        let name = unsafe { (*class).tp_name };
        // SAFETY: a type's name is a NUL-terminated string that lives as long as the type.
        let name = unsafe { CStr::from_ptr(name) };
        let name = name.to_string_lossy();
        name.rsplit('.').next().unwrap_or(&name).to_owned()
    }
}

impl Name {
    pub(crate) const fn new(text: &'static CStr) -> Self {
        Self {
            text,
            string: OnceLock::new(),
        }
    }

    /// The name as a Python string.
    #[inline]
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Result<Object<'py>, Raised> {
        match self.string.get() {
            Some(string) => Ok(string.get(py)),
            None => self.make(py),
        }
    }

    #[cold]
    fn make<'py>(&self, py: Python<'py>) -> Result<Object<'py>, Raised> {
        // SAFETY: a NUL-terminated text; attached.
        let string = unsafe { ffi::PyUnicode_InternFromString(self.text.as_ptr()) };
        let string = Owned::from_api(py, string)?.into_held();
        // Another thread may have been first; the two strings are one, being interned.
        let _ = self.string.set(string);
        self.get(py)
    }

    pub(crate) fn text(&self) -> &'static CStr {
        self.text
    }
}

impl<'py> Owned<'py> {
    /// Takes over what the C API returned: a new reference, or null with an exception set.
    pub(crate) fn from_api(py: Python<'py>, pointer: *mut ffi::PyObject) -> Answer<'py> {
        let pointer = NonNull::new(pointer).ok_or(Raised::as_set())?;
        Ok(Self { pointer, py })
    }

    #[inline]
    pub(crate) fn none(py: Python<'py>) -> Self {
        // SAFETY: only an address is taken.
        let none = unsafe { ffi::Py_None() };
        // SAFETY: a static of the interpreter.
        unsafe { Self::constant(py, none) }
    }

    #[inline]
    pub(crate) fn boolean(py: Python<'py>, value: bool) -> Self {
        let constant = if value {
            // SAFETY: only an address is taken.
            unsafe { ffi::Py_True() }
        } else {
            // SAFETY: only an address is taken.
            unsafe { ffi::Py_False() }
        };
        // SAFETY: a static of the interpreter.
        unsafe { Self::constant(py, constant) }
    }

    /// # Safety
    ///
    /// `pointer` is a static of the interpreter.
    #[inline]
    unsafe fn constant(py: Python<'py>, pointer: *mut ffi::PyObject) -> Self {
        // SAFETY: by the caller, the object lives.
        unsafe { ffi::Py_INCREF(pointer) };
        // SAFETY: a static's address is not null.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        Self { pointer, py }
    }

    pub(crate) fn string(py: Python<'py>, text: &str) -> Answer<'py> {
        let length = text.len() as ffi::Py_ssize_t;
        // SAFETY: the pointer and the length are those of a `str`, which is UTF-8.
        let string = unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), length) };
        Self::from_api(py, string)
    }

    pub(crate) fn integer(py: Python<'py>, value: usize) -> Answer<'py> {
        // SAFETY: we are attached.
        Self::from_api(py, unsafe { ffi::PyLong_FromSize_t(value) })
    }

    pub(crate) fn signed(py: Python<'py>, value: i32) -> Answer<'py> {
        // SAFETY: we are attached.
        Self::from_api(py, unsafe { ffi::PyLong_FromLong(value.into()) })
    }

    pub(crate) fn long(py: Python<'py>, value: i64) -> Answer<'py> {
        // SAFETY: we are attached.
        Self::from_api(py, unsafe { ffi::PyLong_FromLongLong(value) })
    }

    pub(crate) fn float(py: Python<'py>, value: f64) -> Answer<'py> {
        // SAFETY: we are attached.
        Self::from_api(py, unsafe { ffi::PyFloat_FromDouble(value) })
    }

    /// A list of the objects.
    pub(crate) fn list(py: Python<'py>, items: impl ExactSizeIterator<Item = Self>) -> Answer<'py> {
        // SAFETY: we are attached.
        let list = Self::from_api(py, unsafe {
            ffi::PyList_New(items.len() as ffi::Py_ssize_t)
        })?;
        for (index, item) in items.enumerate() {
            let index = index as ffi::Py_ssize_t;
            // SAFETY: a new list, each place of which is filled once, with a reference of its own.
            unsafe { ffi::PyList_SET_ITEM(list.borrow().as_ptr(), index, item.into_ptr()) };
        }
        Ok(list)
    }

    /// A tuple of the objects.
    pub(crate) fn tuple<const N: usize>(py: Python<'py>, items: [Self; N]) -> Answer<'py> {
        // SAFETY: we are attached.
        let tuple = Self::from_api(py, unsafe { ffi::PyTuple_New(N as ffi::Py_ssize_t) })?;
        for (index, item) in items.into_iter().enumerate() {
            let index = index as ffi::Py_ssize_t;
            // SAFETY: a new tuple, each place of which is filled once, with a reference of its own.
            unsafe { ffi::PyTuple_SET_ITEM(tuple.borrow().as_ptr(), index, item.into_ptr()) };
        }
        Ok(tuple)
    }

    #[inline]
    pub(crate) fn borrow(&self) -> Object<'py> {
        // `'py` may outlast `self`, so callers keep `self` while they use it; every use in this crate
        // is within one function.
        Object {
            pointer: self.pointer,
            py: self.py,
        }
    }

    #[inline]
    pub(crate) fn into_ptr(self) -> *mut ffi::PyObject {
        std::mem::ManuallyDrop::new(self).pointer.as_ptr()
    }

    /// Hands the reference to `PyO3`.
    pub(crate) fn into_bound(self) -> Bound<'py, PyAny> {
        let py = self.py;
        // SAFETY: the reference is ours to give.
        unsafe { Bound::from_owned_ptr(py, self.into_ptr()) }
    }

    pub(crate) fn into_held(self) -> Held {
        Held(std::mem::ManuallyDrop::new(self).pointer)
    }
}

impl Drop for Owned<'_> {
    #[inline]
    fn drop(&mut self) {
        call::release(self.py, self.pointer);
    }
}

impl Held {
    #[inline]
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Object<'py> {
        Object {
            pointer: self.0,
            py,
        }
    }

    #[inline]
    pub(crate) fn into_owned(self, py: Python<'_>) -> Owned<'_> {
        Owned {
            pointer: std::mem::ManuallyDrop::new(self).0,
            py,
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.0.as_ptr()
    }
}

impl Emptied {
    pub(crate) fn new(object: Object<'_>) -> Self {
        let held = std::mem::ManuallyDrop::new(object.to_held());
        Self(AtomicPtr::new(held.as_ptr()))
    }

    /// The object, or `None` where it was taken back.
    #[inline]
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Owned<'py> {
        // Acquire: what the writer did to the object is seen.
        match NonNull::new(self.0.load(Ordering::Acquire)) {
            // SAFETY: the reference that is held keeps it alive; who takes it back is attached, as we are.
            Some(pointer) => unsafe { Object::new(py, pointer) }.to_owned(),
            None => Owned::none(py),
        }
    }

    /// Takes the reference back.
    pub(crate) fn empty(&self, py: Python<'_>) {
        if let Some(pointer) = NonNull::new(self.0.swap(ptr::null_mut(), Ordering::AcqRel)) {
            drop(Owned { pointer, py });
        }
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Emptied {
    fn drop(&mut self) {
        // SAFETY: as of `Held`.
        self.empty(unsafe { Python::assume_attached() });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: its owners are Python objects, which are freed while attached.
        let py = unsafe { Python::assume_attached() };
        call::release(py, self.0);
    }
}

// SAFETY: only the address moves between threads; every use of the object needs a `Python` token.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}
