#![expect(unsafe_code, reason = "CPython's C API")]
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one way that the others are to take"
)]
//! The one way back into Python.
//!
//! Before Python 3.14 a thread that wants the interpreter's lock while the interpreter finalizes is ended
//! on the spot: `pthread_exit` unwinds its stack. Any call into Python can be such a place (a daemon thread in
//! a callback when the main thread returns). A Rust frame cannot be unwound so: where it has
//! something to clean up, or a `catch_unwind`, the process aborts.
//!
//! So each call into Python stands in a frame of its own, [`guarded`], whose clean-up never returns: the thread
//! sleeps for what is left of the process, as every thread does from 3.14 on. For the compiler to put that
//! clean-up there, the call must be one that can unwind: a pointer to an `extern "C-unwind"` function which
//! it cannot see through (redeclaring the function is not enough: somebody else's `extern "C"`
//! declaration of the same symbol is believed).
//!
//! Clippy's `disallowed-methods` keeps every other way out of this crate.
//!
//! # Source
//!
//! CPython 3.11 `Python/ceval_gil.h`, `take_gil`; 3.14 `Python/ceval_gil.c`, `PyThread_hang_thread`.

use super::{
    args::Args,
    object::{Answer, Name, Object, Owned, Raised},
};
use pyo3::{Python, ffi};
use std::{
    ffi::{CStr, CString, c_char, c_int},
    hint::black_box,
    mem,
    ptr::{self, NonNull},
};

/// Runs `f`; if its stack is unwound, the thread sleeps for ever instead.
#[inline]
#[expect(clippy::mem_forget, reason = "the sleeper is for unwinding only")]
fn guarded<R>(f: impl FnOnce() -> R) -> R {
    struct Sleeper;

    impl Drop for Sleeper {
        #[cold]
        fn drop(&mut self) {
            loop {
                // SAFETY: `pause` only waits for a signal.
                unsafe { libc::pause() };
            }
        }
    }

    let sleeper = Sleeper;
    let result = f();
    mem::forget(sleeper);
    result
}

/// Hides from the compiler which function this is, and that it is declared not to unwind.
macro_rules! opaque {
    ($function:path as fn($($argument:ty),* $(,)?) $(-> $result:ty)?) => {{
        let address = black_box($function as *const ());
        // SAFETY: the same function by the same C signature; only the right to unwind is added.
        unsafe {
            mem::transmute::<*const (), unsafe extern "C-unwind" fn($($argument),*) $(-> $result)?>(address)
        }
    }};
}

/// Gives up one reference.
#[inline]
pub(super) fn release(py: Python<'_>, object: NonNull<ffi::PyObject>) {
    #[cfg(not(any(Py_3_12, Py_GIL_DISABLED)))]
    {
        // SAFETY: the reference is ours, so the object lives.
        let count = unsafe { ffi::Py_REFCNT(object.as_ptr()) };
        if count > 1 {
            // SAFETY: attached, and not the last reference: nothing runs.
            unsafe { ffi::Py_DECREF(object.as_ptr()) };
            return;
        }
    }
    release_last(py, object);
}

#[cold]
#[inline(never)]
fn release_last(_py: Python<'_>, object: NonNull<ffi::PyObject>) {
    let decref = opaque!(ffi::Py_DecRef as fn(*mut ffi::PyObject));
    // SAFETY: the reference is ours to give up, and we are attached.
    guarded(|| unsafe { decref(object.as_ptr()) });
}

/// Tells those who hold weak references to a dying object.
///
/// # Safety
///
/// The object has no reference left and is of a class with weak references; attached.
pub(super) unsafe fn clear_weak_references(object: *mut ffi::PyObject) {
    let clear = opaque!(ffi::PyObject_ClearWeakRefs as fn(*mut ffi::PyObject));
    // SAFETY: by the caller.
    guarded(|| unsafe { clear(object) });
}

