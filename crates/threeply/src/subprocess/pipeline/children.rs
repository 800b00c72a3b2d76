//! The children of a pipeline, running.

use crate::{
    error::TimedOut,
    park::never_stop,
    subprocess::{child::Child, outcome::Outcome},
    time::Deadline,
};
use std::{io, ops::ControlFlow};

/// The children of a pipeline, first to last, each with this side of those of its pipes that lead here.
///
/// Dropped, it closes the pipes and leaves the processes running.
#[derive(Debug)]
pub struct Children {
    children: Vec<Child>,
}

impl Children {
    pub(super) fn new(children: Vec<Child>) -> Self {
        Self { children }
    }

    /// The children, first to last. The first one has the pipeline's input, the last one its output.
    pub fn all(&self) -> &[Child] {
        &self.children
    }

    /// The children, first to last, of which pipes can be taken.
    pub fn all_mut(&mut self) -> &mut [Child] {
        &mut self.children
    }

    /// The outcomes, first to last, if all have ended.
    pub fn poll(&self) -> Option<Vec<Outcome>> {
        // Each is asked, so that none stays a zombie because another one lives.
        let outcomes: Vec<_> = self.children.iter().map(Child::poll).collect();
        outcomes.into_iter().collect()
    }

    /// Closes the first one's standard input and waits until all have ended. Tells the outcomes, first to last.
    pub fn wait(&mut self) -> Vec<Outcome> {
        self.close_input();
        self.children
            .iter()
            .map(|child| child.process.wait())
            .collect()
    }

    /// Closes the first one's standard input and waits until all have ended or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first. Those that live run on.
    pub fn wait_until(&mut self, deadline: Deadline) -> Result<Vec<Outcome>, TimedOut> {
        self.close_input();
        let Ok(outcomes) = self.wait_unless(deadline, never_stop);
        outcomes.ok_or(TimedOut)
    }

    /// Waits until all have ended (`Some`, first to last), the deadline passes (`None`), or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<Vec<Outcome>>, S> {
        let mut outcomes = Vec::with_capacity(self.children.len());
        for child in &self.children {
            match child.process.wait_unless(deadline, &mut interrupted)? {
                Some(outcome) => outcomes.push(outcome),
                None => return Ok(None),
            }
        }
        Ok(Some(outcomes))
    }

    /// Ends all (`SIGKILL`). Does nothing to those that have ended.
    ///
    /// # Errors
    ///
    /// The first of those of [`Process::kill`](super::super::Process::kill). All others are ended all the same.
    pub fn kill(&self) -> io::Result<()> {
        self.each(Child::kill)
    }

    /// Ends all, each with everything that it started ([`Process::kill_tree`](super::super::Process::kill_tree)).
    ///
    /// All are stopped first: one that saw its neighbour gone would end by itself, and what it had started be without a parent.
    ///
    /// # Errors
    ///
    /// The first of those of the children. All others are ended all the same.
    pub fn kill_tree(&self) -> io::Result<()> {
        // Who may not be stopped may not be killed, which is told.
        let _ = self.each(|child| child.process.send_signal(libc::SIGSTOP));
        self.each(|child| child.process.kill_tree())
    }

    fn each(&self, act: impl Fn(&Child) -> io::Result<()>) -> io::Result<()> {
        let results = self.children.iter().map(act);
        results.fold(Ok(()), io::Result::and)
    }

    fn close_input(&mut self) {
        if let Some(first) = self.children.first_mut() {
            first.stdin = None;
        }
    }
}
