//! Children in a row: what goes in comes out, each end is told, and nothing is left when one of them fails.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "hooks are unsafe")]

mod children;
mod support;

use children::{alone, has_child, open_fds, read, set_limit};
use rustix::{
    fs::{OFlags, fcntl_setfl},
    process::Resource,
};
use std::{
    fs::File,
    io::{self, Read, Write},
    ops::ControlFlow,
    os::fd::AsRawFd,
    thread,
    time::Duration,
};
use support::{Limit, far, passed, until, with_parker};
use threeply::{
    subprocess::{DEVNULL, Hook, Outcome, PIPE, Pipeline, PipelineError, Popen, STDOUT, Step},
    time::Deadline,
};

const MIB: usize = 1 << 20;

fn cat() -> Popen {
    Popen::new("cat")
}

/// A shell with the streams that a stage in the middle has.
fn sh(command: &str) -> Popen {
    Popen::shell(command)
}

fn noise(length: usize) -> Vec<u8> {
    (0..u32::try_from(length).unwrap())
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

const SIGPIPE: Outcome = Outcome::Killed {
    signal: libc::SIGPIPE,
    dumped: false,
};

#[test]
fn what_goes_in_comes_out() {
    let _limit = Limit::new();
    for length in [0, 1, 65_537, 8 * MIB] {
        let pipeline = cat().stdin(PIPE) | cat() | cat() | cat().stdout(PIPE);
        let input = noise(length);
        let done = pipeline.run_until(&input, far()).unwrap();
        assert!(done.output.stdout == input, "{length}");
        assert_eq!(done.outcomes, [Outcome::Exited(0); 4]);
        assert!(done.success());
        assert_eq!(done.output.stderr, [const { Vec::new() }; 4]);
    }
}

#[test]
fn a_process_with_many_files_has_pipelines_too() {
    // There the children open the pipes anew instead of copying a long table.
    alone(|| {
        let _limit = Limit::new();
        let many: Vec<_> = (0..600).map(|_| File::open("/dev/null").unwrap()).collect();
        let open = open_fds();
        let pipeline = cat().stdin(PIPE) | sh("cat; echo >&2").stderr(PIPE) | cat().stdout(PIPE);
        let input = noise(MIB);
        let done = pipeline.run_until(&input, far()).unwrap();
        assert!(done.success() && done.output.stdout == input);
        assert_eq!(done.output.stderr[1], b"\n");
        let yes = Popen::new("yes") | Popen::new("head").args(["-n", "1"]).stdout(PIPE);
        assert_eq!(yes.run().unwrap().outcomes, [SIGPIPE, Outcome::Exited(0)]);
        let merged = sh("echo a; echo b >&2").stderr(STDOUT) | cat().stdout(PIPE);
        assert_eq!(merged.run().unwrap().output.stdout, b"a\nb\n");
        assert_eq!(open_fds(), open);
        drop(many);
    });
}

#[test]
fn orders_are_put_in_a_row_in_every_way() {
    let _limit = Limit::new();
    let say = || sh("echo said");
    let add = |letter: &str| {
        let mut popen = Popen::new("sed");
        popen.arg(format!("s/$/{letter}/"));
        popen
    };
    let last = |mut pipeline: Pipeline| {
        pipeline.stages_mut().last_mut().unwrap().stdout(PIPE);
        let done = pipeline.run().unwrap();
        (
            pipeline.stages().len(),
            String::from_utf8(done.output.stdout).unwrap(),
        )
    };
    let found = |stages, said: &str| (stages, format!("{said}\n"));
    assert_eq!(last(say() | add("a")), found(2, "saida"));
    assert_eq!(last(say() | add("a") | add("b")), found(3, "saidab"));
    assert_eq!(last(say() | (add("a") | add("b"))), found(3, "saidab"));
    assert_eq!(
        last((say() | add("a")) | (add("b") | add("c"))),
        found(4, "saidabc")
    );
    assert_eq!(last(say().arg("0") | add("a").arg("-")), found(2, "saida"));
    assert_eq!(last(Pipeline::from(say())), found(1, "said"));
    // An order that was put into a pipeline is taken out of where it was.
    let mut order = say();
    assert_eq!(last(&mut order | add("a")), found(2, "saida"));
    assert_eq!(order.spawn().unwrap_err().step(), Some(Step::Exec));
}

#[test]
fn this_process_has_none_of_the_pipes_between() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds().len();
        let mut children = (cat().stdin(PIPE) | cat() | cat().stdout(PIPE))
            .spawn()
            .unwrap();
        let handles = children
            .all()
            .iter()
            .filter(|child| child.process.pidfd().is_some());
        assert_eq!(open_fds().len(), open + handles.count() + 2);
        assert_eq!(children.poll(), None);
        // Each sees the end of the one before.
        let output = children.all_mut()[2].stdout.take().unwrap();
        assert_eq!(children.wait(), [Outcome::Exited(0); 3]);
        assert_eq!(read(output), b"");
        assert_eq!(children.poll().unwrap().len(), 3);
        drop(children);
        assert_eq!(open_fds().len(), open);
    });
}