/// What `os.fsencode` makes of a name: a bytes object without a NUL.
pub(super) fn encoded_name(name: Object<'_>) -> Answer<'_> {
    let convert = opaque!(
        ffi::PyUnicode_FSConverter as fn(*mut ffi::PyObject, *mut std::ffi::c_void) -> c_int
    );
    let mut bytes: *mut ffi::PyObject = ptr::null_mut();
    let place = (&raw mut bytes).cast();
    // SAFETY: a live object, and a place for the result; we are attached.
    if guarded(|| unsafe { convert(name.as_ptr(), place) }) == 0 {
        return Err(Raised::as_set());
    }
    Owned::from_api(name.py(), bytes)
}

/// Asks an object for its memory.
pub(super) fn get_buffer(object: Object<'_>, view: &mut ffi::Py_buffer) -> Result<(), Raised> {
    let get = opaque!(
        ffi::PyObject_GetBuffer as fn(*mut ffi::PyObject, *mut ffi::Py_buffer, c_int) -> c_int
    );
    // SAFETY: a live object, and a place for the view; we are attached.
    match guarded(|| unsafe { get(object.as_ptr(), view, ffi::PyBUF_SIMPLE) }) {
        0 => Ok(()),
        _ => Err(Raised::as_set()),
    }
}

/// Gives an object its memory back. To be called attached.
pub(super) fn release_buffer(view: &mut ffi::Py_buffer) {
    let release = opaque!(ffi::PyBuffer_Release as fn(*mut ffi::Py_buffer));
    // SAFETY: a view that was filled once, or is empty; attached.
    guarded(|| unsafe { release(view) });
}

/// Has the interpreter make ready for a fork, which may run what the program registered (`os.register_at_fork`).
pub(super) fn before_fork(_py: Python<'_>) {
    let before = opaque!(ffi::PyOS_BeforeFork as fn());
    // SAFETY: attached.
    guarded(|| unsafe { before() });
}

/// Has the interpreter go on after a fork, in the parent.
pub(super) fn after_fork_in_parent(_py: Python<'_>) {
    let after = opaque!(ffi::PyOS_AfterFork_Parent as fn());
    // SAFETY: attached.
    guarded(|| unsafe { after() });
}

/// Has the interpreter put itself in order after a fork, in the child.
pub(super) fn after_fork_in_child(_py: Python<'_>) {
    let after = opaque!(ffi::PyOS_AfterFork_Child as fn());
    // SAFETY: attached, and nothing of Python has run since the fork.
    guarded(|| unsafe { after() });
}

/// Lets the interpreter run the handlers of signals that have arrived; only the main thread does.
pub(crate) fn check_signals(_py: Python<'_>) -> Result<(), Raised> {
    let check = opaque!(ffi::PyErr_CheckSignals as fn() -> c_int);
    // SAFETY: attached.
    let status = guarded(|| unsafe { check() });
    if status == 0 {
        Ok(())
    } else {
        Err(Raised::as_set())
    }
}

impl<'py> Object<'py> {
    /// Calls the object.
    pub(crate) fn call(self, args: &[Object<'_>]) -> Answer<'py> {
        let call = opaque!(
            ffi::PyObject_Vectorcall
                as fn(
                    *mut ffi::PyObject,
                    *const *mut ffi::PyObject,
                    usize,
                    *mut ffi::PyObject,
                ) -> *mut ffi::PyObject
        );
        let pointers: Vec<_> = args.iter().map(|arg| arg.as_ptr()).collect();
        // SAFETY: live objects, and as many as we say; we are attached.
        let result = guarded(|| unsafe {
            call(
                self.as_ptr(),
                pointers.as_ptr(),
                pointers.len(),
                ptr::null_mut(),
            )
        });
        Owned::from_api(self.py(), result)
    }

    /// Calls the object with the arguments of a call of ours.
    pub(crate) fn call_with(self, args: Args<'_>) -> Answer<'py> {
        let call = opaque!(
            ffi::PyObject_Vectorcall
                as fn(
                    *mut ffi::PyObject,
                    *const *mut ffi::PyObject,
                    usize,
                    *mut ffi::PyObject,
                ) -> *mut ffi::PyObject
        );
        let (values, positional, keywords) = args.as_given();
        // SAFETY: these are the arguments of a call that is still running; we are attached.
        let result = guarded(|| unsafe { call(self.as_ptr(), values, positional, keywords) });
        Owned::from_api(self.py(), result)
    }

    /// Calls a method of the object.
    pub(crate) fn call_method(self, name: &CStr, args: &[Object<'_>]) -> Answer<'py> {
        self.attribute(name)?.borrow().call(args)
    }

    /// Reads an attribute.
    pub(crate) fn attribute(self, name: &CStr) -> Answer<'py> {
        let get = opaque!(
            ffi::PyObject_GetAttrString
                as fn(*mut ffi::PyObject, *const c_char) -> *mut ffi::PyObject
        );
        // SAFETY: a live object and a NUL-terminated name; we are attached.
        let value = guarded(|| unsafe { get(self.as_ptr(), name.as_ptr()) });
        Owned::from_api(self.py(), value)
    }

    /// Reads an attribute that is asked for often.
    pub(crate) fn attribute_named(self, name: &Name) -> Answer<'py> {
        let get = opaque!(
            ffi::PyObject_GetAttr
                as fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject
        );
        let name = name.get(self.py())?;
        // SAFETY: a live object and a string; we are attached.
        let value = guarded(|| unsafe { get(self.as_ptr(), name.as_ptr()) });
        Owned::from_api(self.py(), value)
    }

    /// Reads an attribute that the object may lack.
    pub(crate) fn attribute_if_any(self, name: &Name) -> Result<Option<Owned<'py>>, Raised> {
        match self.attribute_named(name) {
            Ok(value) => Ok(Some(value)),
            Err(raised) => raised.unless_attribute_error(self.py()).map(|()| None),
        }
    }

    /// `self < other`.
    pub(crate) fn is_less(self, other: Object<'_>) -> Result<bool, Raised> {
        let compare = opaque!(
            ffi::PyObject_RichCompareBool
                as fn(*mut ffi::PyObject, *mut ffi::PyObject, c_int) -> c_int
        );
        // SAFETY: live objects; we are attached.
        match guarded(|| unsafe { compare(self.as_ptr(), other.as_ptr(), ffi::Py_LT) }) {
            -1 => Err(Raised::as_set()),
            answer => Ok(answer == 1),
        }
    }

    /// Calls `visit` with each item of an iterable, until it fails.
    pub(crate) fn each(
        self,
        mut visit: impl FnMut(Object<'py>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let iterate =
            opaque!(ffi::PyObject_GetIter as fn(*mut ffi::PyObject) -> *mut ffi::PyObject);
        let next = opaque!(ffi::PyIter_Next as fn(*mut ffi::PyObject) -> *mut ffi::PyObject);
        // SAFETY: a live object; we are attached.
        let iterator = Owned::from_api(self.py(), guarded(|| unsafe { iterate(self.as_ptr()) }))?;
        loop {
            // SAFETY: a live iterator; we are attached.
            let item = guarded(|| unsafe { next(iterator.borrow().as_ptr()) });
            let Ok(item) = Owned::from_api(self.py(), item) else {
                // SAFETY: attached.
                let has_failed = !unsafe { ffi::PyErr_Occurred() }.is_null();
                return if has_failed {
                    Err(Raised::as_set())
                } else {
                    Ok(())
                };
            };
            visit(item.borrow())?;
        }
    }

    /// `repr(object)`.
    pub(crate) fn repr(self) -> Answer<'py> {
        let repr = opaque!(ffi::PyObject_Repr as fn(*mut ffi::PyObject) -> *mut ffi::PyObject);
        // SAFETY: a live object; we are attached.
        let text = guarded(|| unsafe { repr(self.as_ptr()) });
        Owned::from_api(self.py(), text)
    }

    /// Calls a method that is called often.
    pub(crate) fn call_method_named<const N: usize>(
        self,
        name: &Name,
        args: [Object<'_>; N],
    ) -> Answer<'py> {
        let call = opaque!(
            ffi::PyObject_VectorcallMethod
                as fn(
                    *mut ffi::PyObject,
                    *const *mut ffi::PyObject,
                    usize,
                    *mut ffi::PyObject,
                ) -> *mut ffi::PyObject
        );
        let name = name.get(self.py())?;
        let mut all = [ptr::null_mut(); 8];
        const { assert!(N < 8, "the array holds the object and its arguments") };
        all[0] = self.as_ptr();
        for (place, arg) in all[1..].iter_mut().zip(args) {
            *place = arg.as_ptr();
        }
        // SAFETY: a string, and as many live objects as we say, the first of them `self`; attached.
        let result =
            guarded(|| unsafe { call(name.as_ptr(), all.as_ptr(), N + 1, ptr::null_mut()) });
        Owned::from_api(self.py(), result)
    }

    /// Puts an entry into a dictionary.
    pub(crate) fn put_entry(self, key: Object<'_>, value: Object<'_>) -> Result<(), Raised> {
        let put = opaque!(
            ffi::PyDict_SetItem
                as fn(*mut ffi::PyObject, *mut ffi::PyObject, *mut ffi::PyObject) -> c_int
        );
        // SAFETY: live objects, of which C checks that the first is a dictionary; attached.
        match guarded(|| unsafe { put(self.as_ptr(), key.as_ptr(), value.as_ptr()) }) {
            0 => Ok(()),
            _ => Err(Raised::as_set()),
        }
    }

    /// Adds an item to a set.
    pub(crate) fn add_to_set(self, item: Object<'_>) -> Result<(), Raised> {
        let add = opaque!(ffi::PySet_Add as fn(*mut ffi::PyObject, *mut ffi::PyObject) -> c_int);
        // SAFETY: live objects, of which C checks that the first is a set; attached.
        match guarded(|| unsafe { add(self.as_ptr(), item.as_ptr()) }) {
            0 => Ok(()),
            _ => Err(Raised::as_set()),
        }
    }

    /// The number of what a container holds.
    pub(crate) fn length(self) -> Result<usize, Raised> {
        let size = opaque!(ffi::PyObject_Size as fn(*mut ffi::PyObject) -> ffi::Py_ssize_t);
        // SAFETY: a live object; attached.
        let size = guarded(|| unsafe { size(self.as_ptr()) });
        usize::try_from(size).map_err(|_| Raised::as_set())
    }

    /// Writes an attribute.
    pub(crate) fn set_attribute(self, name: &CStr, value: Object<'_>) -> Result<(), Raised> {
        let set = opaque!(
            ffi::PyObject_SetAttrString
                as fn(*mut ffi::PyObject, *const c_char, *mut ffi::PyObject) -> c_int
        );
        // SAFETY: live objects and a NUL-terminated name; we are attached.
        let status = guarded(|| unsafe { set(self.as_ptr(), name.as_ptr(), value.as_ptr()) });
        if status == 0 {
            Ok(())
        } else {
            Err(Raised::as_set())
        }
    }

    /// Sets or deletes an attribute as `object` does.
    pub(crate) fn set_attribute_generic(
        self,
        name: Object<'_>,
        value: Option<Object<'_>>,
    ) -> c_int {
        let set = opaque!(
            ffi::PyObject_GenericSetAttr
                as fn(*mut ffi::PyObject, *mut ffi::PyObject, *mut ffi::PyObject) -> c_int
        );
        let value = value.map_or(ptr::null_mut(), Object::as_ptr);
        // SAFETY: live objects; a null value means deletion; we are attached.
        guarded(|| unsafe { set(self.as_ptr(), name.as_ptr(), value) })
    }

    /// The instance's own dictionary.
    pub(crate) fn dictionary(self) -> Answer<'py> {
        let get = opaque!(
            ffi::PyObject_GenericGetDict
                as fn(*mut ffi::PyObject, *mut std::ffi::c_void) -> *mut ffi::PyObject
        );
        // SAFETY: a live object of a class whose instances have a dictionary; we are attached.
        let dictionary = guarded(|| unsafe { get(self.as_ptr(), ptr::null_mut()) });
        Owned::from_api(self.py(), dictionary)
    }

    /// Reads an entry of a dictionary; `None` where there is none.
    pub(crate) fn entry(self, name: &CStr) -> Option<Object<'py>> {
        // SAFETY: a live dictionary and a NUL-terminated name; a string's hash and comparison run no
        // Python. Errors are cleared by it.
        let value = unsafe { ffi::PyDict_GetItemString(self.as_ptr(), name.as_ptr()) };
        // SAFETY: the entry is borrowed from the dictionary, which its instance keeps.
        NonNull::new(value).map(|value| unsafe { Object::new(self.py(), value) })
    }

    /// Reads an entry of a dictionary that is asked for often; `None` where there is none.
    pub(crate) fn entry_named(self, name: &Name) -> Result<Option<Object<'py>>, Raised> {
        let name = name.get(self.py())?;
        // SAFETY: a live dictionary and a string, whose hash and comparison run no Python.
        let value = unsafe { ffi::PyDict_GetItemWithError(self.as_ptr(), name.as_ptr()) };
        // SAFETY: the entry is borrowed from the dictionary, which its instance keeps.
        Ok(NonNull::new(value).map(|value| unsafe { Object::new(self.py(), value) }))
    }

    /// Writes (or deletes, for `None`) an entry of a dictionary.
    pub(crate) fn set_entry(self, name: &CStr, value: Option<Object<'_>>) -> Result<(), Raised> {
        let status = if let Some(value) = value {
            let set = opaque!(
                ffi::PyDict_SetItemString
                    as fn(*mut ffi::PyObject, *const c_char, *mut ffi::PyObject) -> c_int
            );
            // SAFETY: a live dictionary, a NUL-terminated name, a live value; attached.
            guarded(|| unsafe { set(self.as_ptr(), name.as_ptr(), value.as_ptr()) })
        } else {
            let delete = opaque!(
                ffi::PyDict_DelItemString as fn(*mut ffi::PyObject, *const c_char) -> c_int
            );
            // SAFETY: a live dictionary and a NUL-terminated name; attached.
            guarded(|| unsafe { delete(self.as_ptr(), name.as_ptr()) })
        };
        if status == 0 {
            Ok(())
        } else {
            Err(Raised::as_set())
        }
    }

    /// Whether the object counts as true.
    pub(crate) fn truth(self) -> Result<bool, Raised> {
        let is_true = opaque!(ffi::PyObject_IsTrue as fn(*mut ffi::PyObject) -> c_int);
        // SAFETY: a live object; we are attached.
        match guarded(|| unsafe { is_true(self.as_ptr()) }) {
            -1 => Err(Raised::as_set()),
            answer => Ok(answer == 1),
        }
    }

    /// The object as a float, through its `__float__` or `__index__`.
    pub(crate) fn float(self) -> Result<f64, Raised> {
        let as_double = opaque!(ffi::PyFloat_AsDouble as fn(*mut ffi::PyObject) -> f64);
        // SAFETY: a live object; we are attached.
        let value = guarded(|| unsafe { as_double(self.as_ptr()) });
        // -1 itself may be the value; asking costs little.
        // SAFETY: attached.
        let failed = value < 0.0 && !unsafe { ffi::PyErr_Occurred() }.is_null();
        if failed {
            Err(Raised::as_set())
        } else {
            Ok(value)
        }
    }

    /// The object as an integer, through its `__index__`; beyond 64 bits the lowest or highest `i128`.
    pub(crate) fn integer(self) -> Result<i128, Raised> {
        let index = opaque!(ffi::PyNumber_Index as fn(*mut ffi::PyObject) -> *mut ffi::PyObject);
        // SAFETY: a live object; we are attached.
        let number = Owned::from_api(self.py(), guarded(|| unsafe { index(self.as_ptr()) }))?;
        let mut overflow: c_int = 0;
        // SAFETY: `number` is an `int`, and `overflow` is ours to write.
        let value = unsafe {
            ffi::PyLong_AsLongLongAndOverflow(number.borrow().as_ptr(), &raw mut overflow)
        };
        Ok(match overflow {
            0 => i128::from(value),
            sign if sign < 0 => i128::MIN,
            _ => i128::MAX,
        })
    }

    /// The object, an `int`, as an unsigned number; `None` where it is none of 64 bits.
    pub(crate) fn unsigned(self) -> Option<u64> {
        // SAFETY: a live object; we are attached.
        let value = unsafe { ffi::PyLong_AsUnsignedLongLong(self.as_ptr()) };
        // SAFETY: attached.
        let failed = value == u64::MAX && !unsafe { ffi::PyErr_Occurred() }.is_null();
        if failed {
            // SAFETY: attached.
            unsafe { ffi::PyErr_Clear() };
            return None;
        }
        Some(value)
    }

    /// Says whether the object is an `int` (or of a subclass).
    pub(crate) fn is_integer(self) -> bool {
        // SAFETY: a live object.
        unsafe { ffi::PyLong_Check(self.as_ptr()) == 1 }
    }

    /// Says whether the object is a `float` (or of a subclass).
    pub(crate) fn is_float(self) -> bool {
        // SAFETY: a live object.
        unsafe { ffi::PyFloat_Check(self.as_ptr()) == 1 }
    }

    /// Says whether the object equals the ASCII text. Runs no Python.
    pub(crate) fn is_text(self, text: &CStr) -> bool {
        // SAFETY: a live object.
        let is_string = unsafe { ffi::PyUnicode_Check(self.as_ptr()) == 1 };
        // SAFETY: a live string and a NUL-terminated one.
        is_string
            && unsafe { ffi::PyUnicode_CompareWithASCIIString(self.as_ptr(), text.as_ptr()) == 0 }
    }
}

