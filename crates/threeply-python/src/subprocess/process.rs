//! The class `Process`: a child that `Popen` has started.

use super::{failure, failure::Subjects, order::Order};
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
use std::{
    ffi::CStr,
    os::fd::IntoRawFd,
    sync::{Arc, OnceLock},
};
use threeply::subprocess::{self, Outcome};

/// The value of an instance: nothing before `__init__`.
pub(super) struct Process(OnceLock<Arc<subprocess::Process>>);

impl Native for Process {
    fn new() -> Self {
        Self(OnceLock::new())
    }
}

const WAIT: Parameters<1> = Parameters {
    function: "wait",
    names: [c"timeout"],
    required: 0,
};
const SEND_SIGNAL: Parameters<1> = Parameters {
    function: "send_signal",
    names: [c"sig"],
    required: 1,
};

/// Makes the class, which finds the standard module in its attribute `_standard`.
pub(super) fn class(standard: Object<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Process", DOC)
        .init(init)
        .methods([
            plain(c"poll", POLL_DOC, poll),
            with_args(c"wait", WAIT_DOC, wait),
            with_args(c"send_signal", SEND_SIGNAL_DOC, send_signal),
            plain(c"open_pidfd", OPEN_PIDFD_DOC, open_pidfd),
            plain(c"kill_tree", KILL_TREE_DOC, kill_tree),
            plain(c"resource_usage", RESOURCE_USAGE_DOC, resource_usage),
        ])
        .attributes([read(c"pid", c"The number of the process.", pid)])
        .make(standard.py(), c"threeply.subprocess", None, &[])?;
    class.borrow().set_attribute(c"_standard", standard)?;
    Ok(class)
}

impl This<'_, Process> {
    fn engine(self) -> Result<Arc<subprocess::Process>, Raised> {
        let engine = self.0.get().cloned();
        engine.ok_or_else(|| error::runtime_error(self.py(), "the process was not started"))
    }
}

fn init(this: This<'_, Process>, args: Args<'_>) -> Result<(), Raised> {
    let py = this.py();
    if this.0.get().is_some() {
        return Err(error::runtime_error(py, "the process was started"));
    }
    let none = Owned::none(py);
    let order = Order::read(py, args)?;
    let subjects = Subjects {
        program: order.program,
        directory: order.directory.unwrap_or(none.borrow()),
    };
    // Without a hook it takes no time to speak of. The lock is kept: it guards the environment, which the child takes over.
    let spawned = match &order.preexec {
        None => order.popen.spawn(),
        Some(preexec) => preexec.start(py, |interrupted| order.popen.spawn_unless(interrupted))?,
    };
    match spawned {
        Ok(child) => this.0.set(Arc::new(child.process)).map_err(|_| {
            error::runtime_error(py, "the process was started by another thread meanwhile")
        }),
        Err(failed) => {
            let standard = this.object().attribute(c"_standard")?;
            Err(failure::raised(standard.borrow(), &failed, subjects))
        }
    }
}

