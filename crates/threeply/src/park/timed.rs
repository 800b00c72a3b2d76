//! Sleeps that end at their deadline, not some 100 µs after it.
//!
//! The kernel ends a timed sleep late, for two reasons: it may put timers off to let several fall together (the slack, see
//! `sys/slack.rs`), and a processor that has gone to sleep takes its time, on a virtual machine most of all. The
//! first is cut for the sleep. The second cannot be, but it is much the same each time: so a thread asks to be woken
//! earlier by a little less than sleeps tend to end late, and looks for its event during what is left.
//!
//! Lateness of a sleep of 1 ms in µs, median of 3 × 500 on a loaded virtual machine with two processors: 112 as it
//! is, 62 with the slack cut, 11 with both. What is looked for at the end took 1 to 3 µs a sleep.
//!
//! Only sleeps of less than `LONG` are worth this. One that is woken by its event has paid four system calls for nothing.
//!
//! # State
//!
//! `LATE`, one word for all threads: by how many nanoseconds sleeps tend to end late, or rather a little less. It falls fast and
//! rises slowly, which settles where one sleep in nine is less late. At most `MOST`; a processor that is
//! late for other reasons (it has others to run) shall not have threads look in vain for long.
//!
//! # Memory ordering
//!
//! `LATE` is a guess that threads share; lost updates only make it a worse guess. Relaxed. The word slept on is read here
//! only to see that it changed; the owner acquires what it holds.
//!
//! # Source
//!
//! `futex(2)`, `PR_SET_TIMERSLACK(2const)`.

use crate::{
    primitive::{AtomicU32, Ordering, spin_hint},
    sys::{
        affinity,
        futex::{self, Slept},
        slack,
    },
    time::Deadline,
};
use std::time::Duration;

/// A sleep that may last so long ends as late as the kernel likes.
const LONG: Duration = Duration::from_millis(100);

/// The most nanoseconds by which a thread is woken early.
const MOST: u32 = 60_000;

/// A sleep is never cut by more than this part of it: looking in its place would keep a processor busy.
const PART: u32 = 4;

/// By how many nanoseconds sleeps tend to end late.
static LATE: AtomicU32 = AtomicU32::new(0);

/// Sleeps while `word` holds `expected`, until the deadline.
pub(super) fn sleep(word: &AtomicU32, expected: u32, deadline: Deadline) -> Slept {
    match deadline.remaining() {
        Some(left) if left < LONG && !left.is_zero() => {
            sleep_punctually(word, expected, deadline, early(left))
        }
        _ => futex::wait(word, expected, deadline.timespec()),
    }
}

#[cold]
fn sleep_punctually(word: &AtomicU32, expected: u32, end: Deadline, early: Duration) -> Slept {
    let aim = end.sooner_by(early);
    let cut = slack::cut();
    let slept = futex::wait(word, expected, aim.timespec());
    drop(cut);
    if slept == Slept::TimedOut {
        learn(aim.overdue());
        while word.load(Ordering::Relaxed) == expected && !end.has_passed() {
            spin_hint();
        }
    }
    slept
}

/// By how much a sleep of this length is to end early.
fn early(left: Duration) -> Duration {
    if !affinity::has_second_processor() {
        // Looking would keep from running whoever is to make the event come true.
        return Duration::ZERO;
    }
    let late = Duration::from_nanos(LATE.load(Ordering::Relaxed).into());
    late.min(left / PART)
}

/// Notes how late a sleep ended.
fn learn(late: Duration) {
    let late = u32::try_from(late.as_nanos()).unwrap_or(MOST).min(MOST);
    let known = LATE.load(Ordering::Relaxed);
    let next = if late < known {
        known - (known - late) / 4
    } else {
        known + (late - known) / 32
    };
    LATE.store(next, Ordering::Relaxed);
}
