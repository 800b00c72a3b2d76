#![expect(unsafe_code, reason = "classes and instances are C structs")]
//! Classes whose instances hold a Rust value.
//!
//! A native class is made in two steps. The *core* is a class made from a spec: an instance is a `PyObject` followed by
//! the value, and the core knows how to make, visit and free it. The class that Python sees is an
//! ordinary one, made by calling `type` with the bases *core, then the standard library's class*: the interpreter gives it a
//! dictionary and weak references in the way of its version (but see [`dictionary`]), and `isinstance(x, threading.Event)`
//! holds with either `threading`. Methods and attributes are put into that class itself, so that the interpreter's
//! fast paths for exact types serve them.
//!
//! A *small* class ([`small`]) is one made from a spec alone.
//!
//! # Invariants
//!
//! 1. An instance of a core, or of a subclass of one, begins with an [`Instance<T>`] whose value was written by
//!    `new` and is dropped by `dealloc` only.
//! 2. The tables that a class points to, and the class itself, are never freed.

mod dictionary;
mod small;

pub(crate) use small::{Heirs, instance};

use super::{
    args::Args,
    method::{Attribute, Method, Tied, conjure, give},
    object::{Answer, Emptied, Held, Object, Owned, Raised},
};
use pyo3::{Bound, PyAny, Python, ffi};
use std::{
    any::TypeId,
    collections::HashMap,
    ffi::{CStr, c_int, c_void},
    marker::PhantomData,
    ops::Deref,
    ptr::{self, NonNull},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How many native instances have been made.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// The addresses of all native classes, and what their instances are.
static CLASSES: Mutex<Option<HashMap<usize, Shape>>> = Mutex::new(None);

/// What the instances of a native class are.
#[derive(PartialEq, Eq)]
struct Shape {
    value: TypeId,
    is_small: bool,
}

/// A value that Python instances hold.
pub(crate) trait Native: Sync + Sized + 'static {
    /// Whether the value may hold references to Python objects.
    const HOLDS_OBJECTS: bool = false;

    /// Makes the value of a new instance, before `__init__`.
    fn new() -> Self;

    /// Shows the garbage collector every reference that the value holds.
    fn traverse(&self, _visit: &mut Visit) {}

    /// Gives up the references that the value holds.
    fn clear(&self, _py: Python<'_>) {}
}

#[repr(C)]
struct Instance<T> {
    head: ffi::PyObject,
    value: T,
}

/// The instance that a method was called on.
pub(crate) struct This<'py, T> {
    instance: NonNull<Instance<T>>,
    py: Python<'py>,
}

impl<T> Clone for This<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for This<'_, T> {}

impl<T: Native> Deref for This<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: invariant 1; the caller of the method holds a reference to the instance.
        unsafe { &self.instance.as_ref().value }
    }
}

impl<'py, T: Native> This<'py, T> {
    /// # Safety
    ///
    /// `this` is an instance of a native class of `T`, we are attached, and it lives as long as `'py`.
    #[inline]
    pub(super) unsafe fn from_api(this: *mut ffi::PyObject) -> Self {
        // SAFETY: by the caller.
        let py = unsafe { Python::assume_attached() };
        // SAFETY: by the caller, it is not null.
        let instance = unsafe { NonNull::new_unchecked(this.cast()) };
        Self { instance, py }
    }

    #[inline]
    pub(crate) fn py(self) -> Python<'py> {
        self.py
    }

    /// The value, for as long as the instance is sure to live.
    #[inline]
    pub(crate) fn value(self) -> &'py T {
        // SAFETY: invariant 1; by `from_api` the instance lives as long as `'py`.
        unsafe { &(*self.instance.as_ptr()).value }
    }

    #[inline]
    pub(crate) fn object(self) -> Object<'py> {
        // SAFETY: invariant 1: the instance is an object, and lives as long as `'py`.
        unsafe { Object::new(self.py, self.instance.cast()) }
    }

    /// The value, kept alive beyond the call.
    pub(crate) fn keep(self) -> Kept<T> {
        Kept {
            object: self.object().to_held(),
            value: PhantomData,
        }
    }

    /// A number that changes whenever the class or a base of it is changed; 0 says nothing.
    #[inline]
    pub(crate) fn class_version(self) -> u32 {
        // SAFETY: a live instance has a live class.
        let class = unsafe { ffi::Py_TYPE(self.instance.as_ptr().cast()) };
        // SAFETY: as above; read while attached.
        unsafe { (*class).tp_version_tag }
    }

    /// The instance's class.
    pub(crate) fn class(self) -> Object<'py> {
        // SAFETY: a live instance has a live class.
        let class = unsafe { ffi::Py_TYPE(self.instance.as_ptr().cast()) };
        // SAFETY: a class is an object; its instance keeps it alive.
        unsafe { Object::from_static(self.py, class.cast()) }
    }
}

