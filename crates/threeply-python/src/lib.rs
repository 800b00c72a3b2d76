//! The binding: the engine's rooms as the extension module `threeply._threeply`.
//!
//! | file            | its noun                                            |
//! |-----------------|-----------------------------------------------------|
//! | [`ffi`]         | the one unsafe door: CPython's C API, made safe     |
//! | [`error`]       | the one map to Python's exceptions                  |
//! | [`seconds`]     | timeouts as Python gives them                       |
//! | [`concurrent`]  | what `concurrent.futures` is made of                |
//! | [`signal`]      | the functions of `signal`                           |
//! | [`subprocess`]  | what `subprocess.Popen` is made of                  |
//! | [`threading`]   | the classes of `threading` and `queue`              |
//!
//! Nothing here calls up: the Python floor hands in the standard modules whose classes ours derive
//! from, and the object that does what a queue with overridden hooks does.

mod concurrent;
mod error;
mod ffi;
mod seconds;
mod signal;
mod subprocess;
mod threading;

#[pyo3::pymodule(gil_used = false)]
mod _threeply {
    use crate::{
        ffi::{function, native, object::Object, wait},
        seconds,
    };
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::rooms::{futures, queue, signal, subprocess, threading};

    /// How many native objects this process has made.
    #[pyfunction]
    fn reached() -> usize {
        native::made()
    }

    /// Whether `obj` is a class or a function that the extension made.
    #[pyfunction]
    fn provides(obj: &Bound<'_, PyAny>) -> bool {
        native::provides(obj) || function::provides(obj)
    }

    /// A timeout as a float: what every wait reads its timeout by, for sums on the Python floor.
    #[pyfunction(name = "seconds")]
    fn seconds_of(timeout: &Bound<'_, PyAny>) -> PyResult<f64> {
        seconds::number(Object::from_bound(timeout)).map_err(|raised| raised.into_err(timeout.py()))
    }

    #[pymodule_init]
    #[expect(clippy::unnecessary_wraps, reason = "the signature is PyO3's")]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        wait::note_interpreter_handler();
        Ok(())
    }
}

/// The submodules: each makes the classes of one room over the standard module that it is given.
mod rooms {
    /// `threeply._threeply.threading`.
    #[pyo3::pymodule]
    pub(crate) mod threading {
        use crate::{ffi::object::Object, threading};
        use pyo3::{prelude::*, types::PyDict};

        /// Makes the classes over those of `standard`.
        #[pyfunction]
        fn types<'py>(standard: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyDict>> {
            let py = standard.py();
            let made = threading::types(py, Object::from_bound(standard))
                .map_err(|raised| raised.into_err(py))?;
            let types = PyDict::new(py);
            for (name, class) in made {
                types.set_item(name, class.into_bound())?;
            }
            Ok(types)
        }

        #[pymodule_init]
        fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
            let py = module.py();
            let rwlock = threading::rwlock(py).map_err(|raised| raised.into_err(py))?;
            module.add("RWLock", rwlock.into_bound())?;
            let parts = threading::parts_of_a_thread(py).map_err(|raised| raised.into_err(py))?;
            for (name, class) in parts {
                module.add(name, class.into_bound())?;
            }
            Ok(())
        }
    }

    /// `threeply._threeply.signal`.
    #[pyo3::pymodule]
    pub(crate) mod signal {
        use crate::{ffi::object::Object, signal};
        use pyo3::{prelude::*, types::PyDict};

        /// Makes the functions over the enums and exceptions of `standard`.
        #[pyfunction]
        fn functions<'py>(standard: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyDict>> {
            let py = standard.py();
            let made = signal::functions(Object::from_bound(standard))
                .map_err(|raised| raised.into_err(py))?;
            let functions = PyDict::new(py);
            for (name, function) in made {
                functions.set_item(name.to_string_lossy(), function.into_bound())?;
            }
            Ok(functions)
        }

        /// Makes the class of receivers.
        #[pyfunction]
        fn receiver<'py>(standard: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyAny>> {
            let made = signal::receiver(Object::from_bound(standard))
                .map_err(|raised| raised.into_err(standard.py()))?;
            Ok(made.into_bound())
        }
    }

    /// `threeply._threeply.subprocess`.
    #[pyo3::pymodule]
    pub(crate) mod subprocess {
        use crate::{ffi::object::Object, subprocess};
        use pyo3::{prelude::*, types::PyDict};

        /// Makes the classes over the exceptions of `standard`.
        #[pyfunction]
        fn types<'py>(standard: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyDict>> {
            let py = standard.py();
            let made = subprocess::types(Object::from_bound(standard))
                .map_err(|raised| raised.into_err(py))?;
            let types = PyDict::new(py);
            for (name, class) in made {
                types.set_item(name, class.into_bound())?;
            }
            Ok(types)
        }
    }

    /// `threeply._threeply.futures`.
    #[pyo3::pymodule]
    pub(crate) mod futures {
        use crate::{concurrent::futures, ffi::object::Object};
        use pyo3::prelude::*;
        use std::{num::NonZero, thread};

        /// Makes the class of futures over that of `standard`; `open_future` does what an open future does.
        #[pyfunction]
        fn future<'py>(
            standard: &Bound<'py, PyModule>,
            open_future: &Bound<'py, PyAny>,
        ) -> PyResult<Bound<'py, PyAny>> {
            let made = futures::future(
                Object::from_bound(standard),
                Object::from_bound(open_future),
            )
            .map_err(|raised| raised.into_err(standard.py()))?;
            Ok(made.into_bound())
        }

        /// Makes the class of what is native in a pool of threads, over that of `standard`.
        #[pyfunction]
        fn pool<'py>(standard: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyAny>> {
            let made = futures::pool(Object::from_bound(standard))
                .map_err(|raised| raised.into_err(standard.py()))?;
            Ok(made.into_bound())
        }

        /// Counts the processors that this process may use, by affinity and by cgroup.
        #[pyfunction]
        fn usable_processors() -> usize {
            thread::available_parallelism().map_or(1, NonZero::get)
        }

        #[pymodule_init]
        fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
            let py = module.py();
            let round = futures::round(py).map_err(|raised| raised.into_err(py))?;
            module.add("Round", round.into_bound())?;
            let crew = futures::crew(py).map_err(|raised| raised.into_err(py))?;
            module.add("Crew", crew.into_bound())
        }
    }

    /// `threeply._threeply.queue`.
    #[pyo3::pymodule]
    pub(crate) mod queue {
        use crate::{ffi::object::Object, threading};
        use pyo3::{prelude::*, types::PyDict};

        /// Makes the classes over those of `standard`; `open_queue` does what an open queue does.
        #[pyfunction]
        fn types<'py>(
            standard: &Bound<'py, PyModule>,
            open_queue: &Bound<'py, PyAny>,
        ) -> PyResult<Bound<'py, PyDict>> {
            let py = standard.py();
            let made = threading::queues(
                py,
                Object::from_bound(standard),
                Object::from_bound(open_queue),
            )
            .map_err(|raised| raised.into_err(py))?;
            let types = PyDict::new(py);
            for (name, class) in made {
                types.set_item(name, class.into_bound())?;
            }
            Ok(types)
        }
    }
}
