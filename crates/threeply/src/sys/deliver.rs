#![expect(unsafe_code, reason = "records go to a pipe by its number")]
//! Telling receivers of a signal, from its handler.
//!
//! # State
//!
//! A table of slots, one a receiver: which signals it wants, the pipe that it reads from, and how many handlers are about to write to
//! that pipe.
//!
//! # Invariants
//!
//! 1. A pipe is closed after its slot wants nothing and no handler is in it.
//! 2. A slot belongs to the process that took it: a forked child writes nothing to its parent's pipes.
//!
//! # Memory ordering
//!
//! `SeqCst`: a handler counts itself in before it looks at what is wanted, and who gives a slot back wants nothing before it looks at the
//! count.
//!
//! # After fork
//!
//! The parent's slots stay taken in the child, and are of no use there (invariant 2).
//!
//! # Source
//!
//! `signal-safety(7)`, `pipe(7)` (`PIPE_BUF`: what is not longer is written whole).

use super::fork;
use libc::{c_int, siginfo_t};
use std::{
    io,
    mem::MaybeUninit,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
    sync::atomic::{AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    thread,
};

/// The most receivers of a process.
const SLOTS: usize = 64;

static TABLE: [Slot; SLOTS] = [const { Slot::free() }; SLOTS];

/// A kernel's record as it goes through a pipe.
const RECORD: usize = size_of::<siginfo_t>();
const _: () = assert!(RECORD <= libc::PIPE_BUF);

#[derive(Debug)]
struct Slot {
    is_taken: AtomicU32,
    /// The signals, the lowest bit being signal 1.
    wanted: AtomicU64,
    pipe: AtomicI32,
    generation: AtomicU32,
    /// Handlers that are about to write.
    inside: AtomicU32,
    missed: AtomicUsize,
}

impl Slot {
    const fn free() -> Self {
        Self {
            is_taken: AtomicU32::new(0),
            wanted: AtomicU64::new(0),
            pipe: AtomicI32::new(-1),
            generation: AtomicU32::new(0),
            inside: AtomicU32::new(0),
            missed: AtomicUsize::new(0),
        }
    }

    /// Says whether its receiver was to be told. Async-signal-safe.
    fn tell(&self, bit: u64, info: *const siginfo_t) -> bool {
        if self.wanted.load(Ordering::SeqCst) & bit == 0 {
            return false;
        }
        self.inside.fetch_add(1, Ordering::SeqCst);
        let is_ours = self.generation.load(Ordering::Relaxed) == fork::generation();
        let is_told = is_ours && self.wanted.load(Ordering::SeqCst) & bit != 0;
        if is_told {
            let pipe = self.pipe.load(Ordering::Relaxed);
            // SAFETY: the kernel's record, and a pipe that stays open while we are inside (invariant 1).
            let written = unsafe { libc::write(pipe, info.cast(), RECORD) };
            if written < 0 {
                self.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.inside.fetch_sub(1, Ordering::SeqCst);
        is_told
    }
}

/// Tells all that want the signal, and says whether there is one. Async-signal-safe; `errno` is the caller's to keep.
pub(super) fn tell(signal: c_int, info: *const siginfo_t) -> bool {
    let bit = bit(signal).unwrap_or(0);
    let mut is_told = false;
    for slot in &TABLE {
        is_told |= slot.tell(bit, info);
    }
    is_told
}

/// Says whether anybody in this process wants the signal.
pub(super) fn is_wanted(signal: c_int) -> bool {
    let bit = bit(signal).unwrap_or(0);
    TABLE.iter().any(|slot| {
        slot.generation.load(Ordering::Relaxed) == fork::generation()
            && slot.wanted.load(Ordering::SeqCst) & bit != 0
    })
}

fn bit(signal: c_int) -> Option<u64> {
    (1..=64).contains(&signal).then(|| 1 << (signal - 1))
}

/// A place in the table. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    slot: &'static Slot,
    /// Where handlers write; open while they may (invariant 1).
    _pipe: OwnedFd,
}

impl Place {
    /// Has handlers write a record of each of the signals to `pipe`, which does not block.
    ///
    /// # Errors
    ///
    /// `QuotaExceeded` where there are 64 receivers already.
    pub(crate) fn take(wanted: u64, pipe: OwnedFd) -> io::Result<Self> {
        fork::watch();
        let free = TABLE.iter().find(|slot| {
            slot.is_taken
                .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok()
        });
        let slot = free.ok_or(io::ErrorKind::QuotaExceeded)?;
        slot.pipe.store(pipe.as_raw_fd(), Ordering::Relaxed);
        slot.generation.store(fork::generation(), Ordering::Relaxed);
        slot.missed.store(0, Ordering::Relaxed);
        slot.wanted.store(wanted, Ordering::SeqCst);
        Ok(Self { slot, _pipe: pipe })
    }

    /// How many records did not fit into the pipe.
    pub(crate) fn missed(&self) -> usize {
        self.slot.missed.load(Ordering::Relaxed)
    }

    /// Says whether it was taken in a parent process.
    pub(crate) fn is_of_parent(&self) -> bool {
        self.slot.generation.load(Ordering::Relaxed) != fork::generation()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_of_parent() {
            // Nobody is inside, whatever the copied count says, and nobody comes.
            self.slot.inside.store(0, Ordering::SeqCst);
        }
        self.slot.wanted.store(0, Ordering::SeqCst);
        while self.slot.inside.load(Ordering::SeqCst) != 0 {
            thread::yield_now();
        }
        self.slot.is_taken.store(0, Ordering::SeqCst);
    }
}

/// Reads a record from the other end of the pipe; `None` where there is none.
pub(crate) fn read(pipe: BorrowedFd<'_>) -> io::Result<Option<super::signals::Info>> {
    let mut record = MaybeUninit::<siginfo_t>::uninit();
    // SAFETY: as much room as is asked for.
    let read = unsafe { libc::read(pipe.as_raw_fd(), record.as_mut_ptr().cast(), RECORD) };
    match usize::try_from(read) {
        // SAFETY: a whole record, as a handler wrote it.
        Ok(RECORD) => Ok(Some(unsafe { record.assume_init() }.into())),
        // Whole records are written, so it is the end.
        Ok(_) => Err(io::ErrorKind::BrokenPipe.into()),
        Err(_) => {
            let error = io::Error::last_os_error();
            match error.kind() {
                io::ErrorKind::WouldBlock => Ok(None),
                _ => Err(error),
            }
        }
    }
}
