//! The functions of `signal`.
//!
//! They are the engine's, in the shape that the standard module gives its own: signals are members of its enum,
//! masks are sets of them. Which handler a signal has, and that it runs, is the interpreter's.
//!
//! # Source
//!
//! CPython `Modules/signalmodule.c`, `Lib/signal.py`.

mod docs;
mod numbers;
mod receiver;
mod timers;
mod waits;

pub(crate) use numbers::{number, set_from};
pub(crate) use receiver::receiver;

use self::numbers::members;
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        call,
        function::{Function, function},
        object::{Answer, Object, Owned, Raised},
        send, wait,
    },
};
use std::ffi::CStr;
use threeply::signal::{How, SignalSet};

/// Makes the functions, each with its name.
pub(crate) fn functions(standard: Object<'_>) -> Result<Vec<(&'static CStr, Owned<'_>)>, Raised> {
    all()
        .into_iter()
        .map(|function| function.make(standard, "threeply.signal"))
        .collect()
}

fn all() -> [Function; 16] {
    [
        function(c"_relay", docs::RELAY, relay),
        function(c"alarm", docs::ALARM, timers::alarm),
        function(c"getitimer", docs::GETITIMER, timers::getitimer),
        function(c"pause", docs::PAUSE, waits::pause),
        function(
            c"pidfd_send_signal",
            docs::PIDFD_SEND_SIGNAL,
            pidfd_send_signal,
        ),
        function(c"pthread_kill", docs::PTHREAD_KILL, pthread_kill),
        function(c"pthread_sigmask", docs::PTHREAD_SIGMASK, pthread_sigmask),
        function(c"raise_signal", docs::RAISE_SIGNAL, raise_signal),
        function(c"setitimer", docs::SETITIMER, timers::setitimer),
        function(c"siginterrupt", docs::SIGINTERRUPT, siginterrupt),
        function(c"sigpending", docs::SIGPENDING, sigpending),
        function(c"sigtimedwait", docs::SIGTIMEDWAIT, waits::sigtimedwait),
        function(c"sigwait", docs::SIGWAIT, waits::sigwait),
        function(c"sigwaitinfo", docs::SIGWAITINFO, waits::sigwaitinfo),
        function(c"strsignal", docs::STRSIGNAL, strsignal),
        function(c"valid_signals", docs::VALID_SIGNALS, valid_signals),
    ]
}

const RELAY: Parameters<1> = Parameters {
    function: "_relay",
    names: [c"signalnum"],
    required: 1,
};
const PIDFD_SEND_SIGNAL: Parameters<4> = Parameters {
    function: "pidfd_send_signal",
    names: [c"pidfd", c"signalnum", c"siginfo", c"flags"],
    required: 2,
};
const PTHREAD_KILL: Parameters<2> = Parameters {
    function: "pthread_kill",
    names: [c"thread_id", c"signalnum"],
    required: 2,
};
const PTHREAD_SIGMASK: Parameters<2> = Parameters {
    function: "pthread_sigmask",
    names: [c"how", c"mask"],
    required: 2,
};
const RAISE_SIGNAL: Parameters<1> = Parameters {
    function: "raise_signal",
    names: [c"signalnum"],
    required: 1,
};
const SIGINTERRUPT: Parameters<2> = Parameters {
    function: "siginterrupt",
    names: [c"signalnum", c"flag"],
    required: 2,
};
const SIGPENDING: Parameters<0> = Parameters {
    function: "sigpending",
    names: [],
    required: 0,
};
const STRSIGNAL: Parameters<1> = Parameters {
    function: "strsignal",
    names: [c"signalnum"],
    required: 1,
};
const VALID_SIGNALS: Parameters<0> = Parameters {
    function: "valid_signals",
    names: [],
    required: 0,
};

fn relay<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let [signal] = args.bind(&RELAY)?;
    wait::relay(signal.map_or(Ok(0), number)?);
    Ok(Owned::none(standard.py()))
}

