//! What is known of a process, in one word. Its story is that of [`process`](super::process).

use super::outcome::Outcome;

// The lowest byte of the word. What belongs to it stands in the upper half.
pub(super) const RUNNING: u64 = 0;
pub(super) const ASKING: u64 = 1;
const EXITED: u64 = 2;
const KILLED: u64 = 3;
const DUMPED: u64 = 4;
const LOST: u64 = 5;

/// An outcome as a word.
pub(super) fn encode(outcome: Outcome) -> u64 {
    // The status of an exit has eight bits, a signal's number seven.
    let (kind, number) = match outcome {
        Outcome::Exited(status) => (EXITED, status),
        Outcome::Killed { signal, dumped } => (if dumped { DUMPED } else { KILLED }, signal),
        Outcome::Lost => (LOST, 0),
    };
    kind | u64::from(number.unsigned_abs()) << 32
}

/// The outcome that a word says, if it says one.
pub(super) fn decode(state: u64) -> Option<Outcome> {
    let number = i32::try_from(state >> 32).unwrap_or(0);
    let killed = |dumped| Outcome::Killed {
        signal: number,
        dumped,
    };
    match state & 0xFF {
        EXITED => Some(Outcome::Exited(number)),
        KILLED => Some(killed(false)),
        DUMPED => Some(killed(true)),
        LOST => Some(Outcome::Lost),
        _ => None,
    }
}
