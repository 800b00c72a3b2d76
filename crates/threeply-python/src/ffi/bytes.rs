#![expect(unsafe_code, reason = "the bytes of Python objects are C arrays")]
//! The bytes of Python objects: names for the system, buffers to be written, results that grow.

use super::{
    call,
    object::{Answer, Object, Owned, Raised},
};
use pyo3::{Python, ffi};
use rustix::fd::BorrowedFd;
use std::{
    ffi::{OsStr, c_int},
    fmt, io,
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
    ptr::{self, NonNull},
    slice,
};

unsafe extern "C" {
    /// CPython `Doc/c-api/bytes.rst`; PyO3 leaves it out.
    fn _PyBytes_Resize(bytes: *mut *mut ffi::PyObject, size: ffi::Py_ssize_t) -> c_int;
}

/// A string for the system: what `os.fsencode` makes of a `str`, a `bytes` or a path.
pub(crate) struct Name<'py>(Owned<'py>);

impl<'py> Name<'py> {
    /// # Errors
    ///
    /// `TypeError` for another type, `ValueError` for one with a NUL in it; what `__fspath__` raises.
    pub(crate) fn of(object: Object<'py>) -> Result<Self, Raised> {
        call::encoded_name(object).map(Self)
    }

    pub(crate) fn as_os_str(&self) -> &OsStr {
        let bytes = self.0.borrow().as_ptr();
        // SAFETY: `of` was given a bytes object.
        let start = unsafe { ffi::PyBytes_AS_STRING(bytes) };
        // SAFETY: as above.
        let length = unsafe { ffi::PyBytes_Size(bytes) };
        // SAFETY: the array of a bytes object, which `self` keeps and nobody changes.
        OsStr::from_bytes(unsafe { slice::from_raw_parts(start.cast(), length.cast_unsigned()) })
    }
}

/// The memory of an object that has some to show (the buffer protocol), while this lives.
///
/// It must be dropped while attached, as a [`Held`](super::object::Held).
pub(crate) struct Buffer(Box<ffi::Py_buffer>);

impl Buffer {
    /// # Errors
    ///
    /// `TypeError` where the object shows no contiguous memory.
    pub(crate) fn of(object: Object<'_>) -> Result<Self, Raised> {
        let mut view = Box::new(ffi::Py_buffer::new());
        call::get_buffer(object, &mut view)?;
        Ok(Self(view))
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        let length = usize::try_from(self.0.len).unwrap_or(0);
        if length == 0 {
            return &[];
        }
        // SAFETY: so many bytes are there until the buffer is released. A program that writes to them
        // meanwhile gets some of each sent, as by `os.write`; nothing here depends on what they are.
        unsafe { slice::from_raw_parts(self.0.buf.cast(), length) }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.0.len)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        call::release_buffer(&mut self.0);
    }
}

// SAFETY: the view is read by whoever has it; it is taken and released attached.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

/// A bytes object that nobody else has seen, and that is being filled.
///
/// It must be dropped while attached, as a [`Held`](super::object::Held).
///
/// # Invariants
///
/// The object, if there is one, has room for more bytes than none, and `filled` of them are written.
#[derive(Debug)]
pub(crate) struct Growing {
    /// `None` when there was no memory to grow.
    object: Option<NonNull<ffi::PyObject>>,
    room: usize,
    filled: usize,
}

impl Growing {
    pub(crate) fn with_room(_py: Python<'_>, room: usize) -> Result<Self, Raised> {
        let room = room.max(1);
        // SAFETY: attached; without a text the bytes are left to be written.
        let object = unsafe { ffi::PyBytes_FromStringAndSize(ptr::null(), signed(room)) };
        let object = Some(NonNull::new(object).ok_or_else(Raised::as_set)?);
        Ok(Self {
            object,
            room,
            filled: 0,
        })
    }

