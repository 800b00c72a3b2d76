//! A child process, until its end is known and after.
//!
//! It is named by a pidfd, which means this process and no other, however long it has been gone. Where there are none, by its pid:
//! then a signal is sent only while nobody of ours can take the child's status, which is what frees the number.
//!
//! A known hole, without pidfds only: a status that somebody else took (`waitpid(-1)`) frees the number as well, and if it has become
//! another child of this process by then, that one is asked about and signalled.
//!
//! # State
//!
//! One word: `RUNNING`; `ASKING` while a thread asks the kernel, with the generation of forks in which it does; or the outcome.
//!
//! # Transitions
//!
//! `RUNNING` → `ASKING` → `RUNNING` or an outcome, which stays. Asking never waits, so another thread looks again soon.
//!
//! What the child used comes with its status, and is noted by the one that asks before the outcome is.
//!
//! # Invariants
//!
//! 1. The kernel is asked for the status by one thread at a time: the second one would be told that there is no such child.
//! 2. The kernel is not asked again once it has said how the child ended.
//! 3. The usage is set, if ever, before the outcome and by the one that asks: who sees an outcome sees all that there will be.
//!
//! # Memory ordering
//!
//! Acquire and Release: who sees an outcome sees what was done before it was noted.
//!
//! # After fork
//!
//! A thread that was asking is not there in the child: its generation is an older one, and whoever comes next asks in its place. The
//! process is no child of the forked one. With a pidfd that can wait for it and signal it all the same; its status is [`Outcome::Lost`], where the kernel
//! does not tell it by the pidfd (6.15). It sets no usage, so that it never meets one that a thread of its parent was setting.
//!
//! # Source
//!
//! `pidfd_open(2)`, `waitid(2)`, `getrusage(2)`; `_internal_poll`, `_wait` and `send_signal` in CPython's `Lib/subprocess.py`.

