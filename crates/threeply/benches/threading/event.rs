//! A flag that threads wait for.

use super::Group;
use criterion::Criterion;
use event_listener::Listener;
use std::{
    hint::black_box,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use threeply::threading::Event;

trait Flag {
    fn set(&self);
    fn clear(&self);
    fn wait(&self);
}

impl Flag for Event {
    fn set(&self) {
        Event::set(self);
    }

    fn clear(&self) {
        Event::clear(self);
    }

    fn wait(&self) {
        Event::wait(self);
    }
}

/// What a Python programmer would write in Rust today: a lock and a condition.
#[derive(Default)]
struct Std {
    flag: Mutex<bool>,
    changed: Condvar,
}

impl Flag for Std {
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
struct ParkingLot {
    flag: parking_lot::Mutex<bool>,
    changed: parking_lot::Condvar,
}

impl Flag for ParkingLot {
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
struct Listeners {
    flag: AtomicBool,
    listeners: event_listener::Event,
}

impl Flag for Listeners {
    fn set(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.listeners.notify(usize::MAX);
    }

    fn clear(&self) {
        self.flag.store(false, Ordering::SeqCst);
    }

    fn wait(&self) {
        while !self.flag.load(Ordering::SeqCst) {
            let listener = self.listeners.listen();
            if !self.flag.load(Ordering::SeqCst) {
                listener.wait();
            }
        }
    }
}

pub(crate) fn set_clear(criterion: &mut Criterion) {
    fn row(group: &mut Group<'_>, name: &str, flag: &impl Flag) {
        group.bench_function(name, |b| {
            b.iter(|| {
                black_box(flag).set();
                flag.clear();
            });
        });
    }
    let mut group = criterion.benchmark_group("Event set+clear");
    row(&mut group, "threeply", &Event::new());
    row(&mut group, "std", &Std::default());
    row(&mut group, "parking_lot", &ParkingLot::default());
    row(&mut group, "event-listener", &Listeners::default());
}

pub(crate) fn wait_set(criterion: &mut Criterion) {
    fn row(group: &mut Group<'_>, name: &str, flag: &impl Flag) {
        flag.set();
        group.bench_function(name, |b| b.iter(|| black_box(flag).wait()));
    }
    let mut group = criterion.benchmark_group("Event.wait, set");
    row(&mut group, "threeply", &Event::new());
    row(&mut group, "std", &Std::default());
    row(&mut group, "parking_lot", &ParkingLot::default());
    row(&mut group, "event-listener", &Listeners::default());
}
