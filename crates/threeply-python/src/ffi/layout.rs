//! What the raw slots assume of CPython's structs, checked when the crate is compiled.
//!
//! A native instance is a `PyObject` followed by its Rust value ([`super::native`]); the free-threaded build has a larger
//! head. No free-threaded interpreter was at hand: for 3.14t this is compile-checked, not tested.

use pyo3::ffi;

#[cfg(target_pointer_width = "64")]
const _: () = {
    let free_threaded = cfg!(Py_GIL_DISABLED);
    let object = std::mem::size_of::<ffi::PyObject>();
    assert!(object == if free_threaded { 32 } else { 16 });
    let class = std::mem::size_of::<ffi::PyTypeObject>();
    // 3.12 added `tp_watched` and `tp_versions_used`, 3.15 `_tp_iteritem`.
    let with_a_gil = if cfg!(Py_3_15) {
        424
    } else if cfg!(Py_3_12) {
        416
    } else {
        408
    };
    assert!(
        class
            == if free_threaded {
                with_a_gil + 16
            } else {
                with_a_gil
            }
    );
};
