//! Short children with random orders, from several threads, while everything goes wrong that can: no descriptors, signals all the time,
//! thieves of statuses, forks in other threads. No wrong outcome, no hang, nothing left.
//!
//! `THREEPLY_STRESS_SECONDS` says how long (default 4), `THREEPLY_STRESS_SEED` which luck; a failure names its seed.
#![cfg(target_os = "linux")]
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "fork, waitpid and timers are unsafe")]
#![allow(clippy::disallowed_methods, reason = "a test forks as it likes")]
#![expect(clippy::print_stderr, reason = "the seed must be known")]

mod children;
mod support;

use children::{alone_for_each, has_child, idle_hook, open_fds, set_limit};
use rustix::process::{Resource, getrlimit, getuid};
use std::{
    env,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};
use support::{Limit, far, until};
use threeply::{
    signal::SignalSet,
    subprocess::{Communication, DEVNULL, Outcome, PIPE, Popen, STDOUT, Step},
    time::Deadline,
};

/// What goes wrong beside the rest.
mod weather {
    pub(crate) const FAIR: i32 = 0;
    pub(crate) const THIEVES: i32 = 1;
    pub(crate) const IGNORED: i32 = 2;
    pub(crate) const ALL: [i32; 3] = [FAIR, THIEVES, IGNORED];
}

/// A small generator of its own for each thread (xorshift64).
struct Luck(u64);

impl Luck {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

fn number(name: &str) -> Option<u64> {
    Some(env::var(name).ok()?.parse().unwrap())
}

/// Orders that change nothing of what the child says and how it ends.
fn order(popen: &mut Popen, luck: &mut Luck) {
    // The limit of this process goes up and down; the child's loader needs some.
    let nofile = getrlimit(Resource::Nofile).maximum.unwrap_or(4096);
    popen.limit(
        libc::RLIMIT_NOFILE.try_into().unwrap(),
        nofile.min(256),
        nofile,
    );
    match luck.below(4) {
        0 => drop(popen.session()),
        1 => drop(popen.process_group(0)),
        _ => {}
    }
    if luck.one_in(6) {
        popen.own_tree();
    }
    if luck.one_in(3) {
        popen.umask(0o77).nice(1).current_dir("/");
    }
    if luck.one_in(3) {
        popen.signal_mask(SignalSet::EMPTY);
    }
    if luck.one_in(4) {
        popen.inherit_fds();
    }
    if luck.one_in(6) {
        popen.before_exec(idle_hook());
    }
    if luck.one_in(6) {
        popen.user(getuid().as_raw());
    }
}

/// Whether a start may fail like this: there was no room for a descriptor.
fn is_excused(errno: Option<i32>, step: Option<Step>) -> bool {
    errno == Some(libc::EMFILE)
        && matches!(step, Some(Step::Open | Step::Clone | Step::Descriptors))
}

/// Starts one child and sees it to its end. False if there was no room for it.
fn one_child(luck: &mut Luck, lost: bool) -> bool {
    let status = i32::try_from(luck.below(256)).unwrap();
    let length = usize::try_from(luck.below(100_000)).unwrap();
    let kind = luck.below(5);
    let mut popen = match kind {
        0 => Popen::new("/no/such/program"),
        1 => Popen::shell("exec sleep 1000"),
        2 => Popen::shell(format!("cat; exit {status}")),
        3 => Popen::shell(format!("cat >&2; exit {status}")),
        _ => Popen::shell(format!("exit {status}")),
    };
    order(&mut popen, luck);
    match kind {
        2 => popen.stdin(PIPE).stdout(PIPE).stderr(STDOUT),
        3 => popen.stdin(PIPE).stdout(PIPE).stderr(PIPE),
        _ => popen.stdin(DEVNULL),
    };
    let mut child = match popen.spawn() {
        Ok(child) => child,
        Err(error) if is_excused(error.errno(), error.step()) => return false,
        Err(error) => {
            assert_eq!((kind, error.errno()), (0, Some(libc::ENOENT)), "{error}");
            return true;
        }
    };
    let expected = match kind {
        1 => {
            let signal = [libc::SIGKILL, libc::SIGTERM][usize::try_from(luck.below(2)).unwrap()];
            if luck.one_in(2) {
                let soon = Deadline::after(Duration::from_micros(luck.below(2000)));
                assert!(child.wait_until(soon).is_err());
            }
            if signal == libc::SIGKILL && luck.one_in(2) {
                // The child is ended, even where there is no room for the rest.
                let killed = child.process.kill_tree();
                let errno = killed.err().and_then(|error| error.raw_os_error());
                assert!(matches!(errno, None | Some(libc::EMFILE)), "{errno:?}");
            } else {
                child.process.send_signal(signal).unwrap();
            }
            let dumped = false;
            Outcome::Killed { signal, dumped }
        }
        2 | 3 => {
            let input = vec![b'x'; length];
            let mut talk = Communication::new(&mut child, &input);
            loop {
                let soon = Deadline::after(Duration::from_micros(luck.below(5000)));
                let Ok(over) = talk.go_on(soon, go_on);
                if over.unwrap() {
                    break;
                }
            }
            let (stdout, stderr) = talk.into_outputs();
            let said = if kind == 2 { stdout } else { stderr };
            assert!(said.unwrap() == input, "kind {kind}");
            Outcome::Exited(status)
        }
        _ => Outcome::Exited(status),
    };
    let outcome = child.process.wait_until(far()).unwrap();
    assert!(
        outcome == expected || lost && outcome == Outcome::Lost,
        "{outcome:?}, not {expected:?}"
    );
    true
}

fn go_on() -> std::ops::ControlFlow<std::convert::Infallible> {
    std::ops::ControlFlow::Continue(())
}

extern "C" fn nothing(_: libc::c_int) {}

/// Interrupts some thread a thousand times a second, or no longer.
fn set_timer(micros: libc::suseconds_t) {
    let handler: extern "C" fn(libc::c_int) = nothing;
    // SAFETY: zeros are an action; the handler does nothing.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    // SAFETY: a whole action, without SA_RESTART.
    unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) };
    let time = libc::timeval {
        tv_sec: 0,
        tv_usec: micros,
    };
    let timer = libc::itimerval {
        it_interval: time,
        it_value: time,
    };
    // SAFETY: a whole timer.
    let set = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
    assert_eq!(set, 0);
}

