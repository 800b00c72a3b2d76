//! A child with everything that it started, killed as one.
//!
//! | by | what holds the tree together | what escapes |
//! |---|---|---|
//! | `cgroup` | a cgroup (v2) of its own, which every process inherits and the kernel kills in one step | a process that moved itself to another cgroup, for which it needs rights there |
//! | `walk` | the session or process group that it leads, and descent, read from `/proc` | a process that started a session of its own *and* whose parent is gone (a daemon) |
//!
//! The cgroup is made beside this process, in its own cgroup, where it may be: as root, in a container, under a user's systemd. Where it
//! may not, or the kernel has no `cgroup.kill` (before 5.14), the walk does it. (Where systemd owns this process's cgroup and did not
//! delegate it, root may make one all the same; systemd then counts what is in it as the unit's, and ends it with the unit.) A child without an order for any of
//! this is walked by descent alone, where each process whose parent is gone escapes.
//!
//! # The walk
//!
//! A process is taken in by its pidfd: the handle is opened, then its entry in `/proc` is read, then it is asked by the handle whether it
//! is still there. If it is, its number meant it all the while, and what was read is about it; the same goes for the parent, or the
//! leader, by whose number it was found. Then it is stopped (`SIGSTOP`): from then on it starts nothing more, so that its
//! children can be listed. When a look finds nobody new, all are killed, and the looks begin again, until nobody was new.
//! No signal goes to a number, so none can reach a process that got it since.
//!
//! Without pidfds (before 5.3, or refused) there is no walk. Then the process group is killed by its number, while
//! the child is not reaped and the number so its own, or the child alone.
//!
//! # Why not a subreaper
//!
//! `PR_SET_CHILD_SUBREAPER` would make every orphan below this process its child: findable. But it holds for the whole
//! process: orphans of all children come, also of those that were never meant to be killed, and nothing says whose they were; somebody
//! has to reap them, which a program that waits for "any child" would do with statuses that it does not know; and daemons that expect
//! to end up with init do not. An engine in somebody else's process does not do that. A program that is a subreaper by its own
//! will loses nothing: orphans in the child's session are found wherever they went.
//!
//! # Source
//!
//! `cgroups(7)`, the kernel's `Documentation/admin-guide/cgroup-v2.rst` ("cgroup.kill"); `proc_pid_stat(5)`; `pidfd_send_signal(2)`;
//! `PR_SET_CHILD_SUBREAPER(2const)`; `credentials(7)` for sessions and groups.

mod cgroup;
mod containment;
mod killing;
mod stat;
mod walk;

pub(super) use cgroup::Cgroup;
pub use containment::Containment;
pub(super) use containment::Tree;
