//! Data behind a lock.

use super::{Group, by_two};
use criterion::Criterion;
use std::hint::black_box;
use threeply::threading::Mutex;

trait Locked: Sync {
    /// Locks, counts, unlocks.
    fn count(&self);
}

impl Locked for Mutex<u64> {
    fn count(&self) {
        *self.lock() += 1;
    }
}

impl Locked for std::sync::Mutex<u64> {
    fn count(&self) {
        *self.lock().unwrap() += 1;
    }
}

impl Locked for parking_lot::Mutex<u64> {
    fn count(&self) {
        *self.lock() += 1;
    }
}

fn all(group: &mut Group<'_>, row: impl Fn(&mut Group<'_>, &str, &dyn Locked)) {
    row(group, "threeply", &Mutex::new(0));
    row(group, "std", &std::sync::Mutex::new(0));
    row(group, "parking_lot", &parking_lot::Mutex::new(0));
}

pub(crate) fn lock_unlock(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Mutex lock+unlock");
    all(&mut group, |group, name, mutex| {
        group.bench_function(name, |b| b.iter(|| black_box(mutex).count()));
    });
}

pub(crate) fn contended(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Mutex lock+unlock, 2 threads at once");
    all(&mut group, |group, name, mutex| {
        group.bench_function(name, |b| {
            b.iter_custom(|n| by_two(n, || mutex.count()));
        });
    });
}
