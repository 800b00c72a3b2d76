//! The thread with which a process began.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::disallowed_methods, reason = "a test may fork")]
#![expect(unsafe_code, reason = "a process is forked through C")]

use std::thread;
use threeply::threading::is_main_thread;

/// Runs `body` in a forked child, and says whether it said true.
fn in_a_child(body: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child asks for two numbers, touches a variable of its thread, and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = i32::from(!body());
        // SAFETY: it takes a number and does not return.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: a child of ours, and a place to write to.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

#[test]
fn a_started_thread_is_not_the_main_one() {
    let asked = thread::spawn(is_main_thread).join();
    assert!(!asked.expect("it does not panic"));
}

#[test]
fn in_a_forked_child_it_is_the_thread_that_forked() {
    let asked = thread::spawn(|| {
        // The answer in the parent is known by then, and is not the child's.
        assert!(!is_main_thread());
        in_a_child(is_main_thread) && !is_main_thread()
    });
    assert!(asked.join().expect("it does not panic"));
}
