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
        wait::{self, Interrupted},
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use rustix::fd::OwnedFd;
use std::{
    ffi::CStr,
    io,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::{subprocess, time::Deadline};

type Talk = subprocess::Communication<Input, Output>;

/// What is sent to the child.
#[derive(Debug)]
struct Input(Option<Buffer>);

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], AsRef::as_ref)
    }
}

/// A talk, and whether some of its outputs have something to show.
struct Conversation {
    talk: Talk,
    has_unshown: Arc<AtomicBool>,
}

/// The value of an instance: nothing before `__init__`, while a thread talks, and after the end.
pub(super) struct Communication(Mutex<Option<Conversation>>);

impl Native for Communication {
    fn new() -> Self {
        Self(Mutex::new(None))
    }
}

const INIT: Parameters<9> = Parameters {
    function: "Communication",
    names: [
        c"stdin",
        c"input",
        c"stdout",
        c"stdout_before",
        c"stderr",
        c"stderr_before",
        c"max_output",
        c"show_stdout",
        c"show_stderr",
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
    fn talk(&self) -> MutexGuard<'_, Option<Conversation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the talk, which nobody else has then.
    fn take(self) -> Result<Conversation, Raised> {
        let talk = self.talk().take();
        talk.ok_or_else(|| {
            let message = "another thread communicates with this process, or has done so";
            error::runtime_error(self.py(), message)
        })
    }
}

fn init(this: This<'_, Communication>, args: Args<'_>) -> Result<(), Raised> {
    let [
        stdin,
        input,
        stdout,
        before,
        stderr,
        errors_before,
        most,
        show,
        show_errors,
    ] = args.bind(&INIT)?;
    let input = Input(given(input).map(Buffer::of).transpose()?);
    let [show, show_errors] = [Show::of(given(show))?, Show::of(given(show_errors))?];
    let has_unshown = Arc::default();
    let stdout = output(stdout, before, &show, &has_unshown)?;
    let stderr = output(stderr, errors_before, &show_errors, &has_unshown)?;
    let mut talk = Talk::over(pipe(stdin)?, input, stdout, stderr);
    if let Some(most) = given(most) {
        let most = usize::try_from(most.integer()?);
        talk.max_output(most.map_err(|_| {
            error::value_error(
                this.py(),
                "max_output must be a number of bytes, not negative",
            )
        })?);
    }
    talk.tee(show.file, show_errors.file);
    *this.talk() = Some(Conversation { talk, has_unshown });
    Ok(())
}

fn given(argument: Option<Object<'_>>) -> Option<Object<'_>> {
    argument.filter(|argument| !argument.is_none())
}

/// Where an output is shown as it comes: nowhere, in a file, or by a function that is called with each piece.
#[derive(Default)]
struct Show<'py> {
    file: Option<OwnedFd>,
    function: Option<Object<'py>>,
}

impl<'py> Show<'py> {
    fn of(given: Option<Object<'py>>) -> Result<Self, Raised> {
        match given {
            Some(number) if number.is_integer() => Ok(Self {
                file: pipe(Some(number))?,
                function: None,
            }),
            function => Ok(Self {
                file: None,
                function,
            }),
        }
    }
}

fn output(
    number: Option<Object<'_>>,
    before: Option<Object<'_>>,
    show: &Show<'_>,
    has_unshown: &Arc<AtomicBool>,
) -> Result<Option<(OwnedFd, Output)>, Raised> {
    match (pipe(number)?, before) {
        (Some(pipe), Some(before)) => {
            let bytes = Buffer::of(before)?;
            let show = show.function.map(|show| (show, Arc::clone(has_unshown)));
            let output = Output::after(before.py(), bytes.as_ref(), show)?;
            Ok(Some((pipe, output)))
        }
        _ => Ok(None),
    }
}

/// A descriptor of our own for the pipe that Python names by a number.
fn pipe(number: Option<Object<'_>>) -> Result<Option<OwnedFd>, Raised> {
    let Some(number) = given(number) else {
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
    let mut conversation = this.take()?;
    let went = loop {
        let turn = wait::detached(py, |interrupted| conversation.turn(deadline, interrupted));
        let attended = turn.and_then(|turn| conversation.attend(py).map(|()| turn));
        if !matches!(attended, Ok(Turn::Attend)) {
            break attended;
        }
    };
    *this.talk() = Some(conversation);
    match went? {
        Turn::Over => Ok(Owned::boolean(py, true)),
        Turn::TimedOut => Ok(Owned::boolean(py, false)),
        Turn::TooMuch | Turn::Attend => Ok(Owned::none(py)),
        Turn::Failed(failed) => Err(error::os_error(py, &failed)),
    }
}

/// Why a talk was broken off.
enum Turn {
    Over,
    TimedOut,
    TooMuch,
    /// An output needs the interpreter.
    Attend,
    Failed(io::Error),
}

/// What ends a sleep of a talk.
enum Stop {
    Raised(Raised),
    Attend,
}

impl Conversation {
    /// Talks for as long as no output needs the interpreter. Detached.
    fn turn(&mut self, deadline: Deadline, interrupted: Interrupted<'_>) -> Result<Turn, Raised> {
        let went = self.talk.go_on(deadline, || {
            if self.has_unshown.load(Ordering::Relaxed) {
                return ControlFlow::Break(Stop::Attend);
            }
            interrupted().map_break(Stop::Raised)
        });
        match went {
            Ok(Ok(true)) => Ok(Turn::Over),
            Ok(Ok(false)) => Ok(Turn::TimedOut),
            Ok(Err(failed)) => match failed.kind() {
                io::ErrorKind::StorageFull if failed.raw_os_error().is_none() => Ok(Turn::Attend),
                _ if self.talk.has_too_much() => Ok(Turn::TooMuch),
                _ => Ok(Turn::Failed(failed)),
            },
            Err(Stop::Attend) => Ok(Turn::Attend),
            Err(Stop::Raised(raised)) => Err(raised),
        }
    }

    /// Does what the outputs need the interpreter for.
    fn attend(&mut self, py: Python<'_>) -> Result<(), Raised> {
        self.has_unshown.store(false, Ordering::Relaxed);
        let outputs = self.talk.sinks_mut();
        outputs
            .into_iter()
            .flatten()
            .try_for_each(|output| output.attend(py))
    }
}

fn so_far(this: This<'_, Communication>) -> Answer<'_> {
    let py = this.py();
    let conversation = this.take()?;
    let talk = &conversation.talk;
    let outputs = [talk.stdout(), talk.stderr()].map(|output| match output {
        None => Ok(Owned::none(py)),
        Some(output) => output.copied(py),
    });
    *this.talk() = Some(conversation);
    let [stdout, stderr] = outputs;
    Owned::tuple(py, [stdout?, stderr?])
}

fn finish(this: This<'_, Communication>) -> Answer<'_> {
    let py = this.py();
    let (stdout, stderr) = this.take()?.talk.into_outputs();
    let [stdout, stderr] = [stdout, stderr].map(|output| match output {
        None => Ok(Owned::none(py)),
        Some(output) => output.finish(py),
    });
    Owned::tuple(py, [stdout?, stderr?])
}

const DOC: &CStr = c"Communication(stdin, input, stdout, stdout_before, stderr, stderr_before, max_output=None, show_stdout=None, show_stderr=None)
--

A talk with a child: its input goes in while its output comes out, by one thread.

It has descriptors of its own of the pipes that it is given the numbers of; None is no pipe. `input` is an object with
a buffer, or None. What comes out begins with what was read before, two objects with buffers. Of each output
`max_output` bytes are kept at most. What comes is shown in a file, named by its descriptor, or by a function that is
called with each piece.

Source: CPython Lib/subprocess.py, Popen._communicate.";

const GO_ON_DOC: &CStr = c"go_on($self, timeout=None)
--

Send and receive until all is said.

The wait ends then, when `timeout` has passed, when a signal handler that runs in the main thread meanwhile raises
(Ctrl-C), or when the thread is interrupted. It can be resumed by another call.

Args:
    timeout: The most seconds to wait, an int or a float; None waits for ever.

Returns:
    Whether all is said: the input was taken or is not wanted, and nobody has the other ends of the pipes any more. None
    if there was more than `max_output`, now and from then on.

Raises:
    OSError: A pipe could not be read or written, or what came not be shown; the talk can go on.
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
