//! A cgroup for one child and all that it starts.
//!
//! It lies in the cgroup of this process, so that what limits this process limits the child, and is removed when it is empty and its
//! [`Cgroup`] is dropped; one that is not empty then is tried again whenever another one is made.
//!
//! # After fork
//!
//! As of `orphans`: the lock is tried, and given up. A forked process that drops its copy removes the cgroup
//! if it is empty, which only takes from its parent what holds nothing.

use crate::{
    park::{self, Watched, never_stop},
    primitive::{AtomicU64, Mutex, Ordering},
    time::Deadline,
};
use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    io::{Errno, pread, write},
    thread::sched_yield,
};
use std::{
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process,
    sync::TryLockError,
};

/// How many names are tried. One is taken if a process of the same number has it, in another namespace.
const NAMES: usize = 8;

/// How often a thread tries to get in before it takes the lock for one that nobody holds any more.
const TRIES: usize = 10_000;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Cgroups that were not empty when they should have gone.
static LEFT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A cgroup of our own. Dropped, it is removed as soon as nothing runs in it.
#[derive(Debug)]
pub(in super::super) struct Cgroup {
    folder: OwnedFd,
    path: PathBuf,
}

impl Cgroup {
    /// Makes one; `None` where that may not be, or the kernel cannot kill it.
    pub(in super::super) fn create() -> Option<Self> {
        clean(None);
        let path = create_folder(&own_folder()?)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(folder) = openat(CWD, &path, flags, Mode::empty()) else {
            clean(Some(&path));
            return None;
        };
        let cgroup = Self { folder, path };
        let can_kill = cgroup.open("cgroup.kill", OFlags::WRONLY).is_ok();
        can_kill.then_some(cgroup)
    }

    /// Where a process joins by writing its number.
    pub(in super::super) fn members(&self) -> Option<OwnedFd> {
        self.open("cgroup.procs", OFlags::WRONLY).ok()
    }

    /// Kills every process in it, also those that are being started.
    pub(super) fn kill(&self) -> Result<(), Errno> {
        let myself = format!("{}\n", process::id());
        let members = self.read("cgroup.procs")?;
        if members.split_inclusive('\n').any(|line| line == myself) {
            // Somebody moved this process here.
            return Err(Errno::BUSY);
        }
        write(self.open("cgroup.kill", OFlags::WRONLY)?, b"1").map(drop)
    }

    /// Waits until no process lives in it.
    pub(super) fn await_empty(&self, deadline: Deadline) {
        // Where it cannot be opened it is gone, or there is no room for a descriptor: then it is not waited for.
        let Ok(events) = self.open("cgroup.events", OFlags::RDONLY) else {
            return;
        };
        // A read arms the next notice.
        while read(&events).is_ok_and(|text| text.contains("populated 1")) {
            let Ok(ready) = park::poll(&mut [Watched::to_notice(&events)], deadline, never_stop);
            if !matches!(ready, Ok(1..)) {
                return;
            }
        }
    }

    fn open(&self, file: &str, access: OFlags) -> Result<OwnedFd, Errno> {
        openat(&self.folder, file, access | OFlags::CLOEXEC, Mode::empty())
    }

    fn read(&self, file: &str) -> Result<String, Errno> {
        read(&self.open(file, OFlags::RDONLY)?)
    }
}

/// Reads a small file of the kernel's from its beginning.
fn read(file: &OwnedFd) -> Result<String, Errno> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = pread(file, &mut piece, text.len() as u64)?;
        match piece.get(..read) {
            None | Some([]) => return Ok(String::from_utf8_lossy(&text).into_owned()),
            Some(read) => text.extend_from_slice(read),
        }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        clean(Some(&self.path));
    }
}

/// Makes a folder whose name nobody has.
fn create_folder(parent: &Path) -> Option<PathBuf> {
    for _ in 0..NAMES {
        // Relaxed: that no number comes twice is all.
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("threeply-{}-{number}", process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return Some(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) => return None,
        }
    }
    None
}

/// Removes one cgroup, if it is empty, and those that were left.
fn clean(path: Option<&Path>) {
    let is_left = path.is_some_and(|path| is_busy(fs::remove_dir(path)));
    let tries = if is_left { TRIES } else { 1 };
    for _ in 0..tries {
        let mut left = match LEFT.try_lock() {
            Ok(left) => left,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                sched_yield();
                continue;
            }
        };
        left.retain(|path| is_busy(fs::remove_dir(path)));
        left.extend(path.filter(|_| is_left).map(Path::to_owned));
        return;
    }
}

fn is_busy(removed: io::Result<()>) -> bool {
    removed.is_err_and(|error| error.kind() == io::ErrorKind::ResourceBusy)
}

/// The folder of the cgroup of this process in the second hierarchy.
fn own_folder() -> Option<PathBuf> {
    let cgroups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = cgroups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let folders = mounts.lines().filter_map(|line| folder_in(line, own));
    folders.into_iter().next_back()
}

/// Where a mount, if it is of the second hierarchy, has the cgroup `own`.
fn folder_in(mount: &str, own: &str) -> Option<PathBuf> {
    let (mount, kind) = mount.split_once(" - ")?;
    if !kind.starts_with("cgroup2 ") {
        return None;
    }
    let mut fields = mount.split(' ').skip(3);
    let (root, place) = (fields.next()?, fields.next()?);
    // Spaces and the like are written in octal; such a mount is not worth the reading.
    if place.contains('\\') || root.contains('\\') {
        return None;
    }
    // `/` is the beginning of everything, and `/a` of `/a/b` but not of `/ab`.
    let below = own.strip_prefix(root.trim_end_matches('/'))?;
    let is_folder = below.is_empty() || below.starts_with('/');
    let is_plain = !Path::new(below)
        .components()
        .any(|part| part.as_os_str() == "..");
    (is_folder && is_plain).then(|| Path::new(place).join(below.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::folder_in;
    use std::path::Path;

    #[track_caller]
    fn assert_folder(mount: &str, own: &str, folder: Option<&str>) {
        assert_eq!(folder_in(mount, own).as_deref(), folder.map(Path::new));
    }

    #[test]
    fn a_cgroup_is_found_below_its_mount() {
        let plain = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw";
        assert_folder(plain, "/", Some("/sys/fs/cgroup"));
        assert_folder(plain, "/a/b c", Some("/sys/fs/cgroup/a/b c"));
        assert_folder(plain, "/../x", None);
        let part = "30 23 0:26 /a /mnt rw - cgroup2 none rw";
        assert_folder(part, "/a", Some("/mnt"));
        assert_folder(part, "/a/b", Some("/mnt/b"));
        assert_folder(part, "/ab", None);
        assert_folder(part, "/", None);
    }

    #[test]
    fn other_mounts_are_passed_over() {
        assert_folder(
            "30 23 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
            "/",
            None,
        );
        assert_folder(
            "30 23 0:26 / /with\\040space rw - cgroup2 cgroup2 rw",
            "/",
            None,
        );
        assert_folder("30 23 0:26 /", "/", None);
    }
}
