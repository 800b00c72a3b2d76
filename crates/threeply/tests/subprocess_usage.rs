//! What a child used is known when its end is, and not otherwise.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod children;
mod support;

use children::{alone, steal};
use std::{
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};
use support::{Limit, until};
use threeply::subprocess::{Outcome, PIPE, Popen, ResourceUsage};

/// Runs a command in a shell and tells what it used.
fn used(command: &str) -> ResourceUsage {
    let mut child = Popen::shell(command).spawn().unwrap();
    assert_eq!(child.wait(), Outcome::Exited(0));
    child.process.resource_usage().unwrap()
}

/// Keeps a shell busy.
const BUSY: &str = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

#[test]
fn there_is_none_before_the_end_is_known() {
    let _limit = Limit::new();
    let mut child = Popen::new("cat").stdin(PIPE).spawn().unwrap();
    assert_eq!(child.process.resource_usage(), None);
    assert_eq!(child.poll(), None);
    assert_eq!(child.process.resource_usage(), None);
    child.stdin = None;
    until(|| child.poll().is_some());
    let usage = child.process.resource_usage().unwrap();
    assert!(
        usage.max_resident > 0 && usage.minor_faults > 0,
        "{usage:?}"
    );
    assert_eq!(child.process.resource_usage(), Some(usage));
}

#[test]
fn times_are_those_of_a_processor() {
    let _limit = Limit::new();
    let start = Instant::now();
    let (idle, busy) = (used("exit 0"), used(BUSY));
    let passed = start.elapsed();
    let time = |usage: ResourceUsage| usage.user_time + usage.system_time;
    assert!(time(busy) > time(idle), "{idle:?} {busy:?}");
    // A shell has one thread. The kernel's clocks differ by a little.
    assert!(
        time(busy) + time(idle) < passed + Duration::from_millis(100),
        "{busy:?} {passed:?}"
    );
}

#[test]
fn grandchildren_that_were_waited_for_count() {
    let _limit = Limit::new();
    let direct = used(BUSY);
    let indirect = used(&format!("/bin/sh -c '{BUSY}'; true"));
    assert!(
        indirect.user_time * 4 > direct.user_time,
        "{direct:?} {indirect:?}"
    );
}

#[test]
fn memory_is_told_in_bytes() {
    let _limit = Limit::new();
    alone(|| {
        let usage = used("head -c 300000000 /dev/zero | tail -n 1 | wc -c > /dev/null");
        // `tail` keeps the one line that there is, which has no end.
        let least = 300_000_000;
        assert!(
            (least..2 * least).contains(&usage.max_resident),
            "{usage:?}"
        );
        assert_eq!(usage.counts()[0], usage.max_resident / 1024);
        assert!(usage.minor_faults > 300_000_000 / 65536, "{usage:?}");
    });
}

#[test]
fn a_child_is_charged_with_the_memory_that_it_was_born_in() {
    // The documentation says so, since it astonishes.
    let _limit = Limit::new();
    alone(|| {
        let memory = std::hint::black_box(vec![1_u8; 200 << 20]);
        let usage = used("exit 0");
        drop(memory);
        assert!(usage.max_resident > 200 << 20, "{usage:?}");
    });
}

#[test]
fn what_is_written_and_waited_for_is_counted() {
    let _limit = Limit::new();
    let file = format!("{}/threeply-usage", env!("CARGO_TARGET_TMPDIR"));
    // What is written to a file in memory is no block of a disk, so only an upper bound holds everywhere.
    let usage = used(&format!("head -c 1048576 /dev/zero > '{file}'; sleep 0.01"));
    fs::remove_file(file).unwrap();
    assert!(usage.blocks_out <= 3 << 11, "{usage:?}");
    assert!(usage.voluntary_switches > 0, "{usage:?}");
}

#[test]
fn the_numbers_lie_where_a_struct_rusage_has_them() {
    let _limit = Limit::new();
    let usage = used(BUSY);
    let counts = usage.counts();
    let known = [
        (0, usage.max_resident / 1024),
        (4, usage.minor_faults),
        (5, usage.major_faults),
        (7, usage.blocks_in),
        (8, usage.blocks_out),
        (12, usage.voluntary_switches),
        (13, usage.involuntary_switches),
    ];
    for (place, count) in counts.into_iter().enumerate() {
        let known = known.iter().find(|known| known.0 == place);
        assert_eq!(count, known.map_or(0, |known| known.1), "{place}");
    }
}

#[test]
fn a_stolen_status_takes_it_along() {
    let _limit = Limit::new();
    let child = Popen::shell("exit 7").spawn().unwrap();
    steal(child.pid());
    // By the handle the kernel tells at most how it ended.
    child.process.wait();
    assert_eq!(child.process.resource_usage(), None);
}

#[test]
fn whoever_sees_the_outcome_sees_the_usage() {
    let _limit = Limit::new();
    for _ in 0..100 {
        let child = Popen::new("cat").stdin(PIPE).spawn().unwrap();
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for asks in [true, false, false] {
                let (process, start) = (&child.process, &start);
                scope.spawn(move || {
                    start.wait();
                    until(|| {
                        if asks {
                            process.poll()
                        } else {
                            process.outcome()
                        }
                        .is_some()
                    });
                    assert!(process.resource_usage().is_some());
                });
            }
            start.wait();
            child.kill().unwrap();
        });
    }
}
