//! What the engine's integration tests share: a time limit, and order without sleeping.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test starts threads as it likes"
)]
#![allow(unreachable_pub, reason = "a module of a test binary")]

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};
use threeply::{park::Parker, time::Deadline};

/// Ends the process, loudly, if a test takes longer than a minute beyond `span`.
pub struct Limit(#[expect(dead_code, reason = "dropping it is the message")] Sender<()>);

impl Limit {
    pub fn new() -> Self {
        Self::beyond(Duration::ZERO)
    }

    #[allow(clippy::print_stderr, clippy::exit, reason = "a hang must be seen")]
    pub fn beyond(span: Duration) -> Self {
        let name = thread::current().name().unwrap_or("a test").to_owned();
        let (running, ended) = mpsc::channel::<()>();
        thread::spawn(move || {
            let limit = span + Duration::from_secs(60);
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                eprintln!("{name} hangs: a wake-up was lost");
                std::process::exit(101);
            }
        });
        Self(running)
    }
}

/// Lets other threads run until `done` says true. What it waits for must be certain to come.
pub fn until(mut done: impl FnMut() -> bool) {
    while !done() {
        thread::yield_now();
    }
}

/// A deadline that lies behind.
pub fn passed() -> Deadline {
    Deadline::after(Duration::ZERO)
}

/// A deadline that no test lives to see, for the waits that take one but must not need it.
pub fn far() -> Deadline {
    Deadline::after(Duration::from_secs(3600))
}

/// Starts `body` on a thread of its own and returns that thread's parker as well.
pub fn with_parker<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    body: impl FnOnce() -> T + Send + 'scope,
) -> (&'static Parker, thread::ScopedJoinHandle<'scope, T>) {
    let (here, there) = mpsc::channel();
    let handle = scope.spawn(move || {
        let _ = here.send(Parker::current());
        body()
    });
    let parker = there.recv().expect("the thread sends its parker first");
    (parker, handle)
}
