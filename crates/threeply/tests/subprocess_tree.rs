//! A tree of processes ends as one: whoever its processes became, however fast they come, and nobody else.
#![cfg(target_os = "linux")]
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "a test changes its own user")]

mod children;
mod support;

use children::{alone, has_child, open_fds, steal};
use rustix::{
    fs::{OFlags, fcntl_setfl},
    process::{Pid, Signal, geteuid, kill_process, setpgid},
};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    os::fd::AsRawFd,
    path::PathBuf,
    process,
    time::Duration,
};
use support::{Limit, until};
use threeply::{
    subprocess::{Child, Containment, DEVNULL, Outcome, PIPE, Popen, RunError},
    time::Deadline,
};

/// A tree that has said `ready`. All its processes hold the pipe.
struct Tree {
    child: Child,
    said: BufReader<File>,
}

/// Starts a shell whose command says `ready` when all that it starts runs.
fn tree(command: &str, order: fn(&mut Popen)) -> Tree {
    let mut popen = Popen::shell(command);
    order(popen.stdin(DEVNULL).stdout(PIPE));
    let mut child = popen.spawn().unwrap();
    let said = BufReader::new(File::from(child.stdout.take().unwrap()));
    let mut tree = Tree { child, said };
    until(|| tree.line() == "ready");
    tree
}

impl Tree {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Kills it and asserts that nobody has the pipe any more, without which there is no end to read.
    #[track_caller]
    fn assert_ends(mut self) {
        self.child.process.kill_tree().unwrap();
        self.said.read_to_end(&mut Vec::new()).unwrap();
        let outcome = self.child.wait();
        assert!(
            outcome.signal() == Some(libc::SIGKILL) || outcome.success(),
            "{outcome:?}"
        );
    }
}

fn own_tree(popen: &mut Popen) {
    popen.own_tree();
}

fn own_group(popen: &mut Popen) {
    popen.own_tree().process_group(0);
}

fn session(popen: &mut Popen) {
    popen.session();
}

fn group(popen: &mut Popen) {
    popen.process_group(0);
}

fn nothing(_: &mut Popen) {}

const ORDERS: [fn(&mut Popen); 4] = [own_tree, session, group, nothing];

/// Those that hold on to what has lost its parent.
const HOLDING: [fn(&mut Popen); 3] = [own_tree, session, group];

#[test]
fn whatever_descends_from_the_child_ends_with_it() {
    let _limit = Limit::new();
    let command = "sleep 1000 & (sleep 1000 & sleep 1000) & sleep 1000 | sleep 1000 & \
        setsid -w sh -c 'sleep 1000 & sleep 1000' & echo ready; wait";
    for order in ORDERS {
        tree(command, order).assert_ends();
    }
}

#[test]
fn what_lost_its_parent_is_found_by_what_holds_it() {
    let _limit = Limit::new();
    for order in HOLDING {
        tree(
            "(sleep 1000 &); (sleep 1000 &); echo ready; sleep 1000",
            order,
        )
        .assert_ends();
    }
}

#[test]
fn descent_alone_loses_what_lost_its_parent() {
    // As the documentation says.
    let _limit = Limit::new();
    let mut tree = tree("(sleep 1000 &); echo ready; sleep 1000", nothing);
    assert_eq!(tree.child.process.containment(), Containment::Descent);
    tree.child.process.kill_tree().unwrap();
    tree.child.wait();
    let orphan = holders(&tree.said);
    assert_eq!(orphan.len(), 1, "{orphan:?}");
    kill_process(Pid::from_raw(orphan[0]).unwrap(), Signal::KILL).unwrap();
    tree.said.read_to_end(&mut Vec::new()).unwrap();
}

/// The processes that have the other end of a pipe, but this one.
fn holders(pipe: &BufReader<File>) -> Vec<i32> {
    let name = |path: PathBuf| fs::read_link(path).ok();
    let number = pipe.get_ref().as_raw_fd();
    let own = name(format!("/proc/self/fd/{number}").into()).unwrap();
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let has = |pid: &i32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten()
            .flatten();
        let mut names = files.filter_map(|file| name(file.path()));
        names.any(|name| name == own)
    };
    let me = i32::try_from(process::id()).unwrap();
    pids.filter(|pid| *pid != me && has(pid)).collect()
}

