//! Whatever is ordered for a child, its program finds.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "signals and hooks are unsafe")]

mod children;
mod support;

use children::{alone, output, read, sh, text};
use rustix::process::{geteuid, getgid, getuid};
use std::{
    fs::{self, File},
    io::Write,
    os::fd::AsRawFd,
    path::Path,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
    thread,
};
use support::Limit;
use threeply::signal::SignalSet;
use threeply::subprocess::{DEVNULL, Hook, Outcome, PIPE, Popen, Redirect, STDOUT, SpawnError};

/// A field of a process's status, as the kernel writes it.
fn status_of(popen: &mut Popen, field: &str) -> String {
    let status = text(popen);
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line[field.len()..]
        .trim_matches([':', '\t', ' '])
        .to_owned()
}

fn status() -> Popen {
    let mut cat = Popen::new("cat");
    cat.arg("/proc/self/status");
    cat
}

fn bits(status: &str) -> u64 {
    u64::from_str_radix(status, 16).unwrap()
}

#[test]
fn a_program_gets_its_arguments() {
    let _limit = Limit::new();
    let mut echo = Popen::new("echo");
    assert_eq!(text(echo.args(["a b", "", "*"]).arg("ü")), "a b  * ü");
}

#[test]
fn the_executable_may_differ_from_argument_0() {
    let _limit = Limit::new();
    let mut shell = Popen::new("a name");
    shell.executable("sh").args(["-c", "echo \"$0\""]);
    assert_eq!(text(&mut shell), "a name");
}

#[test]
fn a_shell_gets_its_parameters() {
    let _limit = Limit::new();
    let mut shell = Popen::shell("echo $# \"$0\" \"$1\"");
    assert_eq!(text(shell.args(["zero", "one"])), "1 zero one");
}

#[test]
fn the_environment_is_this_process_s_with_changes() {
    let _limit = Limit::new();
    let mut env = Popen::new("env");
    env.env("THREEPLY_A", "1")
        .env("THREEPLY_B", "2")
        .env("THREEPLY_A", "3");
    let lines = text(env.env_remove("THREEPLY_B").env_remove("HOME"));
    let lines: Vec<_> = lines.lines().collect();
    assert!(lines.contains(&"THREEPLY_A=3"));
    assert!(!lines.iter().any(|line| line.starts_with("THREEPLY_B=")));
    assert!(!lines.iter().any(|line| line.starts_with("HOME=")));
    assert!(lines.iter().any(|line| line.starts_with("PATH=")));
}

#[test]
fn a_cleared_environment_holds_what_is_set_after() {
    let _limit = Limit::new();
    let mut env = Popen::new("/usr/bin/env");
    env.env("GONE", "1").env_clear().env("B", "2").env("A", "1");
    assert_eq!(text(&mut env), "B=2\nA=1");
    env.environment([("C", "3"), ("A", "0")]).env("A", "9");
    assert_eq!(text(&mut env), "C=3\nA=9");
}

#[test]
fn the_program_is_looked_for_in_the_child_s_path() {
    let _limit = Limit::new();
    let folder = env!("CARGO_TARGET_TMPDIR");
    let script = Path::new(folder).join("threeply-in-path");
    File::create(&script)
        .unwrap()
        .write_all(b"#!/bin/sh\necho found\n")
        .unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut popen = Popen::new("threeply-in-path");
    popen.env("PATH", format!("/nowhere:{folder}/:/bin"));
    assert_eq!(text(&mut popen), "found");
    popen.env("PATH", "/nowhere");
    assert!(matches!(
        popen.spawn(),
        Err(SpawnError::Failed {
            errno: libc::ENOENT,
            ..
        })
    ));
    // Without a path, the system's folders.
    assert_eq!(
        text(Popen::new("sh").env_clear().args(["-c", "echo here"])),
        "here"
    );
}

#[test]
fn the_program_runs_in_its_directory() {
    let _limit = Limit::new();
    assert_eq!(text(Popen::new("pwd").current_dir("/proc")), "/proc");
    // A relative name is looked for from there.
    assert_eq!(
        text(
            Popen::new("./sh")
                .args(["-c", "pwd"])
                .current_dir("/bin")
                .env("PWD", "/bin")
        ),
        "/bin"
    );
}

