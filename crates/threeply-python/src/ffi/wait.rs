#![expect(unsafe_code, reason = "the interpreter's lock is C's")]
//! Waiting without the interpreter's lock, and signals meanwhile.
//!
//! The engine's waits run detached. When a signal interrupts one, the main thread attaches, lets the interpreter run
//! its handlers, and either gives up the wait (a handler raised) or goes on in its place in the queue. Other
//! threads run no handlers, so they go on at once.
//!
//! SIGINT is relayed: whichever thread the kernel gave it to, and however shortly before the sleep, the main
//! thread notices (see [`threeply::signal::Relay`]). So is every other signal whose handler is set through the room of
//! signals. One that is set past it ends a wait when the kernel delivers it to the main thread, which it prefers.
//!
//! Any thread gives up its wait when another one has sent it an exception ([`super::interruption`]).
//!
//! # Memory ordering
//!
//! `DETACHED` and `ATTACHED_ON` are hints for a thread that was woken; relaxed. What `LetGo` keeps is written and read by one thread; relaxed.

#[cfg(Py_3_13)]
use super::raise;
use super::{call, interruption, object::Raised};
use pyo3::{Python, ffi};
use std::{
    ops::ControlFlow,
    ptr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering},
    },
    thread,
};
use threeply::{park::Spin, signal::Relay, threading::is_main_thread, time::Deadline};

/// What a wait asks when it is interrupted.
pub(crate) type Interrupted<'a> = &'a mut dyn FnMut() -> ControlFlow<Raised>;

/// How often a thread gave up the interpreter's lock to wait here.
static DETACHED: AtomicU32 = AtomicU32::new(0);

/// How soon the thread that ended a wait lets go of the interpreter's lock.
static RELEASES: Spin = Spin::brief();

/// The processor on which the thread that holds the lock took it at the end of a wait, or `NONE`.
static ATTACHED_ON: AtomicI32 = AtomicI32::new(NONE);

const NONE: i32 = -1;

/// The relay of SIGINT behind the interpreter's own handler.
static SIGINT: OnceLock<Option<Relay>> = OnceLock::new();

/// Notes the interpreter's own handler, which is in place when the extension is imported.
pub(crate) fn note_interpreter_handler() {
    SIGINT.get_or_init(|| Relay::after_present_handler(libc::SIGINT));
}

/// Relays a signal if its handler is the interpreter's; to be called when that was set.
pub(crate) fn relay(signal: i32) {
    if let Some(Some(relay)) = SIGINT.get() {
        relay.follow(signal);
    }
}

/// Runs a wait of the engine without the interpreter's lock.
///
/// `wait` is given what it must ask when it is interrupted, and passes on the answer.
///
/// # Errors
///
/// A signal handler raised, before the wait or in it.
pub(crate) fn detached<R>(
    py: Python<'_>,
    wait: impl FnOnce(Interrupted<'_>) -> Result<R, Raised>,
) -> Result<R, Raised> {
    let is_main = begin(py)?;
    let thread = Detached::new();
    let result = wait(&mut || interrupted(py, is_main, |ask| thread.attached(ask)));
    thread.attach();
    result
}

/// Runs a wait of the engine that only another thread's Python can end, without the interpreter's
/// lock.
///
/// # Errors
///
/// As of [`detached`]; `PythonFinalizationError` where no other thread runs Python any more.
pub(crate) fn for_a_thread<R>(
    py: Python<'_>,
    deadline: Deadline,
    wait: impl FnOnce(Interrupted<'_>) -> Result<R, Raised>,
) -> Result<R, Raised> {
    if is_finalizing() {
        refuse_at_the_end(py, deadline)?;
    }
    detached(py, wait)
}

/// Says whether the interpreter ends: only the thread that ends it can be attached then.
#[cfg(Py_3_13)]
pub(crate) fn is_finalizing() -> bool {
    // SAFETY: it has no preconditions.
    unsafe { ffi::Py_IsFinalizing() == 1 }
}

/// Older interpreters have no exception for it: a wait at their end is what it is in CPython.
#[cfg(not(Py_3_13))]
pub(crate) fn is_finalizing() -> bool {
    false
}

/// Refuses a wait that cannot come to a good end while the interpreter ends.
///
/// CPython refuses each from 3.15 on. Before, one with a timeout lasts that long, and one without
/// would never end.
///
/// # Errors
///
/// `PythonFinalizationError`.
#[cfg(Py_3_13)]
#[cold]
pub(crate) fn refuse_at_the_end(py: Python<'_>, deadline: Deadline) -> Result<(), Raised> {
    let refuses = if cfg!(Py_3_15) {
        !deadline.has_passed()
    } else {
        deadline == Deadline::NEVER
    };
    if refuses {
        let message = "cannot acquire lock at interpreter finalization";
        return Err(raise::builtin(py, raise::Builtin::Finalization, message));
    }
    Ok(())
}

/// There is no exception for it.
#[cfg(not(Py_3_13))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "a newer interpreter's has something to refuse"
)]
pub(crate) fn refuse_at_the_end(_py: Python<'_>, _deadline: Deadline) -> Result<(), Raised> {
    Ok(())
}

