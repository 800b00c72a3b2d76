//! What `signal.receive` is made of: a receiver of the engine.

use super::{
    numbers::{members, set_from},
    waits::shown,
};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, read, with_args},
        native::{Class, Made, Native, This},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use std::{
    io,
    os::fd::AsRawFd,
    sync::{Arc, Mutex, PoisonError},
};
use threeply::signal::{self, Received, SignalSet};

/// The value of an instance: nothing before `__init__`.
pub(crate) struct Receiver(Mutex<Option<Arc<signal::Receiver>>>);

impl Native for Receiver {
    fn new() -> Self {
        Self(Mutex::new(None))
    }
}

const INIT: Parameters<1> = Parameters {
    function: "Receiver",
    names: [c"signals"],
    required: 1,
};
const GET: Parameters<1> = Parameters {
    function: "get",
    names: [c"timeout"],
    required: 0,
};

/// Makes the class, which finds the standard module in its attribute `_standard`.
pub(crate) fn receiver(standard: Object<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Receiver", DOC)
        .init(init)
        .methods([
            with_args(c"get", GET_DOC, get),
            plain(c"get_nowait", GET_NOWAIT_DOC, get_nowait),
            plain(c"fileno", FILENO_DOC, fileno),
            plain(c"renew", RENEW_DOC, renew),
            plain(c"close", CLOSE_DOC, close),
        ])
        .attributes([
            read(c"signals", c"The set of signals that it receives.", signals),
            read(
                c"missed",
                c"How many signals found no room: 64 KiB of others had come and nobody took them.",
                missed,
            ),
            read(c"closed", c"Whether it is closed.", closed),
        ])
        .make(standard.py(), c"threeply.signal", None, &[])?;
    class.borrow().set_attribute(c"_standard", standard)?;
    Ok(class)
}

impl This<'_, Receiver> {
    fn engine(self) -> Result<Arc<signal::Receiver>, Raised> {
        let engine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        engine.clone().ok_or_else(|| {
            error::runtime_error(self.py(), "the receiver's __init__() was not called")
        })
    }
}

fn init(this: This<'_, Receiver>, args: Args<'_>) -> Result<(), Raised> {
    let [signals] = args.bind(&INIT)?;
    let set = signals.map_or(Ok(SignalSet::EMPTY), set_from)?;
    if set.is_empty() {
        return Err(error::value_error(
            this.py(),
            "signals must name one signal at least",
        ));
    }
    let made = signal::receive(set).map_err(|failed| failure(this.py(), &failed))?;
    let mut engine = this.0.lock().unwrap_or_else(PoisonError::into_inner);
    *engine = Some(Arc::new(made));
    Ok(())
}

fn get<'py>(this: This<'py, Receiver>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [timeout] = args.bind(&GET)?;
    let deadline = seconds::deadline(py, Seconds::from_argument(timeout)?)?;
    let engine = this.engine()?;
    let received = wait::detached(py, |interrupted| engine.recv_unless(deadline, interrupted))?;
    answer(this, received)
}

fn get_nowait(this: This<'_, Receiver>) -> Answer<'_> {
    let received = this.engine()?.try_recv();
    answer(this, received)
}

fn answer(this: This<'_, Receiver>, received: io::Result<Option<Received>>) -> Answer<'_> {
    let py = this.py();
    match received.map_err(|failed| failure(py, &failed))? {
        Some(received) => {
            let standard = this.object().attribute(c"_standard")?;
            shown(standard.borrow(), received)
        }
        None => Ok(Owned::none(py)),
    }
}

/// What the engine refuses has no number of the kernel's.
fn failure(py: Python<'_>, failed: &io::Error) -> Raised {
    match failed.kind() {
        io::ErrorKind::BrokenPipe => error::value_error(py, "the receiver is closed"),
        io::ErrorKind::Unsupported => {
            error::runtime_error(py, "the receiver belongs to the parent process")
        }
        io::ErrorKind::QuotaExceeded => {
            error::runtime_error(py, "a process has 64 receivers of signals at most")
        }
        _ => error::os_error(py, failed),
    }
}

fn fileno(this: This<'_, Receiver>) -> Answer<'_> {
    Owned::signed(this.py(), this.engine()?.as_raw_fd())
}

fn renew(this: This<'_, Receiver>) -> Answer<'_> {
    let renewed = this.engine()?.renew();
    renewed.map_err(|failed| failure(this.py(), &failed))?;
    Ok(Owned::none(this.py()))
}

fn close(this: This<'_, Receiver>) -> Answer<'_> {
    this.engine()?.close();
    Ok(Owned::none(this.py()))
}

fn signals(this: This<'_, Receiver>) -> Answer<'_> {
    let standard = this.object().attribute(c"_standard")?;
    members(standard.borrow(), this.engine()?.signals())
}

fn missed(this: This<'_, Receiver>) -> Answer<'_> {
    Owned::integer(this.py(), this.engine()?.missed())
}

fn closed(this: This<'_, Receiver>) -> Answer<'_> {
    Ok(Owned::boolean(this.py(), this.engine()?.is_closed()))
}

const DOC: &std::ffi::CStr = c"Receiver(signals)
--

Some signals as they come to this process.";

const GET_DOC: &std::ffi::CStr = c"get($self, timeout=None)
--

Wait for the next signal.

The wait ends when one comes, when `timeout` has passed, when the receiver is closed, when a signal handler that
runs in the main thread meanwhile raises (Ctrl-C), or when the thread is interrupted.

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Returns:
    A struct_siginfo (si_signo, and the sender's si_pid and si_uid among others), or None when the time has passed.

Raises:
    ValueError: The receiver is closed, or `timeout` is NaN.
    RuntimeError: This is a forked child: the receiver belongs to the parent.
    OverflowError: `timeout` is more than `threading.TIMEOUT_MAX` seconds.";

const GET_NOWAIT_DOC: &std::ffi::CStr = c"get_nowait($self)
--

Return the next signal if it has come, else None.

Raises:
    ValueError: The receiver is closed.
    RuntimeError: This is a forked child: the receiver belongs to the parent.";

const FILENO_DOC: &std::ffi::CStr = c"fileno($self)
--

Return a descriptor that is readable while a signal is there, for `select` and event loops.";

const RENEW_DOC: &std::ffi::CStr = c"renew($self)
--

Take the place of handlers that were set since the receiver was made, and run them first.

It is done before each wait; who waits by the descriptor does it after `signal.signal`.";

const CLOSE_DOC: &std::ffi::CStr = c"close($self)
--

Receive no more. What has come can still be taken; then waits end by ValueError.

The last receiver of a signal gives it back its default effect.";
