//! From the end of a child to the return of a wait with a deadline.

use crate::{Way, timed};
use duct::cmd;
use std::{
    thread,
    time::{Duration, Instant},
};
use subprocess_crate::{Exec, Redirection};
use threeply::{
    subprocess::{PIPE, Popen},
    time::Deadline,
};

const CAT: &str = "/bin/cat";
const WAIT: &str = "wait with a deadline, from the kill on";

/// Long enough for the waiter to sleep.
const MEANWHILE: Duration = Duration::from_millis(3);
const FAR: Duration = Duration::from_secs(60);

pub(crate) fn ways() -> Vec<Way> {
    vec![
        timed(WAIT, "threeply", || {
            let child = Popen::new(CAT).stdin(PIPE).spawn().unwrap();
            latency(
                || child.kill().unwrap(),
                || assert!(child.process.wait_until(Deadline::after(FAR)).is_ok()),
            )
        }),
        timed(WAIT, "duct", || {
            let (reader, writer) = std::io::pipe().unwrap();
            let handle = cmd!(CAT).stdin_file(reader).unchecked().start().unwrap();
            let late = latency(
                || handle.kill().unwrap(),
                || assert!(handle.wait_timeout(FAR).unwrap().is_some()),
            );
            drop(writer);
            late
        }),
        timed(WAIT, "subprocess", || {
            let job = Exec::cmd(CAT).stdin(Redirection::Pipe).start().unwrap();
            latency(
                || job.kill().unwrap(),
                || assert!(job.wait_timeout(FAR).unwrap().is_some()),
            )
        }),
    ]
}

/// The time from a kill, by another thread, to the end of a wait.
fn latency(kill: impl FnOnce() + Send, wait: impl FnOnce()) -> Duration {
    thread::scope(|scope| {
        let killer = scope.spawn(move || {
            thread::sleep(MEANWHILE);
            let now = Instant::now();
            kill();
            now
        });
        wait();
        let seen = Instant::now();
        seen - killer.join().unwrap()
    })
}
