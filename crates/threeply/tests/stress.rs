//! Many threads, timeouts and interruptions: nothing lost, nothing doubled, nobody asleep for ever.
//!
//! `THREEPLY_STRESS_SECONDS` says how long (default 8), `THREEPLY_STRESS_SEED` which luck; a failure names
//! its seed. The threads' own timing is not repeatable: a seed makes a failure likelier, not certain.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(clippy::print_stderr, reason = "the seed must be known")]

#[path = "stress/locks.rs"]
mod locks;
#[path = "stress/pool.rs"]
mod pool;

mod support;

use std::{
    env,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering},
    thread,
    time::{Duration, SystemTime},
};
use support::{Limit, passed, with_parker};
use threeply::{
    park::Parker,
    threading::{Arrival, Barrier, Phase, Queue, RawRwLock, Semaphore, TryGetError, TryPutError},
    time::Deadline,
};

/// A small generator of its own for each thread (xorshift64).
struct Luck(u64);

impl Luck {
    fn new(seed: u64, thread: u64) -> Self {
        // An odd constant spreads the threads; a state of zero would stay zero.
        Self((seed ^ thread.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1))
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    /// Never, at once, or within a few microseconds.
    fn deadline(&mut self) -> Deadline {
        match self.below(4) {
            0 => passed(),
            1 => Deadline::NEVER,
            _ => Deadline::after(Duration::from_micros(self.below(80))),
        }
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number, not {text:?}")),
    )
}

fn span() -> Duration {
    // The tests share it.
    Duration::from_secs(number("THREEPLY_STRESS_SECONDS").unwrap_or(8)) / 8
}

fn seed() -> u64 {
    let now = || {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
    };
    let seed =
        number("THREEPLY_STRESS_SEED").unwrap_or_else(|| u64::from(now().subsec_nanos()) | 1);
    eprintln!("THREEPLY_STRESS_SEED={seed}");
    seed
}

/// Interrupts one of `parkers` after another until `is_over`.
fn interrupt(parkers: &[&Parker], mut luck: Luck, is_over: &AtomicBool) {
    while !is_over.load(Ordering::SeqCst) {
        let one = usize::try_from(luck.below(parkers.len() as u64)).unwrap();
        parkers[one].interrupt();
        for _ in 0..luck.below(50) {
            thread::yield_now();
        }
    }
}

const PUTTERS: usize = 3;
const GETTERS: usize = 3;

/// Puts 0, 1, 2, … until `end`, each once, however often it times out or is interrupted.
fn put_all(queue: &Queue<(usize, u64)>, putter: usize, mut luck: Luck, end: Deadline) -> u64 {
    let mut next = 0;
    while !end.has_passed() {
        match queue.try_put((putter, next)) {
            Ok(()) => next += 1,
            Err(TryPutError::Full(_)) => {
                // A wake-up that is stopped must reach another; that none is lost is what the patient
                // threads show, who have no deadline.
                let deadline = if putter == 0 {
                    Deadline::NEVER
                } else {
                    luck.deadline()
                };
                let _ = queue.wait_for_room(deadline, || stop_sometimes(&mut luck, putter));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    next
}

fn get_all(queue: &Queue<(usize, u64)>, getter: usize, mut luck: Luck) -> Vec<(usize, u64)> {
    let mut got = Vec::new();
    loop {
        match queue.try_get() {
            Ok(item) => {
                got.push(item);
                assert!(queue.task_done());
            }
            Err(TryGetError::Empty) => {
                let deadline = if getter == 0 {
                    Deadline::NEVER
                } else {
                    luck.deadline()
                };
                let _ = queue.wait_for_item(deadline, || stop_sometimes(&mut luck, getter));
            }
            Err(TryGetError::ShutDown) => return got,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The first of its kind is never stopped.
fn stop_sometimes(luck: &mut Luck, thread: usize) -> ControlFlow<()> {
    if thread > 0 && luck.below(2) == 0 {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

#[test]
fn a_queue_loses_nothing_doubles_nothing_and_keeps_each_putters_order() {
    let (seed, span) = (seed(), span());
    let _limit = Limit::beyond(span);
    let queue = Queue::bounded(3);
    let end = Deadline::after(span);
    let is_over = AtomicBool::new(false);
    let (put, got) = thread::scope(|scope| {
        let queue = &queue;
        let mut parkers = Vec::new();
        let getters: Vec<_> = (0..GETTERS)
            .map(|getter| {
                let luck = Luck::new(seed, getter as u64);
                let (parker, handle) = with_parker(scope, move || get_all(queue, getter, luck));
                parkers.push(parker);
                handle
            })
            .collect();
        let putters: Vec<_> = (0..PUTTERS)
            .map(|putter| {
                let luck = Luck::new(seed, (GETTERS + putter) as u64);
                let (parker, handle) =
                    with_parker(scope, move || put_all(queue, putter, luck, end));
                parkers.push(parker);
                handle
            })
            .collect();
        let is_over = &is_over;
        scope.spawn(move || interrupt(&parkers, Luck::new(seed, 99), is_over));
        let put: Vec<u64> = putters
            .into_iter()
            .map(|putter| putter.join().unwrap())
            .collect();
        queue.join();
        queue.shut_down();
        let got: Vec<_> = getters
            .into_iter()
            .map(|getter| getter.join().unwrap())
            .collect();
        is_over.store(true, Ordering::SeqCst);
        (put, got)
    });
    for items in &got {
        for putter in 0..PUTTERS {
            let own = items
                .iter()
                .filter(|(from, _)| *from == putter)
                .map(|(_, item)| item);
            assert!(
                own.is_sorted_by(|a, b| a < b),
                "the items of putter {putter} changed places"
            );
        }
    }
    for (putter, put) in put.iter().enumerate() {
        let all = got.iter().flatten().filter(|(from, _)| *from == putter);
        let mut all: Vec<u64> = all.map(|(_, item)| *item).collect();
        all.sort_unstable();
        assert!(
            all.iter().copied().eq(0..*put),
            "of putter {putter}'s {put}: {} came",
            all.len()
        );
        assert!(*put > 0, "putter {putter} never came to put");
    }
    assert_eq!((queue.len(), queue.unfinished()), (0, 0));
}

#[test]
fn a_semaphore_keeps_its_number_and_lets_everybody_in() {
    const PERMITS: usize = 2;
    const THREADS: usize = 5;
    let (seed, span) = (seed(), span());
    let _limit = Limit::beyond(span);
    let permits = Semaphore::bounded(PERMITS);
    let inside = AtomicIsize::new(0);
    let entries = AtomicUsize::new(0);
    let end = Deadline::after(span);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (permits, inside, entries, is_over) = (&permits, &inside, &entries, &is_over);
        let mut parkers = Vec::new();
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let mut luck = Luck::new(seed, thread as u64);
                let (parker, handle) = with_parker(scope, move || {
                    while !end.has_passed() {
                        let deadline = if thread == 0 {
                            Deadline::NEVER
                        } else {
                            luck.deadline()
                        };
                        let stop = || stop_sometimes(&mut luck, thread);
                        if permits.acquire_unless(deadline, stop) == Ok(true) {
                            let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                            assert!(now <= PERMITS as isize, "{now} are inside");
                            entries.fetch_add(1, Ordering::SeqCst);
                            if luck.below(2) == 0 {
                                thread::yield_now();
                            }
                            inside.fetch_sub(1, Ordering::SeqCst);
                            permits.release(1).unwrap();
                        }
                    }
                });
                parkers.push(parker);
                handle
            })
            .collect();
        scope.spawn(move || interrupt(&parkers, Luck::new(seed, 99), is_over));
        for handle in threads {
            handle.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert!(entries.into_inner() > 0);
    assert_eq!((permits.permits(), permits.waiting()), (PERMITS, 0));
}

#[test]
fn a_readers_writer_lock_keeps_them_apart_and_lets_everybody_in() {
    const THREADS: usize = 6;
    let (seed, span) = (seed(), span());
    let _limit = Limit::beyond(span);
    let lock = RawRwLock::new();
    // A writer counts as many as there are threads.
    let inside = AtomicUsize::new(0);
    let entries = [(); THREADS].map(|()| AtomicUsize::new(0));
    let end = Deadline::after(span);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (lock, inside, is_over) = (&lock, &inside, &is_over);
        let mut parkers = Vec::new();
        let mut threads = Vec::new();
        for (thread, entries) in entries.iter().enumerate() {
            let mut luck = Luck::new(seed, thread as u64);
            let (parker, handle) = with_parker(scope, move || {
                while !end.has_passed() {
                    // The first two are patient, one of each kind.
                    let is_patient = thread < 2;
                    let deadline = if is_patient {
                        Deadline::NEVER
                    } else {
                        luck.deadline()
                    };
                    let stop = || stop_sometimes(&mut luck, thread.saturating_sub(1));
                    let reads = thread % 2 == 0;
                    let is_in = if reads {
                        lock.read_unless(deadline, stop)
                    } else {
                        lock.write_unless(deadline, stop)
                    };
                    if is_in != Ok(true) {
                        continue;
                    }
                    entries.fetch_add(1, Ordering::SeqCst);
                    let weight = if reads { 1 } else { THREADS };
                    let before = inside.fetch_add(weight, Ordering::SeqCst);
                    assert!(before + weight <= THREADS, "{before} beside {weight}");
                    if luck.below(2) == 0 {
                        thread::yield_now();
                    }
                    inside.fetch_sub(weight, Ordering::SeqCst);
                    let left = if reads {
                        lock.unlock_read()
                    } else {
                        lock.unlock_write()
                    };
                    left.unwrap();
                }
            });
            parkers.push(parker);
            threads.push(handle);
        }
        scope.spawn(move || interrupt(&parkers, Luck::new(seed, 99), is_over));
        for handle in threads {
            handle.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    for (thread, entries) in entries.into_iter().enumerate() {
        assert!(entries.into_inner() > 0, "thread {thread} never came in");
    }
    assert_eq!((lock.waiting_readers(), lock.waiting_writers()), (0, 0));
    // A flag that was left behind would keep it from being free.
    assert!(lock.try_write());
}

#[test]
fn a_barrier_counts_each_round_once_whatever_ends_the_waits() {
    const PARTIES: usize = 3;
    let (seed, span) = (seed(), span());
    let _limit = Limit::beyond(span);
    let barrier = Barrier::new(PARTIES);
    let rounds = AtomicUsize::new(0);
    let releases = [(); PARTIES + 1].map(|()| AtomicUsize::new(0));
    let end = Deadline::after(span);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (barrier, rounds, is_over) = (&barrier, &rounds, &is_over);
        let mut parkers = Vec::new();
        let mut threads = Vec::new();
        // One more than must come: somebody is outside or early.
        for (thread, releases) in releases.iter().enumerate() {
            let mut luck = Luck::new(seed, thread as u64);
            let (parker, handle) = with_parker(scope, move || {
                while !end.has_passed() {
                    let place = match barrier.arrive() {
                        Ok(Arrival::Waits(waiter)) => {
                            // Never patient: at the end nobody may come any more.
                            let deadline = Deadline::after(Duration::from_micros(luck.below(300)));
                            waiter.wait_unless(deadline, || stop_sometimes(&mut luck, 1))
                        }
                        Ok(Arrival::Releases(releaser)) => {
                            assert_eq!(barrier.phase(), Phase::Releasing);
                            rounds.fetch_add(1, Ordering::SeqCst);
                            Ok(releaser.release())
                        }
                        Err(broken) => Ok(Err(broken)),
                    };
                    match place {
                        Ok(Ok(place)) => {
                            assert!(place < PARTIES);
                            releases.fetch_add(1, Ordering::SeqCst);
                        }
                        Ok(Err(_)) => barrier.reset(),
                        Err(()) => {}
                    }
                }
            });
            parkers.push(parker);
            threads.push(handle);
        }
        scope.spawn(move || interrupt(&parkers, Luck::new(seed, 99), is_over));
        for handle in threads {
            handle.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let released: usize = releases.into_iter().map(AtomicUsize::into_inner).sum();
    let rounds = rounds.into_inner();
    assert!(rounds > 0, "nobody met");
    // Of a round fewer may go than came (one was stopped as it was released), never more.
    assert!(
        released <= rounds * PARTIES,
        "{released} of {rounds} rounds"
    );
    assert!(released >= rounds, "{released} of {rounds} rounds");
    assert_eq!((barrier.inside(), barrier.outside()), (0, 0));
}