/// Takes whatever status there is.
fn steal_any() {
    let mut status = 0;
    // SAFETY: `status` is ours to write.
    unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
}

/// A process that lives for a moment.
fn fork_one() {
    // SAFETY: the child makes two system calls.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        let moment = libc::timespec {
            tv_sec: 0,
            tv_nsec: 3_000_000,
        };
        // SAFETY: a whole span, and nowhere to write.
        unsafe { libc::nanosleep(&raw const moment, std::ptr::null_mut()) };
        // SAFETY: it does not return.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` is ours to write. The thieves may have it first.
    while unsafe { libc::waitpid(forked, &raw mut status, 0) } < 0
        && std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted
    {}
}

#[test]
fn children_end_as_they_should_whatever_goes_wrong() {
    let seconds = number("THREEPLY_STRESS_SECONDS").unwrap_or(4);
    let span = Duration::from_secs(seconds) / 3;
    let _limit = Limit::beyond(Duration::from_secs(seconds));
    alone_for_each(&weather::ALL, |weather| {
        let _limit = Limit::beyond(span);
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let seed = number("THREEPLY_STRESS_SEED").unwrap_or(u64::from(now.subsec_nanos()));
        eprintln!("THREEPLY_STRESS_SEED={seed} (weather {weather})");
        storm(weather, span, seed);
    });
}

fn storm(weather: i32, span: Duration, seed: u64) {
    let open = open_fds();
    let room = u64::try_from(open.len()).unwrap();
    let lost = weather != weather::FAIR;
    if weather == weather::IGNORED {
        // SAFETY: it is ignored, which runs no code.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    }
    set_timer(1000);
    let over = AtomicBool::new(false);
    let (started, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 1..=3 {
            let mut luck = Luck((seed ^ u64::wrapping_mul(n, 0x9e37_79b9_7f4a_7c15)).max(1));
            let (over, started, refused) = (&over, &started, &refused);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let count = if one_child(&mut luck, lost) {
                        started
                    } else {
                        refused
                    };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                fork_one();
            }
        });
        if weather == weather::THIEVES {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    steal_any();
                    thread::yield_now();
                }
            });
        }
        let mut luck = Luck(seed.max(1));
        let start = Instant::now();
        while start.elapsed() < span {
            // Room for a few descriptors, and then for many.
            set_limit(Resource::Nofile, room + luck.below(16));
            thread::sleep(Duration::from_micros(luck.below(5000)));
            set_limit(Resource::Nofile, 512);
            thread::sleep(Duration::from_micros(luck.below(5000)));
        }
        over.store(true, Ordering::Relaxed);
    });
    set_timer(0);
    let (started, refused) = (started.into_inner(), refused.into_inner());
    eprintln!("{started} children, {refused} that had no room");
    assert!(started > 20 && refused > 0);
    // Those that were let go, and those whose failure a thief saw.
    until(|| {
        if lost {
            steal_any();
        }
        !has_child()
    });
    assert_eq!(open_fds(), open);
}
