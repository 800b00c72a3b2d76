//! Threads of one process, and what they wait for.
//!
//! | here          | Python                                              | ends a wait                      |
//! |---------------|-----------------------------------------------------|----------------------------------|
//! | [`Event`]     | `threading.Event`                                   | `set`                            |
//! | [`Semaphore`] | `threading.Semaphore`, `threading.BoundedSemaphore` | `release`                        |
//! | [`Mutex`]     | `threading.Lock`, with data                          | the guard's drop                 |
//! | [`Condvar`]   | `threading.Condition`                               | a notification                   |
//! | [`Barrier`]   | `threading.Barrier`                                 | the last one's arrival           |
//! | [`RwLock`]    | (`RWLock`, which only threeply has)                 | the release                      |
//! | [`Queue`]     | `queue.Queue`, `LifoQueue`                          | `put`, `get`, `task_done`, `shut_down` |
//! | [`PriorityQueue`] | `queue.PriorityQueue`                           | the same                         |
//! | [`Thread`]    | `threading.Thread`                                  | the thread's end                 |
//! | [`channel`]   | (a queue in two halves)                             | a send, a receive, the last of one side |
//!
//! Each wait comes in three spellings: without an end of its own (`wait`), with a
//! [`Deadline`](crate::time::Deadline) (`wait_until`), and with an owner who may end it (`wait_unless`): the last
//! one asks a closure whenever the thread's sleep is interrupted.

mod barrier;
pub mod channel;
mod condvar;
mod event;
mod lock;
#[cfg(not(loom))]
mod main_thread;
mod mutex;
mod queue;
mod rwlock;
mod semaphore;
// Its threads are the standard library's, which no model runs.
#[cfg(not(loom))]
mod thread;

pub use barrier::{Arrival, Barrier, BrokenBarrier, Phase, Releaser, Waiter};
pub use condvar::Condvar;
pub use event::Event;
pub use lock::{NotOwner, RawLock, RawRLock};
#[cfg(not(loom))]
pub use main_thread::is_main_thread;
pub use mutex::{Mutex, MutexGuard};
pub use queue::{
    Ended, Order, PriorityQueue, Queue, Retired, ShutDown, Sorting, TryGetError, TryPutError,
};
pub use rwlock::{NotHeld, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use semaphore::{Permit, Semaphore, TooManyPermits};
#[cfg(not(loom))]
pub use thread::{Builder, Interrupted, Live, Thread, enumerate, interrupted, interruptible};