#[test]
fn one_whose_reader_is_gone_gets_sigpipe() {
    let _limit = Limit::new();
    let pipeline = Popen::new("yes") | cat() | Popen::new("head").args(["-n", "1"]).stdout(PIPE);
    let done = pipeline.run().unwrap();
    assert_eq!(done.output.stdout, b"y\n");
    assert_eq!(done.outcomes, [SIGPIPE, SIGPIPE, Outcome::Exited(0)]);
    assert!(done.success(), "it was wanted");
}

#[test]
fn each_outcome_counts() {
    let _limit = Limit::new();
    let outcomes = |first: &str, last: &str| {
        let done = (sh(first) | sh(last)).run().unwrap();
        (
            done.outcomes
                .iter()
                .map(|outcome| outcome.code())
                .collect::<Vec<_>>(),
            done.success(),
        )
    };
    assert_eq!(outcomes("exit 0", "exit 0"), (vec![0, 0], true));
    assert_eq!(outcomes("exit 3", "exit 0"), (vec![3, 0], false));
    assert_eq!(outcomes("exit 0", "exit 4"), (vec![0, 4], false));
    assert_eq!(outcomes("kill -9 $$", "exit 0"), (vec![-9, 0], false));
    assert_eq!(outcomes("exit 0", "kill -13 $$"), (vec![0, -13], false));
}

#[test]
fn the_standard_error_of_each_is_its_own() {
    let _limit = Limit::new();
    let mut pipeline = sh("echo a; echo 1 >&2") | sh("cat; echo 2 >&2") | sh("cat; echo 3 >&2");
    pipeline.stages_mut()[0].stderr(PIPE);
    pipeline.stages_mut()[2].stdout(PIPE).stderr(PIPE);
    pipeline.stages_mut()[1].stderr(DEVNULL);
    let done = pipeline.run().unwrap();
    assert_eq!(done.output.stdout, b"a\n");
    assert_eq!(
        done.output.stderr,
        [b"1\n".to_vec(), Vec::new(), b"3\n".to_vec()]
    );
}

#[test]
fn all_outputs_are_read_while_they_are_written() {
    let _limit = Limit::new();
    let loud = || {
        let mut popen = sh("head -c 2000000 /dev/zero >&2; cat; head -c 2000000 /dev/zero >&2");
        popen.stderr(PIPE);
        popen
    };
    let input = noise(2 * MIB);
    let pipeline = loud().stdin(PIPE) | loud() | loud().stdout(PIPE);
    let done = pipeline.run_until(&input, far()).unwrap();
    assert!(done.output.stdout == input);
    assert!(
        done.output
            .stderr
            .iter()
            .all(|error| error.len() == 4_000_000)
    );
}

