//! Why a future has no value, and why a call was not taken.

use crate::primitive::{Mutex, lock};
use std::{any::Any, error::Error, fmt, io, panic::resume_unwind, sync::Arc};

/// Why a future has no value.
#[derive(Debug, Clone)]
pub enum Failure {
    /// It was cancelled before its call began. Python: `CancelledError`.
    Cancelled,
    /// Its call panicked. Python: the exception that the call raised.
    Panicked(Panic),
    /// The deadline passed, and it may have a value yet. Python: `TimeoutError`.
    TimedOut,
    /// The pool's initializer panicked before the call began. Python: `BrokenThreadPool`.
    Broken(Panic),
    /// Its [`Promise`](super::Promise) was dropped without a word.
    Abandoned,
    /// The value cannot be moved out: there are other handles of the future, or its callbacks run.
    Shared,
    /// The call was not taken.
    NotSubmitted(SubmitError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("the future was cancelled"),
            Self::Panicked(panic) => write!(f, "the call panicked: {panic}"),
            Self::TimedOut => f.write_str("the deadline passed before the future was done"),
            Self::Broken(panic) => write!(f, "the pool's initializer panicked: {panic}"),
            Self::Abandoned => f.write_str("the future's promise was dropped"),
            Self::Shared => f.write_str("the future has other handles"),
            Self::NotSubmitted(_) => f.write_str("the call was not submitted"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSubmitted(error) => Some(error),
            _ => None,
        }
    }
}

/// What a call panicked with.
#[derive(Clone)]
pub struct Panic(Arc<Thrown>);

struct Thrown {
    message: Box<str>,
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self(Arc::new(Thrown {
            message: text.unwrap_or("a value that is no text").into(),
            payload: Mutex::new(Some(payload)),
        }))
    }

    /// What it said, if it panicked with a text.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Takes what the call panicked with; `None` if somebody has it already.
    pub fn take(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.0.payload).take()
    }

    /// Goes on panicking on this thread, with what the call panicked with or, if somebody has that already, its message.
    ///
    /// # Panics
    ///
    /// Always.
    pub fn resume(&self) -> ! {
        let payload = self.take();
        resume_unwind(payload.unwrap_or_else(|| Box::new(self.message().to_owned())))
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

/// Why an executor did not take a call.
#[derive(Debug, Clone)]
pub enum SubmitError {
    /// As much is queued as may be. Python: `queue.Full`.
    Full,
    /// It was shut down. Python: `RuntimeError`.
    ShutDown,
    /// Its initializer panicked. Python: `BrokenThreadPool`.
    Broken(Panic),
    /// It has no worker, and the system could not make one. Python: `RuntimeError`.
    NoThread(Arc<io::Error>),
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the queue of the pool is full"),
            Self::ShutDown => f.write_str("the pool is shut down"),
            Self::Broken(panic) => write!(f, "the pool's initializer panicked: {panic}"),
            Self::NoThread(_) => f.write_str("the system could not make a thread for the pool"),
        }
    }
}

impl Error for SubmitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoThread(error) => Some(&**error),
            _ => None,
        }
    }
}
