//! A timed wait cuts the thread's timer slack for its sleep, and for nothing else.
//!
//! Each child has a timer that kills it.
#![cfg(target_os = "linux")]
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "signals, filters and fork are unsafe")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test forks and spawns as it likes"
)]

mod support;

use std::{
    mem::{offset_of, zeroed},
    process::Command,
    sync::{
        atomic::{AtomicI64, AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use support::{Limit, until};
use threeply::{park::Parker, threading::Event, time::Deadline};

/// Nobody's default.
const OWN: i64 = 12_345;

fn slack() -> i64 {
    // SAFETY: it reads no memory and answers with a number.
    unsafe { libc::syscall(libc::SYS_prctl, libc::PR_GET_TIMERSLACK) }
}

fn set_slack(nanos: i64) {
    // SAFETY: it takes a number.
    let done = unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_TIMERSLACK, nanos) };
    assert_eq!(done, 0);
}

fn short() -> Deadline {
    Deadline::after(Duration::from_millis(1))
}

fn handle(signal: libc::c_int, handler: usize, flags: libc::c_int) {
    // SAFETY: all zeros is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: a complete action, whose handler touches atomics and makes one system call.
    let set = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    assert_eq!(set, 0);
}

#[test]
fn a_timed_wait_leaves_the_slack_as_the_program_set_it() {
    let _limit = Limit::new();
    for nanos in [OWN, 1, 50_000, 5_000_000_000] {
        set_slack(nanos);
        assert!(Event::new().wait_until(short()).is_err());
        assert_eq!(slack(), nanos);
    }
}

#[test]
fn a_timed_wait_that_is_woken_leaves_it_too() {
    let _limit = Limit::new();
    let (ping, pong) = (Event::new(), Event::new());
    let soon = || Deadline::after(Duration::from_millis(90));
    thread::scope(|scope| {
        scope.spawn(|| {
            set_slack(OWN);
            for _ in 0..100 {
                while ping.wait_until(soon()).is_err() {}
                ping.clear();
                pong.set();
            }
            assert_eq!(slack(), OWN);
        });
        for _ in 0..100 {
            ping.set();
            pong.wait();
            pong.clear();
        }
    });
}

/// The slack that the handler found when it last ran on a sleeping thread with its slack cut; 0 before that.
static FOUND: AtomicI64 = AtomicI64::new(0);

extern "C" fn look(_: libc::c_int) {
    let now = slack();
    if now != OWN {
        FOUND.store(now, Ordering::SeqCst);
    }
}

#[test]
fn the_slack_is_one_nanosecond_in_the_sleep() {
    let _limit = Limit::new();
    let handler: extern "C" fn(libc::c_int) = look;
    handle(libc::SIGUSR1, handler as usize, libc::SA_RESTART);
    let is_over = Event::new();
    let (here, there) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            set_slack(OWN);
            // SAFETY: it asks who the thread is.
            here.send(unsafe { libc::pthread_self() }).unwrap();
            let soon = || Deadline::after(Duration::from_millis(90));
            while is_over.wait_until(soon()).is_err() {}
            assert_eq!(slack(), OWN);
        });
        let sleeper = there.recv().unwrap();
        until(|| {
            // SAFETY: the thread waits for the event that is set below.
            unsafe { libc::pthread_kill(sleeper, libc::SIGUSR1) };
            FOUND.load(Ordering::SeqCst) != 0
        });
        is_over.set();
    });
    assert_eq!(FOUND.load(Ordering::SeqCst), 1);
}

#[test]
fn a_child_has_the_slack_of_the_program() {
    let _limit = Limit::new();
    set_slack(OWN);
    assert!(Event::new().wait_until(short()).is_err());
    let child = Command::new("cat")
        .arg("/proc/self/timerslack_ns")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(child.stdout).unwrap().trim(), "12345");
    assert_eq!(thread::spawn(slack).join().unwrap(), OWN);
}

/// How often the filter turned a call down.
static REFUSALS: AtomicU32 = AtomicU32::new(0);

extern "C" fn refuse(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    REFUSALS.fetch_add(1, Ordering::SeqCst);
    // SAFETY: with SA_SIGINFO the third argument is the interrupted context, ours to change.
    let context = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext };
    #[cfg(target_arch = "x86_64")]
    {
        context.gregs[libc::REG_RAX as usize] = i64::from(-libc::EPERM);
    }
    #[cfg(target_arch = "aarch64")]
    {
        context.regs[0] = i64::from(-libc::EPERM) as u64;
    }
}

/// Has the kernel turn down every `prctl` of this thread.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the fields of a filter are small"
)]
fn refuse_prctl() {
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = refuse;
    handle(libc::SIGSYS, handler as usize, libc::SA_SIGINFO);
    let step = |code: u32, jump_if_not: u8, k: u32| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: jump_if_not,
        k,
    };
    let number = offset_of!(libc::seccomp_data, nr) as u32;
    let mut steps = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, number),
        step(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            1,
            libc::SYS_prctl as u32,
        ),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_TRAP),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: steps.len() as u16,
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: it takes numbers.
    let no_more = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(no_more, 0);
    let filter = libc::SECCOMP_MODE_FILTER;
    // SAFETY: a whole program, which the kernel copies.
    let set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, filter, &raw const program) };
    assert_eq!(set, 0);
}

#[test]
fn where_prctl_is_refused_waits_go_on_and_ask_once() {
    let _limit = Limit::new();
    // SAFETY: the child runs the engine and the standard library, which work in a child of a process with threads.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: it takes a number.
        unsafe { libc::alarm(20) };
        refuse_prctl();
        let parker = Parker::current();
        for _ in 0..10 {
            parker.park(short());
            Event::new().wait_until(short()).unwrap_err();
        }
        let is_good = REFUSALS.load(Ordering::SeqCst) == 1;
        // SAFETY: it does not return.
        unsafe { libc::_exit(i32::from(!is_good)) };
    }
    let mut status = -1;
    // SAFETY: `status` is ours to write.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed or died");
}
