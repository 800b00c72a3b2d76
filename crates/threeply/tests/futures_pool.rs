//! A pool of threads keeps what its documentation promises.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{
    collections::HashSet,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use support::{Limit, far, passed, until};
use threeply::{
    concurrent::futures::{
        Executor, Failure, Future, ReturnWhen, SubmitError, ThreadPoolExecutor, as_completed, wait,
    },
    threading::Event,
    time::Deadline,
};

fn pool(workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder().max_workers(workers).build()
}

/// A pool of one worker, which is held until the event is set.
fn held() -> (ThreadPoolExecutor, Arc<Event>, Future<()>) {
    let (pool, event) = (pool(1), Arc::new(Event::new()));
    let future = hold(&pool, &event);
    (pool, event, future)
}

/// Has a worker wait for the event, and returns when it does.
fn hold(pool: &ThreadPoolExecutor, event: &Arc<Event>) -> Future<()> {
    let event = Arc::clone(event);
    let future = pool.submit(move || event.wait()).unwrap();
    until(|| future.is_running());
    future
}

#[test]
fn calls_run_and_their_results_come_back() {
    let _limit = Limit::new();
    let pool = ThreadPoolExecutor::new();
    let futures: Vec<_> = (0..100)
        .map(|n| pool.submit(move || n * n).unwrap())
        .collect();
    for (n, future) in (0..).zip(futures) {
        assert_eq!(future.into_result().unwrap(), n * n);
    }
}

#[test]
fn no_thread_is_started_before_there_is_work_nor_more_than_needed() {
    let _limit = Limit::new();
    let pool = pool(8);
    assert_eq!(pool.statistics().workers, 0);
    for _ in 0..20 {
        pool.submit(|| ()).unwrap().result().unwrap();
        until(|| pool.statistics().idle == 1);
    }
    let counts = pool.statistics();
    assert_eq!(
        (counts.workers, counts.done, counts.max_workers),
        (1, 20, 8)
    );
}

#[test]
fn as_many_calls_run_at_once_as_there_are_workers() {
    let _limit = Limit::new();
    let pool = pool(4);
    let barrier = Arc::new(Barrier::new(4));
    let futures = [(); 4].map(|()| {
        let barrier = Arc::clone(&barrier);
        pool.submit(move || barrier.wait().is_leader()).unwrap()
    });
    for future in &futures {
        future.result().unwrap();
    }
    assert_eq!(pool.statistics().workers, 4);
}

#[test]
fn a_panic_comes_to_who_asks_and_the_worker_goes_on() {
    let _limit = Limit::new();
    let pool = pool(1);
    let broken = pool.submit(|| -> u32 { panic!("number {}", 7) }).unwrap();
    let sound = pool.submit(|| 1).unwrap();
    let Err(Failure::Panicked(panic)) = broken.result() else {
        panic!("it has no result");
    };
    assert_eq!(panic.message(), "number 7");
    assert_eq!(sound.result().unwrap(), &1);
    assert_eq!(pool.statistics().workers, 1);
}