use super::{
    handle::Handle,
    orphans,
    outcome::Outcome,
    state::{ASKING, RUNNING, decode, encode},
    tree::{Containment, Tree},
    usage::ResourceUsage,
};
use crate::{
    error::TimedOut,
    park::{self, Parker, Unparked, Watched, never_stop},
    primitive::{AtomicU64, Ordering},
    sys::{
        fork,
        pidfd::{self, Patience},
        spawn::Spawned,
    },
    time::Deadline,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    io::Errno,
    thread::sched_yield,
};
use std::{
    fmt, io,
    ops::ControlFlow,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How long a thread sleeps at first, and at last, between two looks at a child without a pidfd.
const SHORTEST: Duration = Duration::from_micros(500);
const LONGEST: Duration = Duration::from_millis(20);

/// A child process.
///
/// All methods may be called from several threads at once. Dropped before its end is known, it is left to run, and
/// reaped when another child is started.
pub struct Process {
    pid: libc::pid_t,
    /// Let go when the outcome is known, unless the tree needs it.
    handle: Handle,
    state: AtomicU64,
    /// Apart, since few ask for it.
    usage: OnceLock<Box<ResourceUsage>>,
    tree: Tree,
}

impl Process {
    pub(super) fn new(spawned: Spawned, tree: Tree) -> Self {
        fork::watch();
        Self {
            pid: spawned.pid,
            handle: Handle::new(spawned.pidfd),
            state: AtomicU64::new(RUNNING),
            usage: OnceLock::new(),
            tree,
        }
    }

    /// The number of the process. Another one may have it once this one's outcome is known.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The handle of the process, which becomes readable when it ends; `None` where the system has none.
    ///
    /// It is closed once the outcome is known and nobody else keeps it, so that ended processes cost no descriptors. Only one with its
    /// [own tree](super::Popen::own_tree) and no cgroup keeps it, for [`kill_tree`](Self::kill_tree).
    pub fn pidfd(&self) -> Option<Arc<OwnedFd>> {
        self.handle.get()
    }

    /// Returns the outcome if it is known, without asking the kernel.
    pub fn outcome(&self) -> Option<Outcome> {
        decode(self.state.load(Ordering::Acquire))
    }

    /// Returns the outcome if the process has ended.
    pub fn poll(&self) -> Option<Outcome> {
        match self.start_asking() {
            Err(outcome) => Some(outcome),
            Ok(asking) => asking.ask(),
        }
    }

    /// What the process used in its life, once its [outcome](Self::outcome) is known, without asking the kernel.
    ///
    /// `None` before that, and for ever where another waiter took the status: the kernel tells the usage with it and
    /// never again. May be called on any thread, at any time; it neither waits nor makes a system call.
    ///
    /// # Examples
    ///
    /// ```
    /// use threeply::subprocess::Popen;
    ///
    /// let mut child = Popen::shell("i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done").spawn()?;
    /// assert!(child.process.resource_usage().is_none());
    /// child.wait();
    /// let usage = child.process.resource_usage().expect("nobody else took the status");
    /// assert!(!(usage.user_time + usage.system_time).is_zero());
    /// # Ok::<(), threeply::subprocess::SpawnError>(())
    /// ```
    ///
    /// # Source
    ///
    /// The fifth argument of the system call `waitid(2)`; `os.wait4` in CPython.
    #[doc(alias = "wait4")]
    #[doc(alias = "rusage")]
    pub fn resource_usage(&self) -> Option<ResourceUsage> {
        self.outcome()?;
        self.usage.get().map(|usage| **usage)
    }

    /// Waits until the process has ended.
    pub fn wait(&self) -> Outcome {
        loop {
            if let Ok(Some(outcome)) = self.wait_unless(Deadline::NEVER, never_stop) {
                return outcome;
            }
        }
    }

    /// Waits until the process has ended or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the deadline passed first. The process runs on.
    pub fn wait_until(&self, deadline: Deadline) -> Result<Outcome, TimedOut> {
        match self.wait_unless(deadline, never_stop) {
            Ok(Some(outcome)) => Ok(outcome),
            Ok(None) | Err(_) => Err(TimedOut),
        }
    }

    /// Waits until the process has ended (`Some`), the deadline passes (`None`), or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason. It is asked whenever the thread's sleep is interrupted.
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Option<Outcome>, S> {
        let mut pidfd = self.pidfd();
        let mut pause = SHORTEST;
        loop {
            if let Some(outcome) = self.poll() {
                return Ok(Some(outcome));
            }
            if deadline.has_passed() {
                return Ok(None);
            }
            let Some(handle) = &pidfd else {
                nap(deadline.or_sooner(pause), &mut interrupted)?;
                pause = LONGEST.min(pause * 2);
                continue;
            };
            let ready = park::poll(&mut [Watched::to_read(handle)], deadline, &mut interrupted)?;
            // Ready, and yet it lives: a handle of a kernel before 5.3, which cannot be waited for. Or no memory to wait.
            if !matches!(ready, Ok(0)) && self.poll().is_none() {
                pidfd = None;
            }
        }
    }

    /// Sends a signal to the process. Does nothing if it has ended, whoever has its pid by now.
    ///
    /// # Errors
    ///
    /// `EINVAL` where there is no such signal, `EPERM` where the process may not be signalled.
    pub fn send_signal(&self, signal: i32) -> io::Result<()> {
        let Ok(asking) = self.start_asking() else {
            return Ok(());
        };
        // Nobody of ours takes the status before `asking` is dropped, so the pid stays the child's.
        if asking.look().is_some() {
            return Ok(());
        }
        let sent = match self.pidfd() {
            None => pidfd::send_by_pid(self.pid, signal),
            Some(pidfd) => match pidfd::send(&pidfd, signal) {
                Err(Errno::NOSYS | Errno::PERM) => pidfd::send_by_pid(self.pid, signal),
                sent => sent,
            },
        };
        match sent {
            // It has ended since, and its status went to another.
            Err(Errno::SRCH) => Ok(()),
            sent => Ok(sent?),
        }
    }

    /// Asks the process to end (`SIGTERM`).
    ///
    /// # Errors
    ///
    /// As of [`send_signal`](Self::send_signal).
    pub fn terminate(&self) -> io::Result<()> {
        self.send_signal(libc::SIGTERM)
    }

    /// Ends the process (`SIGKILL`).
    ///
    /// # Errors
    ///
    /// As of [`send_signal`](Self::send_signal).
    pub fn kill(&self) -> io::Result<()> {
        self.send_signal(libc::SIGKILL)
    }

    /// Ends the process and everything that it started and that is known to be its own, and waits up to a second until all but the
    /// process itself has ended (`SIGKILL`). By what a process is known, and what so escapes, says [`containment`](Self::containment);
    /// [`Popen::own_tree`](super::Popen::own_tree) orders the most.
    ///
    /// Without a cgroup each process is stopped (`SIGSTOP`) before its children are listed, so that nothing can be started unseen. All are named by
    /// handles: no process is hit that got the number of another. This process is never hit. Called again, it kills what
    /// has come since. May be called from any thread, also together with waits; not from a signal handler.
    ///
    /// # Errors
    ///
    /// What kept it from ending all: `EPERM` for processes that became another user's, `EMFILE` where there is no room for handles, no
    /// `/proc` to read. Everything else is ended all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{fs::File, io::Read};
    /// use threeply::subprocess::{PIPE, Popen};
    ///
    /// // The pipe has no end before the last process that holds it has one.
    /// let mut child = Popen::shell("sleep 1000 & sleep 1000 | cat").stdout(PIPE).own_tree().spawn()?;
    /// child.process.kill_tree()?;
    /// let mut said = String::new();
    /// File::from(child.stdout.take().expect("it was ordered")).read_to_string(&mut said)?;
    /// assert_eq!(child.wait().signal(), Some(9));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cgroups(7)`, `proc_pid_stat(5)`, `pidfd_open(2)`; CPython has no such thing (gh-74340).
    #[doc(alias = "killpg")]
    pub fn kill_tree(&self) -> io::Result<()> {
        self.tree.kill(self)
    }

    /// By what the processes that this one starts are known to be its own.
    pub fn containment(&self) -> Containment {
        self.tree.containment()
    }

    /// Does something with the process's number while it can be no other's: nobody of ours takes the status meanwhile. Nothing, if
    /// it was taken.
    pub(super) fn while_unreaped(&self, act: impl FnOnce(i32) -> io::Result<()>) -> io::Result<()> {
        match self.start_asking() {
            Ok(_asking) => act(self.pid),
            Err(_) => Ok(()),
        }
    }

    /// Takes the right to ask the kernel; `Err` with the outcome where that is known.
    fn start_asking(&self) -> Result<Asking<'_>, Outcome> {
        let mine = ASKING | u64::from(fork::generation()) << 32;
        loop {
            let state = self.state.load(Ordering::Acquire);
            if let Some(outcome) = decode(state) {
                return Err(outcome);
            }
            if state == mine {
                sched_yield();
                continue;
            }
            let taken =
                self.state
                    .compare_exchange(state, mine, Ordering::Acquire, Ordering::Relaxed);
            if taken.is_ok() {
                return Ok(Asking(self));
            }
        }
    }

    /// Asks the kernel. Only the one that has the right may (invariant 1).
    fn ask_kernel(&self) -> Option<Outcome> {
        let pidfd = self.pidfd();
        match pidfd::wait(self.pid, pidfd.as_deref(), Patience::Looking) {
            Ok(reaped) => {
                let reaped = reaped?;
                // Invariant 3. It can be set once only, as the status can be had.
                let _ = self.usage.set(Box::new(reaped.usage.into()));
                Some(reaped.end.into())
            }
            // No child of ours, or not any more.
            Err(_) => match pidfd {
                Some(pidfd) if !has_ended(&pidfd) => None,
                Some(pidfd) => {
                    Some(pidfd::end_of_reaped(&pidfd).map_or(Outcome::Lost, Outcome::from))
                }
                None => Some(Outcome::Lost),
            },
        }
    }
}

