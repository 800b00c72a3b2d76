//! Items from thread to thread: the queue, and the channel over it.

use super::Group;
use criterion::Criterion;
use std::{
    collections::VecDeque,
    hint::black_box,
    sync::{Condvar, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};
use threeply::threading::{
    Queue,
    channel::{self, Receiver, Sender},
};

trait Line {
    fn put(&self, item: u64);
    fn get(&self) -> u64;
}

impl Line for Queue<u64> {
    fn put(&self, item: u64) {
        Queue::put(self, item).unwrap();
    }

    fn get(&self) -> u64 {
        Queue::get(self).unwrap()
    }
}

impl Line for (Sender<u64>, Receiver<u64>) {
    fn put(&self, item: u64) {
        self.0.send(item).unwrap();
    }

    fn get(&self) -> u64 {
        self.1.recv().unwrap()
    }
}

#[derive(Default)]
struct Std {
    items: Mutex<VecDeque<u64>>,
    put: Condvar,
}

impl Line for Std {
    fn put(&self, item: u64) {
        self.items.lock().unwrap().push_back(item);
        self.put.notify_one();
    }

    fn get(&self) -> u64 {
        let items = self.items.lock().unwrap();
        let mut items = self
            .put
            .wait_while(items, |items| items.is_empty())
            .unwrap();
        items.pop_front().unwrap()
    }
}

impl Line
    for (
        crossbeam_channel::Sender<u64>,
        crossbeam_channel::Receiver<u64>,
    )
{
    fn put(&self, item: u64) {
        self.0.send(item).unwrap();
    }

    fn get(&self) -> u64 {
        self.1.recv().unwrap()
    }
}

/// Its receiver may be moved, not shared: it stays on one thread.
struct Mpsc(mpsc::Sender<u64>, mpsc::Receiver<u64>);

impl Line for Mpsc {
    fn put(&self, item: u64) {
        self.0.send(item).unwrap();
    }

    fn get(&self) -> u64 {
        self.1.recv().unwrap()
    }
}

pub(crate) fn put_get(criterion: &mut Criterion) {
    fn row(group: &mut Group<'_>, name: &str, line: &impl Line) {
        group.bench_function(name, |b| {
            b.iter(|| {
                black_box(line).put(black_box(7));
                line.get()
            });
        });
    }
    let mut group = criterion.benchmark_group("Queue put+get");
    row(&mut group, "threeply", &Queue::unbounded());
    row(&mut group, "threeply channel", &channel::unbounded());
    row(&mut group, "std Mutex+Condvar", &Std::default());
    let (sender, receiver) = mpsc::channel();
    row(&mut group, "std mpsc", &Mpsc(sender, receiver));
    row(
        &mut group,
        "crossbeam-channel",
        &crossbeam_channel::unbounded(),
    );
}

/// Times `items` items from a thread of its own to this one.
fn one_to_one(items: u64, put: impl Fn(u64) + Send, get: impl Fn() -> u64) -> Duration {
    thread::scope(|scope| {
        let begin = Instant::now();
        scope.spawn(move || (0..items).for_each(put));
        for item in 0..items {
            assert_eq!(get(), item);
        }
        begin.elapsed()
    })
}

pub(crate) fn one_producer_one_consumer(criterion: &mut Criterion) {
    fn row(group: &mut Group<'_>, name: &str, line: &(impl Line + Sync)) {
        group.bench_function(name, |b| {
            b.iter_custom(|n| one_to_one(n, |item| line.put(item), || line.get()));
        });
    }
    let mut group = criterion.benchmark_group("1 producer, 1 consumer, an item");
    row(&mut group, "threeply", &Queue::unbounded());
    row(&mut group, "threeply channel", &channel::unbounded());
    row(&mut group, "std Mutex+Condvar", &Std::default());
    row(
        &mut group,
        "crossbeam-channel",
        &crossbeam_channel::unbounded(),
    );
    group.bench_function("std mpsc", |b| {
        let (sender, receiver) = mpsc::channel();
        b.iter_custom(|n| {
            let sender = sender.clone();
            let put = move |item| sender.send(item).unwrap();
            one_to_one(n, put, || receiver.recv().unwrap())
        });
    });
}

/// Times `rounds` items there and back.
fn rounds(rounds: u64, there: &(impl Line + Sync), back: &(impl Line + Sync)) -> Duration {
    thread::scope(|scope| {
        scope.spawn(|| (0..rounds).for_each(|_| back.put(there.get())));
        let begin = Instant::now();
        for item in 0..rounds {
            there.put(item);
            assert_eq!(back.get(), item);
        }
        begin.elapsed()
    })
}

pub(crate) fn ping_pong(criterion: &mut Criterion) {
    fn row<L: Line + Sync>(group: &mut Group<'_>, name: &str, new: impl Fn() -> L) {
        let (there, back) = (new(), new());
        group.bench_function(name, |b| b.iter_custom(|n| rounds(n, &there, &back)));
    }
    let mut group = criterion.benchmark_group("ping-pong, a round");
    row(&mut group, "threeply", Queue::unbounded);
    row(&mut group, "threeply channel", channel::unbounded);
    row(&mut group, "std Mutex+Condvar", Std::default);
    row(
        &mut group,
        "crossbeam-channel",
        crossbeam_channel::unbounded,
    );
}