#[test]
fn threads_bear_the_name_and_call_the_initializer_first() {
    let _limit = Limit::new();
    thread_local!(static READY: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .thread_name_prefix("crew")
        .stack_size(1 << 20)
        .initializer(|| READY.set(true))
        .build();
    let name = pool.submit(|| {
        assert!(READY.get());
        thread::current().name().unwrap().to_owned()
    });
    assert_eq!(name.unwrap().result().unwrap(), "crew_0");
}

#[test]
fn an_initializer_that_panics_breaks_the_pool() {
    let _limit = Limit::new();
    let begun = Arc::new(Event::new());
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .initializer({
            let begun = Arc::clone(&begun);
            move || {
                begun.wait();
                panic!("no ink");
            }
        })
        .build();
    let futures = [1, 2].map(|n| pool.submit(move || n).unwrap());
    begun.set();
    for future in &futures {
        let Err(Failure::Broken(panic)) = future.result() else {
            panic!("it has no result");
        };
        assert_eq!(panic.message(), "no ink");
    }
    pool.join();
    assert!(matches!(pool.submit(|| ()), Err(SubmitError::Broken(_))));
}

#[test]
fn what_has_not_begun_can_be_cancelled_and_its_call_is_dropped_at_once() {
    let _limit = Limit::new();
    let (pool, event, running) = held();
    let token = Arc::new(());
    let waiting = pool.submit({
        let token = Arc::clone(&token);
        move || drop(token)
    });
    let waiting = waiting.unwrap();
    assert!(!running.cancel());
    assert!(waiting.cancel());
    assert_eq!(Arc::strong_count(&token), 1);
    event.set();
    running.result().unwrap();
    assert!(matches!(waiting.result(), Err(Failure::Cancelled)));
}

#[test]
fn after_shutdown_nothing_is_taken_and_all_that_was_is_done() {
    let _limit = Limit::new();
    let (pool, event, _running) = held();
    let done = Arc::new(AtomicUsize::new(0));
    let futures = [(); 5].map(|()| {
        let done = Arc::clone(&done);
        pool.submit(move || done.fetch_add(1, Ordering::Relaxed))
            .unwrap()
    });
    pool.shut_down();
    assert!(matches!(pool.submit(|| ()), Err(SubmitError::ShutDown)));
    assert!(pool.join_until(passed()).is_err());
    event.set();
    pool.join_until(far()).unwrap();
    pool.join();
    assert_eq!(done.load(Ordering::Relaxed), 5);
    assert!(futures.iter().all(Future::is_done));
    assert_eq!(pool.statistics().workers, 0);
}

#[test]
fn shutdown_now_cancels_what_has_not_begun() {
    let _limit = Limit::new();
    let (pool, event, running) = held();
    let waiting = [1, 2, 3].map(|n| pool.submit(move || n).unwrap());
    assert_eq!(pool.shut_down_now(), 3);
    event.set();
    pool.join();
    running.result().unwrap();
    assert!(waiting.iter().all(Future::is_cancelled));
}

#[test]
fn dropping_the_pool_waits_for_its_work() {
    let _limit = Limit::new();
    let (pool, event, running) = held();
    let last = pool.submit(|| 7).unwrap();
    thread::scope(|scope| {
        let dropping = scope.spawn(move || drop(pool));
        event.set();
        dropping.join().unwrap();
    });
    assert!(running.is_done());
    assert_eq!(last.result_until(passed()).unwrap(), &7);
}

#[test]
fn a_pool_can_be_dropped_by_one_of_its_workers() {
    let _limit = Limit::new();
    let pool = pool(1);
    let (give, take) = mpsc::channel::<ThreadPoolExecutor>();
    let take = Mutex::new(take);
    let future = pool.submit(move || drop(take.lock().unwrap().recv().unwrap()));
    let future = future.unwrap();
    give.send(pool).unwrap();
    future.result().unwrap();
}

#[test]
fn a_full_queue_makes_submit_wait_or_refuse() {
    let _limit = Limit::new();
    let event = Arc::new(Event::new());
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .max_queue(1)
        .build();
    hold(&pool, &event);
    let first = pool.submit(|| 1).unwrap();
    assert!(matches!(
        pool.submit_until(|| 2, passed()),
        Err(SubmitError::Full)
    ));
    assert!(matches!(
        pool.submit_until(|| 2, Deadline::after(Duration::from_millis(2))),
        Err(SubmitError::Full)
    ));
    thread::scope(|scope| {
        let submitting = scope.spawn(|| pool.submit(|| 3).unwrap());
        event.set();
        assert_eq!(submitting.join().unwrap().result().unwrap(), &3);
    });
    assert_eq!(first.result().unwrap(), &1);
}

#[test]
fn smaller_priorities_run_first() {
    let _limit = Limit::new();
    let (pool, event, _running) = held();
    let order = Arc::new(Mutex::new(Vec::new()));
    for (priority, name) in [(1, 'd'), (0, 'b'), (-1, 'a'), (0, 'c'), (1, 'e')] {
        let order = Arc::clone(&order);
        let call = move || order.lock().unwrap().push(name);
        drop(pool.submit_ranked(call, priority).unwrap());
    }
    event.set();
    drop(pool);
    assert_eq!(*order.lock().unwrap(), ['a', 'b', 'c', 'd', 'e']);
}

#[test]
fn a_worker_that_waits_for_its_pool_does_the_work_itself() {
    let _limit = Limit::new();
    let pool = Arc::new(pool(1));
    let inner = Arc::clone(&pool);
    let depth = pool.submit(move || {
        fn nested(pool: &Arc<ThreadPoolExecutor>, depth: u32) -> u32 {
            if depth == 0 {
                return 0;
            }
            let inner = Arc::clone(pool);
            let below = pool.submit(move || nested(&inner, depth - 1)).unwrap();
            below.into_result().unwrap() + 1
        }
        nested(&inner, 20)
    });
    assert_eq!(depth.unwrap().result().unwrap(), &20);
}

#[test]
fn a_worker_that_waits_for_several_of_its_pool_does_them_itself() {
    let _limit = Limit::new();
    let pool = Arc::new(pool(1));
    let inner = Arc::clone(&pool);
    let sums = pool.submit(move || {
        let futures = |numbers: [u32; 3]| numbers.map(|n| inner.submit(move || n).unwrap());
        let all = futures([1, 2, 3]);
        let done = wait(&all, far(), ReturnWhen::AllCompleted).done.len();
        let each = futures([4, 5, 6]);
        let sum = as_completed(&each, far()).map(|future| *future.unwrap().result().unwrap());
        let sum = sum.sum::<u32>();
        let mapped = inner.map(|n: u32| n, [7, 8]).unwrap();
        (done, sum, mapped.map(Result::unwrap).sum::<u32>())
    });
    assert_eq!(sums.unwrap().result().unwrap(), &(3, 15, 15));
}

#[test]
fn a_worker_that_submits_to_its_own_full_queue_makes_room() {
    let _limit = Limit::new();
    let pool = ThreadPoolExecutor::builder().max_workers(1).max_queue(1);
    let pool = Arc::new(pool.build());
    let inner = Arc::clone(&pool);
    let sum = pool.submit(move || {
        let futures: Vec<_> = (0..10).map(|n| inner.submit(move || n).unwrap()).collect();
        futures
            .iter()
            .map(|future| *future.result().unwrap())
            .sum::<u32>()
    });
    assert_eq!(sum.unwrap().result().unwrap(), &45);
}

#[test]
fn a_worker_does_not_run_what_another_pool_is_to_run() {
    let _limit = Limit::new();
    let (other, event, _running) = held();
    let here = pool(1);
    let waiting = Arc::new(other.submit(|| thread::current().id()).unwrap());
    let asking = here.submit({
        let waiting = Arc::clone(&waiting);
        move || {
            let late = matches!(
                waiting.result_until(Deadline::after(Duration::from_millis(1))),
                Err(Failure::TimedOut)
            );
            (late, thread::current().id())
        }
    });
    let (was_late, asker) = *asking.unwrap().result().unwrap();
    event.set();
    assert!(was_late);
    assert_ne!(waiting.result().unwrap(), &asker);
}

#[test]
fn map_gives_results_in_the_order_of_the_items() {
    let _limit = Limit::new();
    let pool = pool(3);
    let squares = pool.map(|n: u64| n * n, 0..500).unwrap();
    let squares: Result<Vec<_>, _> = squares.collect();
    assert_eq!(
        squares.unwrap(),
        (0..500).map(|n| n * n).collect::<Vec<_>>()
    );
}

#[test]
fn map_goes_on_after_a_call_that_panicked() {
    let _limit = Limit::new();
    let pool = pool(2);
    let results = pool.map(
        |n: u32| {
            assert_ne!(n, 1, "one of the test");
            n
        },
        0..3,
    );
    let results: Vec<_> = results.unwrap().map(Result::ok).collect();
    assert_eq!(results, [Some(0), None, Some(2)]);
}

#[test]
fn a_buffered_map_takes_no_more_items_than_it_may() {
    let _limit = Limit::new();
    let pool = pool(2);
    let taken = AtomicUsize::new(0);
    let items = (0_usize..).inspect(|_| {
        taken.fetch_add(1, Ordering::Relaxed);
    });
    let mut results = pool.map_buffered(|n| n, items, 3).unwrap();
    for n in 0..50 {
        assert!(taken.load(Ordering::Relaxed) <= n + 3);
        assert_eq!(results.next().unwrap().unwrap(), n);
    }
}

#[test]
fn a_map_that_is_late_ends_and_cancels_the_rest() {
    let _limit = Limit::new();
    let (pool, event, running) = held();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let results = pool.map(move |_: u32| counted.fetch_add(1, Ordering::Relaxed), 0..5);
    let mut results = results.unwrap().until(passed());
    assert!(matches!(results.next(), Some(Err(Failure::TimedOut))));
    assert!(results.next().is_none());
    event.set();
    running.result().unwrap();
    pool.shut_down();
    pool.join();
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[test]
fn a_map_over_a_pool_that_is_shut_down_gives_what_was_taken_and_says_so() {
    let _limit = Limit::new();
    let pool = pool(1);
    let mut results = pool.map_buffered(|n: u32| n, 0.., 2).unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 0);
    pool.shut_down();
    assert_eq!(results.next().unwrap().unwrap(), 1);
    assert!(matches!(
        results.next(),
        Some(Err(Failure::NotSubmitted(SubmitError::ShutDown)))
    ));
    assert!(results.next().is_none());
    assert!(pool.map(|n: u32| n, 0..2).is_err());
}

#[test]
fn callbacks_may_submit() {
    let _limit = Limit::new();
    let pool = Arc::new(pool(2));
    let (told, tell) = mpsc::channel();
    let next = Arc::clone(&pool);
    pool.submit(|| 1).unwrap().when_done(move |future| {
        let n = *future.result().unwrap();
        let second = next.submit(move || n + 1).unwrap();
        second.when_done(move |future| told.send(*future.result().unwrap()).unwrap());
    });
    assert_eq!(tell.recv().unwrap(), 2);
    until(|| Arc::strong_count(&pool) == 1);
}

#[test]
fn a_result_can_be_moved_out_as_soon_as_it_is_there() {
    let _limit = Limit::new();
    let pool = pool(2);
    for n in 0..3_000 {
        let future = pool.submit(move || vec![n; 2]).unwrap();
        assert_eq!(future.into_result().unwrap(), [n; 2]);
    }
}

#[test]
fn every_worker_is_used_by_many_who_submit() {
    let _limit = Limit::new();
    let pool = pool(4);
    let threads = Mutex::new(HashSet::new());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let future = pool.submit(|| thread::current().id()).unwrap();
                    threads.lock().unwrap().insert(*future.result().unwrap());
                }
            });
        }
    });
    assert!((1..=4).contains(&threads.lock().unwrap().len()));
    assert_eq!(
        pool.statistics().done + pool.statistics().running as u64,
        1_500
    );
}
