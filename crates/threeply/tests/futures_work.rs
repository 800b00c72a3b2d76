//! The queue of a pool's work keeps what its documentation promises.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use proptest::prelude::*;
use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    concurrent::futures::{Next, Refused, RunBy, WorkQueue, Worker},
    threading::Ended,
    time::Deadline,
};

fn never() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Lets workers that are counted, and have come, leave.
fn all_leave<W>(queue: &WorkQueue<W>, workers: impl IntoIterator<Item = Worker>) {
    for worker in workers {
        assert!(!queue.leave(worker));
    }
}

/// A queue for so many workers, which are all busy.
fn with_busy<const COUNT: usize>(bound: usize) -> (WorkQueue<u32>, [Worker; COUNT]) {
    let queue = WorkQueue::bounded(COUNT, bound);
    let workers = std::array::from_fn(|_| {
        assert_eq!(queue.submit(0), Ok(RunBy::New));
        let mut worker = Worker::new();
        assert_eq!(queue.try_next(&mut worker), Next::Work(0));
        worker
    });
    (queue, workers)
}

#[test]
fn a_worker_is_asked_for_while_none_is_idle_and_there_may_be_more() {
    let queue = WorkQueue::new(2);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    assert_eq!(queue.submit(2), Ok(RunBy::New));
    assert_eq!(queue.submit(3), Ok(RunBy::Busy));
    assert_eq!(queue.counts().workers, 2);
}

#[test]
fn an_idle_worker_is_used_again_before_a_new_one_is_asked_for() {
    let queue = WorkQueue::new(8);
    let mut worker = Worker::new();
    assert_eq!(queue.submit(0), Ok(RunBy::New));
    for round in 1..100 {
        assert_eq!(queue.try_next(&mut worker), Next::Work(round - 1));
        assert_eq!(queue.try_next(&mut worker), Next::Nothing);
        assert_eq!(queue.submit(round), Ok(RunBy::Idle));
    }
    assert_eq!(queue.counts().workers, 1);
}

#[test]
fn an_idle_worker_is_counted_on_for_one_piece_of_work_only() {
    let queue = WorkQueue::new(8);
    let mut worker = Worker::new();
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    assert_eq!(queue.try_next(&mut worker), Next::Work(1));
    assert_eq!(queue.try_next(&mut worker), Next::Nothing);
    assert_eq!(queue.submit(2), Ok(RunBy::Idle));
    assert_eq!(queue.submit(3), Ok(RunBy::New));
    assert_eq!(queue.counts().workers, 2);
}

#[test]
fn an_idle_worker_whose_work_was_taken_by_another_is_idle_still() {
    let queue = WorkQueue::new(2);
    let mut workers = [Worker::new(), Worker::new()];
    for (number, worker) in workers.iter_mut().enumerate() {
        assert_eq!(queue.submit(number), Ok(RunBy::New));
        assert_eq!(queue.try_next(worker), Next::Work(number));
    }
    let [idle, busy] = &mut workers;
    assert_eq!(queue.try_next(idle), Next::Nothing);
    assert_eq!(queue.submit(7), Ok(RunBy::Idle));
    assert_eq!(queue.try_next(busy), Next::Work(7));
    assert_eq!(queue.counts().idle, 1);
    assert_eq!(queue.submit(8), Ok(RunBy::Idle));
    assert_eq!(queue.try_next(idle), Next::Work(8));
    assert_eq!((queue.counts().idle, queue.counts().running), (0, 2));
}

#[test]
fn counts_tell_what_the_workers_do() {
    let queue = WorkQueue::new(3);
    let mut workers = [Worker::new(), Worker::new()];
    for number in 0..2 {
        assert_eq!(queue.submit(number), Ok(RunBy::New));
    }
    assert_eq!((queue.counts().workers, queue.counts().queued), (2, 2));
    for worker in &mut workers {
        assert!(matches!(queue.try_next(worker), Next::Work(_)));
    }
    let counts = queue.counts();
    assert_eq!((counts.queued, counts.running, counts.done), (0, 2, 0));
    assert_eq!(queue.try_next(&mut workers[0]), Next::Nothing);
    let counts = queue.counts();
    assert_eq!((counts.idle, counts.running, counts.done), (1, 1, 1));
    all_leave(&queue, workers);
    let counts = queue.counts();
    assert_eq!((counts.idle, counts.running, counts.done), (0, 0, 2));
    assert_eq!((counts.workers, counts.max_workers), (0, 3));
}

