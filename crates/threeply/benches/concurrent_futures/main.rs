//! What a future and a call by a pool of two threads cost, beside rayon, threadpool and tokio's threads for blocking calls.
//!
//! `cargo bench -p threeply --bench concurrent_futures [-- ROUNDS]` prints a line for each bench and library: the median of a call, in
//! nanoseconds. Each round does a bench once in every way, in turn, so that what else the machine does falls on all of them
//! alike. `benches/rust/measure.py concurrent.futures` makes `benches/results/rust-concurrent.futures.md` of it.
#![allow(clippy::unwrap_used, reason = "a bench may fail by panic")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

mod calls;
mod values;
mod work;

use std::{
    env,
    time::{Duration, Instant},
};
use work::Work;

const ROUNDS: usize = 30;

/// Rounds that warm up: the threads are there after them.
const WARMUPS: usize = 3;

/// The workers of each pool.
const WORKERS: usize = 2;

/// One way to do what a bench is about, so many times.
struct Way {
    bench: &'static str,
    library: &'static str,
    times: u32,
    run: Box<dyn Fn()>,
}

fn way(bench: &'static str, library: &'static str, times: u32, run: impl Fn() + 'static) -> Way {
    let run = Box::new(run);
    Way {
        bench,
        library,
        times,
        run,
    }
}

fn time(way: &Way) -> Duration {
    let start = Instant::now();
    (way.run)();
    start.elapsed() / way.times
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() / 2].as_nanos()
}

fn main() {
    let rounds = env::args().find_map(|argument| argument.parse().ok());
    let rounds: usize = rounds.unwrap_or(ROUNDS);
    let mut ways = values::ways();
    ways.extend(calls::one_by_one());
    ways.extend(calls::many(
        "calls of nothing, 10,000",
        Work::none(),
        10_000,
    ));
    ways.extend(calls::many(
        "calls of 1 us, 10,000",
        Work::of(Duration::from_micros(1)),
        10_000,
    ));
    ways.extend(calls::many(
        "calls of 100 us, 200",
        Work::of(Duration::from_micros(100)),
        200,
    ));
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..WARMUPS + rounds {
        for (way, times) in ways.iter().zip(&mut times) {
            let taken = time(way);
            if round >= WARMUPS {
                times.push(taken);
            }
        }
    }
    for (way, times) in ways.iter().zip(times) {
        println!("{}\t{}\t{}", way.bench, way.library, median(times));
    }
}
