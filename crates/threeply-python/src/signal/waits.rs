//! `pause`, `sigwait`, `sigwaitinfo`, `sigtimedwait`.

use super::numbers::{member, set_from};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
    seconds::number,
};
use pyo3::Python;
use std::time::Duration;
use threeply::{
    signal::{self, Received, SignalSet},
    time::Deadline,
};

const PAUSE: Parameters<0> = Parameters {
    function: "pause",
    names: [],
    required: 0,
};
const SIGWAIT: Parameters<1> = Parameters {
    function: "sigwait",
    names: [c"sigset"],
    required: 1,
};
const SIGWAITINFO: Parameters<1> = Parameters {
    function: "sigwaitinfo",
    names: [c"sigset"],
    required: 1,
};
const SIGTIMEDWAIT: Parameters<2> = Parameters {
    function: "sigtimedwait",
    names: [c"sigset", c"timeout"],
    required: 2,
};

pub(super) fn pause<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    args.bind(&PAUSE)?;
    wait::detached(standard.py(), |interrupted| signal::pause(interrupted))?;
    Ok(Owned::none(standard.py()))
}

pub(super) fn sigwait<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let set = the_set(args, &SIGWAIT)?;
    let received = received(standard.py(), set)?;
    member(standard, received.signal)
}

pub(super) fn sigwaitinfo<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let set = the_set(args, &SIGWAITINFO)?;
    shown(standard, received(standard.py(), set)?)
}

pub(super) fn sigtimedwait<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [set, timeout] = args.bind(&SIGTIMEDWAIT)?;
    let set = set.map_or(Ok(SignalSet::EMPTY), set_from)?;
    let span = timeout.map_or(Ok(Duration::ZERO), span)?;
    match until(py, set, Deadline::after(span))? {
        Some(received) => shown(standard, received),
        None => Ok(Owned::none(py)),
    }
}

fn the_set(args: Args<'_>, parameters: &Parameters<1>) -> Result<SignalSet, Raised> {
    let [set] = args.bind(parameters)?;
    set.map_or(Ok(SignalSet::EMPTY), set_from)
}

/// Waits until one of the signals comes.
fn received(py: Python<'_>, set: SignalSet) -> Result<Received, Raised> {
    loop {
        // Without a deadline there is one in the end.
        if let Some(received) = until(py, set, Deadline::NEVER)? {
            return Ok(received);
        }
    }
}

fn until(py: Python<'_>, set: SignalSet, deadline: Deadline) -> Result<Option<Received>, Raised> {
    wait::detached(py, |interrupted| {
        signal::wait_unless(set, deadline, interrupted)
    })?
    .map_err(|failed| error::os_error(py, &failed))
}

/// A number of seconds that a signal is waited for.
fn span(seconds: Object<'_>) -> Result<Duration, Raised> {
    let py = seconds.py();
    let seconds = number(seconds)?;
    if seconds < 0.0 {
        return Err(error::value_error(py, "timeout must be non-negative"));
    }
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| error::overflow_error(py, "timestamp out of range for platform time_t"))
}

/// A signal as the standard structure.
pub(super) fn shown(standard: Object<'_>, received: Received) -> Answer<'_> {
    let py = standard.py();
    let integer = |value: i64| Owned::long(py, value);
    let fields = Owned::tuple(
        py,
        [
            integer(received.signal.into())?,
            integer(received.code.into())?,
            integer(received.errno.into())?,
            integer(received.pid.into())?,
            integer(received.uid.into())?,
            integer(received.status.into())?,
            integer(received.band)?,
        ],
    )?;
    let class = standard.attribute(c"struct_siginfo")?;
    class.borrow().call(&[fields.borrow()])
}
