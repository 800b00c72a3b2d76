//! A pipeline from its start to its end, in one call.

use super::{
    children::Children,
    order::{Pipeline, PipelineError},
};
use crate::{
    park::never_stop,
    subprocess::{
        capture::Capture,
        feed::Feed,
        outcome::Outcome,
        popen::Popen,
        run::{end, screens},
        talk::Talk,
    },
    time::Deadline,
};
use std::os::fd::OwnedFd;

/// What was collected of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineOutput {
    /// What the last child wrote to its standard output, where that was a pipe.
    pub stdout: Vec<u8>,
    /// What each child, first to last, wrote to its standard error, where that was a pipe.
    pub stderr: Vec<Vec<u8>>,
}

/// What became of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedPipeline {
    /// How each child ended, first to last.
    pub outcomes: Vec<Outcome>,
    /// What was collected.
    pub output: PipelineOutput,
}

impl CompletedPipeline {
    /// Whether each child exited with status 0, or was ended by `SIGPIPE` because the one behind it wanted no more.
    #[doc(alias = "pipefail")]
    pub fn success(&self) -> bool {
        let is_fine = |outcome: &Outcome| match outcome.signal() {
            Some(signal) => signal == libc::SIGPIPE,
            None => outcome.success(),
        };
        match self.outcomes.split_last() {
            None => true,
            Some((last, before)) => last.success() && before.iter().all(is_fine),
        }
    }
}

pub(super) fn run(
    pipeline: &Pipeline,
    input: &[u8],
    deadline: Deadline,
) -> Result<CompletedPipeline, PipelineError> {
    let stages = &pipeline.stages;
    // Before there are children.
    let is_shown = stages.iter().any(|popen| popen.tee);
    let screens = is_shown
        .then(screens)
        .transpose()
        .map_err(PipelineError::Pipe)?;
    let mut children = pipeline.spawn()?;
    let mut talk = Talk {
        feed: Feed::new(
            children
                .all_mut()
                .first_mut()
                .and_then(|first| first.stdin.take()),
            input,
        ),
        outputs: Vec::new(),
    };
    let stdout = children
        .all_mut()
        .last_mut()
        .and_then(|last| last.stdout.take());
    let mut sources = vec![(stages.last(), 0, stdout)];
    let errors = children
        .all_mut()
        .iter_mut()
        .map(|child| child.stderr.take());
    sources.extend(
        stages
            .iter()
            .map(Some)
            .zip(errors)
            .map(|(popen, error)| (popen, 1, error)),
    );
    let mut places = Vec::new();
    for (popen, screen, source) in sources {
        let capture = source.map(|source| capture(popen, source, screens.as_ref(), screen));
        let capture = match capture.transpose() {
            Ok(capture) => capture,
            Err(error) => {
                end_all(stages, &children);
                return Err(PipelineError::Pipe(error));
            }
        };
        places.push(capture.is_some());
        talk.outputs.extend(capture);
    }
    let Ok(over) = talk.go_on(deadline, never_stop);
    let outcomes = match over {
        Ok(true) => children.wait_until(deadline).ok(),
        Ok(false) | Err(_) => None,
    };
    if outcomes.is_none() {
        end_all(stages, &children);
    }
    let has_too_much = talk.is_beyond();
    let output = collect(places, talk.outputs);
    match (outcomes, over) {
        (Some(outcomes), _) => Ok(CompletedPipeline { outcomes, output }),
        (None, Err(_)) if has_too_much => Err(PipelineError::TooMuchOutput(output)),
        (None, Err(error)) => Err(PipelineError::Pipe(error)),
        (None, Ok(_)) => Err(PipelineError::TimedOut(output)),
    }
}

/// An output of a stage, as the stage orders it to be collected.
fn capture(
    popen: Option<&Popen>,
    source: OwnedFd,
    screens: Option<&[OwnedFd; 2]>,
    screen: usize,
) -> std::io::Result<Capture<Vec<u8>>> {
    let mut capture = Capture::new(source, Vec::new());
    if let Some(bytes) = popen.and_then(|popen| popen.max_output) {
        capture.limit(bytes);
    }
    if popen.is_some_and(|popen| popen.tee)
        && let Some(screen) = screens.and_then(|screens| screens.get(screen))
    {
        capture.show(screen.try_clone()?, Vec::as_slice);
    }
    Ok(capture)
}

/// What was collected, by where it came from: the last standard output, and then each standard error.
fn collect(places: Vec<bool>, outputs: Vec<Capture<Vec<u8>>>) -> PipelineOutput {
    let mut outputs = outputs.into_iter().map(Capture::into_sink);
    let found = places
        .into_iter()
        .map(|is_there| is_there.then(|| outputs.next()).flatten());
    let mut found = found.map(Option::unwrap_or_default);
    PipelineOutput {
        stdout: found.next().unwrap_or_default(),
        stderr: found.collect(),
    }
}

fn end_all(stages: &[Popen], children: &Children) {
    for (popen, child) in stages.iter().zip(children.all()) {
        end(popen, child);
    }
}
