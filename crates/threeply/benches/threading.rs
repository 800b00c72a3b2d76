//! What the primitives cost, beside the standard library's and three crates'.
//!
//! `cargo bench -p threeply --bench threading`; results are in `benches/results/rust-threading.md`.
#![allow(clippy::unwrap_used, reason = "a bench may fail by panic")]

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use event_listener::Listener;
use std::{
    collections::VecDeque,
    hint::black_box,
    sync::{Condvar, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};
use threeply::threading::{Event, Queue, Semaphore};

/// What a Python programmer would write in Rust today: a lock and a condition.
#[derive(Default)]
struct StdEvent {
    flag: Mutex<bool>,
    changed: Condvar,
}

impl StdEvent {
    fn set(&self) {
        *self.flag.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn clear(&self) {
        *self.flag.lock().unwrap() = false;
    }

    fn wait(&self) {
        let flag = self.flag.lock().unwrap();
        drop(self.changed.wait_while(flag, |flag| !*flag).unwrap());
    }
}

#[derive(Default)]
struct ParkingLotEvent {
    flag: parking_lot::Mutex<bool>,
    changed: parking_lot::Condvar,
}

impl ParkingLotEvent {
    fn set(&self) {
        *self.flag.lock() = true;
        self.changed.notify_all();
    }

    fn clear(&self) {
        *self.flag.lock() = false;
    }

    fn wait(&self) {
        let mut flag = self.flag.lock();
        self.changed.wait_while(&mut flag, |flag| !*flag);
    }
}

/// A flag beside event-listener's list of listeners, as its documentation shows.
#[derive(Default)]
struct ListenerEvent {
    flag: std::sync::atomic::AtomicBool,
    listeners: event_listener::Event,
}

impl ListenerEvent {
    fn set(&self) {
        self.flag.store(true, std::sync::atomic::Ordering::SeqCst);
        self.listeners.notify(usize::MAX);
    }

    fn clear(&self) {
        self.flag.store(false, std::sync::atomic::Ordering::SeqCst);
    }

    fn wait(&self) {
        while !self.flag.load(std::sync::atomic::Ordering::SeqCst) {
            let listener = self.listeners.listen();
            if !self.flag.load(std::sync::atomic::Ordering::SeqCst) {
                listener.wait();
            }
        }
    }
}

struct StdSemaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl StdSemaphore {
    fn new(permits: usize) -> Self {
        Self {
            permits: Mutex::new(permits),
            released: Condvar::new(),
        }
    }

    fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        *self
            .released
            .wait_while(permits, |permits| *permits == 0)
            .unwrap() -= 1;
    }

    fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}

struct ParkingLotSemaphore {
    permits: parking_lot::Mutex<usize>,
    released: parking_lot::Condvar,
}

impl ParkingLotSemaphore {
    fn new(permits: usize) -> Self {
        Self {
            permits: parking_lot::Mutex::new(permits),
            released: parking_lot::Condvar::new(),
        }
    }

    fn acquire(&self) {
        let mut permits = self.permits.lock();
        self.released
            .wait_while(&mut permits, |permits| *permits == 0);
        *permits -= 1;
    }

    fn release(&self) {
        *self.permits.lock() += 1;
        self.released.notify_one();
    }
}

#[derive(Default)]
struct StdQueue<T> {
    items: Mutex<VecDeque<T>>,
    put: Condvar,
}

impl<T> StdQueue<T> {
    fn put(&self, item: T) {
        self.items.lock().unwrap().push_back(item);
        self.put.notify_one();
    }

    fn get(&self) -> T {
        let items = self.items.lock().unwrap();
        let mut items = self
            .put
            .wait_while(items, |items| items.is_empty())
            .unwrap();
        items.pop_front().unwrap()
    }
}

fn event_set_clear(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Event set+clear");
    let event = Event::new();
    group.bench_function("threeply", |b| {
        b.iter(|| {
            black_box(&event).set();
            event.clear();
        });
    });
    let event = StdEvent::default();
    group.bench_function("std", |b| {
        b.iter(|| {
            black_box(&event).set();
            event.clear();
        });
    });
    let event = ParkingLotEvent::default();
    group.bench_function("parking_lot", |b| {
        b.iter(|| {
            black_box(&event).set();
            event.clear();
        });
    });
    let event = ListenerEvent::default();
    group.bench_function("event-listener", |b| {
        b.iter(|| {
            black_box(&event).set();
            event.clear();
        });
    });
}

fn event_wait_set(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Event.wait, set");
    let event = Event::new();
    event.set();
    group.bench_function("threeply", |b| b.iter(|| black_box(&event).wait()));
    let event = StdEvent::default();
    event.set();
    group.bench_function("std", |b| b.iter(|| black_box(&event).wait()));
    let event = ParkingLotEvent::default();
    event.set();
    group.bench_function("parking_lot", |b| b.iter(|| black_box(&event).wait()));
    let event = ListenerEvent::default();
    event.set();
    group.bench_function("event-listener", |b| b.iter(|| black_box(&event).wait()));
}

fn semaphore(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Semaphore acquire+release");
    let permits = Semaphore::new(1);
    group.bench_function("threeply", |b| {
        b.iter(|| {
            black_box(&permits).acquire();
            permits.release(1).unwrap();
        });
    });
    let permits = StdSemaphore::new(1);
    group.bench_function("std", |b| {
        b.iter(|| {
            black_box(&permits).acquire();
            permits.release();
        });
    });
    let permits = ParkingLotSemaphore::new(1);
    group.bench_function("parking_lot", |b| {
        b.iter(|| {
            black_box(&permits).acquire();
            permits.release();
        });
    });
}

fn queue_put_get(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Queue put+get");
    let queue = Queue::unbounded();
    group.bench_function("threeply", |b| {
        b.iter(|| {
            black_box(&queue).put(black_box(7_u64)).unwrap();
            queue.get().unwrap()
        });
    });
    let queue = StdQueue::default();
    group.bench_function("std Mutex+Condvar", |b| {
        b.iter(|| {
            black_box(&queue).put(black_box(7_u64));
            queue.get()
        });
    });
    let (sender, receiver) = mpsc::channel();
    group.bench_function("std mpsc", |b| {
        b.iter(|| {
            black_box(&sender).send(black_box(7_u64)).unwrap();
            receiver.recv().unwrap()
        });
    });
    let (sender, receiver) = crossbeam_channel::unbounded();
    group.bench_function("crossbeam-channel", |b| {
        b.iter(|| {
            black_box(&sender).send(black_box(7_u64)).unwrap();
            receiver.recv().unwrap()
        });
    });
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

fn one_producer_one_consumer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("1 producer, 1 consumer, an item");
    group.bench_function("threeply", |b: &mut Bencher<'_>| {
        let queue = Queue::unbounded();
        b.iter_custom(|n| one_to_one(n, |item| queue.put(item).unwrap(), || queue.get().unwrap()));
    });
    group.bench_function("std Mutex+Condvar", |b| {
        let queue = StdQueue::default();
        b.iter_custom(|n| one_to_one(n, |item| queue.put(item), || queue.get()));
    });
    group.bench_function("std mpsc", |b| {
        let (sender, receiver) = mpsc::channel();
        b.iter_custom(|n| {
            let sender = sender.clone();
            one_to_one(
                n,
                move |item| sender.send(item).unwrap(),
                || receiver.recv().unwrap(),
            )
        });
    });
    group.bench_function("crossbeam-channel", |b| {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let send = |item| sender.send(item).unwrap();
        b.iter_custom(|n| one_to_one(n, send, || receiver.recv().unwrap()));
    });
}

