//! A readers-writer lock without data.
//!
//! # State
//!
//! One word:
//!
//! | bits      | meaning                                                     |
//! |-----------|-------------------------------------------------------------|
//! | `WRITER`  | a writer holds the lock                                     |
//! | `WRITERS` | writers wait: a reader that comes now waits behind the first |
//! | `READERS` | readers wait                                                |
//! | the rest  | how many readers hold the lock                              |
//!
//! # Transitions
//!
//! The lock is phase-fair. Who leaves hands it over: a writer to all readers that wait, else to the next writer; the last reader to the
//! writer that has waited longest. So a reader waits for the readers before it and for one writer, and
//! a writer for the writers before it, with one phase of readers between two of them: nobody starves. The price is that a busy lock switches threads
//! at each change of phase.
//!
//! # Invariants
//!
//! 1. `WRITER` is set or readers are counted, never both.
//! 2. While the lock is free, nobody waits and both flags are clear.
//! 3. A flag is set under its queue's gate by the thread that enters, and is cleared under it, where the queue is seen
//!    to be left empty: a thread in a queue has its flag set.
//! 4. A thread that was woken holds the lock. Who woke it wrote so under the gate before.
//!
//! # Memory ordering
//!
//! Acquiring acquires, releasing releases; all writes are read-modify-writes, so that a writer acquires from every reader
//! before it. The flags meet the queues under the gates. What is handed over is acquired with the wake-up: the thread that
//! hands over has acquired it from those before (`SeqCst`, as all of the slow paths).
//!
//! # After fork
//!
//! The holders are as they were: `reset` frees the child's copy. Flags of threads that stayed in the parent are cleared by the next
//! one who hands over and finds nobody.
//!
//! # Source
//!
//! Brandenburg and Anderson, "Reader-Writer Synchronization for Shared-Memory Multiprocessor Real-Time Systems" (2009):
//! phase-fair locks. Handing over under the queue's lock is `parking_lot_core`'s `unpark_filter`.

use crate::{
    park::{Stopped, WaitQueue, Wake, never_stop},
    primitive::{AtomicUsize, Ordering},
    time::Deadline,
};
use std::ops::ControlFlow;

const WRITER: usize = 1 << 0;
const WRITERS: usize = 1 << 1;
const READERS: usize = 1 << 2;
/// One reader that holds the lock.
const READER: usize = 1 << 3;

fn readers(state: usize) -> usize {
    state / READER
}

/// A lock that many hold to read, or one to write. Not re-entrant; anybody may release it.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RawRwLock {
    state: AtomicUsize,
    readers: WaitQueue,
    writers: WaitQueue,
}

/// Nobody holds the lock in that way. Nothing was released.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotHeld;

/// What the last reader found when it left.
enum Leaving {
    NotHeld,
    Left,
    /// Readers wait though no writer does: it still holds the lock, and lets them in first.
    ReadersWait,
}