#[test]
fn pipes_lead_in_and_out() {
    let _limit = Limit::new();
    let mut shell = Popen::shell("cat; echo oops >&2");
    let mut child = shell.stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap();
    let mut stdin = File::from(child.stdin.take().unwrap());
    stdin.write_all(b"hello").unwrap();
    drop(stdin);
    assert_eq!(read(child.stdout.take().unwrap()), b"hello");
    assert_eq!(read(child.stderr.take().unwrap()), b"oops\n");
    assert!(child.wait().success());
}

#[test]
fn standard_error_can_go_where_standard_output_goes() {
    let _limit = Limit::new();
    let mut shell = Popen::shell("echo out; echo err >&2");
    assert_eq!(text(shell.stderr(STDOUT)), "out\nerr");
}

#[test]
fn null_is_empty_and_swallows_all() {
    let _limit = Limit::new();
    let mut cat = Popen::new("cat");
    assert_eq!(output(cat.stdin(DEVNULL)), b"");
    let mut child = Popen::new("echo")
        .arg("x")
        .stdout(DEVNULL)
        .stderr(DEVNULL)
        .spawn()
        .unwrap();
    assert!(child.wait().success());
    assert!(child.stdout.is_none());
}

#[test]
fn a_file_can_be_a_stream() {
    let _limit = Limit::new();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("threeply-stream");
    let file = File::create(&path).unwrap();
    let mut shell = Popen::shell("echo out; echo err >&2");
    let number = Redirect::Number(file.as_raw_fd());
    assert!(
        shell
            .stdout(number.clone())
            .stderr(number)
            .spawn()
            .unwrap()
            .wait()
            .success()
    );
    let mut cat = Popen::new("cat");
    cat.stdin(File::open(&path).unwrap());
    assert_eq!(text(&mut cat), "out\nerr");
    drop(file);
    // The order owns it, so a second child has it too, at its end.
    assert_eq!(text(&mut cat), "");
}

#[test]
fn a_pipe_has_the_size_that_was_asked_for() {
    let _limit = Limit::new();
    let size = |popen: &mut Popen| {
        let child = popen.stdin(PIPE).spawn().unwrap();
        let stdin = child.stdin.as_ref().unwrap();
        // SAFETY: it asks for a number.
        let size = unsafe { libc::fcntl(stdin.as_raw_fd(), libc::F_GETPIPE_SZ) };
        child.kill().unwrap();
        size
    };
    assert_eq!(size(Popen::new("cat").pipe_size(262_144)), 262_144);
    assert_eq!(size(Popen::new("cat").pipe_size(4096)), 4096);
}

#[test]
fn a_session_of_its_own() {
    let _limit = Limit::new();
    let ids = text(Popen::shell("cut -d' ' -f5,6 /proc/$$/stat; echo $$").session());
    let (ids, pid) = ids.split_once('\n').unwrap();
    assert_eq!(ids, format!("{pid} {pid}"));
}

#[test]
fn a_process_group_of_its_own_or_another_s() {
    let _limit = Limit::new();
    let leader = Popen::new("cat")
        .stdin(PIPE)
        .process_group(0)
        .spawn()
        .unwrap();
    // SAFETY: it asks for a number.
    assert_eq!(unsafe { libc::getpgid(leader.pid()) }, leader.pid());
    let mut second = Popen::shell("cut -d' ' -f5 /proc/$$/stat");
    assert_eq!(
        text(second.process_group(leader.pid())),
        leader.pid().to_string()
    );
    leader.kill().unwrap();
}

#[test]
fn the_umask_is_the_child_s_alone() {
    let _limit = Limit::new();
    let before = sh("umask");
    assert_eq!(text(Popen::shell("umask").umask(0o123)), "0123");
    assert_eq!(sh("umask"), before);
}

#[test]
fn the_niceness_grows() {
    let _limit = Limit::new();
    // SAFETY: it asks for a number.
    let now = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
    assert_eq!(
        text(Popen::new("nice").nice(3)),
        (now + 3).min(19).to_string()
    );
    assert_eq!(text(Popen::new("nice").nice(i32::MAX)), "19");
    // Also of one that is nice already: the sum is more than the kernel's number holds.
    let mut shell = Popen::new("nice");
    shell.nice(i32::MAX);
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: numbers; it is this thread's alone.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 7) };
            assert_eq!(text(&mut shell), "19");
        });
    });
}

