//! Threads whose end can be waited for until a deadline, and whose waits can be ended.
//!
//! A [`Thread`] is one of the standard library's with three things more: a join that takes a deadline, an interruption that
//! ends its waits, and a place in the list of live threads ([`enumerate`]). A program that ends does not wait
//! for its threads, as in every Rust program.
//!
//! # Interruption
//!
//! [`Thread::interrupt`] ends a wait that was made for it: one inside of [`interruptible`]. All other waits (`lock`,
//! `Event::wait`) go on, and the thread finds the interruption in its next `interruptible`.
//!
//! # State
//!
//! One flag a thread, set by who interrupts and taken by the thread; beside it the thread's parker, once it runs.
//!
//! # Invariants
//!
//! 1. The flag is set before the parker is interrupted. The thread looks at the flag before a wait and whenever its sleep was interrupted: an
//!    interruption that came before the first look is seen there, one after it ends the sleep.
//!
//! # After fork
//!
//! The forking thread goes on. The others do not exist in the child: they are not joined there.
//!
//! # Source
//!
//! CPython `Lib/threading.py`, `class Thread`; `std::thread`.

use super::Event;
use crate::{
    park::Parker,
    primitive::{AtomicU32, Mutex, Ordering, lock},
    time::Deadline,
};
use std::{
    cell::RefCell,
    error::Error,
    fmt, io,
    ops::ControlFlow,
    sync::{Arc, OnceLock, Weak},
    thread::{self, JoinHandle, ThreadId},
};

/// A thread that was started, and what it returns.
///
/// Dropping it leaves the thread to run.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use threeply::{threading::Thread, time::Deadline};
///
/// let thread = Thread::spawn(|| 6 * 7);
/// assert_eq!(thread.join().expect("it does not panic"), 42);
/// ```
#[derive(Debug)]
pub struct Thread<T> {
    handle: JoinHandle<T>,
    shared: Arc<Shared>,
}

/// What starts a thread: its name and the size of its stack.
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

/// A live thread, as [`enumerate`] lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The name that it was given.
    pub name: Option<String>,
    /// The standard library's number for it.
    pub id: ThreadId,
}

/// The thread was interrupted. Python: `threading.Interrupted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the thread was interrupted")
    }
}

impl Error for Interrupted {}

/// What a thread and its handle share.
#[derive(Debug, Default)]
struct Shared {
    name: Option<String>,
    /// `CLEAR` or `INTERRUPTED`.
    flag: AtomicU32,
    running: OnceLock<(ThreadId, &'static Parker)>,
    ended: Event,
}

const CLEAR: u32 = 0;
const INTERRUPTED: u32 = 1;

/// All threads that were started here and may still run.
static STARTED: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

impl Builder {
    /// Makes one that gives no name and the usual stack.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the thread.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Gives the thread a stack of at least so many bytes.
    #[must_use]
    pub fn stack_size(self, bytes: usize) -> Self {
        Self {
            stack_size: Some(bytes),
            ..self
        }
    }

    /// Starts a thread that runs `body`.
    ///
    /// # Errors
    ///
    /// What the system said when it could not make the thread.
    #[doc(alias = "start")]
    pub fn spawn<T: Send + 'static>(
        self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Thread<T>> {
        let shared = Arc::new(Shared {
            name: self.name.clone(),
            ..Shared::default()
        });
        let mut builder = thread::Builder::new();
        if let Some(name) = self.name {
            builder = builder.name(name);
        }
        if let Some(bytes) = self.stack_size {
            builder = builder.stack_size(bytes);
        }
        let own = Arc::clone(&shared);
        let handle = builder.spawn(move || {
            let _end = End(Arc::clone(&own));
            own.begin();
            body()
        })?;
        let mut started = lock(&STARTED);
        started.retain(|thread| thread.upgrade().is_some_and(|thread| !thread.has_ended()));
        started.push(Arc::downgrade(&shared));
        drop(started);
        Ok(Thread { handle, shared })
    }
}

impl<T: Send + 'static> Thread<T> {
    /// Starts a thread that runs `body`.
    ///
    /// # Panics
    ///
    /// If the system cannot make the thread; [`Builder::spawn`] says so instead.
    #[doc(alias = "start")]
    pub fn spawn(body: impl FnOnce() -> T + Send + 'static) -> Self {
        Builder::new()
            .spawn(body)
            .expect("the system makes a thread")
    }
}