#[test]
fn a_full_queue_gives_the_work_back() {
    let queue = WorkQueue::bounded(1, 1);
    assert_eq!(queue.submit("a"), Ok(RunBy::New));
    assert_eq!(queue.submit("b"), Err(Refused::Full("b")));
    assert_eq!(queue.submit_until("b", passed()), Err(Refused::Full("b")));
    assert_eq!(queue.try_take(), Some("a"));
    assert_eq!(queue.submit_until("b", passed()), Ok(RunBy::Busy));
}

#[test]
fn a_submit_waits_for_room() {
    let _limit = Limit::new();
    let queue = WorkQueue::bounded(1, 1);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    thread::scope(|scope| {
        let submitter = scope.spawn(|| queue.submit_until(2, far()));
        let mut worker = Worker::new();
        assert_eq!(queue.next(&mut worker), Some(1));
        assert_eq!(queue.next(&mut worker), Some(2));
        assert!(submitter.join().unwrap().is_ok());
    });
}

#[test]
fn smaller_priorities_come_first_and_equals_in_their_order() {
    let queue = WorkQueue::new(1);
    let ranks = [(0, 'a'), (5, 'b'), (-1, 'c'), (0, 'd'), (-1, 'e'), (5, 'f')];
    for (priority, work) in ranks {
        let _ = queue.submit_ranked(work, priority).unwrap();
    }
    let _ = queue.submit('g').unwrap();
    let got: String = std::iter::from_fn(|| queue.try_take()).collect();
    assert_eq!(got, "ceadgbf");
}

#[test]
fn after_shut_down_workers_do_what_is_left_and_go() {
    let queue = WorkQueue::new(1);
    let mut worker = Worker::new();
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    queue.shut_down();
    queue.shut_down();
    assert!(queue.is_shut_down());
    assert_eq!(queue.submit(2), Err(Refused::ShutDown(2)));
    assert_eq!(queue.submit_until(2, far()), Err(Refused::ShutDown(2)));
    assert_eq!(queue.next(&mut worker), Some(1));
    assert_eq!(queue.next(&mut worker), None);
    assert_eq!(queue.try_next(&mut worker), Next::Over);
    assert_eq!(queue.counts().done, 1);
    assert!(!queue.leave(worker));
}

#[test]
fn shut_down_ends_every_wait_and_the_last_worker_ends_the_wait_for_them() {
    let _limit = Limit::new();
    let (queue, workers) = with_busy::<3>(1);
    thread::scope(|scope| {
        let workers = workers.map(|mut worker| {
            let queue = &queue;
            scope.spawn(move || {
                assert_eq!(queue.next(&mut worker), None);
                assert!(!queue.leave(worker));
            })
        });
        until(|| queue.counts().idle == 3);
        assert_eq!(queue.wait_for_workers(passed(), never), Ok(false));
        let waiting = scope.spawn(|| queue.wait_for_workers(far(), never));
        queue.shut_down();
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!(waiting.join().unwrap(), Ok(true));
    });
    assert_eq!(queue.counts().workers, 0);
}

#[test]
fn shut_down_refuses_a_submit_that_waits_for_room() {
    let _limit = Limit::new();
    let queue = WorkQueue::bounded(1, 1);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    thread::scope(|scope| {
        let submitter = scope.spawn(|| queue.submit_until(2, far()));
        queue.shut_down();
        assert_eq!(submitter.join().unwrap(), Err(Refused::ShutDown(2)));
    });
}

#[test]
fn drain_gives_back_what_nobody_has_begun_in_its_order() {
    let queue = WorkQueue::new(1);
    for number in 0..5 {
        let _ = queue.submit(number).unwrap();
    }
    let _ = queue.submit_ranked(9, -1).unwrap();
    assert_eq!(queue.drain(), [9, 0, 1, 2, 3, 4]);
    assert_eq!((queue.drain().len(), queue.counts().queued), (0, 0));
    assert_eq!(queue.counts().done, 0);
}

