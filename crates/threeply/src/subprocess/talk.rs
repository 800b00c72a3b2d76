//! A talk with children over any number of pipes: what goes in, and each output.
//!
//! One thread serves all, by one `poll`, so that no pipe can fill up while another one is served.

use super::{
    capture::{Capture, TooMuchOutput},
    feed::Feed,
    sink::Sink,
};
use crate::{
    park::{self, Watched},
    time::Deadline,
};
use std::{io, ops::ControlFlow};

#[derive(Debug)]
pub(super) struct Talk<I, S> {
    pub(super) feed: Feed<I>,
    pub(super) outputs: Vec<Capture<S>>,
}

/// Something that can be done without waiting.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Feed,
    Read(usize),
    Show(usize),
}

impl<I: AsRef<[u8]>, S: Sink> Talk<I, S> {
    /// Goes on until all is said (true), the deadline passes (false), or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// The inner one is [`TooMuchOutput`], or what a read or a write told; the talk can go on after the latter.
    pub(super) fn go_on<E>(
        &mut self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<bool>, E> {
        if let Err(error) = self.feed.begin() {
            return Ok(Err(error));
        }
        let result = self.serve_until(deadline, interrupted);
        self.feed.pause();
        result
    }

    fn serve_until<E>(
        &mut self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<bool>, E> {
        loop {
            if self.is_beyond() {
                return Ok(Err(TooMuchOutput.into()));
            }
            if self.is_over() {
                return Ok(Ok(true));
            }
            let turns = match self.wait(deadline, &mut interrupted)? {
                Ok(turns) => turns,
                Err(error) => return Ok(Err(error)),
            };
            if turns.is_empty() {
                return Ok(Ok(false));
            }
            if let Err(error) = turns.into_iter().try_for_each(|turn| self.take(turn)) {
                return Ok(Err(error));
            }
        }
    }

    /// Waits until something can be done. Says what; nothing when the deadline has passed.
    fn wait<E>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<E>,
    ) -> Result<io::Result<Vec<Turn>>, E> {
        let feed = self.feed.file();
        let feed = feed.map(|file| (Turn::Feed, Watched::to_write(file)));
        let outputs = self.outputs.iter().enumerate();
        let outputs = outputs.flat_map(|(at, output)| {
            let source = output
                .source()
                .map(|file| (Turn::Read(at), Watched::to_read(file)));
            let screen = output
                .screen()
                .map(|file| (Turn::Show(at), Watched::to_write(file)));
            source.into_iter().chain(screen)
        });
        let (turns, mut watched): (Vec<_>, Vec<_>) = feed.into_iter().chain(outputs).unzip();
        if let Err(error) = park::poll(&mut watched, deadline, interrupted)? {
            return Ok(Err(error));
        }
        let turns = turns.into_iter().zip(&watched);
        let ready = turns.filter(|(_, file)| file.is_ready());
        Ok(Ok(ready.map(|(turn, _)| turn).collect()))
    }

    fn take(&mut self, turn: Turn) -> io::Result<()> {
        match turn {
            Turn::Feed => self.feed.write(),
            Turn::Read(at) => self.outputs.get_mut(at).map_or(Ok(()), Capture::read),
            Turn::Show(at) => self.outputs.get_mut(at).map_or(Ok(()), Capture::write),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.feed.file().is_none() && self.outputs.iter().all(Capture::is_over)
    }

    pub(super) fn is_beyond(&self) -> bool {
        self.outputs.iter().any(Capture::is_beyond)
    }
}
