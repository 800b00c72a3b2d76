//! Signals as they come, for whoever wants to know.
//!
//! A signal handler may do next to nothing, and there is one for each signal. A receiver takes the signals out of the
//! handler: it is told by a pipe, which the handler writes to after what was there before has run. Any number of
//! receivers, on any thread, are told of the same signal.
//!
//! # Source
//!
//! `sigaction(2)`; the "self-pipe trick" of D. J. Bernstein.

use super::{Received, SignalSet};
use crate::{
    park::{Watched, never_stop, poll},
    primitive::{Mutex, lock},
    sys::{
        deliver::{self, Place},
        relay,
    },
    time::Deadline,
};
use std::{
    io::{self, PipeReader},
    ops::ControlFlow,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
};

/// Receives each of some signals that comes to this process, from now on.
///
/// Where a signal has a handler, that runs too, before. Where it has a default effect (SIGTERM ends the process), that does
/// not come to pass as long as somebody receives the signal; what was ignored stays without effect.
///
/// # Errors
///
/// `EINVAL` for a signal that cannot be handled (SIGKILL, SIGSTOP) or is none, `QuotaExceeded` for the 65th receiver of the
/// process, and what `pipe2(2)` fails with.
///
/// # Examples
///
/// ```
/// use threeply::signal::{self, SignalSet};
///
/// let usr1 = 10;
/// let receiver = signal::receive([usr1].into_iter().collect())?;
/// signal::raise(usr1)?;
/// let received = receiver.recv()?;
/// assert_eq!(received.signal, usr1);
/// assert_eq!(received.pid.unsigned_abs(), std::process::id());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn receive(set: SignalSet) -> io::Result<Receiver> {
    let (reader, writer) = io::pipe()?;
    for end in [reader.as_fd(), writer.as_fd()] {
        rustix::io::ioctl_fionbio(end, true)?;
    }
    let receiver = Receiver {
        reader,
        set,
        place: Mutex::new(Some(Place::take(set.bits(), OwnedFd::from(writer))?)),
    };
    receiver.renew()?;
    Ok(receiver)
}

/// Where signals arrive. Dropping it ends that.
#[derive(Debug)]
pub struct Receiver {
    reader: PipeReader,
    set: SignalSet,
    /// Nothing once it is closed.
    place: Mutex<Option<Place>>,
}

impl Receiver {
    /// Waits for the next signal.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` once it is [closed](Self::close); `Unsupported` in a forked child: the receiver is the parent's; `ENOMEM`.
    pub fn recv(&self) -> io::Result<Received> {
        loop {
            if let Some(received) = self.recv_until(Deadline::NEVER)? {
                return Ok(received);
            }
        }
    }

    /// Waits for the next signal; `None` when the deadline passed first.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn recv_until(&self, deadline: Deadline) -> io::Result<Option<Received>> {
        match self.recv_unless(deadline, never_stop) {
            Ok(received) => received,
        }
    }

    /// Waits as [`recv_until`](Self::recv_until) does, unless `interrupted` says `Break`.
    ///
    /// # Errors
    ///
    /// The outer one is what `interrupted` gave as its reason, the inner one as of [`recv`](Self::recv).
    pub fn recv_unless<S>(
        &self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<io::Result<Option<Received>>, S> {
        // Where somebody set a handler, it took our place.
        if let Err(error) = self.renew() {
            return Ok(Err(error));
        }
        loop {
            match self.try_recv() {
                Ok(None) if !deadline.has_passed() => {}
                received => return Ok(received),
            }
            let mut files = [Watched::to_read(&self.reader)];
            if let Err(error) = poll(&mut files, deadline, &mut interrupted)? {
                return Ok(Err(error));
            }
        }
    }

    /// The next signal if it has come. Never waits.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn try_recv(&self) -> io::Result<Option<Received>> {
        if self.is_of_parent() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the receiver belongs to the parent process",
            ));
        }
        let received = deliver::read(self.reader.as_fd())?;
        Ok(received.map(Received::from))
    }

    /// Receives no more; what has come can still be taken. Ends every wait when that is done.
    pub fn close(&self) {
        let place = lock(&self.place).take();
        // Its end of the pipe is closed when no handler is in it.
        drop(place);
        self.set.iter().for_each(relay::tell_no_more);
    }

    /// Says whether it is closed.
    pub fn is_closed(&self) -> bool {
        lock(&self.place).is_none()
    }

    fn is_of_parent(&self) -> bool {
        lock(&self.place).as_ref().is_some_and(Place::is_of_parent)
    }

    /// Has the signals' handlers tell this receiver, where a handler that was set meanwhile does not. It is done before each
    /// wait; who waits by the descriptor does it after setting a handler.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a signal that cannot be handled.
    pub fn renew(&self) -> io::Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.set.iter().try_for_each(relay::tell_receivers)
    }

    /// Which signals it receives.
    pub fn signals(&self) -> SignalSet {
        self.set
    }

    /// How many signals were not received because too many others had come and nobody took them.
    pub fn missed(&self) -> usize {
        lock(&self.place).as_ref().map_or(0, Place::missed)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.close();
    }
}

/// Readable while a signal is there.
impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }
}