impl RawRwLock {
    /// Makes a lock that nobody holds.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            state: AtomicUsize::new(0),
            readers: WaitQueue::new(),
            writers: WaitQueue::new(),
        }
    }

    /// Makes a lock that nobody holds.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            state: AtomicUsize::new(0),
            readers: WaitQueue::new(),
            writers: WaitQueue::new(),
        }
    }

    /// Acquires the lock to read unless a writer holds it or waits for it. Never blocks.
    #[inline]
    pub fn try_read(&self) -> bool {
        let mut seen = self.state.load(Ordering::Relaxed);
        while seen & (WRITER | WRITERS) == 0 {
            let read = self.state.compare_exchange_weak(
                seen,
                seen + READER,
                Ordering::Acquire,
                Ordering::Relaxed,
            );
            match read {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Acquires the lock to read, waiting for the writer that holds it and for one that waits.
    #[inline]
    pub fn read(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.read_unless(Deadline::NEVER, never_stop);
    }

    /// Acquires the lock to read (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the lock was not acquired then.
    #[inline]
    pub fn read_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.try_read() {
            return Ok(true);
        }
        self.read_slow(deadline, interrupted)
    }

    #[cold]
    fn read_slow<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        let ready = || self.read_or_announce();
        match self.readers.wait(ready, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => {
                self.reader_left();
                Ok(false)
            }
            Err(Stopped { reason, woken }) => {
                if woken {
                    // Invariant 4: it was handed over to this thread, which does not want it any more.
                    let _ = self.unlock_read();
                } else {
                    self.reader_left();
                }
                Err(reason)
            }
        }
    }

    /// Acquires the lock to write if nobody holds it. Never blocks.
    #[inline]
    pub fn try_write(&self) -> bool {
        self.state
            .compare_exchange(0, WRITER, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Acquires the lock to write, waiting for those that hold it and for those that came before.
    #[inline]
    pub fn write(&self) {
        // `never_stop` cannot stop it and there is no deadline, so the answer carries nothing.
        let _ = self.write_unless(Deadline::NEVER, never_stop);
    }

    /// Acquires the lock to write (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason; the lock was not acquired then.
    #[inline]
    pub fn write_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        if self.try_write() {
            return Ok(true);
        }
        self.write_slow(deadline, interrupted)
    }

    #[cold]
    fn write_slow<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        let ready = || self.write_or_announce();
        match self.writers.wait(ready, deadline, interrupted) {
            Ok(Wake::Ready | Wake::Woken) => Ok(true),
            Ok(Wake::TimedOut) => {
                self.writer_left();
                Ok(false)
            }
            Err(Stopped { reason, woken }) => {
                if woken {
                    // As in `read_slow`.
                    let _ = self.unlock_write();
                } else {
                    self.writer_left();
                }
                Err(reason)
            }
        }
    }

    /// Gives up one reader's hold; the last one hands the lock over. Never blocks.
    ///
    /// # Errors
    ///
    /// [`NotHeld`] if no reader holds the lock.
    #[inline]
    pub fn unlock_read(&self) -> Result<(), NotHeld> {
        let mut seen = self.state.load(Ordering::Relaxed);
        while readers(seen) > 1 || seen == READER {
            let left = self.state.compare_exchange_weak(
                seen,
                seen - READER,
                Ordering::Release,
                Ordering::Relaxed,
            );
            match left {
                Ok(_) => return Ok(()),
                Err(now) => seen = now,
            }
        }
        self.unlock_read_slow()
    }

    /// Leaves as the last reader while others wait.
    #[cold]
    fn unlock_read_slow(&self) -> Result<(), NotHeld> {
        loop {
            match self.try_leave() {
                Leaving::NotHeld => return Err(NotHeld),
                Leaving::Left => return Ok(()),
                Leaving::ReadersWait => self.admit_readers(),
            }
        }
    }

    /// Hands the lock over to a writer, or frees it; with other readers inside only leaves.
    fn try_leave(&self) -> Leaving {
        let mut leaving = Leaving::Left;
        self.writers.wake_some(|waiting| {
            let before = self.change(|state| match (readers(state), waiting) {
                (0, _) => state,
                (1, 0) if state & READERS != 0 => state & !WRITERS,
                (1, 0) => 0,
                (1, 1) => (state & READERS) | WRITER,
                (1, _) => (state & READERS) | WRITER | WRITERS,
                _ => state - READER,
            });
            leaving = match readers(before) {
                0 => Leaving::NotHeld,
                1 if waiting == 0 && before & READERS != 0 => Leaving::ReadersWait,
                _ => Leaving::Left,
            };
            usize::from(readers(before) == 1 && waiting > 0)
        });
        leaving
    }

    /// Gives up the writer's hold, and hands the lock over. Never blocks.
    ///
    /// # Errors
    ///
    /// [`NotHeld`] if no writer holds the lock.
    #[inline]
    pub fn unlock_write(&self) -> Result<(), NotHeld> {
        let freed = self
            .state
            .compare_exchange(WRITER, 0, Ordering::Release, Ordering::Relaxed);
        match freed {
            Ok(_) => Ok(()),
            Err(_) => self.unlock_write_slow(),
        }
    }

    #[cold]
    fn unlock_write_slow(&self) -> Result<(), NotHeld> {
        loop {
            if self.state.load(Ordering::SeqCst) & WRITER == 0 {
                return Err(NotHeld);
            }
            if self.hand_to_readers() || self.hand_to_writer_or_free() {
                return Ok(());
            }
        }
    }

    /// Lets the waiting readers in in the writer's place; false if there are none.
    fn hand_to_readers(&self) -> bool {
        let admitted = self.readers.wake_some(|waiting| {
            let before = self.change(|state| {
                if waiting == 0 {
                    state & !READERS
                } else if state & WRITER != 0 {
                    (state & WRITERS) + waiting * READER
                } else {
                    state
                }
            });
            if before & WRITER != 0 { waiting } else { 0 }
        });
        admitted > 0
    }

    /// Hands the lock over to the next writer or frees it; false if readers have come meanwhile.
    fn hand_to_writer_or_free(&self) -> bool {
        let mut is_done = true;
        self.writers.wake_some(|waiting| {
            let before = self.change(|state| match waiting {
                _ if state & WRITER == 0 => state,
                0 if state & READERS != 0 => state & !WRITERS,
                0 => 0,
                1 => state & !WRITERS,
                _ => state,
            });
            is_done = before & WRITER != 0 && (waiting > 0 || before & READERS == 0);
            usize::from(is_done && waiting > 0)
        });
        is_done
    }

    /// Acquires to read, or announces a reader that waits. For the check under the readers' gate.
    fn read_or_announce(&self) -> bool {
        let is_open = |state: usize| state & (WRITER | WRITERS) == 0;
        let before = self.change(|state| {
            if is_open(state) {
                state + READER
            } else {
                state | READERS
            }
        });
        is_open(before)
    }

    /// Acquires to write, or announces a writer that waits. For the check under the writers' gate.
    fn write_or_announce(&self) -> bool {
        let is_free = |state: usize| state & WRITER == 0 && readers(state) == 0;
        let before = self.change(|state| {
            if is_free(state) {
                state | WRITER
            } else {
                state | WRITERS
            }
        });
        is_free(before)
    }

    /// Takes back what a reader announced that does not wait any more.
    fn reader_left(&self) {
        self.readers.wake_some(|waiting| {
            if waiting == 0 {
                self.change(|state| state & !READERS);
            }
            0
        });
    }

    /// Takes back what a writer announced that does not wait any more, and lets in the readers that it held back.
    fn writer_left(&self) {
        self.writers.wake_some(|waiting| {
            if waiting == 0 {
                self.change(|state| state & !WRITERS);
            }
            0
        });
        if self.state.load(Ordering::SeqCst) & READERS != 0 {
            self.admit_readers();
        }
    }

    /// Lets the waiting readers in unless a writer holds the lock or waits for it.
    fn admit_readers(&self) {
        self.readers.wake_some(|waiting| {
            let is_open = |state: usize| state & (WRITER | WRITERS) == 0;
            let before = self.change(|state| {
                if waiting == 0 {
                    state & !READERS
                } else if is_open(state) {
                    (state & !READERS) + waiting * READER
                } else {
                    state
                }
            });
            if is_open(before) { waiting } else { 0 }
        });
    }

    /// Changes the state, and returns what it was. Writes even what is equal: who reads so has read the latest.
    fn change(&self, to: impl Fn(usize) -> usize) -> usize {
        let changed = self
            .state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| Some(to(state)));
        match changed {
            Ok(before) | Err(before) => before,
        }
    }

    /// How many readers hold the lock.
    #[inline]
    pub fn readers(&self) -> usize {
        readers(self.state.load(Ordering::Relaxed))
    }

    /// Says whether a writer holds the lock.
    #[inline]
    pub fn is_written(&self) -> bool {
        self.state.load(Ordering::Relaxed) & WRITER != 0
    }

    /// Counts the readers that wait.
    pub fn waiting_readers(&self) -> usize {
        self.readers.len()
    }

    /// Counts the writers that wait.
    pub fn waiting_writers(&self) -> usize {
        self.writers.len()
    }

    /// Frees the lock whoever holds it: for a child in which nobody else exists.
    pub fn reset(&self) {
        self.state.store(0, Ordering::SeqCst);
    }
}