/// Calls a function with a tuple and a dictionary.
pub(crate) fn call_laid_out<'py>(
    function: Object<'py>,
    positional: Object<'_>,
    keywords: Option<Object<'_>>,
) -> Answer<'py> {
    let call = opaque!(
        ffi::PyObject_Call
            as fn(*mut ffi::PyObject, *mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject
    );
    let keywords = keywords.map_or(ptr::null_mut(), Object::as_ptr);
    // SAFETY: live objects, of which C checks the kinds; attached.
    let result = guarded(|| unsafe { call(function.as_ptr(), positional.as_ptr(), keywords) });
    Owned::from_api(function.py(), result)
}

/// Issues a `DeprecationWarning` at the caller's line.
pub(crate) fn warn_deprecated(py: Python<'_>, message: &CStr) -> Result<(), Raised> {
    // SAFETY: a static of the interpreter.
    let category = unsafe { ffi::PyExc_DeprecationWarning };
    warn(py, category, message)
}

/// Issues a `RuntimeWarning` at the caller's line.
pub(crate) fn warn_runtime(py: Python<'_>, message: &str) -> Result<(), Raised> {
    // SAFETY: a static of the interpreter.
    let category = unsafe { ffi::PyExc_RuntimeWarning };
    let message = CString::new(message).unwrap_or_default();
    warn(py, category, &message)
}

