//! Talking to a child until both sides have said all: its input goes in while its output comes out.
//!
//! One thread does it, by one `poll` of all pipes, so that no pipe can fill up while another one is served. What has been said is
//! kept when the time is over, and the talk can be resumed.
//!
//! The write end is made non-blocking for as long as a wait lasts: a pipe that has room may have too little. The pipes are made larger
//! when the first one has been found full: a child that says little costs nothing.
//!
//! # Source
//!
//! `_communicate` in CPython's `Lib/subprocess.py`; `pipe(7)`.

use super::{child::Child, sink::Sink};
use crate::{
    park::{self, Watched},
    time::Deadline,
};
use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
    pipe::fcntl_setpipe_size,
};
use std::{
    io,
    ops::ControlFlow,
    os::fd::{AsFd, OwnedFd},
};

/// What a pipe holds unless somebody said otherwise.
const USUAL: usize = 64 * 1024;

/// What a busy pipe is to hold: the most that a user may ask for unless the system says otherwise.
const LARGE: usize = 1024 * 1024;

/// A talk with a child. Dropped, it closes this side's ends of the pipes.
#[derive(Debug)]
pub struct Communication<I, S = Vec<u8>> {
    stdin: Option<OwnedFd>,
    input: I,
    written: usize,
    stdout: Option<Stream<S>>,
    stderr: Option<Stream<S>>,
}

/// One output of a child: where it comes from until its end, and where it goes.
#[derive(Debug)]
struct Stream<S> {
    from: Option<OwnedFd>,
    to: S,
    is_large: bool,
}

impl<I: AsRef<[u8]>> Communication<I> {
    /// Takes the pipes of a child, to send it this input and to collect what it writes.
    pub fn new(child: &mut Child, input: I) -> Self {
        Self::into_sinks(child, input, Vec::new)
    }
}

impl<I: AsRef<[u8]>, S: Sink> Communication<I, S> {
    /// Takes the pipes of a child, to send it this input and to put what it writes into sinks, one for each output.
    pub fn into_sinks(child: &mut Child, input: I, mut sink: impl FnMut() -> S) -> Self {
        let stdout = child.stdout.take().map(|from| (from, sink()));
        let stderr = child.stderr.take().map(|from| (from, sink()));
        Self::over(child.stdin.take(), input, stdout, stderr)
    }

    /// A talk over pipes that are at hand: the one that the child reads from, and those that it writes to, each with its sink.
    pub fn over(
        stdin: Option<OwnedFd>,
        input: I,
        stdout: Option<(OwnedFd, S)>,
        stderr: Option<(OwnedFd, S)>,
    ) -> Self {
        let stream = |(from, to)| Stream {
            from: Some(from),
            to,
            is_large: false,
        };
        Self {
            stdin,
            input,
            written: 0,
            stdout: stdout.map(stream),
            stderr: stderr.map(stream),
        }
    }

