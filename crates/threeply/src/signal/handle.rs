//! Functions that are called when a signal comes.
//!
//! A handler of C may do next to nothing: it interrupts a thread anywhere. These may do anything, for each runs on a thread of
//! its own, which a [receiver](super::receive) tells. Several for one signal do not know of each other.
//!
//! # After fork
//!
//! The threads are the parent's, and so are the handlers: in the child the signal does what it did before.
//!
//! # Source
//!
//! CPython `signal.signal`; `sigaction(2)`.

use super::{How, Received, Receiver, SignalSet, change_mask, receive};
use crate::sys::relay;
use std::{
    io,
    mem::ManuallyDrop,
    sync::Arc,
    thread::{self, JoinHandle},
};

/// Has `handler` called with each signal of this number that comes to this process, until what this returns is dropped.
///
/// Any number of handlers may be set for one signal, and each is called. One handler is called with one signal after the
/// other, on its own thread, which has the mask of the caller. A handler of C that the signal has runs as well, before; a
/// default effect does not come to pass; what was ignored stays without effect. A handler that panics is called no more.
///
/// # Errors
///
/// `InvalidInput` for what is no signal, those of [`receive`], and what starting a thread fails with.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// use threeply::signal;
///
/// let usr1 = 10;
/// let (sender, told) = mpsc::channel();
/// let handling = signal::signal(usr1, move |received| {
///     let _ = sender.send(received.pid);
/// })?;
/// signal::raise(usr1)?;
/// assert_eq!(told.recv().unwrap().unsigned_abs(), std::process::id());
/// drop(handling);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Source
///
/// CPython `signal.signal`, of which there is one for each signal; `sigaction(2)`.
#[doc(alias = "add_handler")]
#[doc(alias = "add_signal_handler")]
pub fn signal(
    signal: i32,
    mut handler: impl FnMut(Received) + Send + 'static,
) -> io::Result<Handling> {
    let mut only = SignalSet::EMPTY;
    only.insert(signal)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let receiver = Arc::new(receive(only)?);
    let its = Ended(Arc::clone(&receiver));
    let thread = thread::Builder::new()
        .name(format!("signal-{signal}"))
        .spawn(move || {
            // Closed by then, or a forked child's, which has no such thread.
            while let Ok(received) = its.0.recv() {
                handler(received);
            }
        })?;
    Ok(Handling {
        receiver,
        thread: Some(thread),
    })
}

/// What the thread has of the receiver: it ends with the thread, also where the handler panicked.
struct Ended(Arc<Receiver>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A handler that is called. Dropping it ends that, and waits for a call that is under way; but not in that call itself.
#[derive(Debug)]
#[must_use = "the handler is called no more when this is dropped"]
pub struct Handling {
    receiver: Arc<Receiver>,
    /// Always one, but for the drop.
    thread: Option<JoinHandle<()>>,
}

impl Handling {
    /// Leaves the handler for as long as the process lives.
    pub fn keep(self) {
        // What it holds, the thread holds as well.
        let _kept = ManuallyDrop::new(self);
    }

    /// How many signals the handler was not called with because too many others had come meanwhile.
    pub fn missed(&self) -> usize {
        self.receiver.missed()
    }

    /// Says whether the handler is called no more, since it panicked.
    pub fn is_over(&self) -> bool {
        self.receiver.is_closed()
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        self.receiver.close();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // A panic was told by its hook.
            let _ = thread.join();
        }
    }
}

/// Does what the signal does by default: SIGINT, SIGTERM and most others end the process, which is seen to have died of it.
///
/// It is for the end of a handler that cleans up, or as a handler itself. Other handlers and receivers of this signal get
/// no further one: where its default is to be ignored, it stays at that.
///
/// # Examples
///
/// ```
/// use threeply::signal::{self, default_int_handler};
///
/// let int = 2;
/// let handling = signal::signal(int, |received| {
///     println!("cleaning up");
///     default_int_handler(received);
/// })?;
/// # drop(handling);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Source
///
/// CPython `signal.default_int_handler`, which raises `KeyboardInterrupt`; "Proper handling of SIGINT/SIGQUIT" by M. Cracauer.
pub fn default_int_handler(received: Received) {
    let only = [received.signal].into_iter().collect();
    relay::take_default_effect(received.signal);
    // It cannot fail for a signal that came.
    let _ = change_mask(How::Unblock, only);
}
