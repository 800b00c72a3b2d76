#![expect(unsafe_code, reason = "arguments arrive as C arrays")]
//! The arguments of a fast call, matched to parameters.
//!
//! # Source
//!
//! CPython `Doc/c-api/structures.rst`, `METH_FASTCALL | METH_KEYWORDS`; messages as in `Python/getargs.c`.

use super::object::{Answer, Object, Owned, Raised};
use crate::error;
use pyo3::{Python, ffi};
use std::{ffi::CStr, ptr::NonNull};

/// The arguments of one call: positional ones, then the values of keywords.
#[derive(Clone, Copy)]
pub(crate) struct Args<'py> {
    py: Python<'py>,
    values: *const *mut ffi::PyObject,
    positional: usize,
    /// A tuple of strings, or null.
    keywords: *mut ffi::PyObject,
}

/// The parameters of a method: the first `required` must be given.
pub(crate) struct Parameters<const N: usize> {
    pub(crate) function: &'static str,
    pub(crate) names: [&'static CStr; N],
    pub(crate) required: usize,
}

impl<'py> Args<'py> {
    /// # Safety
    ///
    /// The arguments of a function called by `METH_FASTCALL | METH_KEYWORDS`, or of a `tp_init` whose
    /// tuple has been laid open.
    pub(super) unsafe fn new(
        py: Python<'py>,
        values: *const *mut ffi::PyObject,
        positional: usize,
        keywords: *mut ffi::PyObject,
    ) -> Self {
        Self {
            py,
            values,
            positional,
            keywords,
        }
    }

    /// The arguments, if all are positional and there are exactly `N`.
    #[inline]
    pub(crate) fn exactly<const N: usize>(self) -> Option<[Object<'py>; N]> {
        if self.positional != N || !self.keywords.is_null() {
            return None;
        }
        Some(std::array::from_fn(|index| self.value(index)))
    }

    /// The positional arguments, if there are exactly `N`, whatever keywords there are.
    pub(crate) fn positional<const N: usize>(self) -> Option<[Object<'py>; N]> {
        (self.positional == N).then(|| std::array::from_fn(|index| self.value(index)))
    }

    /// Calls `visit` with the name and the value of each keyword, until it fails.
    pub(crate) fn each_keyword(
        self,
        mut visit: impl FnMut(Object<'py>, Object<'py>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        for index in 0..self.keyword_count() {
            visit(self.keyword(index), self.value(self.positional + index))?;
        }
        Ok(())
    }

    /// Matches the arguments to parameters, as Python does for a function of that signature.
    pub(crate) fn bind<const N: usize>(
        self,
        parameters: &Parameters<N>,
    ) -> Result<[Option<Object<'py>>; N], Raised> {
        if self.positional > N {
            return Err(error::too_many_arguments(
                self.py,
                parameters.function,
                N,
                self.positional,
            ));
        }
        let mut bound = [None; N];
        for (index, slot) in bound.iter_mut().enumerate().take(self.positional) {
            *slot = Some(self.value(index));
        }
        for index in 0..self.keyword_count() {
            let name = self.keyword(index);
            let Some(place) = parameters.names.iter().position(|text| name.is_text(text)) else {
                return Err(error::unexpected_keyword(
                    self.py,
                    parameters.function,
                    name,
                ));
            };
            if bound[place]
                .replace(self.value(self.positional + index))
                .is_some()
            {
                return Err(error::argument_twice(self.py, parameters.function, name));
            }
        }
        for (slot, name) in bound.iter().zip(parameters.names).take(parameters.required) {
            if slot.is_none() {
                return Err(error::missing_argument(self.py, parameters.function, name));
            }
        }
        Ok(bound)
    }

    /// The first positional argument, and all others.
    pub(crate) fn split_first(self) -> Option<(Object<'py>, Self)> {
        let positional = self.positional.checked_sub(1)?;
        let first = self.value(0);
        // SAFETY: there is one at least, so this is within the array or right behind it.
        let values = unsafe { self.values.add(1) };
        let rest = Self {
            values,
            positional,
            ..self
        };
        Some((first, rest))
    }

    /// The positional arguments as a tuple.
    pub(crate) fn to_tuple(self, py: Python<'py>) -> Answer<'py> {
        // SAFETY: attached.
        let tuple = unsafe { ffi::PyTuple_New(self.positional as ffi::Py_ssize_t) };
        let tuple = Owned::from_api(py, tuple)?;
        for index in 0..self.positional {
            let item = self.value(index).to_owned().into_ptr();
            let index = index as ffi::Py_ssize_t;
            // SAFETY: a new tuple, each place of which is filled once, with a reference of its own.
            unsafe { ffi::PyTuple_SET_ITEM(tuple.borrow().as_ptr(), index, item) };
        }
        Ok(tuple)
    }

    /// The keywords as a dictionary, if there are any.
    pub(crate) fn to_dictionary(self, py: Python<'py>) -> Result<Option<Owned<'py>>, Raised> {
        if self.keyword_count() == 0 {
            return Ok(None);
        }
        // SAFETY: attached.
        let dictionary = Owned::from_api(py, unsafe { ffi::PyDict_New() })?;
        self.each_keyword(|name, value| dictionary.borrow().put_entry(name, value))?;
        Ok(Some(dictionary))
    }

    /// The C arrays that the arguments came in.
    pub(super) fn as_given(self) -> (*const *mut ffi::PyObject, usize, *mut ffi::PyObject) {
        (self.values, self.positional, self.keywords)
    }

    #[inline]
    fn value(self, index: usize) -> Object<'py> {
        // SAFETY: `index` is below the number of arguments (both callers see to it): within the array.
        let place = unsafe { self.values.add(index) };
        // SAFETY: as above, so there is an argument to read.
        let pointer = unsafe { place.read() };
        // SAFETY: an argument is not null, and lives as long as the call.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        // SAFETY: as above.
        unsafe { Object::new(self.py, pointer) }
    }

    fn keyword_count(self) -> usize {
        if self.keywords.is_null() {
            return 0;
        }
        // SAFETY: not null, so a tuple.
        let count = unsafe { ffi::PyTuple_GET_SIZE(self.keywords) };
        usize::try_from(count).unwrap_or(0)
    }

    fn keyword(self, index: usize) -> Object<'py> {
        // SAFETY: `index` is below the tuple's size.
        let name = unsafe { ffi::PyTuple_GET_ITEM(self.keywords, index as ffi::Py_ssize_t) };
        // SAFETY: an item of a tuple is not null.
        let name = unsafe { NonNull::new_unchecked(name) };
        // SAFETY: the tuple lives as long as the call.
        unsafe { Object::new(self.py, name) }
    }
}
