//! What a child that did not get to its program tells its parent.
//!
//! # State
//!
//! `step` is 0 until something fails, then the [`Step`] that did; `errno` belongs to it. `is_in_cgroup` is set once the child
//! is where it was to be.
//!
//! # Memory ordering
//!
//! The child writes `errno` before `step`, with Release; the parent reads `step` first, with Acquire. The kernel orders the two as
//! well: the parent reads when the child has ended or runs its program. That is enough for `is_in_cgroup`, which is Relaxed.

use super::call::Errno;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};

macro_rules! steps {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// A step of starting a process, of which one may fail.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Step {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Step {
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What was being done, as the end of the sentence "it failed to ...".
            pub fn purpose(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

steps! {
    /// In the parent: memory for the child to stand on.
    Memory = "find memory for a child",
    /// In the parent: a pipe, `/dev/null`, or another descriptor that the child is to have.
    Open = "open a descriptor for the child",
    /// In the parent: the child itself.
    Clone = "make a child",
    /// A table of descriptors of the child's own.
    Unshare = "get a table of descriptors",
    /// A descriptor that was to be passed, or to come to another number.
    Descriptors = "place a descriptor",
    /// The working directory.
    Directory = "change the directory",
    /// The set of blocked signals.
    Signals = "set the signal mask",
    /// A session of its own.
    Session = "start a session",
    /// The process group.
    ProcessGroup = "join the process group",
    /// A niceness.
    Nice = "change the niceness",
    /// A limit on a resource.
    Limit = "set a resource limit",
    /// The supplementary groups.
    Groups = "set the supplementary groups",
    /// The group.
    Group = "set the group",
    /// The user.
    User = "set the user",
    /// The signal that it gets when its parent ends.
    ParentDeath = "ask for a signal at its parent's end",
    /// The caller's function.
    Hook = "run the caller's function",
    /// The program.
    Exec = "run the program",
}

/// The step that failed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    /// 0 where the kernel had nothing to do with it.
    pub(crate) errno: Errno,
}

impl Failure {
    /// The error of `step`, for `map_err`.
    pub(super) fn at(step: Step) -> impl Fn(Errno) -> Self {
        move |errno| Self { step, errno }
    }
}

/// Where the child leaves its word.
#[derive(Debug, Default)]
pub(super) struct Report {
    step: AtomicU8,
    errno: AtomicI32,
    is_in_cgroup: AtomicBool,
}

impl Report {
    pub(super) fn write(&self, failure: Failure) {
        self.errno.store(failure.errno, Ordering::Relaxed);
        self.step.store(failure.step as u8 + 1, Ordering::Release);
    }

    pub(super) fn note_cgroup(&self) {
        self.is_in_cgroup.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_in_cgroup(&self) -> bool {
        self.is_in_cgroup.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self) -> Option<Failure> {
        let index = self.step.load(Ordering::Acquire).checked_sub(1)?;
        let step = *Step::ALL.get(usize::from(index))?;
        let errno = self.errno.load(Ordering::Relaxed);
        Some(Failure { step, errno })
    }
}