impl<'py> Object<'py> {
    /// The object as an instance of the very class that was made for `T`, not of one derived from it.
    pub(crate) fn native<T: Native>(self) -> Option<This<'py, T>> {
        // SAFETY: a live object has a live class.
        let class = unsafe { ffi::Py_TYPE(self.as_ptr()) } as usize;
        let classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
        let of = classes.as_ref()?.get(&class)?;
        // SAFETY: the class was made for `T`, so its instances begin with an `Instance<T>` (invariant 1).
        (of.value == TypeId::of::<T>()).then(|| unsafe { This::from_api(self.as_ptr()) })
    }
}

/// A class that was made for `T`, of which instances are wanted often.
pub(crate) struct Factory<T> {
    class: Held,
    value: PhantomData<fn() -> T>,
}

impl<T: Native> Factory<T> {
    /// The class, if it was made here for `T`; not one derived from it.
    pub(crate) fn of(class: Object<'_>) -> Option<Self> {
        let classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
        let of = classes.as_ref()?.get(&(class.as_ptr() as usize))?;
        let is_of = of.value == TypeId::of::<T>() && !of.is_small;
        is_of.then(|| Self {
            class: class.to_held(),
            value: PhantomData,
        })
    }

    /// The class, for the garbage collector.
    pub(crate) fn class(&self) -> &Held {
        &self.class
    }

    /// Makes an instance, whose `__init__` is not called.
    #[inline]
    pub(crate) fn make(&self, py: Python<'_>) -> Result<Kept<T>, Raised> {
        let class = self.class.as_ptr().cast();
        // SAFETY: a live class that was made for `T` (`of`), attached; its `tp_new` looks at no arguments.
        let instance = unsafe { new_instance::<T>(class, ptr::null_mut(), ptr::null_mut()) };
        Ok(Kept {
            object: Owned::from_api(py, instance)?.into_held(),
            value: PhantomData,
        })
    }
}

/// Recognizes instances of native classes: fast where they are of the same one.
pub(crate) struct Recognizer<T> {
    last: *mut ffi::PyTypeObject,
    value: PhantomData<fn() -> T>,
}

impl<T: Native> Recognizer<T> {
    pub(crate) const fn new() -> Self {
        Self {
            last: ptr::null_mut(),
            value: PhantomData,
        }
    }

    /// As [`Object::native`].
    #[inline]
    pub(crate) fn native<'py>(&mut self, object: Object<'py>) -> Option<This<'py, T>> {
        // SAFETY: a live object has a live class.
        let class = unsafe { ffi::Py_TYPE(object.as_ptr()) };
        if class == self.last {
            // SAFETY: an instance of the same class was one of `T`; native classes are never freed (invariant 2).
            return Some(unsafe { This::from_api(object.as_ptr()) });
        }
        let found = object.native();
        if found.is_some() {
            self.last = class;
        }
        found
    }
}

/// The value of an instance that is kept alive.
pub(crate) struct Kept<T> {
    object: Held,
    value: PhantomData<fn() -> T>,
}

impl<T: Native> Kept<T> {
    /// The reference, for the garbage collector.
    pub(crate) fn held(&self) -> &Held {
        &self.object
    }

    /// The instance, as a counted reference.
    pub(crate) fn into_owned(self, py: Python<'_>) -> Owned<'_> {
        self.object.into_owned(py)
    }

    /// The instance again.
    #[inline]
    pub(crate) fn this<'py>(&self, py: Python<'py>) -> This<'py, T> {
        // SAFETY: an object's address is not null.
        let instance = unsafe { NonNull::new_unchecked(self.object.as_ptr().cast()) };
        // `'py` may outlast `self`, so callers keep `self` while they use it.
        This { instance, py }
    }
}