#[test]
fn an_order_of_a_stage_s_own_comes_before_the_pipe() {
    let _limit = Limit::new();
    // As `2>&1 |`.
    let done = (sh("echo a; echo b >&2").stderr(STDOUT) | cat().stdout(PIPE))
        .run()
        .unwrap();
    assert_eq!(done.output.stdout, b"a\nb\n");
    // As `> /dev/null |`: the next one finds the end, and not this process's input.
    let done = (sh("echo a").stdout(DEVNULL) | sh("cat; echo end").stdout(PIPE))
        .run()
        .unwrap();
    assert_eq!(done.output.stdout, b"end\n");
    // As `| < /dev/null`: nobody reads.
    let done = (Popen::new("yes") | sh("cat; echo end").stdin(DEVNULL).stdout(PIPE))
        .run()
        .unwrap();
    assert_eq!(done.outcomes, [SIGPIPE, Outcome::Exited(0)]);
    assert_eq!(done.output.stdout, b"end\n");
}

#[test]
fn where_one_does_not_start_none_is_left() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        for failing in 0..3 {
            let stage = |at: usize| {
                let program = if at == failing { "/no/such" } else { "cat" };
                let mut popen = Popen::new(program);
                popen.stderr(PIPE);
                popen
            };
            let pipeline = stage(0).stdin(PIPE) | stage(1) | stage(2).stdout(PIPE);
            for error in [pipeline.spawn().unwrap_err(), pipeline.run().unwrap_err()] {
                let text = error.to_string();
                let PipelineError::Spawn { stage, error } = error else {
                    panic!("{text}")
                };
                assert_eq!((stage, error.errno()), (failing, Some(libc::ENOENT)));
                assert!(text.contains("/no/such"), "{text}");
                assert!(!has_child());
                assert_eq!(open_fds(), open);
            }
        }
    });
}

#[test]
fn there_is_no_room_for_a_descriptor() {
    alone(|| {
        let _limit = Limit::new();
        let room = i32::try_from(open_fds().len()).unwrap();
        let pipeline = cat().stdin(PIPE) | cat() | cat().stdout(PIPE);
        let mut failures = 0;
        for limit in room.. {
            let open = open_fds();
            set_limit(Resource::Nofile, limit.try_into().unwrap());
            let started = pipeline.spawn();
            set_limit(Resource::Nofile, 1000);
            match started {
                Err(PipelineError::Spawn { error, .. }) => {
                    assert_eq!(error.errno(), Some(libc::EMFILE), "{error}");
                    assert_eq!(open_fds(), open);
                    assert!(!has_child());
                    failures += 1;
                }
                Err(error) => panic!("{error}"),
                Ok(mut children) => {
                    assert_eq!(children.wait(), [Outcome::Exited(0); 3]);
                    break;
                }
            }
        }
        assert!(failures >= 6, "{failures}");
    });
}

#[test]
fn a_start_can_be_ended_while_a_hook_runs() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let (runs, say) = io::pipe().unwrap();
        let function = move || {
            rustix::io::write(&say, b"r")?;
            loop {
                // SAFETY: it takes nothing.
                unsafe { libc::pause() };
            }
        };
        // SAFETY: it makes system calls.
        let hook = unsafe { Hook::new(function) };
        let pipeline = cat().stdin(PIPE) | cat().before_exec(hook) | cat();
        thread::scope(|scope| {
            let (parker, starter) = with_parker(scope, || {
                pipeline.spawn_unless(|| ControlFlow::Break("enough"))
            });
            assert_eq!(rustix::io::read(&runs, &mut [0; 1]), Ok(1));
            parker.interrupt();
            assert_eq!(starter.join().unwrap().unwrap_err(), "enough");
        });
        assert!(!has_child());
        drop((pipeline, runs));
        assert_eq!(open_fds(), open);
    });
}

