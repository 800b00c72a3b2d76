//! The threads of a pool, and what they share with it.

use super::{Job, builder::Initializer, full, job};
use crate::{
    concurrent::futures::{Failure, Panic, RunBy, SubmitError, WorkQueue, Worker},
    primitive::{AtomicU32, AtomicUsize, Mutex, OnceLock, Ordering, lock},
    sys::fork,
    threading::{Builder, Thread},
};
use std::{
    fmt, io,
    mem::{self, ManuallyDrop},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// The work of a pool and the threads that do it.
pub(super) struct Crew {
    pub(super) queue: WorkQueue<Arc<dyn Job>>,
    number: usize,
    prefix: String,
    stack_size: Option<usize>,
    initializer: Option<Initializer>,
    broken: OnceLock<Panic>,
    threads: Mutex<Vec<Thread<()>>>,
    /// How many threads were started, for their names.
    started: AtomicUsize,
    /// The fork generation that the threads belong to.
    generation: AtomicU32,
}

impl Crew {
    pub(super) fn new(
        number: usize,
        max_workers: usize,
        max_queue: usize,
        prefix: String,
        stack_size: Option<usize>,
        initializer: Option<Initializer>,
    ) -> Self {
        fork::watch();
        Self {
            queue: WorkQueue::bounded(max_workers, max_queue),
            number,
            prefix,
            stack_size,
            initializer,
            broken: OnceLock::new(),
            threads: Mutex::new(Vec::new()),
            started: AtomicUsize::new(0),
            generation: AtomicU32::new(fork::generation()),
        }
    }

    /// The number by which futures and workers know the pool.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Adds a job and sees to it that there is a worker for it. Gives the job back while the queue is full.
    pub(super) fn submit(
        self: &Arc<Self>,
        job: Arc<dyn Job>,
        priority: i64,
    ) -> Result<Option<Arc<dyn Job>>, SubmitError> {
        let is_new = match self.queue.submit_ranked(job, priority) {
            Ok(run_by) => run_by == RunBy::New,
            Err(refused) => return self.refused(full(refused)).map(Some),
        };
        if is_new && let Err(error) = self.start_worker() {
            self.queue.not_started();
            // With other workers it is theirs; without one nothing must lie there for ever.
            if self.queue.counts().workers == 0 {
                self.queue.drain().into_iter().for_each(|job| {
                    job.cancel();
                });
                return Err(SubmitError::NoThread(Arc::new(error)));
            }
        }
        if self.broken.get().is_some() {
            // It may have come after what was queued was failed.
            self.fail_queued();
        }
        Ok(None)
    }

    fn refused<T>(&self, refused: Result<T, SubmitError>) -> Result<T, SubmitError> {
        match (refused, self.broken.get()) {
            (Err(_), Some(panic)) => Err(SubmitError::Broken(panic.clone())),
            (refused, _) => refused,
        }
    }

    /// Runs what is next, if there is something, on the calling thread.
    pub(super) fn run_one(&self) {
        if let Some(job) = self.queue.try_take() {
            job.run();
        }
    }

    fn start_worker(self: &Arc<Self>) -> io::Result<()> {
        // Relaxed: the number is all there is to see.
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let mut builder = Builder::new().name(format!("{}_{number}", self.prefix));
        if let Some(bytes) = self.stack_size {
            builder = builder.stack_size(bytes);
        }
        let crew = Arc::clone(self);
        let thread = builder.spawn(move || crew.work())?;
        lock(&self.threads).push(thread);
        Ok(())
    }

    /// What a worker does.
    fn work(&self) {
        job::settle(self.number);
        let mut worker = Worker::new();
        if self.begin() {
            while let Some(job) = self.queue.next(&mut worker) {
                job.run();
            }
        }
        // Nothing is queued any more: the queue was shut down, and emptied by this one or failed.
        let _ = self.queue.leave(worker);
    }

    /// Calls the initializer. False if it panicked: the pool is broken then.
    fn begin(&self) -> bool {
        let Some(initializer) = &self.initializer else {
            return true;
        };
        let Err(payload) = catch_unwind(AssertUnwindSafe(initializer)) else {
            return true;
        };
        // The first one's is told.
        let _ = self.broken.set(Panic::new(payload));
        self.queue.shut_down();
        self.fail_queued();
        false
    }

    fn fail_queued(&self) {
        let Some(panic) = self.broken.get() else {
            return;
        };
        for job in self.queue.drain() {
            job.fail(Failure::Broken(panic.clone()));
        }
    }

    /// Waits for the threads that have left the queue to be gone.
    pub(super) fn join_threads(&self) {
        for thread in mem::take(&mut *lock(&self.threads)) {
            // A worker catches the panics of what it runs.
            let _ = thread.join();
        }
    }

    /// In a forked child: forgets the threads, which do not exist, and cancels what the parent's will do.
    #[inline]
    pub(super) fn mind_fork(&self) {
        // Relaxed: it changes in a child before it has a second thread.
        if self.generation.load(Ordering::Relaxed) != fork::generation() {
            self.begin_anew();
        }
    }

    #[cold]
    fn begin_anew(&self) {
        let generation = fork::generation();
        if self.generation.swap(generation, Ordering::AcqRel) == generation {
            return;
        }
        self.queue.forget_workers();
        // What would be detached or joined is not there.
        let _ = ManuallyDrop::new(mem::take(&mut *lock(&self.threads)));
        for job in self.queue.drain() {
            job.cancel();
        }
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew")
            .field("prefix", &self.prefix)
            .field("counts", &self.queue.counts())
            .finish_non_exhaustive()
    }
}