impl<T: Native> Deref for Kept<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let instance = self.object.as_ptr().cast::<Instance<T>>();
        // SAFETY: made by `This::keep` from an instance, which `object` keeps alive; invariant 1.
        unsafe { &(*instance).value }
    }
}

/// The garbage collector's question.
pub(crate) struct Visit {
    ask: ffi::visitproc,
    arg: *mut c_void,
    /// Not zero as soon as the collector has seen enough.
    answer: c_int,
}

impl Visit {
    /// Shows a reference that may be taken back; false when the collector has seen enough.
    pub(crate) fn show_emptied(&mut self, object: &Emptied) -> bool {
        let pointer = object.as_ptr();
        if !pointer.is_null() {
            // SAFETY: as of `show`.
            self.answer = unsafe { (self.ask)(pointer, self.arg) };
        }
        self.answer == 0
    }

    /// Shows one reference; false when the collector has seen enough.
    pub(crate) fn show(&mut self, object: &Held) -> bool {
        // SAFETY: a live object, and the collector's own argument. It runs no Python.
        self.answer = unsafe { (self.ask)(object.as_ptr(), self.arg) };
        self.answer == 0
    }
}

/// What a native class is made of.
pub(crate) struct Class<T> {
    name: &'static CStr,
    doc: &'static CStr,
    methods: Vec<Method>,
    attributes: Vec<Attribute>,
    slots: Vec<ffi::PyType_Slot>,
    value: PhantomData<T>,
}

impl<T: Native> Class<T> {
    pub(crate) fn new(name: &'static CStr, doc: &'static CStr) -> Self {
        let mut class = Self {
            name,
            doc,
            methods: Vec::new(),
            attributes: Vec::new(),
            slots: Vec::new(),
            value: PhantomData,
        };
        class.slot(ffi::Py_tp_new, new_instance::<T> as *mut c_void);
        class.slot(ffi::Py_tp_dealloc, dealloc::<T> as *mut c_void);
        class
    }

    fn slot(&mut self, slot: c_int, function: *mut c_void) {
        self.slots.push(ffi::PyType_Slot {
            slot,
            pfunc: function,
        });
    }

