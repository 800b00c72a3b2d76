//! The state of a barrier as one word: the phase, how many threads are inside, the fork generation.

use crate::sys::fork;

const PHASE: usize = 0b111;
const COUNT_SHIFT: u32 = 3;
const COUNT_BITS: u32 = 29;
const GENERATION_SHIFT: u32 = COUNT_SHIFT + COUNT_BITS;
const _: () = assert!(usize::BITS - GENERATION_SHIFT == u32::BITS);

/// The most parties that the word has room for.
pub(super) const MAX_PARTIES: usize = (1 << COUNT_BITS) - 1;

/// What goes on at a [`Barrier`](super::Barrier).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Threads arrive until all have come.
    Filling = 0,
    /// The last has come, and has something to do before it releases the others.
    Releasing = 1,
    /// Those that were released leave.
    Draining = 2,
    /// Those that a reset turned away leave.
    Resetting = 3,
    /// Nobody can wait until a reset.
    Broken = 4,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// How many threads are inside: arrived, and not yet gone.
    pub(super) count: usize,
}

impl State {
    pub(super) fn from_word(word: usize) -> Self {
        let phase = match word & PHASE {
            0 => Phase::Filling,
            1 => Phase::Releasing,
            2 => Phase::Draining,
            3 => Phase::Resetting,
            _ => Phase::Broken,
        };
        if word >> GENERATION_SHIFT == fork::generation() as usize {
            let count = (word >> COUNT_SHIFT) & MAX_PARTIES;
            return Self { phase, count };
        }
        // Written in a parent process: those inside stayed there.
        let phase = match phase {
            Phase::Broken => Phase::Broken,
            _ => Phase::Filling,
        };
        Self { phase, count: 0 }
    }

    pub(super) fn into_word(self) -> usize {
        let generation = fork::generation() as usize;
        (generation << GENERATION_SHIFT) | (self.count << COUNT_SHIFT) | self.phase as usize
    }

    pub(super) fn with(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// One more inside; the last of `parties` has something to do.
    pub(super) fn entered(self, parties: usize) -> Self {
        let count = self.count + 1;
        let phase = if count >= parties {
            Phase::Releasing
        } else {
            Phase::Filling
        };
        Self { phase, count }
    }

    /// One fewer inside; the last to leave opens the next round.
    pub(super) fn left(self) -> Self {
        let count = self.count - 1;
        let phase = match self.phase {
            Phase::Draining | Phase::Resetting if count == 0 => Phase::Filling,
            phase => phase,
        };
        Self { phase, count }
    }

    /// After a reset, `None` where that changes nothing.
    pub(super) fn reset(self) -> Option<Self> {
        match self.phase {
            _ if self.count == 0 => Some(self.with(Phase::Filling)),
            Phase::Filling | Phase::Broken => Some(self.with(Phase::Resetting)),
            // They go already.
            Phase::Releasing | Phase::Draining | Phase::Resetting => None,
        }
    }
}
