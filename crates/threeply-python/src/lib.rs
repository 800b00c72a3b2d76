//! The binding.

#[pyo3::pymodule(gil_used = false)]
mod _threeply {}
