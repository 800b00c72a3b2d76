//! The end of a whole tree: each way that there is, in order.

use super::{
    containment::{Leads, Tree},
    walk::{Killed, Walk},
};
use crate::{
    park::{self, Watched, never_stop},
    subprocess::process::Process,
    sys::pidfd,
    time::Deadline,
};
use rustix::{io::Errno, process::getpgid};
use std::{io, os::fd::OwnedFd, time::Duration};

/// How long those that were killed are waited for. Only one that hangs in the kernel takes longer.
const PATIENCE: Duration = Duration::from_secs(1);

impl Tree {
    /// Kills a process and all that is known to be below it, and waits a moment for the end of what is below.
    pub(in super::super) fn kill(&self, process: &Process) -> io::Result<()> {
        let deadline = Deadline::after(PATIENCE);
        if let Some(cgroup) = &self.cgroup
            && cgroup.kill().is_ok()
        {
            // It may have left.
            process.kill()?;
            cgroup.await_empty(deadline);
            return Ok(());
        }
        let walk = |pidfd| Walk::below(process.pid(), pidfd, self.leads).kill();
        let handle = process.pidfd();
        let handle = handle.as_deref();
        let walked = handle.filter(|pidfd| pidfd::takes_signals(pidfd)).map(walk);
        let grouped = self.kill_group(process);
        process.kill()?;
        if let Some(Killed { handles, result }) = walked {
            await_ends(&handles, deadline);
            result?;
        }
        grouped
    }

    /// Kills the process group that the process leads, or led.
    fn kill_group(&self, process: &Process) -> io::Result<()> {
        let pid = process.pid();
        let is_in_it = getpgid(None).is_ok_and(|group| group.as_raw_nonzero().get() == pid);
        if self.leads == Leads::Nothing || is_in_it {
            return Ok(());
        }
        let handle = process.pidfd();
        let handle = handle.as_deref();
        match handle.map(|handle| pidfd::send_group(handle, libc::SIGKILL)) {
            Some(Ok(()) | Err(Errno::SRCH)) => Ok(()),
            // Somebody else reaped it.
            _ if handle.is_some_and(|handle| pidfd::send(handle, 0) == Err(Errno::SRCH)) => Ok(()),
            // The number is the group's as long as the process is not reaped.
            _ => process.while_unreaped(|pid| match pidfd::send_by_pid(-pid, libc::SIGKILL) {
                Err(Errno::SRCH) => Ok(()),
                sent => Ok(sent?),
            }),
        }
    }
}

fn await_ends(handles: &[OwnedFd], deadline: Deadline) {
    for handle in handles {
        // No room, no memory: then they are not waited for.
        let Ok(ready) = park::poll(&mut [Watched::to_read(handle)], deadline, never_stop);
        if !matches!(ready, Ok(1)) {
            return;
        }
    }
}
