//! What goes through children.

use crate::{Way, timed, way};
use duct::cmd;
use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};
use subprocess_crate::{Exec, Redirection};
use threeply::{
    subprocess::{PIPE, Popen},
    time::Deadline,
};

const CAT: &str = "/bin/cat";
const ECHO: &str = "/bin/echo";
const TALK: &str = "100 MiB through cat";
const ROW: &str = "echo to cat";

const LENGTH: usize = 100 << 20;

/// One child that takes much and gives it back.
pub(crate) fn talks() -> Vec<Way> {
    // A library that takes what it sends by value gets a copy, which is made before the time counts.
    let input: Arc<[u8]> = vec![b'x'; LENGTH].into();
    let inputs = [(); 4].map(|()| Arc::clone(&input));
    let [first, second, third, fourth] = inputs;
    vec![
        way(TALK, "threeply", move || {
            let mut cat = Popen::new(CAT);
            let cat = cat.stdin(PIPE).stdout(PIPE);
            let done = cat.run_until(&first, Deadline::NEVER).unwrap();
            assert_eq!(done.stdout.len(), LENGTH);
        }),
        way(TALK, "std::process, two threads", move || {
            let mut cat = Command::new(CAT);
            let cat = cat.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = cat.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let input = &second;
            let output = std::thread::scope(|scope| {
                scope.spawn(move || stdin.write_all(input).unwrap());
                child.wait_with_output().unwrap()
            });
            assert_eq!(output.stdout.len(), LENGTH);
        }),
        timed(TALK, "duct", move || {
            let input = third.to_vec();
            let start = Instant::now();
            let cat = cmd!(CAT).stdin_bytes(input).stdout_capture();
            assert_eq!(cat.run().unwrap().stdout.len(), LENGTH);
            start.elapsed()
        }),
        timed(TALK, "subprocess", move || {
            let input = fourth.to_vec();
            let start = Instant::now();
            let cat = Exec::cmd(CAT).stdin(input);
            let done = cat.stdout(Redirection::Pipe).capture().unwrap();
            assert_eq!(done.stdout.len(), LENGTH);
            start.elapsed()
        }),
    ]
}

/// Two children in a row, of which the second one's output is collected.
pub(crate) fn rows() -> Vec<Way> {
    vec![
        way(ROW, "threeply", || {
            let row = Popen::new(ECHO).arg("said") | Popen::new(CAT).stdout(PIPE);
            let done = row.run().unwrap();
            assert!(done.success() && done.output.stdout == b"said\n");
        }),
        way(ROW, "std::process", || {
            let mut echo = Command::new(ECHO);
            let echo = echo.arg("said").stdout(Stdio::piped());
            let mut echo = echo.spawn().unwrap();
            let between = echo.stdout.take().unwrap();
            let mut cat = Command::new(CAT);
            let said = cat.stdin(between).output().unwrap().stdout;
            assert!(echo.wait().unwrap().success() && said == b"said\n");
        }),
        way(ROW, "duct", || {
            let said = cmd!(ECHO, "said").pipe(cmd!(CAT)).read().unwrap();
            assert_eq!(said, "said");
        }),
        way(ROW, "subprocess", || {
            let row = Exec::cmd(ECHO).arg("said") | Exec::cmd(CAT);
            let done = row.stdout(Redirection::Pipe).capture().unwrap();
            assert!(done.success() && done.stdout == b"said\n");
        }),
    ]
}
