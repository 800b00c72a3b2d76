//! Models of the queue of a pool's work: submit, workers that come, idle and go, and the shutdown.
//!
//! Run with `make loom`. A deadline in a model has always passed.
//!
//! Which changes to the engine these models were seen to catch is in `README.md`.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a model may fail by panic")]

mod model;

use loom::{sync::Arc, thread};
use model::{long_model, model};
use std::{convert::Infallible, ops::ControlFlow, time::Duration};
use threeply::{
    concurrent::futures::{Next, Refused, RunBy, WorkQueue, Worker},
    park::Parker,
    time::Deadline,
};

type Queue = Arc<WorkQueue<u32>>;

fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

fn never() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

/// A queue for so many workers, the first of which is idle.
fn with_idle(max_workers: usize) -> (Queue, Worker) {
    let queue = Arc::new(WorkQueue::new(max_workers));
    assert_eq!(queue.submit(0), Ok(RunBy::New));
    let mut worker = Worker::new();
    assert_eq!(queue.try_next(&mut worker), Next::Work(0));
    assert_eq!(queue.try_next(&mut worker), Next::Nothing);
    (queue, worker)
}

fn submitting(queue: &Queue, work: u32) -> thread::JoinHandle<Result<RunBy, Refused<u32>>> {
    let queue = Arc::clone(queue);
    thread::spawn(move || queue.submit(work))
}

#[test]
fn submit_ends_the_wait_of_an_idle_worker() {
    model(|| {
        let (queue, mut worker) = with_idle(2);
        let submitter = submitting(&queue, 7);
        assert_eq!(queue.next(&mut worker), Some(7));
        assert_eq!(submitter.join().unwrap(), Ok(RunBy::Idle));
    });
}

#[test]
fn two_idle_workers_get_what_two_submit() {
    long_model(|| {
        let (queue, mut worker) = with_idle(2);
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let mut worker = Worker::new();
                queue.next(&mut worker).unwrap()
            }
        });
        let submitter = submitting(&queue, 1);
        let _ = queue.submit(2).unwrap();
        let mut got = [queue.next(&mut worker).unwrap(), other.join().unwrap()];
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        assert!(submitter.join().unwrap().is_ok());
    });
}

#[test]
fn what_is_submitted_has_a_worker_for_it() {
    model(|| {
        let (queue, mut worker) = with_idle(1);
        let submitter = submitting(&queue, 7);
        // It has come and gone before, or it takes what is there.
        let next = queue.next_unless(&mut worker, passed(), never).unwrap();
        let is_wanted = queue.leave(worker);
        let run_by = submitter.join().unwrap().unwrap();
        match next {
            Next::Work(work) => assert_eq!((work, is_wanted, run_by), (7, false, RunBy::Idle)),
            // Either it was still counted on and another one comes, or the submit asked for one itself.
            Next::Nothing => assert_eq!(is_wanted, run_by == RunBy::Idle),
            Next::Over => panic!("nobody shuts down"),
        }
        assert_eq!(queue.counts().workers, usize::from(next == Next::Nothing));
    });
}

#[test]
fn an_interrupted_worker_passes_the_work_on() {
    long_model(|| {
        let (queue, mut worker) = with_idle(2);
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let mut worker = Worker::new();
                queue.next(&mut worker).unwrap()
            }
        });
        let parker = Parker::current();
        let submitter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                parker.interrupt();
                let _ = queue.submit(7).unwrap();
            }
        });
        let next = queue.next_unless(&mut worker, Deadline::NEVER, || ControlFlow::Break(()));
        if let Ok(Next::Work(work)) = next {
            let _ = queue.submit(work).unwrap();
        }
        let _ = queue.leave(worker);
        assert_eq!(other.join().unwrap(), 7);
        submitter.join().unwrap();
    });
}

/// Another worker, which runs one piece of work.
fn another(queue: &Queue) -> thread::JoinHandle<u32> {
    let queue = Arc::clone(queue);
    thread::spawn(move || queue.next(&mut Worker::new()).unwrap())
}

#[test]
fn a_worker_that_was_woken_and_leaves_passes_the_work_on() {
    model(|| {
        let (queue, worker) = with_idle(2);
        let other = another(&queue);
        let submitter = submitting(&queue, 7);
        // Woken or late: it leaves without having asked again.
        queue.wait_for_work(passed(), never).unwrap();
        let _ = queue.leave(worker);
        assert_eq!(other.join().unwrap(), 7);
        let _ = submitter.join().unwrap().unwrap();
    });
}

#[test]
fn a_worker_that_was_woken_and_is_stopped_passes_the_work_on_before_it_leaves() {
    long_model(|| {
        let (queue, worker) = with_idle(2);
        let other = another(&queue);
        let parker = Parker::current();
        let submitter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                parker.interrupt();
                let _ = queue.submit(7).unwrap();
            }
        });
        let stopped = queue.wait_for_work(Deadline::NEVER, || ControlFlow::Break(()));
        if stopped.is_ok() {
            // The other one may not have been woken: what was announced to this worker is its own.
            let _ = queue.leave(worker);
        }
        assert_eq!(other.join().unwrap(), 7);
        submitter.join().unwrap();
    });
}

#[test]
fn shut_down_ends_the_wait_of_an_idle_worker_and_of_who_waits_for_it() {
    model(|| {
        let (queue, mut worker) = with_idle(1);
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.shut_down();
                queue.wait_for_workers(Deadline::NEVER, never)
            }
        });
        assert_eq!(queue.next(&mut worker), None);
        assert!(!queue.leave(worker));
        assert_eq!(closer.join().unwrap(), Ok(true));
    });
}

#[test]
fn what_is_submitted_before_the_shutdown_is_done() {
    model(|| {
        let (queue, mut worker) = with_idle(1);
        let submitter = submitting(&queue, 7);
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        let got = queue.next(&mut worker);
        match submitter.join().unwrap() {
            Ok(_) => assert_eq!(got, Some(7)),
            Err(refused) => assert_eq!((refused, got), (Refused::ShutDown(7), None)),
        }
        closer.join().unwrap();
    });
}

#[test]
fn a_worker_makes_room_for_a_submit() {
    model(|| {
        let queue = Arc::new(WorkQueue::bounded(1, 1));
        assert_eq!(queue.submit(1), Ok(RunBy::New));
        let submitter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.submit_until(2, Deadline::NEVER)
        });
        let mut worker = Worker::new();
        assert_eq!(queue.next(&mut worker), Some(1));
        assert_eq!(queue.next(&mut worker), Some(2));
        assert!(submitter.join().unwrap().is_ok());
    });
}

#[test]
fn drain_that_races_a_worker_leaves_it_the_work_or_takes_it() {
    model(|| {
        let (queue, mut worker) = with_idle(1);
        assert_eq!(queue.submit(7), Ok(RunBy::Idle));
        let drainer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let drained = queue.drain();
                queue.shut_down();
                drained.into_iter().next()
            }
        });
        let got = queue.next(&mut worker);
        let drained = drainer.join().unwrap();
        assert_eq!(got.or(drained), Some(7));
        assert!(got.is_none() || drained.is_none());
    });
}

#[test]
fn shut_down_refuses_a_submit_that_waits_for_room() {
    model(|| {
        let queue = Arc::new(WorkQueue::bounded(1, 1));
        assert_eq!(queue.submit(1), Ok(RunBy::New));
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.shut_down()
        });
        let refused = queue.submit_until(2, Deadline::NEVER);
        assert_eq!(refused, Err(Refused::ShutDown(2)));
        closer.join().unwrap();
    });
}