/// Times `rounds` items there and back.
fn rounds(
    rounds: u64,
    there: (impl Fn(u64), impl Fn() -> u64 + Send),
    back: (impl Fn(u64) + Send, impl Fn() -> u64),
) -> Duration {
    let (put_there, get_there) = there;
    let (put_back, get_back) = back;
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..rounds {
                put_back(get_there());
            }
        });
        let begin = Instant::now();
        for item in 0..rounds {
            put_there(item);
            assert_eq!(get_back(), item);
        }
        begin.elapsed()
    })
}

fn ping_pong(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ping-pong, a round");
    group.bench_function("threeply", |b| {
        let (there, back) = (Queue::unbounded(), Queue::unbounded());
        b.iter_custom(|n| {
            rounds(
                n,
                (|item| there.put(item).unwrap(), || there.get().unwrap()),
                (|item| back.put(item).unwrap(), || back.get().unwrap()),
            )
        });
    });
    group.bench_function("std Mutex+Condvar", |b| {
        let (there, back) = (StdQueue::default(), StdQueue::default());
        b.iter_custom(|n| {
            rounds(
                n,
                (|item| there.put(item), || there.get()),
                (|item| back.put(item), || back.get()),
            )
        });
    });
    group.bench_function("crossbeam-channel", |b| {
        let (there, taken) = crossbeam_channel::unbounded();
        let (back, got) = crossbeam_channel::unbounded();
        b.iter_custom(|n| {
            rounds(
                n,
                (|item| there.send(item).unwrap(), || taken.recv().unwrap()),
                (|item| back.send(item).unwrap(), || got.recv().unwrap()),
            )
        });
    });
}

criterion_group!(
    benches,
    event_set_clear,
    event_wait_set,
    semaphore,
    queue_put_get,
    one_producer_one_consumer,
    ping_pong
);
criterion_main!(benches);