fn pidfd_send_signal<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [pidfd, signal, siginfo, flags] = args.bind(&PIDFD_SEND_SIGNAL)?;
    let pidfd = pidfd.map_or(Ok(0), number)?;
    let signal = signal.map_or(Ok(0), number)?;
    let flags = flags.map_or(Ok(0), number)?;
    if siginfo.is_some_and(|siginfo| !siginfo.is_none()) {
        return Err(error::type_error(py, "siginfo must be None"));
    }
    send::to_process(pidfd, signal, flags.cast_unsigned())
        .map_err(|failed| error::os_error(py, &failed))?;
    Ok(Owned::none(py))
}

fn pthread_kill<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [thread, signal] = args.bind(&PTHREAD_KILL)?;
    let none = Owned::none(py);
    let thread = thread.unwrap_or(none.borrow());
    if !thread.is_integer() {
        let class = thread.class_name();
        let message = format!("pthread_kill() argument 1 must be int, not {class}");
        return Err(error::type_error(py, &message));
    }
    let signal = signal.map_or(Ok(0), number)?;
    let number = Owned::signed(py, signal)?;
    call::audit(py, "signal.pthread_kill", [thread, number.borrow()])?;
    let Ok(ident) = usize::try_from(thread.integer()?) else {
        let failed = std::io::Error::from_raw_os_error(libc::ESRCH);
        return Err(error::os_error(py, &failed));
    };
    send::to_thread(ident, signal).map_err(|failed| error::os_error(py, &failed))?;
    call::check_signals(py)?;
    Ok(Owned::none(py))
}

fn pthread_sigmask<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [how, mask] = args.bind(&PTHREAD_SIGMASK)?;
    let how = how.map_or(Ok(0), number)?;
    let set = mask.map_or(Ok(SignalSet::EMPTY), set_from)?;
    let before = match how {
        libc::SIG_BLOCK => threeply::signal::change_mask(How::Block, set),
        libc::SIG_UNBLOCK => threeply::signal::change_mask(How::Unblock, set),
        libc::SIG_SETMASK => threeply::signal::change_mask(How::Set, set),
        _ => Err(std::io::Error::from_raw_os_error(libc::EINVAL)),
    };
    let before = before.map_err(|failed| error::os_error(py, &failed))?;
    // What was let in has arrived.
    call::check_signals(py)?;
    members(standard, before)
}

fn raise_signal<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [signal] = args.bind(&RAISE_SIGNAL)?;
    let signal = signal.map_or(Ok(0), number)?;
    threeply::signal::raise(signal).map_err(|failed| error::os_error(py, &failed))?;
    call::check_signals(py)?;
    Ok(Owned::none(py))
}

fn siginterrupt<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [signal, flag] = args.bind(&SIGINTERRUPT)?;
    let signal = in_range(signal.map_or(Ok(0), number)?, standard)?;
    let flag = flag.map_or(Ok(0), number)? != 0;
    threeply::signal::interrupt_calls(signal, flag)
        .map_err(|failed| error::os_error(py, &failed))?;
    Ok(Owned::none(py))
}

fn sigpending<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    args.bind(&SIGPENDING)?;
    let pending = threeply::signal::pending();
    members(
        standard,
        pending.map_err(|failed| error::os_error(standard.py(), &failed))?,
    )
}

fn strsignal<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    let py = standard.py();
    let [signal] = args.bind(&STRSIGNAL)?;
    let signal = in_range(signal.map_or(Ok(0), number)?, standard)?;
    match threeply::signal::describe(signal) {
        Some(text) => Owned::string(py, &text),
        None => Ok(Owned::none(py)),
    }
}

fn valid_signals<'py>(standard: Object<'py>, args: Args<'py>) -> Answer<'py> {
    args.bind(&VALID_SIGNALS)?;
    members(standard, SignalSet::all())
}

/// Refuses what is no signal's number.
fn in_range(signal: i32, standard: Object<'_>) -> Result<i32, Raised> {
    if (1..=64).contains(&signal) {
        return Ok(signal);
    }
    Err(error::value_error(
        standard.py(),
        "signal number out of range",
    ))
}