#[test]
fn a_cgroup_holds_daemons() {
    let _limit = Limit::new();
    let tree = tree(
        "setsid -f sleep 1000; setsid -f setsid -f sleep 1000; echo ready",
        own_tree,
    );
    if tree.child.process.containment() == Containment::Cgroup {
        tree.assert_ends();
    } else {
        for pid in holders(&tree.said) {
            kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        }
    }
}

/// Whether the kernel signals a process group by the handle of its leader.
fn has_groups_by_handle() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release
        .split(['.', '-'])
        .map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (6, 9)
}

#[test]
fn a_tree_is_killed_when_its_root_is_long_gone() {
    let _limit = Limit::new();
    for order in [own_tree, own_group] {
        let mut tree = tree("sleep 1000 & sleep 1000 & echo ready", order);
        assert_eq!(tree.child.wait(), Outcome::Exited(0));
        let is_cgroup = tree.child.process.containment() == Containment::Cgroup;
        if is_cgroup || has_groups_by_handle() {
            tree.assert_ends();
        }
    }
}

#[test]
fn processes_that_come_all_the_time_are_all_ended() {
    let _limit = Limit::new();
    // Each of four starts another one, and ends it, as fast as it can.
    let restless = "run() { while :; do sh -c 'sleep 0.001; :'; done; }; \
        run & run & run & run & sh -c 'echo ready'; wait";
    for order in ORDERS {
        for _ in 0..3 {
            tree(restless, order).assert_ends();
        }
    }
    let losing = "run() { while :; do (sleep 0.01 &); done; }; run & run & echo ready; wait";
    for order in HOLDING {
        tree(losing, order).assert_ends();
    }
}

#[test]
fn nobody_else_is_hit() {
    let _limit = Limit::new();
    let mut bystander = Popen::new("cat").stdin(PIPE).spawn().unwrap();
    for order in ORDERS {
        let mut other = Popen::new("cat");
        order(other.stdin(PIPE));
        let mut other = other.spawn().unwrap();
        tree("sleep 1000 & echo ready; wait", order).assert_ends();
        assert_eq!(other.wait(), Outcome::Exited(0));
    }
    assert_eq!(bystander.wait(), Outcome::Exited(0));
}

#[test]
fn a_tree_that_has_the_number_of_an_old_one_is_spared() {
    // Where pids cannot be chosen there is nothing to see.
    let _limit = Limit::new();
    let last_pid = "/proc/sys/kernel/ns_last_pid";
    for order in ORDERS {
        let mut is_seen = false;
        for _ in 0..1000 {
            let mut old = Popen::new("true");
            order(&mut old);
            let old = old.spawn().unwrap();
            steal(old.pid());
            if fs::write(last_pid, (old.pid() - 1).to_string()).is_err() {
                return;
            }
            let mut new = Popen::shell("cat & cat; wait");
            let mut new = new.session().stdin(PIPE).spawn().unwrap();
            is_seen = new.pid() == old.pid();
            if is_seen {
                old.process.kill_tree().unwrap();
                assert!(old.poll().is_some());
                old.process.kill_tree().unwrap();
            }
            assert_eq!(new.wait(), Outcome::Exited(0));
            if is_seen {
                break;
            }
        }
        assert!(is_seen, "the number never came back");
    }
}

#[test]
fn a_process_that_joined_its_child_s_group_does_not_kill_itself() {
    alone(|| {
        let _limit = Limit::new();
        let tree = tree("sleep 1000 & echo ready; wait", group);
        setpgid(None, Pid::from_raw(tree.child.pid())).unwrap();
        tree.assert_ends();
    });
}

#[test]
fn one_that_may_not_be_killed_is_told() {
    alone(|| {
        let _limit = Limit::new();
        if !geteuid().is_root() {
            return;
        }
        let mut tree = tree("cat <&3 & echo ready; cat <&3", |popen| {
            popen.session();
        });
        // SAFETY: it takes a number.
        assert_eq!(unsafe { libc::setuid(65_531) }, 0);
        let error = tree.child.process.kill_tree().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
        // They end by themselves: there is no descriptor 3.
        tree.said.read_to_end(&mut Vec::new()).unwrap();
    });
}