/// Tells the interpreter's audit hooks of an event.
pub(crate) fn audit<const N: usize>(
    py: Python<'_>,
    event: &str,
    args: [Object<'_>; N],
) -> Result<(), Raised> {
    // SAFETY: attached; a NUL-terminated name. Only `del sys.audit` makes it null.
    let Some(audit) = NonNull::new(unsafe { ffi::PySys_GetObject(c"audit".as_ptr()) }) else {
        return Ok(());
    };
    // SAFETY: a live object, which is counted before anything else runs.
    let audit = unsafe { Object::new(py, audit) }.to_owned();
    let event = Owned::string(py, event)?;
    let all: Vec<_> = std::iter::once(event.borrow()).chain(args).collect();
    audit.borrow().call(&all).map(drop)
}

/// The interpreter's class `set`.
pub(crate) fn set_class(py: Python<'_>) -> Object<'_> {
    let class = (&raw mut ffi::PySet_Type).cast();
    // SAFETY: a static of the interpreter.
    unsafe { Object::from_static(py, class) }
}

/// The interpreter's class `OSError`.
pub(crate) fn os_error_class(py: Python<'_>) -> Object<'_> {
    // SAFETY: a static of the interpreter.
    let class = unsafe { ffi::PyExc_OSError };
    // SAFETY: as above; it is set as long as the interpreter lives.
    unsafe { Object::from_static(py, class) }
}

/// Issues a warning at the caller's line; `category` is a static of the interpreter.
fn warn(_py: Python<'_>, category: *mut ffi::PyObject, message: &CStr) -> Result<(), Raised> {
    let warn = opaque!(
        ffi::PyErr_WarnEx as fn(*mut ffi::PyObject, *const c_char, ffi::Py_ssize_t) -> c_int
    );
    // SAFETY: a warning category and a NUL-terminated text; attached.
    let status = guarded(|| unsafe { warn(category, message.as_ptr(), 1) });
    if status == 0 {
        Ok(())
    } else {
        Err(Raised::as_set())
    }
}

/// Sets an exception of a class that may have been written in Python, without arguments.
#[cold]
pub(crate) fn raise_class(class: Object<'_>) -> Raised {
    let set = opaque!(ffi::PyErr_SetNone as fn(*mut ffi::PyObject));
    // SAFETY: an exception class; attached.
    guarded(|| unsafe { set(class.as_ptr()) });
    Raised::as_set()
}

/// Takes back the exception that is set.
#[cold]
#[cfg(Py_3_12)]
pub(super) fn take_exception(py: Python<'_>) -> Owned<'_> {
    let take = opaque!(ffi::PyErr_GetRaisedException as fn() -> *mut ffi::PyObject);
    // SAFETY: attached.
    let exception = guarded(|| unsafe { take() });
    Owned::from_api(py, exception).expect("an exception is set")
}

/// Takes back the exception that is set.
#[cold]
#[cfg(not(Py_3_12))]
pub(super) fn take_exception(py: Python<'_>) -> Owned<'_> {
    let normalize = opaque!(
        ffi::PyErr_NormalizeException
            as fn(*mut *mut ffi::PyObject, *mut *mut ffi::PyObject, *mut *mut ffi::PyObject)
    );
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: attached; the places are ours to write.
    unsafe { ffi::PyErr_Fetch(&raw mut class, &raw mut value, &raw mut traceback) };
    // SAFETY: what `PyErr_Fetch` wrote. It makes an instance where there is only a class yet.
    guarded(|| unsafe { normalize(&raw mut class, &raw mut value, &raw mut traceback) });
    let exception = Owned::from_api(py, value).expect("an exception is set");
    let [class, traceback] = [class, traceback].map(|object| Owned::from_api(py, object));
    if let Ok(traceback) = &traceback {
        let (exception, traceback) = (exception.borrow().as_ptr(), traceback.borrow().as_ptr());
        // SAFETY: an exception and its traceback; the exception takes a reference of its own.
        unsafe { ffi::PyException_SetTraceback(exception, traceback) };
    }
    drop((class, traceback));
    exception
}

/// Sets an exception that was taken back, as it was.
#[cold]
#[cfg(Py_3_12)]
pub(crate) fn restore_exception(exception: Owned<'_>) -> Raised {
    // SAFETY: attached, no exception is set, and the reference is ours to give.
    unsafe { ffi::PyErr_SetRaisedException(exception.into_ptr()) };
    Raised::as_set()
}

/// Sets an exception that was taken back, as it was.
#[cold]
#[cfg(not(Py_3_12))]
pub(crate) fn restore_exception(exception: Owned<'_>) -> Raised {
    let exception = exception.into_ptr();
    // SAFETY: a live exception; the reference to the traceback is a new one, or null.
    let traceback = unsafe { ffi::PyException_GetTraceback(exception) };
    // SAFETY: a live object has a live class.
    let class = unsafe { ffi::Py_TYPE(exception) }.cast::<ffi::PyObject>();
    // SAFETY: attached; a reference of its own to a live class.
    unsafe { ffi::Py_INCREF(class) };
    // SAFETY: attached, no exception is set, and the three references are ours to give.
    unsafe { ffi::PyErr_Restore(class, exception, traceback) };
    Raised::as_set()
}

/// Sets an exception, given as a class or as an instance.
#[cold]
pub(crate) fn raise(exception: Object<'_>) -> Raised {
    // SAFETY: a live object.
    let is_class = unsafe { ffi::PyExceptionClass_Check(exception.as_ptr()) == 1 };
    if is_class {
        return raise_class(exception);
    }
    let set = opaque!(ffi::PyErr_SetObject as fn(*mut ffi::PyObject, *mut ffi::PyObject));
    // SAFETY: a live object has a live class.
    let class = unsafe { ffi::Py_TYPE(exception.as_ptr()) };
    // SAFETY: an exception and its class; attached.
    guarded(|| unsafe { set(class.cast(), exception.as_ptr()) });
    Raised::as_set()
}

/// The class `object`.
pub(crate) fn object_class(py: Python<'_>) -> Object<'_> {
    let class = &raw mut ffi::PyBaseObject_Type;
    // SAFETY: the class lives for ever.
    unsafe { Object::from_static(py, class.cast()) }
}