#[test]
fn limits_are_the_child_s_alone() {
    let _limit = Limit::new();
    let before = sh("ulimit -Sn; ulimit -Hn");
    let nofile = i32::try_from(libc::RLIMIT_NOFILE).unwrap();
    let core = i32::try_from(libc::RLIMIT_CORE).unwrap();
    let mut shell = Popen::shell("ulimit -Sn; ulimit -Hn; ulimit -Sc");
    assert_eq!(
        text(shell.limit(nofile, 17, 33).limit(core, 0, u64::MAX)),
        "17\n33\n0"
    );
    assert_eq!(sh("ulimit -Sn; ulimit -Hn"), before);
}

/// Has this thread block a signal.
fn block(signal: i32) {
    // SAFETY: zeros are a set of signals.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: a set of ours.
    unsafe { libc::sigaddset(&raw mut set, signal) };
    // SAFETY: a whole set; the mask is this thread's.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
}

#[test]
fn the_signal_mask_is_this_thread_s_or_what_was_ordered() {
    let _limit = Limit::new();
    let user = |signal: i32| 1_u64 << (signal - 1);
    assert_eq!(bits(&status_of(&mut status(), "SigBlk")), 0);
    let mut cat = status();
    cat.signal_mask([libc::SIGUSR1, 64].into_iter().collect());
    assert_eq!(
        bits(&status_of(&mut cat, "SigBlk")),
        user(libc::SIGUSR1) | user(64)
    );
    block(libc::SIGUSR2);
    assert_eq!(
        bits(&status_of(&mut status(), "SigBlk")),
        user(libc::SIGUSR2)
    );
    assert_eq!(
        bits(&status_of(status().signal_mask(SignalSet::EMPTY), "SigBlk")),
        0
    );
    // And this thread blocks what it did.
    let own = fs::read_to_string("/proc/thread-self/status").unwrap();
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("SigBlk:\t"))
        .unwrap();
    assert_eq!(bits(own), user(libc::SIGUSR2));
}

#[test]
fn what_rust_ignores_children_do_not() {
    alone(|| {
        let ignored = |popen: &mut Popen| bits(&status_of(popen, "SigIgn"));
        let pipe = 1 << (libc::SIGPIPE - 1);
        let user = 1 << (libc::SIGUSR1 - 1);
        // SAFETY: both are ignored, which runs no code.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
        // SAFETY: as above.
        unsafe { libc::signal(libc::SIGUSR1, libc::SIG_IGN) };
        assert_eq!(ignored(&mut status()) & (pipe | user), user);
        assert_eq!(
            ignored(status().keep_ignored_signals()) & (pipe | user),
            pipe | user
        );
    });
}

/// The process whose handler it is.
static OWNER: AtomicI32 = AtomicI32::new(0);
/// Whether the handler ran in another one, in whose memory this lay at that moment.
static RAN_ELSEWHERE: AtomicBool = AtomicBool::new(false);

extern "C" fn look_where(_: libc::c_int) {
    // SAFETY: it asks who this is; the kernel knows, while the library's answer might be the parent's.
    let here = unsafe { libc::syscall(libc::SYS_getpid) };
    if here != OWNER.load(Ordering::SeqCst).into() {
        RAN_ELSEWHERE.store(true, Ordering::SeqCst);
    }
}

#[test]
fn no_handler_runs_in_a_child() {
    // It would run in its parent's memory, at the same time as the parent's other threads.
    alone(|| {
        let _limit = Limit::new();
        // The signals go to a process group of our own.
        rustix::process::setsid().unwrap();
        OWNER.store(
            rustix::process::getpid().as_raw_nonzero().get(),
            Ordering::SeqCst,
        );
        let handler: extern "C" fn(libc::c_int) = look_where;
        // SAFETY: the handler makes one system call and touches atomics.
        unsafe { libc::signal(libc::SIGUSR1, handler as usize) };
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    // SAFETY: numbers.
                    unsafe { libc::kill(0, libc::SIGUSR1) };
                }
            });
            let (mut ended, mut hit) = (0, 0);
            while ended < 20 || hit < 200 {
                let outcome = Popen::new("true").spawn().unwrap().wait();
                match outcome.signal() {
                    None => assert_eq!(outcome, Outcome::Exited(0)),
                    Some(signal) => assert_eq!(signal, libc::SIGUSR1),
                }
                hit += i32::from(outcome.signal().is_some());
                ended += 1;
            }
            over.store(true, Ordering::SeqCst);
        });
        assert!(!RAN_ELSEWHERE.load(Ordering::SeqCst));
    });
}