    pub(crate) fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods.extend(methods);
        self
    }

    pub(crate) fn attributes(mut self, attributes: impl IntoIterator<Item = Attribute>) -> Self {
        self.attributes.extend(attributes);
        self
    }

    /// `__init__`.
    pub(crate) fn init<F>(mut self, init: F) -> Self
    where
        F: for<'py> Fn(This<'py, T>, Args<'py>) -> Result<(), Raised> + Copy + 'static,
    {
        let _ = init;
        self.slot(ffi::Py_tp_init, Tied::<T, F>::init as *mut c_void);
        self
    }

    /// `__repr__`.
    pub(crate) fn repr<F>(mut self, repr: F) -> Self
    where
        F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
    {
        unsafe extern "C" fn slot<T, F>(this: *mut ffi::PyObject) -> *mut ffi::PyObject
        where
            T: Native,
            F: for<'py> Fn(This<'py, T>) -> Answer<'py> + Copy + 'static,
        {
            // SAFETY: called by the interpreter on an instance of the class with this slot.
            let this = unsafe { This::<T>::from_api(this) };
            // SAFETY: `repr` was given a value of `F`.
            let repr = unsafe { conjure::<F>() };
            give(repr(this))
        }
        let _ = repr;
        self.slot(ffi::Py_tp_repr, slot::<T, F> as *mut c_void);
        self
    }

    /// Tells `watch` the name of each attribute that is set or deleted on an instance, then does so.
    pub(crate) fn watch_attributes<F>(mut self, watch: F) -> Self
    where
        F: for<'py> Fn(This<'py, T>, Object<'py>) -> Result<(), Raised> + Copy + 'static,
    {
        unsafe extern "C" fn slot<T, F>(
            this: *mut ffi::PyObject,
            name: *mut ffi::PyObject,
            value: *mut ffi::PyObject,
        ) -> c_int
        where
            T: Native,
            F: for<'py> Fn(This<'py, T>, Object<'py>) -> Result<(), Raised> + Copy + 'static,
        {
            // SAFETY: called by the interpreter on an instance of the class with this slot.
            let this = unsafe { This::<T>::from_api(this) };
            // SAFETY: a name is not null.
            let name = unsafe { NonNull::new_unchecked(name) };
            // SAFETY: it lives as long as the call.
            let name = unsafe { Object::new(this.py(), name) };
            // SAFETY: the value, if there is one, lives as long as the call.
            let value = NonNull::new(value).map(|value| unsafe { Object::new(this.py(), value) });
            // SAFETY: `watch_attributes` was given a value of `F`.
            let watch = unsafe { conjure::<F>() };
            match watch(this, name) {
                Ok(()) => this.object().set_attribute_generic(name, value),
                Err(_) => -1,
            }
        }
        let _ = watch;
        self.slot(ffi::Py_tp_setattro, slot::<T, F> as *mut c_void);
        self
    }

    /// Makes the class, in `module`, over the core's own bases: those of `parents` come after the core in its bases.
    ///
    /// `core_base` is the core of a native parent, whose value type must be `T` too.
    pub(crate) fn make<'py>(
        mut self,
        py: Python<'py>,
        module: &CStr,
        core_base: Option<Object<'_>>,
        parents: &[Object<'_>],
    ) -> Result<Made<'py>, Raised> {
        let core = self.make_core(py, core_base)?;
        let class = self.make_class(py, module, core.borrow(), parents)?;
        for method in self.methods {
            let entry = Box::leak(Box::new(method.0));
            let owner = class.borrow().as_ptr().cast();
            let descriptor = if entry.ml_flags & ffi::METH_CLASS == 0 {
                // SAFETY: a live class, and an entry that lives for ever (invariant 2).
                unsafe { ffi::PyDescr_NewMethod(owner, entry) }
            } else {
                // SAFETY: as above.
                unsafe { ffi::PyDescr_NewClassMethod(owner, entry) }
            };
            let descriptor = Owned::from_api(py, descriptor)?;
            // SAFETY: the name of an entry is NUL-terminated and lives for ever.
            let name = unsafe { CStr::from_ptr(entry.ml_name) };
            class.borrow().set_attribute(name, descriptor.borrow())?;
        }
        for attribute in self.attributes {
            let entry = Box::leak(Box::new(attribute.0));
            // SAFETY: a live class, and an entry that lives for ever (invariant 2).
            let descriptor =
                unsafe { ffi::PyDescr_NewGetSet(class.borrow().as_ptr().cast(), entry) };
            let descriptor = Owned::from_api(py, descriptor)?;
            // SAFETY: the name of an entry is NUL-terminated and lives for ever.
            let name = unsafe { CStr::from_ptr(entry.name) };
            class.borrow().set_attribute(name, descriptor.borrow())?;
        }
        // The raw text went into the type, where `__text_signature__` is read from; `__doc__` goes without it.
        let doc = self.doc.to_string_lossy();
        let doc = doc.split_once("\n--\n\n").map_or(&*doc, |(_, text)| text);
        class
            .borrow()
            .set_attribute(c"__doc__", Owned::string(py, doc)?.borrow())?;
        remember::<T>(class.borrow(), false);
        Ok(Made { class, core })
    }

    // DIFFERENCE: A native class has a core
    fn make_core<'py>(&mut self, py: Python<'py>, base: Option<Object<'_>>) -> Answer<'py> {
        let gc = if is_collected::<T>() {
            self.slot(ffi::Py_tp_traverse, traverse::<T> as *mut c_void);
            self.slot(ffi::Py_tp_clear, clear::<T> as *mut c_void);
            ffi::Py_TPFLAGS_HAVE_GC
        } else {
            0
        };
        if let Some(members) = dictionary::members::<T>() {
            self.slot(ffi::Py_tp_members, members.as_mut_ptr().cast());
        }
        let flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_BASETYPE | gc;
        self.slot(0, ptr::null_mut());
        let name = format!("threeply._threeply.{}Core", self.name.to_string_lossy());
        let name = std::ffi::CString::new(name).expect("a class name has no NUL");
        let mut spec = ffi::PyType_Spec {
            // Before 3.12 the name is kept by reference (invariant 2).
            name: Box::leak(name.into_boxed_c_str()).as_ptr(),
            basicsize: c_int::try_from(dictionary::size::<T>()).expect("an instance is small"),
            itemsize: 0,
            flags: u32::try_from(flags).expect("a spec's flags are 32 bits"),
            slots: self.slots.as_mut_ptr(),
        };
        let base = base.map_or(ptr::null_mut(), Object::as_ptr);
        // SAFETY: a spec whose slots end with zero; a base is a class whose instances begin with an `Instance<T>`.
        let core = unsafe { ffi::PyType_FromSpecWithBases(&raw mut spec, base) };
        let core = Owned::from_api(py, core)?;
        // Classes are never freed (invariant 2).
        let _ = std::mem::ManuallyDrop::new(core.borrow().to_owned());
        Ok(core)
    }

    fn make_class<'py>(
        &self,
        py: Python<'py>,
        module: &CStr,
        core: Object<'_>,
        parents: &[Object<'_>],
    ) -> Answer<'py> {
        // SAFETY: attached.
        let namespace = Owned::from_api(py, unsafe { ffi::PyDict_New() })?;
        let module = Owned::string(py, &module.to_string_lossy())?;
        let doc = Owned::string(py, &self.doc.to_string_lossy())?;
        // SAFETY: attached.
        let no_slots = Owned::from_api(py, unsafe { ffi::PyTuple_New(0) })?;
        namespace
            .borrow()
            .set_entry(c"__module__", Some(module.borrow()))?;
        namespace
            .borrow()
            .set_entry(c"__doc__", Some(doc.borrow()))?;
        namespace
            .borrow()
            .set_entry(c"__slots__", Some(no_slots.borrow()))?;
        let count = 1 + parents.len() as ffi::Py_ssize_t;
        // SAFETY: attached.
        let bases = Owned::from_api(py, unsafe { ffi::PyTuple_New(count) })?;
        for (index, base) in std::iter::once(core)
            .chain(parents.iter().copied())
            .enumerate()
        {
            let base = base.to_owned().into_ptr();
            // SAFETY: a new tuple, each place of which is filled once, with a reference of its own.
            unsafe {
                ffi::PyTuple_SET_ITEM(bases.borrow().as_ptr(), index as ffi::Py_ssize_t, base);
            };
        }
        let name = Owned::string(py, &self.name.to_string_lossy())?;
        let metaclass = &raw mut ffi::PyType_Type;
        // SAFETY: the class `type` lives for ever.
        let metaclass = unsafe { Object::from_static(py, metaclass.cast()) };
        metaclass.call(&[name.borrow(), bases.borrow(), namespace.borrow()])
    }
}

