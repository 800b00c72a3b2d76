//! The workers of one pool, and the work that waits for them.
//!
//! A pool's threads hold the crew and not the pool, so that a pool that nobody refers to any more can go: it then shuts its
//! crew down.
//!
//! # Invariants
//!
//! 1. Work enters and leaves the engine's queue only while attached, so the garbage collector never sees any on its way.
//!
//! # Source
//!
//! CPython `Lib/concurrent/futures/thread.py`, `_worker`.

mod docs;

use super::{call::Call, future::Future};
use crate::{
    error,
    ffi::{
        args::{Args, Parameters},
        method::{plain, with_args},
        native::{Class, Factory, Kept, Made, Native, This, Visit},
        object::{Answer, Object, Owned, Raised},
        wait,
    },
    seconds::{self, Seconds},
};
use pyo3::Python;
use std::{cell::Cell, sync::OnceLock};
use threeply::{
    concurrent::futures::{Next, Refused, RunBy, WorkQueue, Worker},
    time::Deadline,
};

thread_local! {
    /// The address of the crew that this thread works for, or 0.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// The value of an instance.
pub(crate) struct Crew(OnceLock<Team>);

pub(super) struct Team {
    pub(super) queue: WorkQueue<Kept<Future>>,
    futures: Factory<Future>,
}

impl Crew {
    /// The team, once it has begun.
    pub(super) fn begun(&self) -> Option<&Team> {
        self.0.get()
    }
}

impl Native for Crew {
    const HOLDS_OBJECTS: bool = true;

    fn new() -> Self {
        Self(OnceLock::new())
    }

    fn traverse(&self, visit: &mut Visit) {
        if let Some(team) = self.0.get()
            && visit.show(team.futures.class())
        {
            team.queue.visit(|future| visit.show(future.held()));
        }
    }

    fn clear(&self, _py: Python<'_>) {
        if let Some(team) = self.0.get() {
            drop(team.queue.drain());
        }
    }
}

const INIT: Parameters<3> = Parameters {
    function: "Crew",
    names: [c"max_workers", c"futures", c"max_queue"],
    required: 2,
};
const WORK: Parameters<1> = Parameters {
    function: "work",
    names: [c"log"],
    required: 1,
};
const ADD: Parameters<4> = Parameters {
    function: "add",
    names: [c"call", c"args", c"kwargs", c"priority"],
    required: 4,
};
const TIMEOUT: Parameters<1> = Parameters {
    function: "wait_for_room",
    names: [c"timeout"],
    required: 0,
};

/// Makes the class.
pub(crate) fn crew(py: Python<'_>) -> Answer<'_> {
    let Made { class, .. } = Class::new(c"Crew", docs::CREW)
        .init(init)
        .methods([
            with_args(c"work", docs::WORK, work),
            plain(c"run_one", docs::RUN_ONE, run_one),
            with_args(c"add", docs::ADD, add),
            with_args(c"wait_for_room", docs::WAIT_FOR_ROOM, wait_for_room),
            with_args(c"put", docs::PUT, put),
            plain(c"qsize", docs::QSIZE, qsize),
            plain(c"shut_down", docs::SHUT_DOWN, shut_down),
            plain(c"drain", docs::DRAIN, drain),
            plain(c"not_started", docs::NOT_STARTED, not_started),
            plain(c"forget_workers", docs::FORGET_WORKERS, forget_workers),
            plain(c"counts", docs::COUNTS, counts),
        ])
        .make(py, c"threeply.concurrent.futures", None, &[])?;
    Ok(class)
}

fn init(this: This<'_, Crew>, args: Args<'_>) -> Result<(), Raised> {
    let py = this.py();
    let [max_workers, futures, max_queue] = args.bind(&INIT)?;
    let number = |given: Option<Object<'_>>| {
        let given = given.filter(|given| !given.is_none());
        let number = given.map_or(Ok(0), Object::integer)?;
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    };
    let none = Owned::none(py);
    let Some(futures) = Factory::of(futures.unwrap_or(none.borrow())) else {
        return Err(error::type_error(
            py,
            "futures must be the class of native ones",
        ));
    };
    let team = Team {
        queue: WorkQueue::bounded(number(max_workers)?, number(max_queue)?),
        futures,
    };
    if this.0.set(team).is_err() {
        return Err(error::runtime_error(py, "a crew begins once"));
    }
    Ok(())
}

impl<'py> This<'py, Crew> {
    pub(super) fn team(self) -> Result<&'py Team, Raised> {
        let value: &'py Crew = self.value();
        value
            .0
            .get()
            .ok_or_else(|| error::runtime_error(self.py(), "the crew has not begun"))
    }

    /// What a call says of whose it is.
    pub(super) fn address(self) -> usize {
        self.object().as_ptr() as usize
    }

    /// Makes a future of a call and queues it.
    ///
    /// # Errors
    ///
    /// Of Python; the inner one says that the queue does not take it.
    #[inline]
    pub(super) fn submit(
        self,
        call: Call,
        priority: i64,
    ) -> Result<Result<(Owned<'py>, RunBy), NotTaken>, Raised> {
        let py = self.py();
        let team = self.team()?;
        let future = team.futures.make(py)?;
        let this = future.this(py);
        let object = this.object().to_owned();
        this.put_call(call);
        let added = if priority == 0 {
            team.queue.submit(future)
        } else {
            team.queue.submit_ranked(future, priority)
        };
        Ok(match added {
            Ok(by) => Ok((object, by)),
            Err(Refused::Full(_)) => Err(NotTaken::Full),
            Err(Refused::ShutDown(_)) => Err(NotTaken::ShutDown),
        })
    }
}

