//! A file that becomes readable when somebody says so: `eventfd(2)`.

#[cfg(not(loom))]
use std::sync::atomic::{AtomicI32, Ordering};

/// Names a bell to those who ring it; it may be closed by then, which they have to rule out.
#[derive(Debug)]
pub(crate) struct BellName(#[cfg(not(loom))] AtomicI32);

impl BellName {
    /// Names none.
    pub(crate) const fn none() -> Self {
        #[cfg(not(loom))]
        return Self(AtomicI32::new(-1));
        #[cfg(loom)]
        return Self();
    }
}

#[cfg(not(loom))]
pub(crate) use file::Bell;

#[cfg(not(loom))]
mod file {
    #![expect(unsafe_code, reason = "a bell is rung by its number")]

    use super::{BellName, Ordering};
    use rustix::event::{EventfdFlags, eventfd};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

    /// A bell; closed when it is dropped.
    #[derive(Debug)]
    pub(crate) struct Bell(OwnedFd);

    impl Bell {
        /// # Errors
        ///
        /// `EMFILE`, `ENFILE`, `ENOMEM`.
        pub(crate) fn new() -> rustix::io::Result<Self> {
            eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map(Self)
        }

        /// Makes it unreadable again.
        pub(crate) fn quiet(&self) {
            // It is not blocking: where nobody rang, there is nothing to read.
            let _ = rustix::io::read(&self.0, &mut [0; 8]);
        }

        pub(crate) fn tell(&self, name: &BellName) {
            name.0.store(self.0.as_raw_fd(), Ordering::Relaxed);
        }
    }

    impl AsFd for Bell {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }

    impl BellName {
        /// Rings the bell. Async-signal-safe: one system call, which does not wait.
        ///
        /// The caller knows that the bell is not closed yet.
        pub(crate) fn ring(&self) {
            let number = self.0.load(Ordering::Relaxed);
            let one = 1_u64.to_ne_bytes();
            // SAFETY: eight bytes that live; the kernel refuses what is no open file.
            unsafe { libc::write(number, one.as_ptr().cast(), one.len()) };
        }
    }
}

/// A model's bell: there is one at a time.
#[cfg(loom)]
pub(crate) use model::Bell;

#[cfg(loom)]
mod model {
    #![expect(clippy::unused_self, reason = "the real one has something to hold")]

    use super::BellName;
    use loom::sync::atomic::{AtomicBool, Ordering};

    loom::lazy_static! {
        static ref OPEN: AtomicBool = AtomicBool::new(false);
        static ref RUNG: AtomicBool = AtomicBool::new(false);
    }

    #[derive(Debug)]
    pub(crate) struct Bell;

    impl Bell {
        pub(crate) fn new() -> Self {
            OPEN.store(true, Ordering::Relaxed);
            RUNG.store(false, Ordering::Relaxed);
            Self
        }

        pub(crate) fn tell(&self, _: &BellName) {}

        pub(crate) fn has_rung(&self) -> bool {
            RUNG.load(Ordering::Acquire)
        }
    }

    impl Drop for Bell {
        fn drop(&mut self) {
            OPEN.store(false, Ordering::Relaxed);
        }
    }

    impl BellName {
        pub(crate) fn ring(&self) {
            assert!(
                OPEN.load(Ordering::Relaxed),
                "a bell is rung while it is open"
            );
            RUNG.store(true, Ordering::Release);
        }
    }
}
