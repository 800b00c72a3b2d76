//! Data behind a lock that readers share.

use super::{Group, by_two};
use criterion::Criterion;
use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};
use threeply::threading::RwLock;

trait Shared: Sync {
    fn read(&self) -> u64;
    /// Locks for writing, counts, unlocks.
    fn count(&self);
}

impl Shared for RwLock<u64> {
    fn read(&self) -> u64 {
        *RwLock::read(self)
    }

    fn count(&self) {
        *self.write() += 1;
    }
}

impl Shared for std::sync::RwLock<u64> {
    fn read(&self) -> u64 {
        *std::sync::RwLock::read(self).unwrap()
    }

    fn count(&self) {
        *self.write().unwrap() += 1;
    }
}

impl Shared for parking_lot::RwLock<u64> {
    fn read(&self) -> u64 {
        *parking_lot::RwLock::read(self)
    }

    fn count(&self) {
        *self.write() += 1;
    }
}

fn all(group: &mut Group<'_>, row: impl Fn(&mut Group<'_>, &str, &dyn Shared)) {
    row(group, "threeply", &RwLock::new(0));
    row(group, "std", &std::sync::RwLock::new(0));
    row(group, "parking_lot", &parking_lot::RwLock::new(0));
}

pub(crate) fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("RwLock read+unlock");
    all(&mut group, |group, name, lock| {
        group.bench_function(name, |b| b.iter(|| black_box(lock).read()));
    });
}

pub(crate) fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("RwLock write+unlock");
    all(&mut group, |group, name, lock| {
        group.bench_function(name, |b| b.iter(|| black_box(lock).count()));
    });
}

/// Two threads, of whose operations every hundredth writes.
pub(crate) fn contended(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("RwLock 99 reads, 1 write, 2 threads at once");
    all(&mut group, |group, name, lock| {
        group.bench_function(name, |b| {
            b.iter_custom(|n| {
                let turn = AtomicU64::new(0);
                by_two(n, || {
                    if turn.fetch_add(1, Ordering::Relaxed).is_multiple_of(100) {
                        lock.count();
                    } else {
                        black_box(lock.read());
                    }
                })
            });
        });
    });
}
