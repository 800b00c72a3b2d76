//! How long a thread looks before it sleeps.
#![cfg(not(loom))]

use std::{thread::available_parallelism, time::Duration};
use threeply::{park::Spin, time::Deadline};

/// How often a look asked for its event, which did not come.
fn asked(spin: &Spin, deadline: Deadline, mut before: impl FnMut()) -> u32 {
    let mut count = 0;
    let came = spin.look_until(deadline, || {
        before();
        count += 1;
        false
    });
    assert!(!came);
    count
}

#[test]
fn a_deadline_that_has_passed_allows_a_single_look() {
    let passed = Deadline::after(Duration::ZERO);
    assert_eq!(asked(&Spin::new(), passed, || {}), 1);
    assert!(Spin::new().look_until(passed, || true));
}

#[test]
fn a_look_ends_soon_after_its_deadline_and_learns_nothing_from_that() {
    let spin = Spin::new();
    let whole = asked(&Spin::new(), Deadline::NEVER, || {});
    let deadline = Deadline::after(Duration::from_micros(100));
    let cut = asked(&spin, deadline, || while !deadline.has_passed() {});
    // The first look and the rounds between two looks at the clock.
    assert!(cut <= 9, "{cut} looks");
    assert_eq!(asked(&spin, Deadline::NEVER, || {}), whole);
    let is_alone = available_parallelism().is_ok_and(|n| n.get() == 1);
    assert!(is_alone || whole > 9, "{whole} looks at most");
}
