//! Processes, threads and coroutines: the engine of threeply, with no Python in it.
//!
//! Six rooms stand on one floor: `subprocess`, `signal`, `threading` (with its queue),
//! `multiprocessing`, `asyncio` and `concurrent::futures`. So far four have furniture:
//!
//! - [`threading`]: [`Event`](threading::Event), [`Semaphore`](threading::Semaphore), [`Barrier`](threading::Barrier),
//!   [`RwLock`](threading::RwLock), [`Queue`](threading::Queue) and [`channel`](threading::channel);
//! - [`signal`]: [receivers](signal::receive) of signals, masks, timers, and signals that end a wait;
//! - [`subprocess`]: [`Popen`](subprocess::Popen), [`Process`](subprocess::Process), [`Pipeline`](subprocess::Pipeline) and
//!   [`Communication`](subprocess::Communication);
//! - [`concurrent::futures`]: [`Future`](concurrent::futures::Future), [`ThreadPoolExecutor`](concurrent::futures::ThreadPoolExecutor),
//!   [`wait`](concurrent::futures::wait) and [`as_completed`](concurrent::futures::as_completed).
//!
//! Under the rooms lie [`park`], the one place where a thread sleeps, and [`time`].
//!
//! # Examples
//!
//! ```
//! use std::{sync::Arc, thread};
//! use threeply::threading::Queue;
//!
//! let queue = Arc::new(Queue::unbounded());
//! let worker = thread::spawn({
//!     let queue = Arc::clone(&queue);
//!     move || queue.get()
//! });
//! queue.put("work")?;
//! assert_eq!(worker.join().expect("the worker does not panic"), Ok("work"));
//! # Ok::<(), threeply::threading::ShutDown<&str>>(())
//! ```

pub mod concurrent;
pub mod error;
pub mod park;
mod primitive;
// Handlers of signals run where no model looks.
#[cfg(not(loom))]
pub mod signal;
// Its children are processes, which no model runs.
#[cfg(not(loom))]
pub mod subprocess;
mod sys;
pub mod threading;
pub mod time;
