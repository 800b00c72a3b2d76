//! Deadlines at the ends of the clock.
#![cfg(not(loom))]

use std::time::Duration;
use threeply::time::Deadline;

#[test]
fn a_deadline_centuries_ahead_has_not_passed() {
    // The nanoseconds of such a span do not fit in 64 bits: it used to overflow, and to have passed.
    for years in [292, 293, 1000, 100_000_000_000] {
        let span = Duration::new(years * 31_557_600, 999_999_999);
        let deadline = Deadline::after(span);
        assert!(!deadline.has_passed(), "{years} years");
        let remaining = deadline.remaining();
        assert!(
            remaining.is_some_and(|left| left <= span && left > span / 2),
            "{remaining:?}"
        );
    }
}

#[test]
fn a_span_too_long_for_the_clock_is_never() {
    assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
    assert_eq!(Deadline::NEVER.remaining(), None);
    assert!(!Deadline::NEVER.has_passed());
}

#[test]
fn no_span_has_passed_and_leaves_nothing() {
    let deadline = Deadline::after(Duration::ZERO);
    assert!(deadline.has_passed());
    assert_eq!(deadline.remaining(), Some(Duration::ZERO));
}
