//! The class `Communication`: a talk with a child over its pipes.

use super::output::Output;
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        bytes::Buffer,
        file,
        method::{plain, with_args},
        native::{Class, Made, Native, This},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use rustix::fd::OwnedFd;
use std::{
    ffi::CStr,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};
use threeply::subprocess;

type Talk = subprocess::Communication<Input, Output>;

/// What is sent to the child.
#[derive(Debug)]
struct Input(Option<Buffer>);

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], AsRef::as_ref)
    }
}

/// The value of an instance: nothing before `__init__`, while a thread talks, and after the end.
pub(super) struct Communication(Mutex<Option<Talk>>);

impl Native for Communication {
    fn new() -> Self {
        Self(Mutex::new(None))
    }
}

const INIT: Parameters<6> = Parameters {
    function: "Communication",
    names: [
        c"stdin",
        c"input",
        c"stdout",
        c"stdout_before",
        c"stderr",
        c"stderr_before",
    ],
    required: 6,
};
const GO_ON: Parameters<1> = Parameters {
    function: "go_on",
    names: [c"timeout"],
    required: 0,
};

pub(super) fn class(py: Python<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Communication", DOC)
        .init(init)
        .methods([
            with_args(c"go_on", GO_ON_DOC, go_on),
            plain(c"so_far", SO_FAR_DOC, so_far),
            plain(c"finish", FINISH_DOC, finish),
        ])
        .make(py, c"threeply.subprocess", None, &[])?;
    Ok(class)
}

impl This<'_, Communication> {
    fn talk(&self) -> MutexGuard<'_, Option<Talk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the talk, which nobody else has then.
    fn take(self) -> Result<Talk, Raised> {
        let talk = self.talk().take();
        talk.ok_or_else(|| {
            let message = "another thread communicates with this process, or has done so";
            error::runtime_error(self.py(), message)
        })
    }
}

fn init(this: This<'_, Communication>, args: Args<'_>) -> Result<(), Raised> {
    let [stdin, input, stdout, stdout_before, stderr, stderr_before] = args.bind(&INIT)?;
    let input = input.filter(|input| !input.is_none());
    let input = Input(input.map(Buffer::of).transpose()?);
    let stdout = output(stdout, stdout_before)?;
    let stderr = output(stderr, stderr_before)?;
    let talk = Talk::over(pipe(stdin)?, input, stdout, stderr);
    *this.talk() = Some(talk);
    Ok(())
}

fn output(
    number: Option<Object<'_>>,
    before: Option<Object<'_>>,
) -> Result<Option<(OwnedFd, Output)>, Raised> {
    match (pipe(number)?, before) {
        (Some(pipe), Some(before)) => {
            let output = Output::after(before.py(), Buffer::of(before)?.as_ref())?;
            Ok(Some((pipe, output)))
        }
        _ => Ok(None),
    }
}

/// A descriptor of our own for the pipe that Python names by a number.
fn pipe(number: Option<Object<'_>>) -> Result<Option<OwnedFd>, Raised> {
    let Some(number) = number.filter(|number| !number.is_none()) else {
        return Ok(None);
    };
    let py = number.py();
    let copy = file::duplicate(crate::signal::number(number)?);
    copy.map(Some)
        .map_err(|failed| error::os_error(py, &failed))
}

fn go_on<'py>(this: This<'py, Communication>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [timeout] = args.bind(&GO_ON)?;
    let deadline = seconds::unbounded(Seconds::from_argument(timeout)?);
    let mut talk = this.take()?;
    let over = loop {
        let went = wait::detached(py, |interrupted| talk.go_on(deadline, interrupted));
        match went {
            Ok(Err(failed)) if failed.kind() == io::ErrorKind::StorageFull => {
                let [stdout, stderr] = talk.sinks_mut();
                if let Err(raised) = stdout.map_or(Ok(()), |output| output.grow(py)) {
                    break Err(raised);
                }
                if let Err(raised) = stderr.map_or(Ok(()), |output| output.grow(py)) {
                    break Err(raised);
                }
            }
            Ok(Err(failed)) => break Err(error::os_error(py, &failed)),
            Ok(Ok(over)) => break Ok(over),
            Err(raised) => break Err(raised),
        }
    };
    *this.talk() = Some(talk);
    Ok(Owned::boolean(py, over?))
}

fn so_far(this: This<'_, Communication>) -> Answer<'_> {
    let py = this.py();
    let talk = this.take()?;
    let outputs = [talk.stdout(), talk.stderr()].map(|output| match output {
        None => Ok(Owned::none(py)),
        Some(output) => output.copied(py),
    });
    *this.talk() = Some(talk);
    let [stdout, stderr] = outputs;
    Owned::tuple(py, [stdout?, stderr?])
}

fn finish(this: This<'_, Communication>) -> Answer<'_> {
    let py = this.py();
    let (stdout, stderr) = this.take()?.into_outputs();
    let [stdout, stderr] = [stdout, stderr].map(|output| match output {
        None => Ok(Owned::none(py)),
        Some(output) => output.finish(py),
    });
    Owned::tuple(py, [stdout?, stderr?])
}

const DOC: &CStr = c"Communication(stdin, input, stdout, stdout_before, stderr, stderr_before)
--

A talk with a child: its input goes in while its output comes out, by one thread.

It has descriptors of its own of the pipes that it is given the numbers of; None is no pipe. `input` is an object with
a buffer, or None. What comes out begins with what was read before, two objects with buffers.

Source: CPython Lib/subprocess.py, Popen._communicate.";

const GO_ON_DOC: &CStr = c"go_on($self, timeout=None)
--

Send and receive until all is said.

The wait ends then, when `timeout` has passed, when a signal handler that runs in the main thread meanwhile raises
(Ctrl-C), or when the thread is interrupted. It can be resumed by another call.

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Returns:
    Whether all is said: the input was taken or is not wanted, and nobody has the other ends of the pipes any more.

Raises:
    OSError: A pipe could not be read or written.
    RuntimeError: Another thread talks at this moment.
    ValueError: `timeout` is NaN.";

const SO_FAR_DOC: &CStr = c"so_far($self)
--

Return copies of what came from the child so far: a pair of bytes objects, None for what is no pipe.

Raises:
    RuntimeError: Another thread talks at this moment.";

const FINISH_DOC: &CStr = c"finish($self)
--

End the talk, and return what came from the child: a pair of bytes objects, None for what is no pipe.

Raises:
    RuntimeError: Another thread talks at this moment.";
