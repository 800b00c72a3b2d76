//! Locks, and threads that wait with a lock released meanwhile.

use super::{Luck, interrupt, seed, span, stop_sometimes, support};
use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};
use support::{Limit, with_parker};
use threeply::{
    threading::{Condvar, Mutex, RawLock, RawRLock},
    time::Deadline,
};

const THREADS: usize = 5;

/// One thread's part: until `end`, with luck of its own. The first is patient: it has no deadline and is never stopped.
pub(super) struct Part {
    thread: usize,
    pub(super) luck: Luck,
    pub(super) end: Deadline,
}

impl Part {
    pub(super) fn deadline(&mut self) -> Deadline {
        if self.thread == 0 {
            Deadline::NEVER
        } else {
            self.luck.deadline()
        }
    }

    pub(super) fn stop(&mut self) -> ControlFlow<()> {
        stop_sometimes(&mut self.luck, self.thread)
    }
}

/// Runs `body` on each of the threads while one more interrupts them, and returns what they return.
pub(super) fn together<T: Send>(body: impl Fn(Part) -> T + Sync) -> Vec<T> {
    let (seed, span) = (seed(), span());
    let _limit = Limit::beyond(span);
    let end = Deadline::after(span);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (body, is_over) = (&body, &is_over);
        let mut parkers = Vec::new();
        let mut threads = Vec::new();
        for thread in 0..THREADS {
            let luck = Luck::new(seed, thread as u64);
            let part = Part { thread, luck, end };
            let (parker, handle) = with_parker(scope, move || body(part));
            parkers.push(parker);
            threads.push(handle);
        }
        scope.spawn(move || interrupt(&parkers, Luck::new(seed, 99), is_over));
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        is_over.store(true, Ordering::SeqCst);
        ended
    })
}

/// Adds one in two steps, between which nobody else may come.
fn count_up(count: &AtomicUsize, luck: &mut Luck) {
    let before = count.load(Ordering::Relaxed);
    if luck.below(2) == 0 {
        thread::yield_now();
    }
    count.store(before + 1, Ordering::Relaxed);
}

fn assert_all_came(entries: &[usize], count: usize) {
    assert_eq!(entries.iter().sum::<usize>(), count, "two were in at once");
    assert!(
        entries.iter().all(|entries| *entries > 0),
        "one never came in: {entries:?}"
    );
}

#[test]
fn a_lock_keeps_threads_apart_and_lets_everybody_in() {
    let lock = RawLock::new();
    let count = AtomicUsize::new(0);
    let entries = together(|mut part| {
        let mut entries = 0;
        while !part.end.has_passed() {
            let deadline = part.deadline();
            if lock.acquire_unless(deadline, || part.stop()) == Ok(true) {
                count_up(&count, &mut part.luck);
                entries += 1;
                assert!(lock.release());
            }
        }
        entries
    });
    assert_all_came(&entries, count.into_inner());
    assert_eq!((lock.is_held(), lock.waiting()), (false, 0));
}

#[test]
fn a_reentrant_lock_keeps_threads_apart_however_deep_they_are() {
    let lock = RawRLock::new();
    let count = AtomicUsize::new(0);
    let entries = together(|mut part| {
        let me = NonZeroUsize::new(part.thread + 1).unwrap();
        let mut entries = 0;
        while !part.end.has_passed() {
            let deadline = part.deadline();
            if lock.acquire_unless(me, deadline, || part.stop()) != Ok(true) {
                continue;
            }
            let deeper = part.luck.below(3);
            for _ in 0..deeper {
                assert!(lock.try_acquire(me));
            }
            count_up(&count, &mut part.luck);
            entries += 1;
            if part.luck.below(4) == 0 {
                // As a condition does around its wait.
                let depth = lock.release_all(me).unwrap();
                lock.acquire_all(me, depth);
                count_up(&count, &mut part.luck);
                entries += 1;
            }
            for _ in 0..=deeper {
                assert!(lock.is_owned_by(me));
                lock.release(me).unwrap();
            }
        }
        entries
    });
    assert_all_came(&entries, count.into_inner());
    assert_eq!((lock.owner(), lock.depth(), lock.waiting()), (None, 0, 0));
}

/// A buffer, a condition for either end of it, and how many threads still put.
struct Buffer {
    items: Mutex<(VecDeque<usize>, usize)>,
    filled: Condvar,
    freed: Condvar,
}

const ROOM: usize = 2;
const PUTTERS: usize = 2;

impl Buffer {
    /// Puts until the end, each change waking one; returns how many and their sum.
    fn put(&self, mut part: Part) -> (usize, usize) {
        let mut put = 0;
        while !part.end.has_passed() {
            let mut items = self.items.lock();
            while items.0.len() == ROOM {
                let deadline = part.deadline();
                // Whatever ended the wait: the buffer is looked at again.
                let _ = self.freed.wait_unless(&mut items, deadline, || part.stop());
            }
            put += 1;
            items.0.push_back(put);
            drop(items);
            self.filled.notify_one();
        }
        self.items.lock().1 -= 1;
        self.filled.notify_all();
        (put, put * (put + 1) / 2)
    }

    fn get(&self, mut part: Part) -> (usize, usize) {
        let (mut got, mut sum) = (0, 0);
        loop {
            let mut items = self.items.lock();
            let item = loop {
                match items.0.pop_front() {
                    Some(item) => break item,
                    None if items.1 == 0 => return (got, sum),
                    None => {}
                }
                let deadline = part.deadline();
                let _ = self
                    .filled
                    .wait_unless(&mut items, deadline, || part.stop());
            };
            drop(items);
            self.freed.notify_one();
            got += 1;
            sum += item;
        }
    }
}

#[test]
fn a_buffer_behind_two_conditions_loses_nothing() {
    let buffer = Buffer {
        items: Mutex::new((VecDeque::new(), PUTTERS)),
        filled: Condvar::new(),
        freed: Condvar::new(),
    };
    let ended = together(|mut part| {
        if part.thread % 2 == 1 {
            // The first of each kind is patient.
            part.thread -= 1;
            buffer.put(part)
        } else {
            buffer.get(part)
        }
    });
    let total = |first: usize| {
        let own = ended.iter().skip(first).step_by(2);
        own.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    };
    assert!(
        ended.iter().all(|part| part.0 > 0),
        "one did nothing: {ended:?}"
    );
    assert_eq!(total(1), total(0));
    assert_eq!((buffer.filled.waiting(), buffer.freed.waiting()), (0, 0));
}