/// Runs a call of the engine that waits at its end, and lets go of the interpreter's lock when that calls `LetGo::now`.
///
/// # Errors
///
/// As of [`detached`].
pub(crate) fn detached_at_the_end<R>(
    py: Python<'_>,
    let_go: &LetGo,
    call: impl FnOnce(Interrupted<'_>) -> Result<R, Raised>,
) -> Result<R, Raised> {
    let is_main = begin(py)?;
    let result = call(&mut || {
        interrupted(py, is_main, |ask| {
            let was_let_go = let_go.attach();
            let asked = ask();
            if was_let_go {
                let_go.now();
            }
            asked
        })
    });
    let_go.attach();
    result
}

/// Notices what has arrived before a wait. Says whether this is the thread that answers signals.
fn begin(py: Python<'_>) -> Result<bool, Raised> {
    let is_main = is_main_thread();
    if is_main {
        if let Some(Some(relay)) = SIGINT.get() {
            relay.answer_here();
        }
        // What arrived before `answer_here` has nobody else to notice it.
        call::check_signals(py)?;
    }
    interruption::raise_pending(py)?;
    Ok(is_main)
}

/// What a wait that was interrupted is told. `attached` runs what it is given with the interpreter's lock.
fn interrupted(
    py: Python<'_>,
    is_main: bool,
    attached: impl FnOnce(&dyn Fn() -> Result<(), Raised>) -> Result<(), Raised>,
) -> ControlFlow<Raised> {
    if !is_main && !interruption::is_pending() {
        return ControlFlow::Continue(());
    }
    let asked = attached(&|| {
        call::check_signals(py)?;
        interruption::raise_pending(py)
    });
    match asked {
        Ok(()) => ControlFlow::Continue(()),
        Err(raised) => ControlFlow::Break(raised),
    }
}

/// Runs a short wait of the engine without the interpreter's lock that nothing but its event may end.
pub(crate) fn uninterrupted<R>(_py: Python<'_>, wait: impl FnOnce() -> R) -> R {
    let thread = Detached::new();
    let result = wait();
    thread.attach();
    result
}

/// Letting go of the interpreter's lock in the midst of a call, by the thread that is in it.
#[derive(Clone, Default)]
pub(crate) struct LetGo(Arc<AtomicPtr<ffi::PyThreadState>>);

impl LetGo {
    /// Lets go. The call's end takes the lock again.
    pub(crate) fn now(&self) {
        // SAFETY: the calling thread is attached: it is within `detached_at_the_end`, which attaches what this let go.
        let state = unsafe { ffi::PyEval_SaveThread() };
        self.0.store(state, Ordering::Relaxed);
    }

    /// Attaches again; false if this never let go.
    fn attach(&self) -> bool {
        let state = self.0.swap(ptr::null_mut(), Ordering::Relaxed);
        if state.is_null() {
            return false;
        }
        restore(state);
        true
    }
}

/// A thread that does not hold the interpreter's lock.
struct Detached {
    state: *mut ffi::PyThreadState,
    /// The count of detached threads after this one.
    turn: u32,
}

impl Detached {
    fn new() -> Self {
        ATTACHED_ON.store(NONE, Ordering::Relaxed);
        // SAFETY: the caller is attached.
        let state = unsafe { ffi::PyEval_SaveThread() };
        let turn = DETACHED.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Self { state, turn }
    }

    /// Attaches again, first giving the thread that ended the wait a moment to let go.
    ///
    /// Who wakes a thread usually holds the interpreter's lock and is about to wait itself. Queueing for the lock at
    /// once means to sleep in the kernel; looking for a few microseconds often spares that. It is worse beside a thread that
    /// computes: that one gets the lock, and the interpreter asks it to let go after two switch intervals instead of one, since the
    /// first had begun under another holder.
    ///
    /// Where the thread was woken on the very processor on which the other one was about to wait, looking would hold that up: it gives
    /// way first.
    fn attach(self) {
        let is_let_go = || DETACHED.load(Ordering::Relaxed) != self.turn;
        let holder = ATTACHED_ON.load(Ordering::Relaxed);
        if !is_let_go() && holder != NONE && holder == processor() {
            thread::yield_now();
        }
        RELEASES.look(is_let_go);
        self.restore();
    }

    fn restore(&self) {
        restore(self.state);
    }

    fn attached<R>(&self, f: &dyn Fn() -> R) -> R {
        self.restore();
        let result = f();
        // SAFETY: `restore` attached.
        let state = unsafe { ffi::PyEval_SaveThread() };
        debug_assert_eq!(state, self.state, "a thread keeps its state");
        result
    }
}

/// Takes the interpreter's lock by a state that this thread saved.
fn restore(state: *mut ffi::PyThreadState) {
    #![expect(
        clippy::disallowed_methods,
        reason = "this is the one place that attaches"
    )]
    // While the interpreter finalizes this does not return (before 3.14 through PyO3's guard).
    // SAFETY: a state that `PyEval_SaveThread` gave to this thread.
    unsafe { ffi::PyEval_RestoreThread(state) };
    ATTACHED_ON.store(processor(), Ordering::Relaxed);
}

/// The number of the processor that this thread runs on, at this moment; `NONE` where the kernel does not tell.
fn processor() -> i32 {
    // SAFETY: it takes nothing and touches no memory of ours.
    unsafe { libc::sched_getcpu() }
}
