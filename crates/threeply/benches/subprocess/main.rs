//! What it costs to start a child and to wait for it, in parents of four sizes; to talk with one; to put two in a row. Beside it the peers.
//!
//! `cargo bench -p threeply --bench subprocess [-- ROUNDS]` prints a line for each bench and library: the median in nanoseconds. Each round
//! does a bench once in every way, in turn, so that what else the machine does falls on all of them alike.
//! `benches/rust/measure.py subprocess` makes `benches/results/rust-subprocess.md` of it.
#![allow(clippy::unwrap_used, reason = "a bench may fail by panic")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
#![allow(clippy::disallowed_methods, reason = "the peers are what is measured")]
#![allow(unsafe_code, reason = "fork and hooks are unsafe")]

mod pipes;
mod starts;
mod waits;

use rustix::process::{Resource, getrlimit, setrlimit};
use std::{
    env,
    fs::File,
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 50;

/// Rounds that warm up.
const WARMUPS: usize = 3;

/// One way to do what a bench is about.
struct Way {
    bench: &'static str,
    library: &'static str,
    run: Box<dyn Fn() -> Duration>,
}

/// A way whose whole run is timed.
fn way(bench: &'static str, library: &'static str, run: impl Fn() + 'static) -> Way {
    let run = move || {
        // What the way before left behind — a fork has every page written to fault once — is not this one's.
        run();
        let start = Instant::now();
        run();
        start.elapsed()
    };
    timed(bench, library, run)
}

/// A way that times itself.
fn timed(bench: &'static str, library: &'static str, run: impl Fn() -> Duration + 'static) -> Way {
    let run = Box::new(run);
    Way {
        bench,
        library,
        run,
    }
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() / 2].as_nanos()
}

/// Prints the medians of all ways. `parent` is what is special about this process.
fn measure(parent: &str, ways: &[Way], rounds: usize) {
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..rounds + WARMUPS {
        for (way, times) in ways.iter().zip(&mut times) {
            let time = (way.run)();
            if round >= WARMUPS {
                times.push(time);
            }
        }
    }
    for (way, times) in ways.iter().zip(times) {
        println!("{}{parent}\t{}\t{}", way.bench, way.library, median(times));
    }
}

fn open(count: usize) -> Vec<File> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    (0..count)
        .map(|_| File::open("/dev/null").unwrap())
        .collect()
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let rounds = arguments
        .next()
        .map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let starts = starts::ways();
    measure("", &starts, rounds);
    measure("", &waits::ways(), rounds);
    measure("", &pipes::rows(), rounds);
    measure("", &pipes::talks(), rounds.min(9));
    let files = open(10_000);
    measure(", 10,000 open files", &starts, rounds);
    measure(", 10,000 open files", &pipes::rows(), rounds);
    let memory = black_box(vec![1_u8; 2 << 30]);
    measure(", 2 GiB and 10,000 open files", &starts, rounds);
    drop(files);
    measure(", 2 GiB", &starts, rounds);
    drop(black_box(memory));
}