fn poll(this: This<'_, Process>) -> Answer<'_> {
    code(this, this.engine()?.poll())
}

fn wait<'py>(this: This<'py, Process>, args: Args<'py>) -> Answer<'py> {
    let [timeout] = args.bind(&WAIT)?;
    let deadline = seconds::unbounded(Seconds::from_argument(timeout)?);
    let engine = this.engine()?;
    let outcome = wait::detached(this.py(), |interrupted| {
        engine.wait_unless(deadline, interrupted)
    })?;
    code(this, outcome)
}

/// What Python calls the return code; `None` of a process that runs.
fn code(this: This<'_, Process>, outcome: Option<Outcome>) -> Answer<'_> {
    match outcome {
        None => Ok(Owned::none(this.py())),
        Some(outcome) => Owned::signed(this.py(), outcome.code()),
    }
}

fn send_signal<'py>(this: This<'py, Process>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [signal] = args.bind(&SEND_SIGNAL)?;
    let signal = signal.map_or(Ok(0), crate::signal::number)?;
    let sent = this.engine()?.send_signal(signal);
    sent.map_err(|failed| error::os_error(py, &failed))?;
    Ok(Owned::none(py))
}

fn kill_tree(this: This<'_, Process>) -> Answer<'_> {
    let py = this.py();
    let engine = this.engine()?;
    // It ends by itself within about a second.
    let killed = wait::uninterrupted(py, || engine.kill_tree());
    killed.map_err(|failed| error::os_error(py, &failed))?;
    Ok(Owned::none(py))
}

fn resource_usage(this: This<'_, Process>) -> Answer<'_> {
    let py = this.py();
    let Some(usage) = this.engine()?.resource_usage() else {
        return Ok(Owned::none(py));
    };
    let times = [usage.user_time, usage.system_time];
    let times = times.map(|time| Owned::float(py, time.as_secs_f64()));
    let counts = usage.counts();
    let counts = counts
        .into_iter()
        .map(|count| Owned::long(py, count.try_into().unwrap_or(i64::MAX)));
    let fields: Result<Vec<_>, Raised> = times.into_iter().chain(counts).collect();
    Owned::list(py, fields?.into_iter())
}

fn pid(this: This<'_, Process>) -> Answer<'_> {
    Owned::signed(this.py(), this.engine()?.pid())
}

fn open_pidfd(this: This<'_, Process>) -> Answer<'_> {
    let py = this.py();
    let Some(pidfd) = this.engine()?.pidfd() else {
        return Ok(Owned::none(py));
    };
    let copy = rustix::io::fcntl_dupfd_cloexec(&*pidfd, 3);
    let copy = copy.map_err(|errno| error::os_error(py, &errno.into()))?;
    Owned::signed(py, copy.into_raw_fd())
}

const DOC: &CStr = c"Process(program, arguments, **options)
--

A child that runs a program.

It is named by a pidfd where the system has them, so that no signal goes to another process and no wait polls.

Raises:
    OSError: It could not be started; the exception names the program or the directory where it is about one.
    SubprocessError: The hook raised.
    ValueError: A string holds a NUL, or a variable's name an equals sign.
    TypeError, OverflowError: An option is of the wrong type, or out of the kernel's range.

Source: CPython Lib/subprocess.py, Popen._execute_child.";

const POLL_DOC: &CStr = c"poll($self)
--

Return the return code if the process has ended, else None.

The return code is the exit status; the number of the signal that ended the process, negated; or 0 where somebody
else took the status.";

const WAIT_DOC: &CStr = c"wait($self, timeout=None)
--

Wait until the process has ended.

The wait ends then, when `timeout` has passed, when a signal handler that runs in the main thread meanwhile raises
(Ctrl-C), or when the thread is interrupted.

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Returns:
    The return code, or None when the time has passed.

Raises:
    ValueError: `timeout` is NaN.";

const OPEN_PIDFD_DOC: &CStr = c"open_pidfd($self)
--

Return a descriptor that is readable when the process has ended, and is the caller's to close.

It is None where the system has none, and when the return code is known.

Raises:
    OSError: No descriptor is left.";

const KILL_TREE_DOC: &CStr = c"kill_tree($self)
--

Kill the process and everything that it started and that is known to be its own.

It returns when all but the process itself has ended, or after a second.

Raises:
    OSError: Something could not be killed; everything else was.";

const RESOURCE_USAGE_DOC: &CStr = c"resource_usage($self)
--

Return the sixteen numbers of a struct_rusage, as the kernel told them with the process's end; None before that is
known, and where somebody else took the status.";

const SEND_SIGNAL_DOC: &CStr = c"send_signal($self, sig)
--

Send a signal to the process. Does nothing if it has ended, whoever has its number by now.

Raises:
    OSError: There is no such signal, or the process may not be signalled.";
