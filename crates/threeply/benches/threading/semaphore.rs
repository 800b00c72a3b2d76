//! A number of permits.

use super::Group;
use criterion::Criterion;
use std::{
    hint::black_box,
    sync::{Condvar, Mutex},
};
use threeply::threading::Semaphore;

trait Permits {
    fn acquire(&self);
    fn release(&self);
}

impl Permits for Semaphore {
    fn acquire(&self) {
        Semaphore::acquire(self);
    }

    fn release(&self) {
        Semaphore::release(self, 1).unwrap();
    }
}

struct Std {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Permits for Std {
    fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        let mut permits = self
            .released
            .wait_while(permits, |permits| *permits == 0)
            .unwrap();
        *permits -= 1;
    }

    fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}

struct ParkingLot {
    permits: parking_lot::Mutex<usize>,
    released: parking_lot::Condvar,
}

impl Permits for ParkingLot {
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

pub(crate) fn acquire_release(criterion: &mut Criterion) {
    fn row(group: &mut Group<'_>, name: &str, permits: &impl Permits) {
        group.bench_function(name, |b| {
            b.iter(|| {
                black_box(permits).acquire();
                permits.release();
            });
        });
    }
    let mut group = criterion.benchmark_group("Semaphore acquire+release");
    row(&mut group, "threeply", &Semaphore::new(1));
    let std = Std {
        permits: Mutex::new(1),
        released: Condvar::new(),
    };
    row(&mut group, "std Mutex+Condvar", &std);
    let parking_lot = ParkingLot {
        permits: parking_lot::Mutex::new(1),
        released: parking_lot::Condvar::new(),
    };
    row(&mut group, "parking_lot", &parking_lot);
}
