//! `alarm`, `setitimer`, `getitimer`.

use super::numbers::number;
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        object::{Answer, Object, Owned, Raised},
    },
    seconds,
};
use std::{io, time::Duration};
use threeply::signal::{self, Schedule, Timer};

const ALARM: Parameters<1> = Parameters {
    function: "alarm",
    names: [c"seconds"],
    required: 1,
};
const GETITIMER: Parameters<1> = Parameters {
    function: "getitimer",
    names: [c"which"],
    required: 1,
};
const SETITIMER: Parameters<3> = Parameters {
    function: "setitimer",
    names: [c"which", c"seconds", c"interval"],
    required: 2,
};

pub(super) fn alarm<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [seconds] = args.bind(&ALARM)?.map(|given| given.map_or(Ok(0), number));
    // As in CPython, the bits of a negative number are those of a large one.
    let left = signal::alarm(seconds?.cast_unsigned());
    Owned::integer(py, usize::try_from(left).unwrap_or(0))
}

pub(super) fn getitimer<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let [which] = args
        .bind(&GETITIMER)?
        .map(|given| given.map_or(Ok(0), number));
    let schedule = timer(which?).and_then(Timer::get);
    shown(standard, schedule)
}

pub(super) fn setitimer<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let [which, seconds, interval] = args.bind(&SETITIMER)?;
    let which = which.map_or(Ok(0), number)?;
    let first = seconds.map_or(Ok(Ok(Duration::ZERO)), span)?;
    let then = interval.map_or(Ok(Ok(Duration::ZERO)), span)?;
    let before = timer(which).and_then(|timer| {
        let schedule = Schedule {
            first: first?,
            then: then?,
        };
        timer.set(schedule)
    });
    shown(standard, before)
}

fn timer(which: i32) -> io::Result<Timer> {
    match which {
        libc::ITIMER_REAL => Ok(Timer::Real),
        libc::ITIMER_VIRTUAL => Ok(Timer::Virtual),
        libc::ITIMER_PROF => Ok(Timer::Prof),
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}

/// A number of seconds as the kernel's timers count, in whole microseconds; what is left of one is one more.
///
/// # Errors
///
/// The outer one is Python's for what is no number of seconds, the inner one the kernel's for a negative one.
fn span(seconds: Object<'_>) -> Result<io::Result<Duration>, Raised> {
    let py = seconds.py();
    let seconds = seconds::number(seconds)?;
    if seconds < 0.0 {
        return Ok(Err(io::Error::from_raw_os_error(libc::EINVAL)));
    }
    let micros = (seconds * 1e6).ceil();
    if micros >= i64::MAX as f64 {
        return Err(error::overflow_error(
            py,
            "timestamp out of range for platform time_t",
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the range"
    )]
    Ok(Ok(Duration::from_micros(micros as u64)))
}

fn shown(standard: Object<'_>, schedule: io::Result<Schedule>) -> Answer<'_> {
    let py = standard.py();
    match schedule {
        Ok(Schedule { first, then, .. }) => {
            let [first, then] = [first, then].map(|span| Owned::float(py, span.as_secs_f64()));
            Owned::tuple(py, [first?, then?])
        }
        Err(failed) => {
            let class = standard.attribute(c"ItimerError")?;
            Err(error::os_error_of(class.borrow(), &failed))
        }
    }
}
