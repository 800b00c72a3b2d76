//! A program finds the environment of this process to the last byte, but for what was changed.
#![cfg(not(any(loom, miri)))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "the environment is a C array")]

mod children;
mod support;

use children::{alone, output};
use std::{ffi::c_char, ptr};
use support::Limit;
use threeply::subprocess::{Hook, Popen};

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// Gives this process an environment that no shell would.
fn set_environment(entries: &'static [&'static std::ffi::CStr]) {
    let pointers = entries.iter().map(|entry| entry.as_ptr());
    let array: Vec<_> = pointers.chain([ptr::null()]).collect();
    // SAFETY: nothing else runs in this process that looks at it; the array and its strings live for ever.
    unsafe { environ = array.leak().as_ptr() };
}

const ODD: &[&std::ffi::CStr] = &[
    c"THREEPLY_ODD",
    c"PATH=/usr/bin:/bin",
    c"=D=1",
    c"",
    c"TWICE=1",
    c"EMPTY=",
    c"TWICE=2",
    c"\xff\xfe=\x01",
    c"=",
];

/// What a program finds, entry by entry.
fn found(popen: &mut Popen) -> Vec<Vec<u8>> {
    let bytes = output(popen);
    let (last, entries) = bytes.split_last().unwrap();
    assert_eq!(*last, 0);
    entries
        .split(|byte| *byte == 0)
        .map(<[u8]>::to_vec)
        .collect()
}

fn cat() -> Popen {
    let mut cat = Popen::new("cat");
    cat.arg("/proc/self/environ");
    cat
}

fn bytes(entries: &[&std::ffi::CStr]) -> Vec<Vec<u8>> {
    entries
        .iter()
        .map(|entry| entry.to_bytes().to_vec())
        .collect()
}

#[test]
fn entries_that_are_no_variables_are_passed_on() {
    alone(|| {
        let _limit = Limit::new();
        set_environment(ODD);
        // It used to be that only what has a `=` arrived, and that one which begins by it was refused.
        assert_eq!(found(&mut cat()), bytes(ODD));
    });
}

#[test]
fn changes_leave_all_else_as_it_is() {
    alone(|| {
        let _limit = Limit::new();
        set_environment(ODD);
        let mut popen = cat();
        popen
            .env("NEW", "a=b")
            .env_remove("TWICE")
            .env("EMPTY", "full");
        let mut expected = bytes(ODD);
        expected.retain(|entry| !entry.starts_with(b"TWICE") && !entry.starts_with(b"EMPTY"));
        expected.extend([b"NEW=a=b".to_vec(), b"EMPTY=full".to_vec()]);
        assert_eq!(found(&mut popen), expected);
        // No variable has the name of an entry that is none.
        let mut popen = cat();
        popen.env_remove("THREEPLY_ODD").env_remove("");
        assert_eq!(found(&mut popen), bytes(ODD));
    });
}

#[test]
fn a_process_without_an_environment_has_children_without_one() {
    alone(|| {
        let _limit = Limit::new();
        // SAFETY: as in `set_environment`; the C library takes a null pointer for no entries.
        unsafe { environ = ptr::null() };
        assert_eq!(output(&mut cat()), b"");
        let mut popen = cat();
        assert_eq!(found(popen.env("A", "1")), [b"A=1"]);
    });
}

#[test]
fn a_hook_may_change_the_environment_that_its_program_finds() {
    alone(|| {
        let _limit = Limit::new();
        // SAFETY: the child has one thread.
        let set = || unsafe { std::env::set_var("THREEPLY_HOOK", "set") };
        let function = move || {
            set();
            Ok(())
        };
        // SAFETY: no other thread of this process holds anything.
        let hook = unsafe { Hook::new(function) };
        let mut cat = cat();
        cat.before_exec(hook);
        let entry = b"THREEPLY_HOOK=set".to_vec();
        assert!(found(&mut cat).contains(&entry));
        // Not where the program's environment was given.
        let given = found(cat.env("THREEPLY_GIVEN", "1"));
        assert!(!given.contains(&entry));
        assert!(given.contains(&b"THREEPLY_GIVEN=1".to_vec()));
    });
}
