//! Work that takes a known time of a processor, whoever else has one meanwhile.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// So many turns of a loop.
#[derive(Clone, Copy)]
pub(crate) struct Work(u32);

impl Work {
    pub(crate) fn none() -> Self {
        Self(0)
    }

    /// Finds out how many turns take that long.
    pub(crate) fn of(span: Duration) -> Self {
        const TURNS: u32 = 10_000;
        let fastest = (0..100).map(|_| {
            let start = Instant::now();
            Self(TURNS).run();
            start.elapsed()
        });
        let turn = fastest.min().unwrap().as_secs_f64() / f64::from(TURNS);
        #[expect(clippy::cast_possible_truncation, reason = "it is well below")]
        Self((span.as_secs_f64() / turn) as u32)
    }

    /// Takes its time, and returns what a caller must wait for.
    pub(crate) fn run(self) -> u32 {
        (0..self.0).fold(1, |sum, turn| black_box(sum ^ turn))
    }
}
