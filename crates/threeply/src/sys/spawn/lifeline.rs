#![expect(
    unsafe_code,
    reason = "pthread_atfork is a C function, and its handler knows descriptors by number"
)]
//! A pipe whose end says that the child of a `fork` runs its program, or is gone.
//!
//! The child has the writing end until its exec closes it. A process that another thread forks meanwhile has a copy of that end,
//! perhaps for hours, and the parent would wait for that one too. So the ends of starts that are under way stand in a table, and each
//! forked process closes those it has no business with.
//!
//! # Invariants
//!
//! 1. A number in the table is that of a writing end that is open: it is taken out before it is closed.
//!
//! A known hole: a fork between the making of a pipe and its entry in the table, which is a few instructions, or while the table is
//! full. The start then takes as long as that process lives or keeps the descriptor.
//!
//! # Memory ordering
//!
//! A forked process sees the table as the forking thread would have; an end that another thread just opened came with its entry or
//! without. Relaxed would do; the system calls between order all the rest.
//!
//! # Source
//!
//! `pthread_atfork(3)`, `pipe(7)`; CPython's `errpipe` has the hole at its full width.

use super::{
    call,
    plan::{Move, Plan},
};
use rustix::{
    fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    io::{Errno, fcntl_dupfd_cloexec},
    pipe::{PipeFlags, pipe_with},
};
use std::{
    cell::Cell,
    os::fd::RawFd,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
};

const NONE: RawFd = -1;

/// The writing ends of starts that are under way.
static TABLE: [AtomicI32; 64] = [const { AtomicI32::new(NONE) }; 64];

/// Whether [`close_foreign`] runs in forked processes.
static WATCHED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The end that this thread's fork is to keep.
    static OWN: Cell<RawFd> = const { Cell::new(NONE) };
}

/// A lifeline: the parent's side of it.
pub(super) struct Lifeline {
    reader: OwnedFd,
    writer: Option<Writer>,
}

/// The writing end, in the table.
struct Writer {
    fd: OwnedFd,
    entry: Option<&'static AtomicI32>,
}

impl Lifeline {
    pub(super) fn new(plan: &Plan<'_>) -> rustix::io::Result<Self> {
        watch();
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let writer = Some(Writer::enter(out_of_the_way(writer, plan)?));
        Ok(Self { reader, writer })
    }

    /// The number that the child has to keep open until its exec.
    pub(super) fn number(&self) -> Option<RawFd> {
        self.writer.as_ref().map(|writer| writer.fd.as_raw_fd())
    }

    /// Runs `fork`, whose child keeps this lifeline of all.
    pub(super) fn kept_by<R>(&self, fork: impl FnOnce() -> R) -> R {
        OWN.set(self.number().unwrap_or(NONE));
        let result = fork();
        OWN.set(NONE);
        result
    }

    /// Lets go of this process's copy of the writing end, so that the child's is the last one.
    pub(super) fn leave_to_child(&mut self) {
        self.writer = None;
    }

    /// What can be read, to its end, when the child has let go.
    pub(super) fn reader(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    /// Waits until the child has let go of it.
    pub(super) fn await_end(mut self) {
        self.leave_to_child();
        let mut nothing = [0; 1];
        while rustix::io::read(self.reader(), &mut nothing) == Err(Errno::INTR) {}
    }
}

impl Writer {
    fn enter(fd: OwnedFd) -> Self {
        let number = fd.as_raw_fd();
        let entry = TABLE.iter().find(|entry| {
            let entered = entry.compare_exchange(NONE, number, Ordering::SeqCst, Ordering::Relaxed);
            entered.is_ok()
        });
        Self { fd, entry }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            entry.store(NONE, Ordering::SeqCst);
        }
    }
}

/// A number for `fd` that the plan does not name. (Nor would a closed one that it names in error become the pipe.)
fn out_of_the_way(fd: OwnedFd, plan: &Plan<'_>) -> rustix::io::Result<OwnedFd> {
    let is_named = |number: RawFd| {
        let moved = plan.moves.iter().any(|step| match *step {
            Move::Copy { from, to } => from == number || to == number,
            Move::Keep(fd) | Move::Aside(fd) | Move::Back(fd) => fd == number,
        });
        moved || plan.kept.binary_search(&number).is_ok()
    };
    let mut fd = fd;
    while fd.as_raw_fd() <= 2 || is_named(fd.as_raw_fd()) {
        let least = fd.as_raw_fd().max(2) + 1;
        fd = fcntl_dupfd_cloexec(&fd, least)?;
    }
    Ok(fd)
}

/// Has every forked process close what it has no business with. Threads that come here at once may do it twice, which is as good.
fn watch() {
    if WATCHED.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the handler touches atomics and closes descriptors, which is allowed in the child of a process with
    // threads (signal-safety(7)); the other two arguments may be null.
    let status = unsafe { libc::pthread_atfork(None, None, Some(close_foreign)) };
    assert_eq!(status, 0, "pthread_atfork has memory for one handler");
    WATCHED.store(true, Ordering::Release);
}

/// Runs in a forked process, whose only thread this is.
extern "C" fn close_foreign() {
    let own = OWN.try_with(Cell::get).unwrap_or(NONE);
    for entry in &TABLE {
        let number = entry.swap(NONE, Ordering::SeqCst);
        // By invariant 1 it is a lifeline's, of which this is a copy.
        if number != NONE && number != own {
            call::close(number);
        }
    }
}