impl<T> Thread<T> {
    /// Waits until the thread has ended, and returns what its body returned.
    ///
    /// # Errors
    ///
    /// What the thread panicked with.
    #[doc(alias = "result")]
    pub fn join(self) -> thread::Result<T> {
        self.handle.join()
    }

    /// Waits as [`join`](Self::join) does, unless the deadline passes first.
    ///
    /// # Errors
    ///
    /// The thread itself, which is still running, when the deadline passed first.
    #[doc(alias = "join(timeout=…)")]
    pub fn join_until(self, deadline: Deadline) -> Result<thread::Result<T>, Self> {
        match self.shared.ended.wait_until(deadline) {
            Ok(()) => Ok(self.join()),
            Err(_) => Err(self),
        }
    }

    /// Waits for the thread's end (true) unless the deadline passes (false) or `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// What `interrupted` gave as its reason.
    pub fn wait_unless<S>(
        &self,
        deadline: Deadline,
        interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<bool, S> {
        self.shared.ended.wait_unless(deadline, interrupted)
    }

    /// Says whether the thread's body has not ended yet.
    pub fn is_alive(&self) -> bool {
        !self.shared.has_ended()
    }

    /// The name that the thread was given.
    pub fn name(&self) -> Option<&str> {
        self.shared.name.as_deref()
    }

    /// The standard library's number for the thread.
    #[doc(alias = "ident")]
    pub fn id(&self) -> ThreadId {
        self.handle.thread().id()
    }

    /// Ends the wait in which the thread is, or else its next one, where that is made for it ([`interruptible`]).
    ///
    /// Never blocks. Returns whether the thread was alive.
    pub fn interrupt(&self) -> bool {
        self.shared.flag.store(INTERRUPTED, Ordering::Release);
        if let Some((_, parker)) = self.shared.running.get() {
            parker.interrupt();
        }
        self.is_alive()
    }
}

impl Shared {
    /// The first steps of the thread itself.
    fn begin(self: &Arc<Self>) {
        let parker = Parker::current();
        // Set once, here: who interrupts before this leaves the flag, which every wait looks at first.
        let _ = self.running.set((thread::current().id(), parker));
        CURRENT.with_borrow_mut(|current| *current = Some(Arc::clone(self)));
    }

    fn has_ended(&self) -> bool {
        self.ended.is_set()
    }
}

/// Marks the thread ended, also when its body panics.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended.set();
    }
}

/// Lists the threads started here that have not ended.
#[must_use]
pub fn enumerate() -> Vec<Live> {
    let started = lock(&STARTED);
    let alive = started.iter().filter_map(Weak::upgrade);
    let alive = alive.filter(|thread| !thread.has_ended());
    alive
        .filter_map(|thread| {
            let (id, _) = thread.running.get()?;
            Some(Live {
                name: thread.name.clone(),
                id: *id,
            })
        })
        .collect()
}

/// Says `Break`, once, if the calling thread was interrupted: what the waits of [`interruptible`] ask.
///
/// On a thread that was not started here it says `Continue`.
pub fn interrupted() -> ControlFlow<Interrupted> {
    let taken = CURRENT.with_borrow(|current| {
        current
            .as_ref()
            .is_some_and(|own| own.flag.swap(CLEAR, Ordering::AcqRel) == INTERRUPTED)
    });
    if taken {
        ControlFlow::Break(Interrupted)
    } else {
        ControlFlow::Continue(())
    }
}

/// Makes a wait that [`Thread::interrupt`] ends.
///
/// `wait` passes on what it is given to a `…_unless`.
///
/// # Errors
///
/// [`Interrupted`], before the wait or in it.
///
/// # Examples
///
/// ```
/// use threeply::{
///     threading::{Event, Interrupted, Thread, interruptible},
///     time::Deadline,
/// };
///
/// let thread = Thread::spawn(|| {
///     interruptible(|asked| Event::new().wait_unless(Deadline::NEVER, asked))
/// });
/// thread.interrupt();
/// assert_eq!(thread.join().expect("it does not panic"), Err(Interrupted));
/// ```
pub fn interruptible<R>(
    wait: impl FnOnce(fn() -> ControlFlow<Interrupted>) -> Result<R, Interrupted>,
) -> Result<R, Interrupted> {
    match interrupted() {
        ControlFlow::Continue(()) => wait(interrupted),
        ControlFlow::Break(interrupted) => Err(interrupted),
    }
}
