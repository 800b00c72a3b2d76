//! Talking to a child until both sides have said all: its input goes in while its output comes out.
//!
//! One thread does it, by one `poll` of all pipes (`talk`). What has been said is kept when the time is over, and the talk can be resumed.
//! The pipes are made larger when the first one has been found full: a child that says little costs nothing.
//!
//! # Source
//!
//! `_communicate` in CPython's `Lib/subprocess.py`; `pipe(7)`.

use super::{capture::Capture, child::Child, feed::Feed, sink::Sink, talk::Talk};
use crate::time::Deadline;
use std::{io, ops::ControlFlow, os::fd::OwnedFd};

/// A talk with a child. Dropped, it closes this side's ends of the pipes.
#[derive(Debug)]
pub struct Communication<I, S = Vec<u8>> {
    /// Standard output comes first.
    talk: Talk<I, S>,
    has_stdout: bool,
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
        let has_stdout = stdout.is_some();
        let outputs = stdout.into_iter().chain(stderr);
        let outputs = outputs.map(|(from, to)| Capture::new(from, to)).collect();
        let feed = Feed::new(stdin, input);
        Self {
            talk: Talk { feed, outputs },
            has_stdout,
        }
    }

    /// Keeps at most so many bytes of each output from now on. One that is longer ends the talk: [`go_on`](Self::go_on) fails with
    /// [`TooMuchOutput`](super::TooMuchOutput), and what was read up to the limit is there. The child runs on, without a reader for that output; whoever
    /// does not want it to has to end it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{convert::Infallible, io, ops::ControlFlow};
    /// use threeply::{subprocess::{Communication, PIPE, Popen}, time::Deadline};
    ///
    /// let mut child = Popen::new("yes").stdout(PIPE).spawn()?;
    /// let mut talk = Communication::new(&mut child, "");
    /// talk.max_output(5);
    /// let Ok(over) = talk.go_on(Deadline::NEVER, || ControlFlow::<Infallible>::Continue(()));
    /// assert_eq!(over.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    /// child.kill()?;
    /// assert_eq!(talk.stdout().unwrap(), b"y\ny\ny");
    /// # child.wait();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_output(&mut self, bytes: usize) -> &mut Self {
        for output in &mut self.talk.outputs {
            output.limit(bytes);
        }
        self
    }

    /// Sends and receives until all is said (true), the deadline passes (false), or `interrupted` says `Break`. May be called again.
    ///
    /// All is said when the input has been taken, or is no longer wanted, and every holder of the other ends has closed them. The
    /// process may run on after that, and what it started may keep the ends open after it.
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, the inner one what a read or a write told, also one of a [sink](Sink) or of where
    /// the output is [shown](Self::tee): after it the talk can be resumed. That the child does not want its input is no error. Beyond
    /// a [limit](Self::max_output) it is [`TooMuchOutput`](super::TooMuchOutput), now and whenever it is called again.
    pub fn go_on<E>(
        &mut self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<bool>, E> {
        self.talk.go_on(deadline, interrupted)
    }

    /// Whether all is said.
    pub fn is_over(&self) -> bool {
        self.talk.is_over()
    }

    /// Whether the child wrote more than [`max_output`](Self::max_output) allows.
    pub fn has_too_much(&self) -> bool {
        self.talk.is_beyond()
    }

    /// What the child has written to its standard output so far; `None` where that is no pipe.
    pub fn stdout(&self) -> Option<&S> {
        let [stdout, _] = self.places();
        self.talk.outputs.get(stdout?).map(Capture::sink)
    }

    /// What the child has written to its standard error so far; `None` where that is no pipe.
    pub fn stderr(&self) -> Option<&S> {
        let [_, stderr] = self.places();
        self.talk.outputs.get(stderr?).map(Capture::sink)
    }

    /// Where the child's standard output and error go, to be made ready for more.
    pub fn sinks_mut(&mut self) -> [Option<&mut S>; 2] {
        let mut outputs = self.talk.outputs.iter_mut().map(Capture::sink_mut);
        let stdout = self.has_stdout.then(|| outputs.next()).flatten();
        [stdout, outputs.next()]
    }

    /// What the child has written to both.
    pub fn into_outputs(self) -> (Option<S>, Option<S>) {
        let mut outputs = self.talk.outputs.into_iter().map(Capture::into_sink);
        let stdout = self.has_stdout.then(|| outputs.next()).flatten();
        (stdout, outputs.next())
    }

    /// Where in the list standard output and standard error stand.
    fn places(&self) -> [Option<usize>; 2] {
        let first = usize::from(self.has_stdout);
        let stderr = (self.talk.outputs.len() > first).then_some(first);
        [self.has_stdout.then_some(0), stderr]
    }
}

impl<I: AsRef<[u8]>, S: Sink + AsRef<[u8]>> Communication<I, S> {
    /// Shows what comes to standard output and to standard error from now on in these files as well, as it comes; what is beyond a
    /// [limit](Self::max_output) is not shown.
    ///
    /// A file that is slow holds neither the child up nor a deadline, but all is said only when all is shown. One that fails
    /// is given up: [`go_on`](Self::go_on) tells the error once, and goes on without it when it is called again. The files are left in the mode that they are in; a
    /// terminal that is stopped (Ctrl-S) in the middle of a write is the one thing that this thread waits for.
    pub fn tee(&mut self, stdout: Option<OwnedFd>, stderr: Option<OwnedFd>) -> &mut Self {
        for (place, file) in self.places().into_iter().zip([stdout, stderr]) {
            if let (Some(place), Some(file)) = (place, file)
                && let Some(output) = self.talk.outputs.get_mut(place)
            {
                output.show(file, S::as_ref);
            }
        }
        self
    }
}
