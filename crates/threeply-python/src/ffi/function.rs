#![expect(unsafe_code, reason = "functions of a module are C functions")]
//! Functions of a room, made from safe functions.
//!
//! As methods are ([`method`](super::method)), so that no frame of `PyO3` stands between Python and a wait in which an
//! ending interpreter may unwind the thread. A function is given its room's standard module as `__self__`.

use super::{
    args::Args,
    method::{conjure, give},
    object::{Answer, Object, Owned, Raised},
};
use pyo3::{Bound, PyAny, Python, ffi};
use std::{
    collections::HashSet,
    ffi::CStr,
    ptr::NonNull,
    sync::{Mutex, PoisonError},
};

/// The addresses of the functions that were made here. None is ever freed.
static MADE: Mutex<Option<HashSet<usize>>> = Mutex::new(None);

/// What functions of a room look like before they have a module.
pub(crate) struct Function {
    name: &'static CStr,
    entry: ffi::PyMethodDef,
}

/// A function of a room; the first argument is the standard module.
pub(crate) fn function<F>(name: &'static CStr, doc: &'static CStr, f: F) -> Function
where
    F: for<'py> Fn(Object<'py>, Args<'py>) -> Answer<'py> + Copy + 'static,
{
    unsafe extern "C" fn call<F>(
        standard: *mut ffi::PyObject,
        values: *const *mut ffi::PyObject,
        count: ffi::Py_ssize_t,
        keywords: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject
    where
        F: for<'py> Fn(Object<'py>, Args<'py>) -> Answer<'py> + Copy + 'static,
    {
        // SAFETY: called by the interpreter, attached.
        let py = unsafe { Python::assume_attached() };
        // SAFETY: `make` gave the function a module, which is not null.
        let standard = unsafe { NonNull::new_unchecked(standard) };
        // SAFETY: the function keeps it, and is kept while it is called.
        let standard = unsafe { Object::new(py, standard) };
        // SAFETY: these are the arguments of a `METH_FASTCALL | METH_KEYWORDS` function.
        let args = unsafe { Args::new(py, values, count.cast_unsigned(), keywords) };
        // SAFETY: `function` was given a value of `F`.
        let f = unsafe { conjure::<F>() };
        give(f(standard, args))
    }
    let _ = f;
    let entry = ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionFastWithKeywords: call::<F>,
        },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: doc.as_ptr(),
    };
    Function { name, entry }
}

impl Function {
    /// Makes the function, of the module named `room`.
    pub(crate) fn make<'py>(
        self,
        standard: Object<'py>,
        room: &str,
    ) -> Result<(&'static CStr, Owned<'py>), Raised> {
        let py = standard.py();
        let room = Owned::string(py, room)?;
        let entry = Box::leak(Box::new(self.entry));
        // SAFETY: the entry lives for ever; a module and a string.
        let made =
            unsafe { ffi::PyCFunction_NewEx(entry, standard.as_ptr(), room.borrow().as_ptr()) };
        let made = Owned::from_api(py, made)?;
        let _ = std::mem::ManuallyDrop::new(made.borrow().to_owned());
        let address = made.borrow().as_ptr() as usize;
        let mut all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_or_insert_default().insert(address);
        Ok((self.name, made))
    }
}

/// Says whether the object is a function that was made here.
pub(crate) fn provides(object: &Bound<'_, PyAny>) -> bool {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.as_ref()
        .is_some_and(|made| made.contains(&(object.as_ptr() as usize)))
}
