//! In which order descriptors come to their places, so that none is overwritten that is still needed.
//!
//! `dup2(5, 1)` and `dup2(1, 2)` make standard error another name for 5, unless the second is done first. Of a
//! circle, one is put aside; everything else needs no further number, of which a child may have none.
//!
//! # Source
//!
//! CPython's `child_exec`, which solves it for three streams; this does for any number.

use crate::sys::spawn::Move;
use std::os::fd::RawFd;

/// A descriptor and the number under which the program finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) from: RawFd,
    pub(super) to: RawFd,
}

/// The steps that bring everything to its place. No two places have the same number.
pub(super) fn arrange(places: &[Place]) -> Vec<Move> {
    let (staying, mut moving): (Vec<Place>, Vec<Place>) =
        places.iter().partition(|place| place.from == place.to);
    let mut steps: Vec<_> = staying.iter().map(|place| Move::Keep(place.to)).collect();
    while !moving.is_empty() {
        match moving.iter().position(|place| is_free(place.to, &moving)) {
            Some(free) => {
                let Place { from, to } = moving.swap_remove(free);
                steps.push(Move::Copy { from, to });
            }
            None => break_circle(&mut moving, &mut steps),
        }
    }
    steps
}

/// Whether nothing that is still to be moved lies at `number`.
fn is_free(number: RawFd, moving: &[Place]) -> bool {
    moving.iter().all(|place| place.from != number)
}

/// Moves one circle. Where no place is free, all that is left are circles: there are as many places as descriptors, each
/// of which lies in a place.
fn break_circle(moving: &mut Vec<Place>, steps: &mut Vec<Move>) {
    let Some(Place { mut from, to }) = moving.pop() else {
        return;
    };
    let aside = to;
    steps.push(Move::Aside(aside));
    steps.push(Move::Copy { from, to });
    while let Some(next) = moving.iter().position(|place| place.to == from) {
        let place = moving.swap_remove(next);
        from = place.from;
        steps.push(if from == aside {
            Move::Back(place.to)
        } else {
            Move::Copy { from, to: place.to }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::{Move, Place, arrange};
    use std::{collections::BTreeMap, os::fd::RawFd};

    /// What the child's table holds after the steps: number → what was there under its first number.
    fn played(steps: &[Move], open: impl Iterator<Item = RawFd>) -> BTreeMap<RawFd, RawFd> {
        let mut table: BTreeMap<_, _> = open.map(|fd| (fd, fd)).collect();
        let mut aside = None;
        for step in steps {
            match *step {
                Move::Keep(fd) => assert!(table.contains_key(&fd)),
                Move::Copy { from, to } => {
                    assert_ne!(from, to);
                    let file = table[&from];
                    table.insert(to, file);
                }
                Move::Aside(fd) => assert_eq!(aside.replace(table[&fd]), None, "one at a time"),
                Move::Back(to) => {
                    table.insert(to, aside.take().unwrap());
                }
            }
        }
        assert_eq!(aside, None);
        table
    }

    #[track_caller]
    fn assert_arranged(places: &[(RawFd, RawFd)]) {
        let of = |&(from, to): &(RawFd, RawFd)| Place { from, to };
        let steps = arrange(&places.iter().map(of).collect::<Vec<_>>());
        let table = played(&steps, places.iter().map(|place| place.0));
        for (from, to) in places {
            assert_eq!(table[to], *from, "{places:?} by {steps:?}");
        }
    }

    #[test]
    fn a_chain_is_moved_from_its_end() {
        assert_arranged(&[(5, 1), (1, 2), (2, 7)]);
    }

    #[test]
    fn circles_are_moved_one_after_the_other() {
        assert_arranged(&[(0, 1), (1, 0)]);
        assert_arranged(&[(0, 1), (1, 2), (2, 0), (5, 6), (6, 5), (9, 9)]);
    }

    #[test]
    fn one_descriptor_comes_to_many_places() {
        assert_arranged(&[(1, 0), (1, 1), (1, 2), (0, 5)]);
    }

    #[test]
    fn three_numbers_in_every_way() {
        for code in 0..8_i32.pow(3) {
            let from = |place: u32| code / 8_i32.pow(place) % 8;
            assert_arranged(&[(from(0), 0), (from(1), 1), (from(2), 2)]);
        }
    }

    #[test]
    fn five_numbers_in_every_way() {
        for code in 0..6_i32.pow(5) {
            let places: Vec<_> = (0..5)
                .map(|to| (code / 6_i32.pow(to as u32) % 6, to))
                .collect();
            assert_arranged(&places);
        }
    }
}
