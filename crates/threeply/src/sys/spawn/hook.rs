#![expect(unsafe_code, reason = "code between fork and exec must be vouched for")]
//! A caller's function that runs in a child before its program does.
//!
//! The child is made by `fork` then, which a runtime in this process may have to be told of — an interpreter
//! that holds locks of its own. [`Hook::around_fork`] takes what to tell it.
//!
//! # Source
//!
//! `fork(2)`, `pthread_atfork(3)`; `preexec_fn` in CPython's `Modules/_posixsubprocess.c`.

use std::{fmt, io};

type Function<R> = Box<dyn Fn() -> R + Send + Sync>;

/// A caller's function that runs in the child, after all that was ordered and before its program.
pub struct Hook {
    in_child: Function<io::Result<()>>,
    around: Option<[Function<()>; 2]>,
}

impl Hook {
    /// Makes a hook of `function`. An error that it returns ends the start of the child, with the error's errno if it has one.
    ///
    /// # Safety
    ///
    /// `function` runs in a child of `fork`, where of all threads only the calling one lives on. Whatever another
    /// thread may have held at that moment — a lock, also one inside of the C library or of an allocator that does not watch
    /// forks — is held for ever. The function must not depend on any of that, and must not unwind.
    pub unsafe fn new(function: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self {
            in_child: Box::new(function),
            around: None,
        }
    }

    /// Has the thread that starts a child run `before` right before the fork and `after` right after it, in this process, also
    /// where the fork failed. What was given before is replaced.
    ///
    /// Between the two nothing of the engine runs but the fork itself with all signals blocked. After `after` the thread
    /// waits for the child's exec, which [`Popen::spawn_unless`](crate::subprocess::Popen::spawn_unless) can end. Unlike the
    /// handlers of `pthread_atfork(3)` they run for this hook's children alone.
    ///
    /// # Panics
    ///
    /// A panic in `before` goes up to the caller of the start; there is no child then, and `after` does not run. One in `after` too: the
    /// child is killed and reaped.
    #[must_use]
    pub fn around_fork(
        mut self,
        before: impl Fn() + Send + Sync + 'static,
        after: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        self.around = Some([Box::new(before), Box::new(after)]);
        self
    }

    pub(super) fn run(&self) -> io::Result<()> {
        (self.in_child)()
    }

    pub(super) fn before_fork(&self) {
        if let Some([before, _]) = &self.around {
            before();
        }
    }

    pub(super) fn after_fork(&self) {
        if let Some([_, after]) = &self.around {
            after();
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
