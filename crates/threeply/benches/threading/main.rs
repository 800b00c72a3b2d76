//! What the primitives cost, beside the standard library's and three crates'.
//!
//! `cargo bench -p threeply --bench threading`; results are in `benches/results/rust-threading.md`.
#![allow(clippy::unwrap_used, reason = "a bench may fail by panic")]

mod event;
mod mutex;
mod queue;
mod rwlock;
mod semaphore;

use criterion::{BenchmarkGroup, criterion_group, criterion_main, measurement::WallTime};
use std::{
    thread,
    time::{Duration, Instant},
};

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Times `rounds` rounds on this thread and on another one at once, an operation of each being a round.
fn by_two(rounds: u64, operation: impl Fn() + Sync) -> Duration {
    thread::scope(|scope| {
        let operation = &operation;
        let begin = Instant::now();
        let other = scope.spawn(move || (0..rounds / 2).for_each(|_| operation()));
        (0..rounds - rounds / 2).for_each(|_| operation());
        other.join().unwrap();
        begin.elapsed()
    })
}

criterion_group!(
    benches,
    event::set_clear,
    event::wait_set,
    semaphore::acquire_release,
    mutex::lock_unlock,
    mutex::contended,
    rwlock::read,
    rwlock::write,
    rwlock::contended,
    queue::put_get,
    queue::one_producer_one_consumer,
    queue::ping_pong,
);
criterion_main!(benches);
