//! Counts the words of all text files under a folder: `cargo run --release --example words -- FOLDER`.
//!
//! One thread walks the folder and puts each file's path into a [`Queue`]; workers take paths, read and
//! count. At most two files are read at a time ([`Semaphore`]), however many workers there are. Ctrl-C
//! sets an [`Event`]: the walk stops, the workers finish the file that they are at, and what was counted
//! so far is printed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

use std::{
    collections::HashMap,
    env, fs, io,
    num::NonZero,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
};
use threeply::{
    signal::Relay,
    threading::{Ended, Event, Queue, Semaphore, TryPutError},
    time::Deadline,
};

/// How many paths may wait for a worker: the walk is much faster than the reading.
const AHEAD: usize = 64;

/// How many files are read at a time.
const READERS: usize = 2;

/// How many of the most frequent words are printed.
const SHOWN: usize = 10;

type Counts = HashMap<String, u64>;

#[derive(Default)]
struct Tally {
    files: u64,
    words: Counts,
}

struct Job {
    paths: Queue<PathBuf>,
    reading: Semaphore,
    stop: Event,
}

impl Job {
    /// Puts every file under `folder` into the queue, until the job is to stop.
    fn walk(&self, folder: &Path) -> io::Result<ControlFlow<()>> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let flow = if kind.is_dir() {
                self.walk(&entry.path())?
            } else if kind.is_file() {
                self.put(entry.path())
            } else {
                ControlFlow::Continue(())
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Waits for room for `path`. Ctrl-C ends the wait: its relay interrupts this thread.
    fn put(&self, mut path: PathBuf) -> ControlFlow<()> {
        let asked = || {
            if interrupts::has_come() {
                self.stop.set();
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        loop {
            asked()?;
            match self.paths.try_put(path) {
                Ok(()) => return ControlFlow::Continue(()),
                Err(TryPutError::Full(back)) => path = back,
                Err(TryPutError::ShutDown(_) | TryPutError::Retired(_)) => {
                    return ControlFlow::Break(());
                }
            }
            match self.paths.wait_for_room(Deadline::NEVER, asked) {
                Ok(Ended::MayHaveCome | Ended::TimedOut) => {}
                Err(()) => return ControlFlow::Break(()),
            }
        }
    }

    /// Counts file after file until there are no more, or the job is to stop.
    fn work(&self) -> Tally {
        let mut tally = Tally::default();
        while let Ok(path) = self.paths.get() {
            if self.stop.is_set() {
                break;
            }
            self.reading.acquire();
            let text = fs::read(&path);
            self.reading
                .release(1)
                .expect("this thread gives back the permit that it took");
            // What is no text, or is gone by now, has no words.
            if let Some(text) = text.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                tally.files += 1;
                count(&text, &mut tally.words);
            }
        }
        tally
    }
}

fn count(text: &str, words: &mut Counts) {
    let is_no_letter = |c: char| !c.is_alphabetic();
    for word in text.split(is_no_letter).filter(|word| !word.is_empty()) {
        *words.entry(word.to_lowercase()).or_default() += 1;
    }
}

fn print(tally: &Tally, is_whole: bool) {
    let all: u64 = tally.words.values().sum();
    let so_far = if is_whole { "" } else { " (stopped)" };
    println!(
        "{} files, {all} words, {} different{so_far}",
        tally.files,
        tally.words.len()
    );
    let mut words: Vec<_> = tally.words.iter().collect();
    words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    for (word, count) in words.into_iter().take(SHOWN) {
        println!("{count:>9} {word}");
    }
}

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("usage: words FOLDER");
        return ExitCode::from(2);
    };
    interrupts::watch();
    let job = Job {
        paths: Queue::bounded(AHEAD),
        reading: Semaphore::bounded(READERS),
        stop: Event::new(),
    };
    let workers = thread::available_parallelism()
        .map_or(2, NonZero::get)
        .max(2);
    let (walked, tally) = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| job.work())).collect();
        if let Some(relay) = Relay::after_present_handler(libc::SIGINT) {
            relay.answer_here();
        }
        let walked = job.walk(Path::new(&folder));
        job.paths.shut_down();
        let mut whole = Tally::default();
        for worker in workers {
            let part = worker.join().expect("a worker does not panic");
            whole.files += part.files;
            for (word, count) in part.words {
                *whole.words.entry(word).or_default() += count;
            }
        }
        (walked, whole)
    });
    match walked {
        Ok(flow) => {
            print(&tally, flow.is_continue());
            // The status of a program that Ctrl-C ended, as a shell has it.
            if flow.is_break() {
                ExitCode::from(130)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => {
            eprintln!("words: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

/// Notes Ctrl-C. The engine's own handlers come with the rest of its `signal` room.
mod interrupts {
    #![expect(unsafe_code, reason = "a signal handler is set through C")]

    use std::sync::atomic::{AtomicBool, Ordering};

    static HAS_COME: AtomicBool = AtomicBool::new(false);

    extern "C" fn note(_: libc::c_int) {
        HAS_COME.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_come() -> bool {
        HAS_COME.load(Ordering::SeqCst)
    }

    pub(super) fn watch() {
        let handler = note as *const () as libc::sighandler_t;
        // SAFETY: the handler stores to one atomic, which signal-safety(7) allows.
        unsafe { libc::signal(libc::SIGINT, handler) };
    }
}