    /// Writes what is at hand, as far as there is room.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.rest());
        let Some(start) = self.start() else {
            return;
        };
        // SAFETY: `filled` is at most `room` (invariant).
        let rest = unsafe { start.add(self.filled) };
        // SAFETY: so many bytes are there, and there is room for them, which nobody else has.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), rest, count) };
        self.filled += count;
    }

    /// How many bytes can be written before it must grow.
    pub(crate) fn rest(&self) -> usize {
        self.room - self.filled
    }

    pub(crate) fn len(&self) -> usize {
        self.filled
    }

    /// Reads once from a file, at most `most` bytes and as many as there is room for. May be called detached.
    pub(crate) fn read_from(&mut self, file: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        let Some(start) = self.start() else {
            return Err(io::ErrorKind::OutOfMemory.into());
        };
        // SAFETY: `filled` is at most `room` (invariant).
        let rest = unsafe { start.add(self.filled) };
        let length = self.rest().min(most);
        // SAFETY: the object has so much room behind what is filled, and nobody else has the object.
        let rest = unsafe { slice::from_raw_parts_mut(rest.cast::<MaybeUninit<u8>>(), length) };
        let (read, _) = rustix::io::read(file, rest)?;
        self.filled += read.len();
        Ok(read.len())
    }

    /// Gets room for `more` bytes at least, which keeps what was written in its place where the system can.
    ///
    /// # Errors
    ///
    /// `MemoryError`; then nothing is left.
    pub(crate) fn grow(&mut self, _py: Python<'_>, more: usize) -> Result<(), Raised> {
        self.resize(self.filled.saturating_add(more.max(1)))
    }

    /// What was written from some place on, in an object of its own.
    pub(crate) fn copied_from<'py>(&self, py: Python<'py>, place: usize) -> Answer<'py> {
        let bytes = self.as_ref().get(place..).unwrap_or(&[]);
        // SAFETY: so many bytes are there; attached.
        let copy =
            unsafe { ffi::PyBytes_FromStringAndSize(bytes.as_ptr().cast(), signed(bytes.len())) };
        Owned::from_api(py, copy)
    }

    /// All that was written.
    pub(crate) fn finish(mut self, py: Python<'_>) -> Answer<'_> {
        if self.rest() > 0 && self.object.is_some() {
            self.resize(self.filled)?;
        }
        match self.object.take() {
            Some(object) => Owned::from_api(py, object.as_ptr()),
            // There was no memory, which has been said.
            None => Growing::with_room(py, 1)?.copied_from(py, 0),
        }
    }

    fn resize(&mut self, room: usize) -> Result<(), Raised> {
        let mut object = self.object.take().map_or(ptr::null_mut(), NonNull::as_ptr);
        if object.is_null() {
            self.filled = 0;
            // SAFETY: attached; without a text the bytes are left to be written.
            object = unsafe { ffi::PyBytes_FromStringAndSize(ptr::null(), signed(room)) };
        } else {
            // SAFETY: a bytes object with one reference, which is ours; attached. Where it fails, the
            // object is gone and null is left.
            unsafe { _PyBytes_Resize(&raw mut object, signed(room)) };
        }
        self.object = NonNull::new(object);
        self.room = room;
        if self.object.is_none() {
            (self.room, self.filled) = (0, 0);
            return Err(Raised::as_set());
        }
        Ok(())
    }

    fn start(&self) -> Option<*mut u8> {
        let object = self.object?.as_ptr();
        // SAFETY: a bytes object (invariant).
        Some(unsafe { ffi::PyBytes_AS_STRING(object) }.cast_mut().cast())
    }
}

impl AsRef<[u8]> for Growing {
    fn as_ref(&self) -> &[u8] {
        match self.start() {
            None => &[],
            // SAFETY: `filled` bytes are written there, and nobody else has the object.
            Some(start) => unsafe { slice::from_raw_parts(start, self.filled) },
        }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            // SAFETY: its owners are Python objects, which are freed while attached.
            let py = unsafe { Python::assume_attached() };
            call::release(py, object);
        }
    }
}

// SAFETY: the object is known to nobody else, so whoever has this may write to it.
unsafe impl Send for Growing {}
// SAFETY: shared, it is only read.
unsafe impl Sync for Growing {}

fn signed(size: usize) -> ffi::Py_ssize_t {
    ffi::Py_ssize_t::try_from(size).unwrap_or(ffi::Py_ssize_t::MAX)
}
