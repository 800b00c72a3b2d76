//! The one door to atomics, locks and spinning: the standard ones, or loom's.
//!
//! A model run (`RUSTFLAGS="--cfg loom"`) replaces them all, so that loom can try every order of
//! their operations. Whatever shares memory between threads takes its tools from here.

#[cfg(loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{Mutex, MutexGuard, atomic::Ordering},
};

#[cfg(loom)]
pub(crate) use model::{AtomicU8, AtomicU32, AtomicUsize};

/// Also in a model, which takes it for granted: what is beside it orders the rest.
pub(crate) use std::sync::OnceLock;

#[cfg(not(loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

/// loom's atomics, with loads and stores that are truly `SeqCst` where the code says so.
///
/// loom takes `SeqCst` for `AcqRel` in part (its README): a `SeqCst` load may read an older value than that of
/// the last `SeqCst` store, which no machine does, and every "set mine, look at yours" would fail its model. A
/// read-modify-write reads and writes the latest value. What is weaker stays as weak as loom has it.
#[cfg(loom)]
mod model {
    use super::Ordering;
    use loom::sync::atomic;
    use std::ops::Deref;

    macro_rules! atomic {
        ($name:ident, $value:ty) => {
            #[derive(Debug, Default)]
            pub(crate) struct $name(atomic::$name);

            impl $name {
                pub(crate) fn new(value: $value) -> Self {
                    Self(atomic::$name::new(value))
                }

                pub(crate) fn load(&self, order: Ordering) -> $value {
                    match order {
                        // Acquire: a load releases nothing.
                        Ordering::SeqCst => self.0.fetch_add(0, Ordering::Acquire),
                        weaker => self.0.load(weaker),
                    }
                }

                #[allow(dead_code, reason = "of the two atomics, one is stored to so")]
                pub(crate) fn store(&self, value: $value, order: Ordering) {
                    match order {
                        Ordering::SeqCst => drop(self.0.swap(value, Ordering::SeqCst)),
                        weaker => self.0.store(value, weaker),
                    }
                }

                #[allow(dead_code, reason = "of the two atomics, one is updated so")]
                pub(crate) fn fetch_update(
                    &self,
                    set: Ordering,
                    fetch: Ordering,
                    change: impl Fn($value) -> Option<$value>,
                ) -> Result<$value, $value> {
                    let mut now = self.load(fetch);
                    while let Some(next) = change(now) {
                        match self.0.compare_exchange(now, next, set, fetch) {
                            Ok(before) => return Ok(before),
                            Err(other) => now = other,
                        }
                    }
                    Err(now)
                }
            }

            impl Deref for $name {
                type Target = atomic::$name;

                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }
        };
    }

    atomic!(AtomicU8, u8);
    atomic!(AtomicU32, u32);
    atomic!(AtomicUsize, usize);
}

/// A cell whose content is reached through a closure, in the shape of loom's.
#[cfg(not(loom))]
#[derive(Debug, Default)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Says that the caller runs a short loop until another thread has moved on.
#[inline]
pub(crate) fn spin_hint() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::hint::spin_loop();
}

/// Locks a mutex that no panic can leave in a bad state.
///
/// The engine runs nothing of a caller's under its locks, so a poisoned one can only follow a
/// panic of our own; what it guards was changed by then or not at all.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}