/// Why a crew takes no work.
pub(super) enum NotTaken {
    Full,
    ShutDown,
}

/// Says whether the calling thread is a worker.
pub(super) fn is_worker() -> bool {
    OWN.get() != 0
}

// DIFFERENCE: A call that waits for another of its pool makes it
/// Makes the call of a future that a worker waits for, if that is a call for its own crew and nobody has begun it: where
/// every worker waits so, nobody else would.
///
/// # Errors
///
/// What a callback raised that is no `Exception`.
pub(super) fn help(future: This<'_, Future>) -> Result<(), Raised> {
    let own = OWN.get();
    if own != 0 && future.is_queued_in(own) {
        return future.make_call();
    }
    Ok(())
}

fn work<'py>(this: This<'py, Crew>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [log] = args.bind(&WORK)?;
    let none = Owned::none(py);
    let log = log.unwrap_or(none.borrow());
    let team = this.team()?;
    let outer = OWN.replace(this.address());
    let mut worker = Worker::new();
    loop {
        let done = match team.queue.try_next(&mut worker) {
            Next::Work(future) => future.this(py).make_call(),
            Next::Nothing => wait::detached(py, |interrupted| {
                team.queue.wait_for_work(Deadline::NEVER, interrupted)
            })
            .map(drop),
            Next::Over => break,
        };
        // DIFFERENCE: A worker outlives what a callback raises
        // Nobody is there to be told but the log.
        if let Err(raised) = done {
            let exception = raised.into_exception(py);
            let logged = log.call(&[exception.borrow()]);
            if let Err(raised) = logged {
                drop(raised.into_exception(py));
            }
        }
    }
    OWN.set(outer);
    // It goes because there will be no more work: no other is wanted.
    let _ = team.queue.leave(worker);
    Ok(Owned::none(py))
}

fn run_one(this: This<'_, Crew>) -> Answer<'_> {
    let py = this.py();
    let taken = if OWN.get() == this.address() {
        this.team()?.queue.try_take()
    } else {
        None
    };
    if let Some(future) = &taken {
        future.this(py).make_call()?;
    }
    Ok(Owned::boolean(py, taken.is_some()))
}

fn add<'py>(this: This<'py, Crew>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [function, positional, keywords, priority] = args.bind(&ADD)?;
    let none = Owned::none(py);
    let [function, positional, keywords, priority] =
        [function, positional, keywords, priority].map(|given| given.unwrap_or(none.borrow()));
    let priority = priority.integer()?;
    let Ok(priority) = i64::try_from(priority) else {
        return Err(error::overflow_error(py, "priority must fit into 64 bits"));
    };
    let call = Call::laid_out(function, positional, keywords, this.address());
    match this.submit(call, priority)? {
        Ok((future, by)) => {
            let is_new = Owned::boolean(py, by == RunBy::New);
            Owned::tuple(py, [future, is_new])
        }
        Err(NotTaken::Full) => Ok(Owned::boolean(py, true)),
        Err(NotTaken::ShutDown) => Ok(Owned::boolean(py, false)),
    }
}

fn wait_for_room<'py>(this: This<'py, Crew>, args: Args<'py>) -> Answer<'py> {
    let py = this.py();
    let [timeout] = args.bind(&TIMEOUT)?;
    let timeout = Seconds::from_argument(timeout)?;
    let deadline = seconds::deadline(py, timeout)?;
    let team = this.team()?;
    wait::for_a_thread(py, deadline, |interrupted| {
        team.queue.wait_for_room(deadline, interrupted)
    })?;
    Ok(Owned::boolean(py, !deadline.has_passed()))
}

fn put<'py>(this: This<'py, Crew>, _: Args<'py>) -> Answer<'py> {
    shut_down(this)
}

fn qsize(this: This<'_, Crew>) -> Answer<'_> {
    Owned::integer(this.py(), this.team()?.queue.counts().queued)
}

fn shut_down(this: This<'_, Crew>) -> Answer<'_> {
    this.team()?.queue.shut_down();
    Ok(Owned::none(this.py()))
}

fn drain(this: This<'_, Crew>) -> Answer<'_> {
    let py = this.py();
    let drained: Vec<_> = this.team()?.queue.drain().into();
    Owned::list(py, drained.into_iter().map(|future| future.into_owned(py)))
}

fn not_started(this: This<'_, Crew>) -> Answer<'_> {
    this.team()?.queue.not_started();
    Ok(Owned::none(this.py()))
}

fn forget_workers(this: This<'_, Crew>) -> Answer<'_> {
    this.team()?.queue.forget_workers();
    Ok(Owned::none(this.py()))
}

fn counts(this: This<'_, Crew>) -> Answer<'_> {
    let py = this.py();
    let counts = this.team()?.queue.counts();
    let done = usize::try_from(counts.done).unwrap_or(usize::MAX);
    let [workers, idle, queued, running, done] = [
        counts.workers,
        counts.idle,
        counts.queued,
        counts.running,
        done,
    ]
    .map(|count| Owned::integer(py, count));
    Owned::tuple(py, [workers?, idle?, queued?, running?, done?])
}