#[test]
fn a_run_that_gives_up_leaves_nobody() {
    alone(|| {
        let _limit = Limit::new();
        let open = open_fds();
        let (alive, mark) = io::pipe().unwrap();
        let stage = |command: &str| {
            let mut popen = sh(command);
            popen.pass_fd(mark.as_raw_fd()).own_tree();
            popen
        };
        let sleeping = || stage("sleep 1000 & sleep 1000");
        let mut pipeline = sleeping() | sleeping() | stage("echo last; sleep 1000 & cat");
        pipeline.stages_mut()[2].stdout(PIPE);
        for span in [0, 100] {
            let deadline = Deadline::after(Duration::from_millis(span));
            let Err(PipelineError::TimedOut(output)) = pipeline.run_until(b"", deadline) else {
                panic!("they sleep")
            };
            assert!(output.stdout.is_empty() || output.stdout == b"last\n");
            assert!(!has_child());
        }
        let mut pipeline = stage("sleep 1000 & yes") | stage("cat");
        pipeline.stages_mut()[1].stdout(PIPE).max_output(7);
        let Err(PipelineError::TooMuchOutput(output)) = pipeline.run() else {
            panic!("it has no end")
        };
        assert_eq!(output.stdout, b"y\ny\ny\ny");
        assert!(!has_child());
        drop((mark, pipeline));
        fcntl_setfl(&alive, OFlags::NONBLOCK).unwrap();
        assert_eq!(
            rustix::io::read(&alive, &mut [0; 1]),
            Ok(0),
            "somebody lives"
        );
        drop(alive);
        assert_eq!(open_fds(), open);
    });
}

#[test]
fn children_are_waited_for_and_ended_together() {
    let _limit = Limit::new();
    let mut children = (cat().stdin(PIPE) | cat() | cat().stdout(PIPE))
        .spawn()
        .unwrap();
    assert_eq!(
        children.wait_unless(passed(), || ControlFlow::<()>::Continue(())),
        Ok(None)
    );
    thread::scope(|scope| {
        let (parker, waiter) = with_parker(scope, || {
            children.wait_unless(far(), || ControlFlow::Break("enough"))
        });
        parker.interrupt();
        assert_eq!(waiter.join().unwrap(), Err("enough"));
    });
    // What is written to the first comes out of the last.
    let mut input = File::from(children.all_mut()[0].stdin.take().unwrap());
    input.write_all(b"through").unwrap();
    drop(input);
    let output = children.all_mut()[2].stdout.take().unwrap();
    assert_eq!(read(output), b"through");
    assert_eq!(children.wait_until(far()), Ok(vec![Outcome::Exited(0); 3]));
    let mut children = (cat().stdin(PIPE) | cat() | cat()).spawn().unwrap();
    children.kill().unwrap();
    until(|| children.poll().is_some());
    assert_killed(&children.wait());
}

#[track_caller]
fn assert_killed(outcomes: &[Outcome]) {
    let is_killed = |outcome: &Outcome| outcome.signal() == Some(libc::SIGKILL);
    assert!(outcomes.iter().all(is_killed), "{outcomes:?}");
}

#[test]
fn a_tree_is_not_lost_because_its_neighbour_ends_first() {
    // The second one used to see its input's end when the first was killed, and to end, and what it had started lost its parent.
    let _limit = Limit::new();
    for _ in 0..50 {
        let (mut alive, mark) = io::pipe().unwrap();
        let stage = |command: &str| {
            let mut popen = sh(command);
            popen.pass_fd_as(mark.as_raw_fd(), 9);
            popen
        };
        let row = stage("sleep 1000 & echo; wait") | stage("read line; sleep 1000 & echo >&9; cat");
        let mut children = row.spawn().unwrap();
        drop((mark, row));
        // The last one has started what it starts.
        assert_eq!(rustix::io::read(&alive, &mut [0; 1]), Ok(1));
        children.kill_tree().unwrap();
        assert_eq!(alive.read(&mut [0; 1]).unwrap(), 0);
        assert_killed(&children.wait());
    }
}
