//! A pool of threads, under calls that submit, panic and wait for their own pool.

use super::locks::{Part, together};
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use threeply::{
    concurrent::futures::{
        Failure, Future, ReturnWhen, SubmitError, ThreadPoolExecutor, as_completed, wait_unless,
    },
    time::Deadline,
};

/// What was done, counted where it was done.
#[derive(Debug, Default)]
struct Tally {
    submitted: AtomicUsize,
    run: AtomicUsize,
    cancelled: AtomicUsize,
    watched: AtomicUsize,
    told: AtomicUsize,
}

fn count(number: &AtomicUsize) {
    number.fetch_add(1, Ordering::Relaxed);
}

fn number(number: &AtomicUsize) -> usize {
    number.load(Ordering::Relaxed)
}

/// What the threads share.
#[derive(Debug, Clone)]
struct Scene {
    pool: Arc<ThreadPoolExecutor>,
    tally: Arc<Tally>,
}

impl Scene {
    /// A call that gives `value`: at once, by way of another call, or by a panic that carries it.
    fn submit(&self, value: u64, kind: u64, deadline: Deadline) -> Option<Future<u64>> {
        let scene = self.clone();
        let call = move || {
            count(&scene.tally.run);
            match kind {
                0 => resume_unwind(Box::new(value)),
                1 => match scene.submit(value, 2, Deadline::NEVER) {
                    Some(inner) => inner.into_result().unwrap(),
                    None => value,
                },
                _ => value,
            }
        };
        match self.pool.submit_until(call, deadline) {
            Ok(future) => {
                count(&self.tally.submitted);
                Some(future)
            }
            Err(SubmitError::Full | SubmitError::ShutDown) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Has a callback told, which submits in its turn.
    fn watch(&self, future: &Future<u64>, deadline: Deadline) {
        let scene = self.clone();
        count(&self.tally.watched);
        future.when_done(move |future| {
            assert!(future.is_done());
            count(&scene.tally.told);
            drop(scene.submit(0, 2, deadline));
        });
    }

    fn cancel(&self, future: &Future<u64>) {
        if future.cancel() {
            count(&self.tally.cancelled);
        }
    }
}

/// The value that a future came to, by a result or a panic.
fn value(result: Result<u64, Failure>) -> Option<u64> {
    match result {
        Ok(value) => Some(value),
        Err(Failure::Panicked(panic)) => panic
            .take()
            .and_then(|value| value.downcast().ok())
            .map(|value| *value),
        Err(Failure::Cancelled | Failure::TimedOut) => None,
        Err(other) => panic!("{other:?}"),
    }
}

/// Submits one, and cancels it, waits for it, has a callback told.
fn one(scene: &Scene, part: &mut Part, sent: u64) {
    let deadline = part.deadline();
    let Some(future) = scene.submit(sent, part.luck.below(4), deadline) else {
        return;
    };
    if part.luck.below(4) == 0 {
        scene.watch(&future, Deadline::after(Duration::ZERO));
    }
    if part.luck.below(8) == 0 {
        scene.cancel(&future);
    }
    let deadline = part.deadline();
    if let Ok(result) = future.result_unless(deadline, || part.stop())
        && let Some(got) = value(result.copied())
    {
        assert_eq!(got, sent);
    }
}

/// Submits some and waits for them together.
fn several(scene: &Scene, part: &mut Part) {
    let deadline = part.deadline();
    let futures: Vec<_> = (0..part.luck.below(6))
        .filter_map(|n| scene.submit(n, 2, deadline))
        .collect();
    if let Some(future) = futures.first() {
        scene.cancel(future);
    }
    let when = match part.luck.below(3) {
        0 => ReturnWhen::AllCompleted,
        1 => ReturnWhen::FirstCompleted,
        _ => ReturnWhen::FirstPanic,
    };
    let deadline = part.deadline();
    if let Ok(waited) = wait_unless(&futures, deadline, when, || part.stop()) {
        assert!(waited.done.iter().all(|future| future.is_done()));
        assert_eq!(waited.done.len() + waited.not_done.len(), futures.len());
        if deadline == Deadline::NEVER && when == ReturnWhen::AllCompleted {
            assert!(waited.not_done.is_empty());
        }
    }
    let deadline = part.deadline();
    let ended = as_completed(&futures, deadline).flatten().count();
    assert!(ended == futures.len() || deadline != Deadline::NEVER);
}

#[test]
fn a_pool_runs_all_that_is_not_cancelled_once_and_tells_everybody() {
    let pool = ThreadPoolExecutor::builder()
        .max_workers(3)
        .max_queue(16)
        .build();
    let scene = Scene {
        pool: Arc::new(pool),
        tally: Arc::default(),
    };
    together(|mut part| {
        let mut sent = 0;
        while !part.end.has_passed() {
            if part.luck.below(3) == 0 {
                several(&scene, &mut part);
            } else {
                one(&scene, &mut part, sent);
            }
            sent += 1;
        }
    });
    scene.pool.shut_down();
    scene.pool.join();
    let tally = &scene.tally;
    assert_eq!(
        number(&tally.run) + number(&tally.cancelled),
        number(&tally.submitted)
    );
    assert_eq!(number(&tally.told), number(&tally.watched));
    assert!(
        number(&tally.cancelled) > 0 && number(&tally.told) > 0,
        "{tally:?}"
    );
    let counts = scene.pool.statistics();
    assert_eq!((counts.workers, counts.queued, counts.running), (0, 0, 0));
}