#[test]
fn a_run_that_gives_up_leaves_nobody() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        for command in [
            "(sleep 1000 &); sleep 1000 & echo begun; wait",
            // The child has ended, and what it started keeps the pipe.
            "sleep 1000 & echo begun",
        ] {
            for span in [0, 1, 50, 100] {
                let (alive, mark) = io::pipe().unwrap();
                let mut popen = Popen::shell(command);
                popen.stdout(PIPE).own_tree().pass_fd(mark.as_raw_fd());
                let deadline = Deadline::after(Duration::from_millis(span));
                let run = popen.run_until(b"", deadline);
                assert!(matches!(run, Err(RunError::TimedOut { .. })), "{run:?}");
                drop(mark);
                // All have ended by now: nobody has the mark.
                fcntl_setfl(&alive, OFlags::NONBLOCK).unwrap();
                assert_eq!(rustix::io::read(&alive, &mut [0; 1]), Ok(0));
                assert!(!has_child());
                drop(alive);
                assert_eq!(open_fds(), open);
            }
        }
    });
}

/// The folder of the cgroup that a child is in.
fn folder(child: &Child) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mount = mounts.lines().rfind(|line| line.contains(" - cgroup2 "))?;
    let place = PathBuf::from(mount.split(' ').nth(4)?);
    let cgroups = fs::read_to_string(format!("/proc/{}/cgroup", child.pid())).unwrap();
    let own = cgroups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    assert!(own.contains("threeply-"), "{own}");
    Some(place.join(own))
}

#[test]
fn a_cgroup_is_removed_when_it_is_empty() {
    let _limit = Limit::new();
    let tree = tree("sleep 1000 & echo ready; wait", own_tree);
    if tree.child.process.containment() != Containment::Cgroup {
        return;
    }
    let path = folder(&tree.child).unwrap();
    assert!(path.is_dir());
    tree.assert_ends();
    assert!(!path.exists());
    // One whose owner lets it go while it runs is removed later.
    let mut popen = Popen::new("cat");
    let child = popen.stdin(PIPE).stdout(PIPE).own_tree().spawn().unwrap();
    let path = folder(&child).unwrap();
    let Child {
        process,
        stdin,
        stdout,
        ..
    } = child;
    drop(process);
    assert!(path.is_dir());
    drop(stdin);
    File::from(stdout.unwrap())
        .read_to_end(&mut Vec::new())
        .unwrap();
    until(|| {
        Popen::new("true").own_tree().spawn().unwrap().wait();
        !path.exists()
    });
}

#[test]
fn a_start_that_fails_leaves_no_cgroup() {
    alone(|| {
        let _limit = Limit::new();
        let child = Popen::new("cat").stdin(PIPE).own_tree().spawn().unwrap();
        let Some(folder) =
            (child.process.containment() == Containment::Cgroup).then(|| folder(&child).unwrap())
        else {
            return;
        };
        let mine = format!("threeply-{}-", process::id());
        let count = || {
            let entries = fs::read_dir(folder.parent().unwrap()).unwrap().flatten();
            let names = entries.map(|entry| entry.file_name().into_string().unwrap());
            names.filter(|name| name.starts_with(&mine)).count()
        };
        assert_eq!(count(), 1);
        let open = open_fds();
        Popen::new("/no/such").own_tree().spawn().unwrap_err();
        Popen::new("true")
            .current_dir("/no/such")
            .own_tree()
            .spawn()
            .unwrap_err();
        assert_eq!((count(), open_fds()), (1, open));
        drop(child.stdin);
        child.process.wait();
        drop(child.process);
        assert_eq!(count(), 0);
    });
}

#[test]
fn an_order_says_what_it_came_to() {
    let _limit = Limit::new();
    let found = |order: fn(&mut Popen)| {
        let mut popen = Popen::new("true");
        order(&mut popen);
        popen.spawn().unwrap().process.containment()
    };
    assert!(matches!(
        found(own_tree),
        Containment::Cgroup | Containment::Session
    ));
    assert_eq!(found(session), Containment::Session);
    assert_eq!(found(group), Containment::ProcessGroup);
    assert_eq!(found(nothing), Containment::Descent);
}

#[test]
fn a_tree_that_is_gone_can_be_killed() {
    let _limit = Limit::new();
    for order in ORDERS {
        let mut popen = Popen::new("true");
        order(&mut popen);
        let mut child = popen.spawn().unwrap();
        child.process.kill_tree().unwrap();
        child.wait();
        child.process.kill_tree().unwrap();
        child.process.kill_tree().unwrap();
    }
}