/// A native class and its core.
pub(crate) struct Made<'py> {
    pub(crate) class: Owned<'py>,
    pub(crate) core: Owned<'py>,
}

fn remember<T: Native>(class: Object<'_>, is_small: bool) {
    // Classes are never freed (invariant 2), so an address stands for its class for ever.
    let _ = std::mem::ManuallyDrop::new(class.to_owned());
    let mut classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    let value = TypeId::of::<T>();
    classes
        .get_or_insert_default()
        .insert(class.as_ptr() as usize, Shape { value, is_small });
}

/// Says whether the object is a class that was made here.
pub(crate) fn provides(object: &Bound<'_, PyAny>) -> bool {
    is_made_here(object.as_ptr() as usize)
}

fn is_made_here(address: usize) -> bool {
    let classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    classes
        .as_ref()
        .is_some_and(|classes| classes.contains_key(&address))
}

/// Says whether this is the address of a small class that was made for `T`.
fn is_small_of<T: Native>(address: usize) -> bool {
    let value = TypeId::of::<T>();
    let small = Shape {
        value,
        is_small: true,
    };
    let classes = CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    classes
        .as_ref()
        .is_some_and(|classes| classes.get(&address) == Some(&small))
}

/// How many native instances have been made in this process.
pub(crate) fn made() -> usize {
    MADE.load(Ordering::Relaxed)
}

/// Whether the core itself has something to show to the collector.
const fn is_collected<T: Native>() -> bool {
    T::HOLDS_OBJECTS || dictionary::IS_OURS
}

unsafe extern "C" fn new_instance<T: Native>(
    class: *mut ffi::PyTypeObject,
    _args: *mut ffi::PyObject,
    _keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: a live class, attached.
    let instance = unsafe { allocate(class) };
    if !instance.is_null() {
        MADE.fetch_add(1, Ordering::Relaxed);
        // SAFETY: `instance` begins with an `Instance<T>` whose value nobody has written yet.
        let value = unsafe { &raw mut (*instance.cast::<Instance<T>>()).value };
        // SAFETY: as above.
        unsafe { value.write(T::new()) };
    }
    instance
}