    /// Sends and receives until all is said (true), the deadline passes (false), or `interrupted` says `Break`. May be called again.
    ///
    /// All is said when the input has been taken, or is no longer wanted, and every holder of the other ends has closed them. The
    /// process may run on after that, and what it started may keep the ends open after it.
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, the inner one what a read or a write told. That the child does not
    /// want its input is no error.
    pub fn go_on<E>(
        &mut self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<bool>, E> {
        if self.rest().is_empty() {
            self.stdin = None;
        }
        let before = match self.stdin.as_ref().map(hurry).transpose() {
            Ok(before) => before,
            Err(error) => return Ok(Err(error)),
        };
        let result = self.talk(deadline, interrupted);
        if let (Some(stdin), Some(before)) = (&self.stdin, before) {
            // As it was; it could be made otherwise just now.
            let _ = fcntl_setfl(stdin, before);
        }
        result
    }

    fn talk<E>(
        &mut self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<bool>, E> {
        while !self.is_over() {
            let ready = self.wait(deadline, &mut interrupted)?;
            match ready.and_then(|ready| self.serve(ready)) {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(false)),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(true))
    }

    /// Whether all is said.
    pub fn is_over(&self) -> bool {
        self.files().iter().all(Option::is_none)
    }

    /// What the child has written to its standard output so far; `None` where that is no pipe.
    pub fn stdout(&self) -> Option<&S> {
        self.stdout.as_ref().map(|stream| &stream.to)
    }

    /// What the child has written to its standard error so far; `None` where that is no pipe.
    pub fn stderr(&self) -> Option<&S> {
        self.stderr.as_ref().map(|stream| &stream.to)
    }

    /// Where the child's standard output and error go, to be made ready for more.
    pub fn sinks_mut(&mut self) -> [Option<&mut S>; 2] {
        [&mut self.stdout, &mut self.stderr].map(|stream| Some(&mut stream.as_mut()?.to))
    }

    /// What the child has written to both.
    pub fn into_outputs(self) -> (Option<S>, Option<S>) {
        let output = |stream: Option<Stream<S>>| stream.map(|stream| stream.to);
        (output(self.stdout), output(self.stderr))
    }

    /// What is still to be served, in the order of the standard streams.
    fn files(&self) -> [Option<&OwnedFd>; 3] {
        fn from<S>(stream: Option<&Stream<S>>) -> Option<&OwnedFd> {
            stream?.from.as_ref()
        }
        [
            self.stdin.as_ref(),
            from(self.stdout.as_ref()),
            from(self.stderr.as_ref()),
        ]
    }

    fn rest(&self) -> &[u8] {
        self.input.as_ref().get(self.written..).unwrap_or(&[])
    }

    /// Waits until something can be done. Says what; nothing when the deadline has passed.
    fn wait<E>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<[bool; 3]>, E> {
        let [stdin, stdout, stderr] = self.files();
        let stdin = stdin.map(|file| (0, Watched::to_write(file)));
        let outputs = [(1, stdout), (2, stderr)].into_iter();
        let outputs = outputs.filter_map(|(at, file)| Some((at, Watched::to_read(file?))));
        let (places, mut watched): (Vec<usize>, Vec<_>) = stdin.into_iter().chain(outputs).unzip();
        let mut ready = [false; 3];
        if let Err(error) = park::poll(&mut watched, deadline, interrupted)? {
            return Ok(Err(error));
        }
        for (at, file) in places.into_iter().zip(&watched) {
            if let Some(ready) = ready.get_mut(at) {
                *ready = file.is_ready();
            }
        }
        Ok(Ok(ready))
    }

    /// Serves what is ready. False if that is nothing.
    fn serve(&mut self, [stdin, stdout, stderr]: [bool; 3]) -> io::Result<bool> {
        if stdin {
            self.write()?;
        }
        for (is_ready, stream) in [(stdout, &mut self.stdout), (stderr, &mut self.stderr)] {
            if let (true, Some(stream)) = (is_ready, stream) {
                stream.read()?;
            }
        }
        Ok(stdin || stdout || stderr)
    }

    fn write(&mut self) -> io::Result<()> {
        let Some(stdin) = &self.stdin else {
            return Ok(());
        };
        match rustix::io::write(stdin, self.rest()) {
            Ok(written) => {
                if self.written == 0 && written < self.rest().len() {
                    enlarge(stdin);
                }
                self.written += written;
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            // The child wants no more.
            Err(Errno::PIPE) => self.written = self.input.as_ref().len(),
            Err(errno) => return Err(errno.into()),
        }
        if self.rest().is_empty() {
            self.stdin = None;
        }
        Ok(())
    }
}

impl<S: Sink> Stream<S> {
    fn read(&mut self) -> io::Result<()> {
        let Some(from) = &self.from else {
            return Ok(());
        };
        match self.to.read_from(from.as_fd()) {
            Ok(0) => self.from = None,
            Ok(count) => {
                if count >= USUAL && !self.is_large {
                    self.is_large = true;
                    enlarge(from);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Makes a pipe larger. One that may not be, or is larger already, stays as it is.
fn enlarge(pipe: &OwnedFd) {
    if rustix::pipe::fcntl_getpipe_size(pipe).is_ok_and(|size| size < LARGE) {
        let _ = fcntl_setpipe_size(pipe, LARGE);
    }
}

/// Makes a file non-blocking. Returns how it was before.
fn hurry(file: &OwnedFd) -> io::Result<OFlags> {
    let before = fcntl_getfl(file)?;
    fcntl_setfl(file, before | OFlags::NONBLOCK)?;
    Ok(before)
}