/// The right to ask the kernel about a process. Dropped, it is given back.
struct Asking<'a>(&'a Process);

impl Asking<'_> {
    /// Asks, and notes the outcome.
    fn look(&self) -> Option<Outcome> {
        let outcome = self.0.ask_kernel()?;
        self.0.state.store(encode(outcome), Ordering::Release);
        if !self.0.tree.outlives_root() {
            drop(self.0.handle.release());
        }
        Some(outcome)
    }

    fn ask(self) -> Option<Outcome> {
        self.look()
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let state = self.0.state.load(Ordering::Relaxed);
        if decode(state).is_none() {
            self.0.state.store(RUNNING, Ordering::Release);
        }
    }
}

/// Whether the process of this handle has ended, whoever its parent is.
fn has_ended(pidfd: &OwnedFd) -> bool {
    let mut asked = [PollFd::new(pidfd, PollFlags::IN)];
    matches!(poll(&mut asked, Some(&Timespec::default())), Ok(1))
}

/// Sleeps until `end`, or until it is interrupted and `interrupted` says so.
fn nap<S>(end: Deadline, interrupted: &mut impl FnMut() -> ControlFlow<S>) -> Result<(), S> {
    if Parker::current().park(end) == Unparked::Interrupted
        && let ControlFlow::Break(reason) = interrupted()
    {
        return Err(reason);
    }
    Ok(())
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.poll().is_none() {
            orphans::adopt(Spawned {
                pid: self.pid,
                pidfd: self.handle.release().and_then(Arc::into_inner),
                is_in_cgroup: false,
            });
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({}", self.pid)?;
        match self.outcome() {
            Some(outcome) => write!(f, ", {outcome})"),
            None => f.write_str(")"),
        }
    }
}