#[test]
fn a_worker_that_leaves_work_behind_is_replaced() {
    let queue = WorkQueue::new(1);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    assert!(queue.leave(Worker::new()));
    assert_eq!(queue.counts().workers, 1);
    assert_eq!(queue.try_take(), Some(1));
    assert!(!queue.leave(Worker::new()));
    assert_eq!(queue.counts().workers, 0);
}

#[test]
fn a_worker_that_could_not_be_started_is_asked_for_again() {
    let queue = WorkQueue::new(1);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    queue.not_started();
    assert_eq!(queue.counts().workers, 0);
    assert_eq!(queue.submit(2), Ok(RunBy::New));
    assert_eq!(queue.drain(), [1, 2]);
}

#[test]
fn a_worker_that_was_woken_and_leaves_wakes_another() {
    let _limit = Limit::new();
    let (queue, workers) = with_busy::<2>(0);
    thread::scope(|scope| {
        let waits = workers.map(|mut worker| {
            let queue = &queue;
            with_parker(scope, move || {
                let next = queue.next_unless(&mut worker, far(), || ControlFlow::Break(()));
                (next, worker)
            })
        });
        until(|| queue.counts().idle == 2);
        let [(leaving, left), (_, other)] = waits;
        leaving.interrupt();
        assert_eq!(queue.submit(7), Ok(RunBy::Idle));
        let (next, worker) = left.join().unwrap();
        match next {
            // It was interrupted first, whether it was woken or not.
            Err(()) => assert!(!queue.leave(worker)),
            Ok(next) => {
                assert_eq!(next, Next::Work(7));
                let _ = queue.submit(7).unwrap();
            }
        }
        assert_eq!(other.join().unwrap().0, Ok(Next::Work(7)));
    });
}

#[test]
fn a_wait_for_work_ends_by_its_deadline() {
    let queue = WorkQueue::<u8>::new(1);
    let mut worker = Worker::new();
    assert_eq!(
        queue.next_unless(&mut worker, passed(), never),
        Ok(Next::Nothing)
    );
    assert_eq!(queue.counts().idle, 1);
    assert_eq!(queue.wait_for_work(passed(), never), Ok(Ended::TimedOut));
    assert!(!queue.leave(worker));
    assert_eq!(queue.counts().idle, 0);
}

#[test]
fn forgotten_workers_are_asked_for_anew() {
    let queue = WorkQueue::new(1);
    let mut worker = Worker::new();
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    assert_eq!(queue.try_next(&mut worker), Next::Work(1));
    queue.forget_workers();
    assert_eq!(queue.wait_for_workers(passed(), never), Ok(true));
    assert_eq!(queue.submit(2), Ok(RunBy::New));
    // The one that forked may be a worker itself, and end what it was at.
    assert!(queue.leave(worker));
    assert_eq!((queue.counts().workers, queue.counts().done), (1, 1));
}

#[test]
fn more_workers_may_be_allowed_later() {
    let queue = WorkQueue::new(1);
    assert_eq!(queue.submit(1), Ok(RunBy::New));
    assert_eq!(queue.submit(2), Ok(RunBy::Busy));
    queue.set_max_workers(2);
    assert_eq!(queue.submit(3), Ok(RunBy::New));
}

#[test]
fn all_that_is_queued_can_be_seen() {
    let queue = WorkQueue::new(1);
    for number in [1, 2, 3] {
        let _ = queue.submit_ranked(number, i64::from(number) - 2).unwrap();
    }
    let mut seen = Vec::new();
    queue.visit(|number| {
        seen.push(*number);
        true
    });
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3]);
    let mut looks = 0;
    queue.visit(|_| {
        looks += 1;
        false
    });
    assert_eq!(looks, 1);
}

