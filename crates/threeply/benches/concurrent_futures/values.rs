//! A value that one hands to another, without a thread between them.

use super::{Way, way};
use std::{hint::black_box, sync::mpsc};
use threeply::concurrent::futures::Future;
use tokio::sync::oneshot;

const TIMES: u32 = 10_000;
const BENCH: &str = "future new+set+result";

pub(crate) fn ways() -> Vec<Way> {
    vec![
        way(BENCH, "threeply", TIMES, || {
            for n in 0..TIMES {
                let (promise, future) = Future::promised();
                promise.set(black_box(n)).unwrap();
                assert_eq!(future.result().unwrap(), &n);
            }
        }),
        way(BENCH, "tokio oneshot", TIMES, || {
            for n in 0..TIMES {
                let (sender, receiver) = oneshot::channel();
                sender.send(black_box(n)).unwrap();
                assert_eq!(receiver.blocking_recv().unwrap(), n);
            }
        }),
        way(BENCH, "std mpsc", TIMES, || {
            for n in 0..TIMES {
                let (sender, receiver) = mpsc::sync_channel(1);
                sender.send(black_box(n)).unwrap();
                assert_eq!(receiver.recv().unwrap(), n);
            }
        }),
    ]
}
