//! What a pipeline is to be.

use super::{
    children::Children,
    run::{self, CompletedPipeline, PipelineOutput},
};
use crate::{
    park::never_stop,
    subprocess::{
        child::Child,
        error::{SpawnError, Step},
        popen::Popen,
        redirect::Redirect,
        run::end,
        streams::Source,
    },
    time::Deadline,
};
use rustix::pipe::{PipeFlags, pipe_with};
use std::{
    error::Error,
    fmt, io,
    ops::{BitOr, ControlFlow},
    os::fd::OwnedFd,
};

/// What the children of a pipeline are to be, first to last. Made by `|` between orders.
///
/// A stage that has an order for its standard output, or the next one for its standard input, keeps that, as by a shell's redirection: only
/// what would be inherited becomes an end of the pipe between the two. The other end then has nobody on the other side. Everything else is each
/// stage's own.
///
/// # Examples
///
/// ```
/// use threeply::{subprocess::{PIPE, Popen}, time::Deadline};
///
/// let sorted = Popen::new("sort").arg("-n").stdin(PIPE) | Popen::new("head").args(["-n", "2"]).stdout(PIPE);
/// let done = sorted.run_until(b"3\n1\n2\n", Deadline::NEVER)?;
/// assert_eq!(done.output.stdout, b"1\n2\n");
/// assert!(done.success());
/// # Ok::<(), threeply::subprocess::PipelineError>(())
/// ```
#[derive(Debug)]
pub struct Pipeline {
    pub(super) stages: Vec<Popen>,
}

impl From<Popen> for Pipeline {
    fn from(popen: Popen) -> Self {
        let stages = vec![popen];
        Self { stages }
    }
}

/// Takes the order out, and leaves one of no program in its place: made for what `Popen::new("sort").arg("-n")` returns.
impl From<&mut Popen> for Pipeline {
    fn from(popen: &mut Popen) -> Self {
        std::mem::replace(popen, Popen::new("")).into()
    }
}

impl<R: Into<Pipeline>> BitOr<R> for Pipeline {
    type Output = Pipeline;

    fn bitor(mut self, next: R) -> Pipeline {
        self.stages.extend(next.into().stages);
        self
    }
}

impl<R: Into<Pipeline>> BitOr<R> for Popen {
    type Output = Pipeline;

    fn bitor(self, next: R) -> Pipeline {
        Pipeline::from(self) | next
    }
}

impl<R: Into<Pipeline>> BitOr<R> for &mut Popen {
    type Output = Pipeline;

    fn bitor(self, next: R) -> Pipeline {
        Pipeline::from(self) | next
    }
}

impl Pipeline {
    /// The orders, first to last.
    pub fn stages(&self) -> &[Popen] {
        &self.stages
    }

    /// The orders, first to last, to be changed.
    pub fn stages_mut(&mut self) -> &mut [Popen] {
        &mut self.stages
    }

    /// Starts all children, from the first to the last. Returns when their programs run.
    ///
    /// # Errors
    ///
    /// [`PipelineError::Spawn`]: one did not start. Then those before it were killed and reaped, and no descriptor is left.
    pub fn spawn(&self) -> Result<Children, PipelineError> {
        let Ok(children) = self.spawn_unless(never_stop);
        children
    }

    /// Starts all children, unless `interrupted` says `Break` meanwhile, which is asked as by [`Popen::spawn_unless`]. Then none is left.
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, the inner one as of [`spawn`](Self::spawn).
    pub fn spawn_unless<S>(
        &self,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<Children, PipelineError>, S> {
        let mut start = Start::default();
        for (stage, popen) in self.stages.iter().enumerate() {
            let is_last = stage + 1 == self.stages.len();
            if let Err(error) = start.next(popen, is_last, &mut interrupted)? {
                return Ok(Err(PipelineError::Spawn { stage, error }));
            }
        }
        Ok(Ok(start.finish()))
    }

    /// Runs all children to their ends, and collects what is piped. A pipe for the first one's input is closed at once.
    ///
    /// # Errors
    ///
    /// [`PipelineError`]: one did not start, or they could not be talked to. How they ended is no error; see
    /// [`CompletedPipeline::success`].
    pub fn run(&self) -> Result<CompletedPipeline, PipelineError> {
        self.run_until(&[], Deadline::NEVER)
    }

    /// Runs all children to their ends, but not beyond the deadline, and sends the first one this input where it has a pipe for it.
    ///
    /// The last one's standard output and the standard errors of all are collected where they are pipes, each as its stage
    /// [limits](Popen::max_output) and [shows](Popen::tee) it.
    ///
    /// # Errors
    ///
    /// [`PipelineError`]: as of [`run`](Self::run), or the deadline passed, or one wrote too much. Then all were killed, with all that they had
    /// started where they have their [own trees](Popen::own_tree).
    pub fn run_until(
        &self,
        input: &[u8],
        deadline: Deadline,
    ) -> Result<CompletedPipeline, PipelineError> {
        run::run(self, input, deadline)
    }
}

/// A pipeline of which a part runs. Dropped, it ends that.
#[derive(Default)]
struct Start<'a> {
    started: Vec<(&'a Popen, Child)>,
    /// What the last one that was started writes to.
    reader: Option<OwnedFd>,
}

impl<'a> Start<'a> {
    fn next<S>(
        &mut self,
        popen: &'a Popen,
        is_last: bool,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Result<(), SpawnError>, S> {
        let mut sources = popen.redirects.each_ref().map(Source::Ordered);
        let before = self.reader.take();
        if let (Redirect::Inherit, Some(before)) = (&popen.redirects[0], before) {
            sources[0] = Source::Piped(before);
        }
        if !is_last {
            let (reader, writer) = match pipe_with(PipeFlags::CLOEXEC) {
                Ok(ends) => ends,
                Err(errno) => return Ok(Err(SpawnError::at(Step::Open, &errno.into()))),
            };
            self.reader = Some(reader);
            if let Redirect::Inherit = popen.redirects[1] {
                sources[1] = Source::Piped(writer);
            }
        }
        let child = popen.spawn_with(sources, interrupted)?;
        Ok(child.map(|child| self.started.push((popen, child))))
    }

    fn finish(mut self) -> Children {
        let started = std::mem::take(&mut self.started);
        Children::new(started.into_iter().map(|(_, child)| child).collect())
    }
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        for (popen, child) in &self.started {
            end(popen, child);
        }
    }
}

/// Why there is nothing complete to tell of a pipeline. None of its children is left running.
#[derive(Debug)]
#[non_exhaustive]
pub enum PipelineError {
    /// A stage did not start.
    Spawn {
        /// Which one, counted from 0.
        stage: usize,
        /// Why not.
        error: SpawnError,
    },
    /// A pipe could not be read or written, or an output not be shown.
    Pipe(io::Error),
    /// A stage wrote more than it may. This is what was written up to the limits.
    TooMuchOutput(PipelineOutput),
    /// The deadline passed. This is what was written until then.
    TimedOut(PipelineOutput),
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn { stage, error } => write!(f, "stage {stage} of the pipeline: {error}"),
            Self::Pipe(error) => write!(f, "failed to talk to the pipeline: {error}"),
            Self::TooMuchOutput(_) => {
                f.write_str("a child of the pipeline wrote more than it may, and all were killed")
            }
            Self::TimedOut(_) => f.write_str("the deadline passed, and the pipeline was killed"),
        }
    }
}

impl Error for PipelineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Spawn { error, .. } => Some(error),
            Self::Pipe(error) => Some(error),
            Self::TooMuchOutput(_) | Self::TimedOut(_) => None,
        }
    }
}
