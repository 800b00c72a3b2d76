//! What a pool of threads is to be like.

use super::{Crew, ThreadPoolExecutor};
use crate::primitive::{AtomicUsize, Ordering};
use std::{fmt, num::NonZero, sync::Arc, thread};

/// Counts the pools.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// What a pool of threads is to be like.
#[derive(Default)]
pub struct ThreadPoolBuilder {
    max_workers: usize,
    max_queue: usize,
    prefix: Option<String>,
    stack_size: Option<usize>,
    initializer: Option<Initializer>,
}

pub(super) type Initializer = Box<dyn Fn() + Send + Sync>;

impl ThreadPoolBuilder {
    /// Asks for as many workers as processors, a queue without a bound, and nothing to begin with.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many workers there may be; 0 means as many as processors this process may use, by affinity and by cgroup.
    #[must_use]
    pub fn max_workers(mut self, most: usize) -> Self {
        self.max_workers = most;
        self
    }

    /// Sets how many calls may wait for a worker; 0 means any number. [`ThreadPoolExecutor::submit`] waits while so many do.
    #[must_use]
    pub fn max_queue(mut self, most: usize) -> Self {
        self.max_queue = most;
        self
    }

    /// Names the threads: the prefix, an underscore and a number.
    #[must_use]
    pub fn thread_name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Gives the threads stacks of at least so many bytes.
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Has each worker call this before it runs anything.
    ///
    /// If it panics the pool is broken: what is queued fails with [`Failure::Broken`](crate::concurrent::futures::Failure), and no
    /// more is taken.
    #[must_use]
    pub fn initializer(mut self, initializer: impl Fn() + Send + Sync + 'static) -> Self {
        self.initializer = Some(Box::new(initializer));
        self
    }

    /// Makes the pool. Its threads are started when there is work for them.
    pub fn build(self) -> ThreadPoolExecutor {
        // Relaxed: the number is all there is to see.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let max_workers = match self.max_workers {
            0 => thread::available_parallelism().map_or(1, NonZero::get),
            most => most,
        };
        let prefix = self.prefix;
        let prefix = prefix.unwrap_or_else(|| format!("ThreadPoolExecutor-{}", number - 1));
        let crew = Crew::new(
            number,
            max_workers,
            self.max_queue,
            prefix,
            self.stack_size,
            self.initializer,
        );
        ThreadPoolExecutor {
            crew: Arc::new(crew),
        }
    }
}

impl fmt::Debug for ThreadPoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolBuilder")
            .field("max_workers", &self.max_workers)
            .field("max_queue", &self.max_queue)
            .field("prefix", &self.prefix)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}
