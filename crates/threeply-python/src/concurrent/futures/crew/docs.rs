//! The docstrings of `Crew`.

use std::ffi::CStr;

pub(super) const CREW: &CStr = c"Crew(max_workers, futures, max_queue=None)
--

The workers of one pool, and the work that waits for them.

Args:
    max_workers: The most workers.
    futures: The class of the futures that it makes.
    max_queue: The most calls that nobody has begun; None for any number.";

pub(super) const WORK: &CStr = c"work($self, /, log)
--

Work until there is no more to do: what a worker's thread is for.

Args:
    log: Called with what a callback raised to end the program, or what interrupted the worker.";

pub(super) const RUN_ONE: &CStr = c"run_one($self, /)
--

Make one call that nobody has begun, if this thread is one of the workers.

Returns:
    Whether there was one.";

pub(super) const ADD: &CStr = c"add($self, /, call, args, kwargs, priority)
--

Queue a call.

Returns:
    The future and whether a worker is to be started. True where the queue is full, False where it is shut down.";

pub(super) const WAIT_FOR_ROOM: &CStr = c"wait_for_room($self, /, timeout=None)
--

Wait until a call may be taken, or none will be.

Returns:
    False when the time has passed.";

pub(super) const PUT: &CStr = c"put($self, item, /)
--

Shut down: what the end of the program does with the queues of all pools.";

pub(super) const QSIZE: &CStr = c"qsize($self, /)
--

Count the calls that nobody has begun.";

pub(super) const SHUT_DOWN: &CStr = c"shut_down($self, /)
--

Take no more calls. Workers make those that wait, and go.";

pub(super) const DRAIN: &CStr = c"drain($self, /)
--

Take out every call that nobody has begun, and return their futures.";

pub(super) const NOT_STARTED: &CStr = c"not_started($self, /)
--

Say that a worker that was to be started could not be.";

pub(super) const FORGET_WORKERS: &CStr = c"forget_workers($self, /)
--

Count no worker any more: in a forked child, where there are none.";

pub(super) const COUNTS: &CStr = c"counts($self, /)
--

Return the numbers of workers, idle ones, calls queued, running and done.";
