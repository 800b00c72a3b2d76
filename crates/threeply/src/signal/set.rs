//! A set of signals.

use crate::sys::signals;
use std::fmt;

/// The numbers of signals that are of no use to a program, or of none at all, are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchSignal(pub i32);

impl fmt::Display for NoSuchSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no signal", self.0)
    }
}

impl std::error::Error for NoSuchSignal {}

/// A set of signals, by their numbers (`SIGINT` is 2).
///
/// # Examples
///
/// ```
/// use threeply::signal::SignalSet;
///
/// let set: SignalSet = [2, 15].into_iter().collect();
/// assert!(set.contains(15) && !set.contains(9));
/// assert_eq!(set.iter().collect::<Vec<_>>(), [2, 15]);
/// ```
///
/// # Source
///
/// `sigsetops(3)`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SignalSet(u64);

impl SignalSet {
    /// The set of none.
    pub const EMPTY: Self = Self(0);

    /// All signals of this system that a program may use. Python: `signal.valid_signals`.
    #[doc(alias = "valid_signals")]
    pub fn all() -> Self {
        Self(signals::all())
    }

    /// Adds a signal.
    ///
    /// # Errors
    ///
    /// [`NoSuchSignal`]; the set is as it was.
    pub fn insert(&mut self, signal: i32) -> Result<(), NoSuchSignal> {
        self.0 |= bit(signal).ok_or(NoSuchSignal(signal))?;
        Ok(())
    }

    /// Takes a signal out; false if it was not in it.
    pub fn remove(&mut self, signal: i32) -> bool {
        let had = self.contains(signal);
        self.0 &= !bit(signal).unwrap_or(0);
        had
    }

    /// Says whether a signal is in the set.
    pub fn contains(self, signal: i32) -> bool {
        bit(signal).is_some_and(|bit| self.0 & bit != 0)
    }

    /// Says whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The signals, by number.
    pub fn iter(self) -> impl Iterator<Item = i32> {
        (1..=64).filter(move |signal| self.contains(*signal))
    }

    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

fn bit(signal: i32) -> Option<u64> {
    (1..=64).contains(&signal).then(|| 1 << (signal - 1))
}

impl fmt::Debug for SignalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Numbers of no signal are left out.
impl FromIterator<i32> for SignalSet {
    fn from_iter<I: IntoIterator<Item = i32>>(signals: I) -> Self {
        let bits = signals.into_iter().filter_map(bit);
        Self(bits.fold(0, |all, bit| all | bit))
    }
}