#[test]
fn every_piece_of_work_is_done_once_by_no_more_workers_than_there_may_be() {
    const EACH: usize = 5_000;
    const SUBMITTERS: usize = 3;
    let _limit = Limit::new();
    let queue = WorkQueue::bounded(3, 64);
    let done: Vec<_> = (0..EACH * SUBMITTERS)
        .map(|_| AtomicUsize::new(0))
        .collect();
    let work = || {
        let mut worker = Worker::new();
        while let Some(number) = queue.next(&mut worker) {
            let number: usize = number;
            done[number].fetch_add(1, Ordering::Relaxed);
        }
        assert!(!queue.leave(worker));
    };
    thread::scope(|scope| {
        let submitters = [0, 1, 2].map(|me| {
            let (queue, work) = (&queue, &work);
            scope.spawn(move || {
                for number in 0..EACH {
                    let submitted = queue.submit_until(me * EACH + number, far());
                    if submitted.unwrap() == RunBy::New {
                        scope.spawn(work);
                    }
                    assert!(queue.counts().workers <= 3);
                }
            })
        });
        for submitter in submitters {
            submitter.join().unwrap();
        }
        queue.shut_down();
        assert_eq!(queue.wait_for_workers(Deadline::NEVER, never), Ok(true));
    });
    assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1));
    assert_eq!(queue.counts().done, (EACH * SUBMITTERS) as u64);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Submit(i64),
    Next(usize),
    Take,
    Leave(usize),
    Drain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (-1_i64..2).prop_map(Step::Submit),
        4 => (0_usize..3).prop_map(Step::Next),
        1 => Just(Step::Take),
        1 => (0_usize..3).prop_map(Step::Leave),
        1 => Just(Step::Drain),
    ];
    prop::collection::vec(step, 0..80)
}

/// What a queue of at most three workers and five pieces of work does, told simply.
#[derive(Debug, Default)]
struct Model {
    work: VecDeque<(i64, u32)>,
    /// For each worker that is there: whether it is idle.
    workers: [Option<bool>; 3],
    asked_for: usize,
}

impl Model {
    fn count(&self) -> usize {
        self.asked_for + self.workers.iter().flatten().count()
    }

    fn idle(&self) -> usize {
        let idle = self.workers.iter().flatten().filter(|is_idle| **is_idle);
        idle.count().saturating_sub(self.work.len())
    }

    fn ask(&mut self) -> bool {
        let may = self.count() < 3;
        self.asked_for += usize::from(may);
        may
    }

    fn submit(&mut self, number: u32, priority: i64) -> Result<RunBy, Refused<u32>> {
        if self.work.len() == 5 {
            return Err(Refused::Full(number));
        }
        let run_by = if self.idle() > 0 {
            RunBy::Idle
        } else if self.ask() {
            RunBy::New
        } else {
            RunBy::Busy
        };
        let place = self.work.iter().position(|(other, _)| *other > priority);
        let place = place.unwrap_or(self.work.len());
        self.work.insert(place, (priority, number));
        Ok(run_by)
    }
}

proptest! {
    #[test]
    fn it_does_as_its_model(steps in steps()) {
        let queue = WorkQueue::bounded(3, 5);
        let mut model = Model::default();
        let mut workers: [Option<Worker>; 3] = [None, None, None];
        for (number, step) in (0..).zip(steps) {
            match step {
                Step::Submit(priority) => {
                    prop_assert_eq!(
                        queue.submit_ranked(number, priority),
                        model.submit(number, priority)
                    );
                }
                Step::Next(place) => {
                    if workers[place].is_none() {
                        if model.asked_for == 0 {
                            continue;
                        }
                        model.asked_for -= 1;
                        workers[place] = Some(Worker::new());
                    }
                    let next = model.work.pop_front().map_or(Next::Nothing, |(_, work)| Next::Work(work));
                    model.workers[place] = Some(next == Next::Nothing);
                    prop_assert_eq!(queue.try_next(workers[place].as_mut().unwrap()), next);
                }
                Step::Take => {
                    let next = model.work.pop_front().map(|(_, work)| work);
                    prop_assert_eq!(queue.try_take(), next);
                }
                Step::Leave(place) => {
                    let Some(worker) = workers[place].take() else { continue };
                    model.workers[place] = None;
                    let idle = model.workers.iter().flatten().filter(|is_idle| **is_idle).count();
                    let is_wanted = model.work.len() > idle && model.ask();
                    prop_assert_eq!(queue.leave(worker), is_wanted);
                }
                Step::Drain => {
                    let work: Vec<_> = model.work.drain(..).map(|(_, work)| work).collect();
                    prop_assert_eq!(Vec::from(queue.drain()), work);
                }
            }
            let counts = queue.counts();
            prop_assert_eq!(counts.queued, model.work.len());
            prop_assert_eq!(counts.workers, model.count());
            prop_assert_eq!(counts.idle, model.idle());
        }
    }
}