/// An instance whose value nobody has written yet.
///
/// `object.__new__` also prepares the instance's dictionary, which differs by version. It takes no
/// arguments; a subclass's `__new__` and `__init__` have had or will have theirs. Where the place of the dictionary is
/// ours it would make one for each instance, used or not.
///
/// # Safety
///
/// A live native class, or one derived from it, and attached.
unsafe fn allocate(class: *mut ffi::PyTypeObject) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let flags = unsafe { ffi::PyType_GetFlags(class) };
    // SAFETY: as above.
    let alloc = unsafe { (*class).tp_alloc };
    if dictionary::IS_OURS
        && flags & ffi::Py_TPFLAGS_IS_ABSTRACT == 0
        && let Some(alloc) = alloc
    {
        // SAFETY: by the caller; the memory is zeroed, so there is no dictionary.
        return unsafe { alloc(class, 0) };
    }
    let object = &raw const ffi::PyBaseObject_Type;
    // SAFETY: the class `object` is ready, and not changed any more.
    let new = unsafe { (*object).tp_new };
    let Some(new) = new else {
        return ptr::null_mut();
    };
    // SAFETY: attached.
    let no_args = unsafe { ffi::PyTuple_New(0) };
    if no_args.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: by the caller; the tuple is empty.
    let instance = unsafe { new(class, no_args, ptr::null_mut()) };
    // SAFETY: the reference is ours; the empty tuple is immortal or shared, nothing runs.
    unsafe { ffi::Py_DECREF(no_args) };
    instance
}

unsafe extern "C" fn dealloc<T: Native>(instance: *mut ffi::PyObject) {
    // SAFETY: a dying instance still has its class.
    let class = unsafe { ffi::Py_TYPE(instance) };
    if is_collected::<T>() {
        // SAFETY: the core is a garbage-collected class, so its instances have a GC head.
        unsafe { ffi::PyObject_GC_UnTrack(instance.cast()) };
    }
    // SAFETY: called by the interpreter, attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: an instance of the core.
    unsafe { dictionary::clear::<T>(py, instance) };
    // SAFETY: invariant 1: the instance begins with an `Instance<T>`; nothing is read.
    let value = unsafe { &raw mut (*instance.cast::<Instance<T>>()).value };
    // SAFETY: the value was written by `new_instance`, and this is its only drop.
    unsafe { ptr::drop_in_place(value) };
    // SAFETY: a live class.
    if let Some(free) = unsafe { (*class).tp_free } {
        // SAFETY: the memory is that of the instance, which nothing refers to.
        unsafe { free(instance.cast()) };
    }
    // SAFETY: an instance of a heap class holds a reference to it; classes that are native are never
    // the last one's, and those derived from them go on to `type`'s own clean-up.
    unsafe { ffi::Py_DECREF(class.cast()) };
}

unsafe extern "C" fn traverse<T: Native>(
    instance: *mut ffi::PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: a live instance has a live class.
    let class = unsafe { ffi::Py_TYPE(instance) };
    // SAFETY: a live object, and the collector's own function and argument.
    let answer = unsafe { visit(class.cast(), arg) };
    if answer != 0 {
        return answer;
    }
    // SAFETY: invariant 1. The collector stops every thread that could change the value.
    let value = unsafe { &(*instance.cast::<Instance<T>>()).value };
    let mut visit = Visit {
        ask: visit,
        arg,
        answer: 0,
    };
    // SAFETY: an instance of the core; the collector asks.
    if unsafe { dictionary::traverse::<T>(instance, &mut visit) } {
        value.traverse(&mut visit);
    }
    visit.answer
}

unsafe extern "C" fn clear<T: Native>(instance: *mut ffi::PyObject) -> c_int {
    // SAFETY: called by the collector, attached, on an instance of the class with this slot.
    let this = unsafe { This::<T>::from_api(instance) };
    this.clear(this.py());
    // SAFETY: an instance of the core; attached.
    unsafe { dictionary::clear::<T>(this.py(), instance) };
    0
}
