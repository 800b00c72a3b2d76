//! From the start of `/bin/true` to the end of the wait for it.

use crate::{Way, way};
use duct::cmd;
use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    ptr,
};
use subprocess_crate::{Exec, Redirection};
use threeply::subprocess::{Hook, PIPE, Popen};

const TRUE: &str = "/bin/true";

const PLAIN: &str = "run /bin/true";
const ORDERS: &str = "session, umask, nice, signal";
const PIPES: &str = "three pipes";
const USER: &str = "as this user";
const HOOK: &str = "a hook";

pub(crate) fn ways() -> Vec<Way> {
    let plain = popen(|_| ());
    let inheriting = popen(|popen| {
        popen.inherit_fds();
    });
    let ordered = popen(|popen| {
        popen.session().umask(0o22).nice(1);
        popen.parent_death_signal(libc::SIGKILL);
    });
    let piped = popen(|popen| {
        popen.stdin(PIPE).stdout(PIPE).stderr(PIPE);
    });
    // SAFETY: it does nothing.
    let hook = unsafe { Hook::new(|| Ok(())) };
    let hooked = popen(|popen| {
        popen.before_exec(hook);
    });
    let this_user = popen(|popen| {
        popen.user(rustix::process::getuid().as_raw());
    });
    let tree = popen(|popen| {
        popen.own_tree();
    });
    vec![
        way(PLAIN, "threeply", move || run(&plain)),
        way(PLAIN, "threeply, nothing closed", move || run(&inheriting)),
        way(PLAIN, "threeply, own_tree", move || run(&tree)),
        way(PLAIN, "std::process", || run_std(|_| ())),
        way(PLAIN, "duct", || drop(cmd!(TRUE).run().unwrap())),
        way(PLAIN, "subprocess", || run_exec(Exec::cmd(TRUE))),
        way(PLAIN, "fork, close_range, execve", fork_exec),
        way(ORDERS, "threeply", move || run(&ordered)),
        way(ORDERS, "std::process, pre_exec", || {
            run_std(|command| {
                // SAFETY: the function makes four system calls.
                unsafe { command.pre_exec(orders) };
            });
        }),
        way(PIPES, "threeply", move || run(&piped)),
        way(PIPES, "std::process", || run_std(three_pipes)),
        way(PIPES, "subprocess", || {
            let exec = Exec::cmd(TRUE).stdin(Redirection::Pipe);
            run_exec(exec.stdout(Redirection::Pipe).stderr(Redirection::Pipe));
        }),
        way(HOOK, "threeply", move || run(&hooked)),
        way(USER, "threeply", move || run(&this_user)),
        way(USER, "std::process", || {
            run_std(|command| {
                command.uid(rustix::process::getuid().as_raw());
            });
        }),
    ]
}

fn popen(order: impl FnOnce(&mut Popen)) -> Popen {
    let mut popen = Popen::new(TRUE);
    order(&mut popen);
    popen
}

fn run(popen: &Popen) {
    assert!(popen.spawn().unwrap().wait().success());
}

fn run_exec(exec: Exec) {
    let job = exec.start().unwrap();
    assert!(job.wait().unwrap().success());
}

fn run_std(order: impl FnOnce(&mut Command)) {
    let mut command = Command::new(TRUE);
    order(&mut command);
    assert!(command.status().unwrap().success());
}

fn three_pipes(command: &mut Command) {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

/// `fork`, `close_range`, `execve`, `waitpid`: nothing but the system calls.
fn fork_exec() {
    let arguments = [c"true".as_ptr(), ptr::null()];
    let environment = [ptr::null()];
    // SAFETY: the child makes three system calls.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: numbers; this is the child, which ends with it.
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
        // SAFETY: a C string and two arrays with a null pointer at their end.
        unsafe {
            libc::execve(
                c"/bin/true".as_ptr(),
                arguments.as_ptr(),
                environment.as_ptr(),
            )
        };
        // SAFETY: it does not return.
        unsafe { libc::_exit(127) };
    }
    let mut status = -1;
    // SAFETY: `status` is ours to write.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0);
}

#[expect(clippy::unnecessary_wraps, reason = "what `pre_exec` takes")]
fn orders() -> io::Result<()> {
    // SAFETY: it takes nothing.
    unsafe { libc::setsid() };
    // SAFETY: it takes a number.
    unsafe { libc::umask(0o22) };
    // SAFETY: it takes a number.
    unsafe { libc::nice(1) };
    // SAFETY: it takes numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    Ok(())
}