#[test]
fn a_child_dies_with_the_thread_that_started_it() {
    let _limit = Limit::new();
    let child = thread::scope(|scope| {
        let start = || {
            Popen::new("cat")
                .stdin(PIPE)
                .parent_death_signal(libc::SIGTERM)
                .spawn()
        };
        scope.spawn(move || start().unwrap()).join().unwrap()
    });
    assert_eq!(child.process.wait().signal(), Some(libc::SIGTERM));
}

#[test]
fn a_child_of_another_user_and_group() {
    let _limit = Limit::new();
    if !geteuid().is_root() {
        return;
    }
    let ids = |popen: &mut Popen, field| status_of(popen, field).replace('\t', " ");
    let mut cat = status();
    cat.user(65_534).group(65_533).groups([7, 5, 65_533]);
    assert_eq!(ids(&mut cat, "Uid"), "65534 65534 65534 65534");
    assert_eq!(ids(&mut cat, "Gid"), "65533 65533 65533 65533");
    assert_eq!(ids(&mut cat, "Groups"), "5 7 65533");
    assert_eq!(ids(status().groups([]), "Groups"), "");
    // A change of the user would take the signal back, were it ordered before.
    let mut cat = Popen::new("cat");
    cat.stdin(PIPE)
        .user(65_534)
        .parent_death_signal(libc::SIGTERM);
    let child = thread::scope(|scope| scope.spawn(|| cat.spawn().unwrap()).join().unwrap());
    assert_eq!(child.process.wait().signal(), Some(libc::SIGTERM));
}

#[test]
fn a_child_of_this_very_user_and_group() {
    let _limit = Limit::new();
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    assert_eq!(
        text(Popen::new("id").arg("-u").user(uid).group(gid)),
        uid.to_string()
    );
}

#[test]
fn a_hook_runs_last_in_the_child() {
    let _limit = Limit::new();
    let function = || {
        // SAFETY: they take numbers and a C string.
        unsafe { libc::umask(0o111) };
        // SAFETY: as above.
        let fd = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY) };
        // The descriptor is closed after this.
        assert!(fd >= 3);
        Ok(())
    };
    // SAFETY: it makes two system calls.
    let hook = unsafe { Hook::new(function) };
    let mut shell = Popen::shell("umask; pwd; ls /proc/$$/fd");
    shell
        .umask(0o022)
        .current_dir("/")
        .env("PWD", "/")
        .before_exec(hook);
    assert_eq!(text(&mut shell), "0111\n/\n0\n1\n2");
}

#[test]
fn all_orders_together() {
    let _limit = Limit::new();
    let nofile = i32::try_from(libc::RLIMIT_NOFILE).unwrap();
    let mut shell = Popen::shell(
        "pwd; umask; ulimit -Sn; nice; echo $A; cat; echo err >&2; cut -d' ' -f6 /proc/$$/stat; echo $$",
    );
    let input = File::open("/dev/null").unwrap();
    shell
        .current_dir("/")
        .env("A", "a")
        .env("PWD", "/")
        .umask(0o7)
        .limit(nofile, 64, 64)
        .nice(19);
    shell
        .session()
        .signal_mask(SignalSet::EMPTY)
        .stdin(input)
        .stderr(STDOUT)
        .parent_death_signal(libc::SIGKILL);
    let found = text(&mut shell);
    let lines: Vec<_> = found.lines().collect();
    assert_eq!(lines[..6], ["/", "0007", "64", "19", "a", "err"]);
    assert_eq!(lines[6], lines[7]);
}

#[test]
fn one_order_starts_many_children() {
    let _limit = Limit::new();
    let mut shell = Popen::shell("exit 7");
    shell.stdin(DEVNULL);
    let children: Vec<_> = (0..20).map(|_| shell.spawn().unwrap()).collect();
    for mut child in children {
        assert_eq!(child.wait(), Outcome::Exited(7));
    }
}

#[test]
fn many_threads_start_children_at_once() {
    let _limit = Limit::new();
    thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || {
                for m in 0..10 {
                    let mut shell = Popen::shell(format!("cat; exit {n}"));
                    let mut child = shell.stdin(PIPE).stdout(PIPE).spawn().unwrap();
                    let line = format!("{n} {m}");
                    File::from(child.stdin.take().unwrap())
                        .write_all(line.as_bytes())
                        .unwrap();
                    assert_eq!(read(child.stdout.take().unwrap()), line.as_bytes());
                    assert_eq!(child.wait(), Outcome::Exited(n));
                }
            });
        }
    });
}
