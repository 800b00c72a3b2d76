//! The processes below a child, found by `/proc`, held by their handles, stopped, and killed. See the [module](super) for why
//! none that has come to another one's number is ever taken for it.

use super::{containment::Leads, stat::Stat};
use crate::sys::pidfd;
use rustix::io::Errno;
use std::{collections::BTreeMap, io, os::fd::OwnedFd, process};

/// How often all that were found are killed and looked for again. Two are enough unless somebody works against it.
const ROUNDS: usize = 100;

/// A walk below one child.
pub(super) struct Walk<'a> {
    pid: i32,
    pidfd: &'a OwnedFd,
    leads: Leads,
    found: BTreeMap<i32, Found>,
    failure: Option<Errno>,
}

/// A process below the child. One that was killed is kept: it has its number until somebody reaps it.
struct Found {
    handle: OwnedFd,
    is_killed: bool,
}

/// The handles of those that a walk has killed.
pub(super) struct Killed {
    pub(super) handles: Vec<OwnedFd>,
    /// What kept it from killing all.
    pub(super) result: io::Result<()>,
}

fn is_there(pidfd: &OwnedFd) -> bool {
    // Of another user's process it says that it may not.
    matches!(pidfd::send(pidfd, 0), Ok(()) | Err(Errno::PERM))
}

impl<'a> Walk<'a> {
    pub(super) fn below(pid: i32, pidfd: &'a OwnedFd, leads: Leads) -> Self {
        Self {
            pid,
            pidfd,
            leads,
            found: BTreeMap::new(),
            failure: None,
        }
    }

    /// Kills all below the child, and leaves the child itself stopped.
    pub(super) fn kill(mut self) -> Killed {
        let looked = self.look_and_kill();
        // Those that were stopped when a look failed.
        self.kill_found();
        let failure = self.failure.map_or(Ok(()), |errno| Err(errno.into()));
        Killed {
            handles: self.found.into_values().map(|found| found.handle).collect(),
            result: failure.and(looked),
        }
    }

    fn look_and_kill(&mut self) -> io::Result<()> {
        // It may have ended already; then those are found that are of its session or group.
        let _ = pidfd::send(self.pidfd, libc::SIGSTOP);
        for _ in 0..ROUNDS {
            self.stop_all()?;
            if !self.kill_found() {
                return Ok(());
            }
        }
        let message = "processes were started faster than they could be found";
        Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
    }

    /// Kills those that are not killed yet. Says whether there were any.
    fn kill_found(&mut self) -> bool {
        let mut results = Vec::new();
        for found in self.found.values_mut().filter(|found| !found.is_killed) {
            found.is_killed = true;
            results.push(pidfd::send(&found.handle, libc::SIGKILL));
        }
        let were_any = !results.is_empty();
        for result in results {
            self.note(result);
        }
        were_any
    }

    /// Stops all that can be found, until a look finds nobody new.
    fn stop_all(&mut self) -> io::Result<()> {
        for _ in 0..ROUNDS {
            let mut is_over = true;
            for stat in Stat::all()? {
                is_over &= !self.take_in(stat);
            }
            if is_over {
                break;
            }
        }
        Ok(())
    }

    /// Takes a process in and stops it, if it belongs here and is new.
    fn take_in(&mut self, stat: Stat) -> bool {
        let pid = stat.pid;
        if pid == self.pid || !self.seems_member(stat) || self.holds(pid) {
            return false;
        }
        // Never this process, whoever put it into the child's group.
        if u32::try_from(pid) == Ok(process::id()) {
            return false;
        }
        let handle = match pidfd::open_any(pid) {
            Ok(handle) => handle,
            Err(errno) => {
                self.note(Err(errno));
                return false;
            }
        };
        // What was read before is of whoever had the number then. Those of another user are kept, for their children's sake.
        let is_member = Stat::of(pid).is_some_and(|stat| self.is_member(stat));
        if !is_member || !is_there(&handle) {
            return false;
        }
        // Whether it may be killed is seen then.
        let _ = pidfd::send(&handle, libc::SIGSTOP);
        let is_killed = false;
        self.found.insert(pid, Found { handle, is_killed });
        true
    }

    fn holds(&self, pid: i32) -> bool {
        let found = self.found.get(&pid);
        found.is_some_and(|found| is_there(&found.handle))
    }

    fn seems_member(&self, stat: Stat) -> bool {
        self.is_follower(stat) || stat.parent == self.pid || self.found.contains_key(&stat.parent)
    }

    /// Whether it is of the session or the group that has the child's number.
    fn is_follower(&self, stat: Stat) -> bool {
        match self.leads {
            Leads::Session => stat.session == self.pid || stat.group == self.pid,
            Leads::Group => stat.group == self.pid,
            Leads::Nothing => false,
        }
    }

    /// Whether it belongs here, by a number that still means whom it meant.
    fn is_member(&self, stat: Stat) -> bool {
        let by_child = self.is_follower(stat) || stat.parent == self.pid;
        by_child && is_there(self.pidfd) || self.holds(stat.parent)
    }

    /// Keeps the first thing that went wrong. That one has ended is none.
    fn note(&mut self, result: Result<(), Errno>) {
        if let Err(errno) = result
            && errno != Errno::SRCH
        {
            self.failure = self.failure.or(Some(errno));
        }
    }
}
