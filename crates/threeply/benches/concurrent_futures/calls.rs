//! Calls that a pool of two threads runs, and whose results are waited for.

use super::{WORKERS, Way, way, work::Work};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::{rc::Rc, sync::mpsc};
use threadpool::ThreadPool;
use threeply::concurrent::futures::{Executor, ThreadPoolExecutor};
use tokio::runtime::Runtime;

fn ours() -> ThreadPoolExecutor {
    ThreadPoolExecutor::builder().max_workers(WORKERS).build()
}

fn rayons() -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(WORKERS);
    builder.build().unwrap()
}

fn tokios() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.max_blocking_threads(WORKERS).build().unwrap()
}

/// Each call is submitted when the one before has its result.
pub(crate) fn one_by_one() -> Vec<Way> {
    const TIMES: u32 = 1_000;
    const BENCH: &str = "submit+result, one by one";
    let (ours, rayons, tokios) = (ours(), rayons(), tokios());
    let threadpool = ThreadPool::new(WORKERS);
    vec![
        way(BENCH, "threeply", TIMES, move || {
            for n in 0..TIMES {
                assert_eq!(ours.submit(move || n).unwrap().into_result().unwrap(), n);
            }
        }),
        way(BENCH, "rayon install", TIMES, move || {
            for n in 0..TIMES {
                assert_eq!(rayons.install(move || n), n);
            }
        }),
        way(BENCH, "threadpool + mpsc", TIMES, move || {
            for n in 0..TIMES {
                let (sender, receiver) = mpsc::sync_channel(1);
                threadpool.execute(move || sender.send(n).unwrap());
                assert_eq!(receiver.recv().unwrap(), n);
            }
        }),
        way(BENCH, "tokio spawn_blocking", TIMES, move || {
            for n in 0..TIMES {
                let handle = tokios.spawn_blocking(move || n);
                assert_eq!(tokios.block_on(handle).unwrap(), n);
            }
        }),
    ]
}

/// All calls are submitted, and then their results asked for, in order where the library has one.
pub(crate) fn many(bench: &'static str, work: Work, times: u32) -> Vec<Way> {
    let pool = Rc::new(ours());
    let mapping = Rc::clone(&pool);
    let rayons = Rc::new(rayons());
    let spawning = Rc::clone(&rayons);
    let threadpool = ThreadPool::new(WORKERS);
    let tokios = tokios();
    vec![
        way(bench, "threeply", times, move || {
            let futures: Vec<_> = (0..times)
                .map(|_| pool.submit(move || work.run()).unwrap())
                .collect();
            for future in futures {
                future.into_result().unwrap();
            }
        }),
        way(bench, "threeply map", times, move || {
            let results = mapping.map(move |_| work.run(), 0..times).unwrap();
            assert_eq!(results.map(Result::unwrap).count(), times as usize);
        }),
        way(bench, "rayon par_iter", times, move || {
            let results: Vec<_> =
                rayons.install(|| (0..times).into_par_iter().map(|_| work.run()).collect());
            assert_eq!(results.len(), times as usize);
        }),
        way(bench, "rayon spawn + mpsc", times, move || {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..times {
                let sender = sender.clone();
                spawning.spawn(move || sender.send(work.run()).unwrap());
            }
            assert_eq!(receiver.iter().take(times as usize).count(), times as usize);
        }),
        way(bench, "threadpool + mpsc", times, move || {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..times {
                let sender = sender.clone();
                threadpool.execute(move || sender.send(work.run()).unwrap());
            }
            assert_eq!(receiver.iter().take(times as usize).count(), times as usize);
        }),
        way(bench, "tokio spawn_blocking", times, move || {
            let handles: Vec<_> = (0..times)
                .map(|_| tokios.spawn_blocking(move || work.run()))
                .collect();
            for handle in handles {
                tokios.block_on(handle).unwrap();
            }
        }),
    ]
}
