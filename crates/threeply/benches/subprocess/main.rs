//! What it costs to start a child and to wait for it, in parents of four sizes.
//!
//! `cargo bench -p threeply --bench subprocess [-- ROUNDS]` prints a table. Each round starts one child in every way, in turn, so that what else
//! the machine does falls on all of them alike; the figures are medians.
#![allow(clippy::unwrap_used, reason = "a bench may fail by panic")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
#![allow(clippy::disallowed_methods, reason = "the peers are what is measured")]
#![allow(unsafe_code, reason = "fork and hooks are unsafe")]

use rustix::process::{Resource, getrlimit, setrlimit};
use std::{
    env,
    fs::File,
    hint::black_box,
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    ptr,
    time::{Duration, Instant},
};
use threeply::{
    subprocess::{Hook, PIPE, Popen},
    time::Deadline,
};

const TRUE: &str = "/bin/true";
const ROUNDS: usize = 50;

/// One way to start `/bin/true` and to see its end.
struct Way {
    group: &'static str,
    name: &'static str,
    run: Box<dyn Fn()>,
}

fn way(group: &'static str, name: &'static str, run: impl Fn() + 'static) -> Way {
    let run = Box::new(run);
    Way { group, name, run }
}

fn run(popen: &Popen) {
    assert!(popen.spawn().unwrap().wait().success());
}

fn popen(order: impl FnOnce(&mut Popen)) -> Popen {
    let mut popen = Popen::new(TRUE);
    order(&mut popen);
    popen
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

fn ways() -> Vec<Way> {
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
    vec![
        way("plain", "threeply", move || run(&plain)),
        way("plain", "threeply, nothing closed", move || {
            run(&inheriting);
        }),
        way("plain", "std::process", || run_std(|_| ())),
        way("plain", "fork, close_range, execve", fork_exec),
        way("session, umask, nice, signal", "threeply", move || {
            run(&ordered);
        }),
        way(
            "session, umask, nice, signal",
            "std::process with pre_exec",
            || {
                run_std(|command| {
                    // SAFETY: the function makes four system calls.
                    unsafe { command.pre_exec(orders) };
                });
            },
        ),
        way("three pipes", "threeply", move || run(&piped)),
        way("three pipes", "std::process", || run_std(three_pipes)),
        way("a hook", "threeply", move || run(&hooked)),
        way("this user", "threeply", move || run(&this_user)),
        way("this user", "std::process", || {
            run_std(|command| {
                command.uid(rustix::process::getuid().as_raw());
            });
        }),
    ]
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

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// The time from the child's end to the return of a wait with a deadline.
fn latency(rounds: usize) -> f64 {
    let time = |_| {
        let child = Popen::new("/bin/cat").stdin(PIPE).spawn().unwrap();
        std::thread::scope(|scope| {
            let killer = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(3));
                let now = Instant::now();
                child.kill().unwrap();
                now
            });
            let far = Deadline::after(Duration::from_secs(60));
            child.process.wait_until(far).unwrap();
            let seen = Instant::now();
            seen - killer.join().unwrap()
        })
    };
    median((0..rounds).map(time).collect())
}

/// Sends bytes through `cat` and collects them, in MiB/s.
fn throughput(rounds: usize, through: impl Fn(&[u8]) -> Vec<u8>) -> f64 {
    let input = vec![b'x'; 100 << 20];
    let time = |_| {
        let start = Instant::now();
        let output = through(&input);
        let elapsed = start.elapsed();
        assert_eq!(output.len(), input.len());
        elapsed
    };
    100e6 / median((0..rounds).map(time).collect())
}

fn through(input: &[u8]) -> Vec<u8> {
    let mut cat = Popen::new("/bin/cat");
    let done = cat
        .stdin(PIPE)
        .stdout(PIPE)
        .run_until(input, Deadline::NEVER);
    done.unwrap().stdout
}

fn through_std(input: &[u8]) -> Vec<u8> {
    let mut cat = Command::new("/bin/cat");
    let mut child = cat
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        child.wait_with_output().unwrap().stdout
    })
}

fn measure(size: &str, rounds: usize, first: bool) {
    let ways = ways();
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..rounds + 3 {
        for (way, times) in ways.iter().zip(&mut times) {
            // What the way before left behind — a fork has every page written to fault once — is not this one's.
            (way.run)();
            let start = Instant::now();
            (way.run)();
            // The first ones warm up.
            if round >= 3 {
                times.push(start.elapsed());
            }
        }
    }
    if first {
        println!("| parent | child | by | median, us |\n|---|---|---|---:|");
    }
    for (way, times) in ways.iter().zip(times) {
        println!(
            "| {size} | {} | {} | {:.0} |",
            way.group,
            way.name,
            median(times)
        );
    }
}

fn open(count: usize) -> Vec<File> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    (0..count)
        .map(|_| File::open("/dev/null").unwrap())
        .collect()
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let rounds = arguments
        .next()
        .map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    measure("small", rounds, true);
    println!(
        "| small | /bin/cat, killed | threeply, kill to end of wait | {:.0} |",
        latency(rounds)
    );
    let few = rounds.min(9);
    println!("\n| child | by | MiB/s |\n|---|---|---:|");
    println!(
        "| 100 MiB through cat | threeply | {:.0} |",
        throughput(few, through)
    );
    println!(
        "| 100 MiB through cat | std::process, two threads | {:.0} |",
        throughput(few, through_std)
    );
    println!("\n| parent | child | by | median, us |\n|---|---|---|---:|");
    let files = open(10_000);
    measure("10,000 files", rounds, false);
    let memory = black_box(vec![1_u8; 2 << 30]);
    measure("2 GiB and 10,000 files", rounds, false);
    drop(files);
    measure("2 GiB", rounds, false);
    drop(black_box(memory));
}
