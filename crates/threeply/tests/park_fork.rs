//! A child of `fork` can use what threads of its parent were waiting for.
//!
//! Each child has a timer that kills it: what a fork leaves locked is a wait without end there.
#![cfg(not(loom))]
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![expect(unsafe_code, reason = "fork is unsafe")]
#![allow(clippy::disallowed_methods, reason = "what is tested is fork itself")]

mod support;

use std::{
    convert::Infallible,
    num::NonZeroUsize,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use support::{Limit, far, passed, until};
use threeply::{
    concurrent::futures::{Future, ThreadPoolExecutor},
    park::{Parker, WaitQueue, Wake},
    threading::{
        Barrier, BrokenBarrier, Ended, Event, Queue, RawLock, RawRLock, RawRwLock, Semaphore,
        TryGetError,
    },
    time::Deadline,
};

/// How long a child may take.
const SECONDS: libc::c_uint = 20;

enum Side {
    Parent { child: libc::pid_t },
    Child,
}

fn fork() -> Side {
    // SAFETY: the child runs the engine, the standard library's allocator and threads, all of which
    // work in a child of a process with threads on the systems that the engine supports.
    match unsafe { libc::fork() } {
        -1 => panic!("{}", std::io::Error::last_os_error()),
        0 => {
            // SAFETY: it takes a number and touches no memory.
            unsafe { libc::alarm(SECONDS) };
            Side::Child
        }
        child => Side::Parent { child },
    }
}

/// Ends the child without a word to the test harness, which it is not part of.
fn leave(is_good: bool) -> ! {
    // SAFETY: it does not return.
    unsafe { libc::_exit(i32::from(!is_good)) }
}

#[track_caller]
fn assert_good(child: libc::pid_t) {
    let mut status = 0;
    // SAFETY: `status` is ours to write.
    let reaped = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(reaped, child);
    assert!(
        !libc::WIFSIGNALED(status),
        "the child hung or died: signal {}",
        libc::WTERMSIG(status)
    );
    assert_eq!(libc::WEXITSTATUS(status), 0, "the child failed (see above)");
}

/// Runs `body` in a child and asserts that it did not panic.
#[track_caller]
fn in_child(body: impl FnOnce()) {
    match fork() {
        Side::Child => leave(catch_unwind(AssertUnwindSafe(body)).is_ok()),
        Side::Parent { child } => assert_good(child),
    }
}

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

#[test]
fn an_event_on_which_threads_wait() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| event.wait());
        }
        until(|| event.waiting() == 3);
        in_child(|| {
            assert_eq!(event.waiting(), 0);
            thread::scope(|scope| {
                scope.spawn(|| event.wait());
                until(|| event.waiting() == 1);
                event.set();
            });
            assert_eq!(event.waiting(), 0);
        });
        assert!(!event.is_set());
        event.set();
    });
}

#[test]
fn a_semaphore_on_which_threads_wait() {
    let _limit = Limit::new();
    let permits = Semaphore::new(0);
    thread::scope(|scope| {
        scope.spawn(|| permits.acquire());
        until(|| permits.waiting() == 1);
        in_child(|| {
            // Nobody of the parent's takes it.
            permits.release(1).unwrap();
            assert_eq!(permits.acquire_until(far()), Ok(()));
            assert!(permits.acquire_until(passed()).is_err());
        });
        permits.release(1).unwrap();
    });
}

#[test]
fn a_future_on_which_threads_wait() {
    let _limit = Limit::new();
    let (promise, future) = Future::promised();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| *future.result().unwrap());
        in_child(|| {
            assert!(future.result_until(passed()).is_err());
            assert!(future.cancel());
            assert!(future.result().is_err());
        });
        promise.set(7).unwrap();
        assert_eq!(waiting.join().unwrap(), 7);
    });
}

#[test]
fn a_pool_whose_workers_are_in_the_parent() {
    let _limit = Limit::new();
    let go_on = Arc::new(Event::new());
    let pool = ThreadPoolExecutor::builder().max_workers(1).build();
    let running = pool.submit({
        let go_on = Arc::clone(&go_on);
        move || go_on.wait()
    });
    let running = running.unwrap();
    until(|| running.is_running());
    let queued = pool.submit(|| 1).unwrap();
    in_child(|| {
        let own = pool.submit(|| 2).unwrap();
        assert_eq!(own.result().unwrap(), &2);
        assert!(queued.is_cancelled());
        pool.shut_down();
        pool.join();
    });
    go_on.set();
    assert_eq!(queued.result().unwrap(), &1);
}

#[test]
fn a_queue_on_which_threads_wait() {
    let _limit = Limit::new();
    let full = Queue::bounded(1);
    full.put(1).unwrap();
    let empty = Queue::unbounded();
    thread::scope(|scope| {
        let (full, empty) = (&full, &empty);
        let waiting = [
            scope.spawn(|| full.put(2).unwrap()),
            scope.spawn(|| assert_eq!(empty.get(), Ok(3))),
            scope.spawn(|| full.join()),
        ];
        in_child(|| {
            thread::scope(|scope| {
                let getter = scope.spawn(|| empty.get());
                assert_eq!(full.get(), Ok(1));
                assert_eq!(full.put_until(4, far()), Ok(()));
                empty.put(5).unwrap();
                assert_eq!(getter.join().unwrap(), Ok(5));
            });
        });
        assert_eq!(full.get(), Ok(1));
        assert_eq!(full.get(), Ok(2));
        empty.put(3).unwrap();
        assert!(full.task_done() && full.task_done());
        for thread in waiting {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_barrier_at_which_threads_wait() {
    let _limit = Limit::new();
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| barrier.wait().unwrap());
        }
        until(|| barrier.waiting() == 2);
        in_child(|| {
            // Nobody of the parent's counts.
            assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| barrier.wait().unwrap());
                }
                until(|| barrier.waiting() == 2);
                assert_eq!(barrier.wait(), Ok(2));
            });
        });
        assert_eq!(barrier.wait(), Ok(2));
    });
}

#[test]
fn a_broken_barrier_stays_so_and_can_be_reset() {
    let _limit = Limit::new();
    let barrier = Barrier::new(1);
    barrier.abort();
    in_child(|| {
        assert_eq!(barrier.wait(), Err(BrokenBarrier));
        barrier.reset();
        assert_eq!(barrier.wait(), Ok(0));
    });
    assert!(barrier.is_broken());
}

#[test]
fn a_thread_that_forks_in_a_barrier_waits_there_in_the_parent_only() {
    let _limit = Limit::new();
    let barrier = Barrier::new(2);
    let mut side = None;
    thread::scope(|scope| {
        Parker::current().interrupt();
        let waited = barrier.wait_unless(Deadline::NEVER, || {
            side = Some(fork());
            if let Some(Side::Parent { .. }) = side {
                scope.spawn(|| barrier.wait().unwrap());
            }
            go_on()
        });
        if let Some(Side::Child) = side {
            leave(
                waited == Ok(Err(BrokenBarrier)) && barrier.inside() == 0 && !barrier.is_broken(),
            );
        }
        assert_eq!(waited, Ok(Ok(0)));
    });
    if let Some(Side::Parent { child }) = side {
        assert_good(child);
    }
}

#[test]
fn a_lock_for_which_readers_and_writers_wait() {
    let _limit = Limit::new();
    let lock = RawRwLock::new();
    lock.read();
    thread::scope(|scope| {
        scope.spawn(|| {
            lock.write();
            lock.unlock_write().unwrap();
        });
        until(|| lock.waiting_writers() == 1);
        scope.spawn(|| {
            lock.read();
            lock.unlock_read().unwrap();
        });
        until(|| lock.waiting_readers() == 1);
        in_child(|| {
            // Nobody of the parent's gets it.
            lock.unlock_read().unwrap();
            assert!(lock.try_write());
            thread::scope(|scope| {
                scope.spawn(|| lock.read());
                until(|| lock.waiting_readers() == 1);
                lock.unlock_write().unwrap();
            });
            assert_eq!(lock.readers(), 1);
            lock.reset();
            assert!(lock.try_write());
        });
        lock.unlock_read().unwrap();
    });
    assert!(lock.try_write());
}

/// The writer's flag stays in the child, where no writer clears it.
#[test]
fn a_lock_for_which_a_writer_waits() {
    let _limit = Limit::new();
    let read: [fn(&RawRwLock); 2] = [RawRwLock::read, |lock| lock.unlock_read().unwrap()];
    let write: [fn(&RawRwLock); 2] = [RawRwLock::write, |lock| lock.unlock_write().unwrap()];
    for [hold, leave] in [read, write] {
        let lock = RawRwLock::new();
        hold(&lock);
        thread::scope(|scope| {
            scope.spawn(|| {
                lock.write();
                lock.unlock_write().unwrap();
            });
            until(|| lock.waiting_writers() == 1);
            in_child(|| {
                leave(&lock);
                assert!(lock.try_read());
                lock.unlock_read().unwrap();
                assert!(lock.try_write());
            });
            leave(&lock);
        });
    }
}

#[test]
fn a_lock_for_which_threads_wait() {
    let _limit = Limit::new();
    let lock = RawLock::new();
    lock.acquire();
    thread::scope(|scope| {
        scope.spawn(|| lock.acquire());
        until(|| lock.waiting() == 1);
        in_child(|| {
            // Nobody of the parent's gets it.
            assert_eq!((lock.is_held(), lock.waiting()), (true, 0));
            thread::scope(|scope| {
                let waiter = scope.spawn(|| lock.acquire_unless(far(), go_on));
                until(|| lock.waiting() == 1);
                assert!(lock.release());
                assert_eq!(waiter.join().unwrap(), Ok(true));
            });
            assert_eq!(lock.acquire_unless(passed(), go_on), Ok(false));
        });
        assert!(lock.release());
    });
    assert!(lock.is_held());
}

#[test]
fn a_re_entrant_lock_whose_owner_stayed_in_the_parent() {
    let _limit = Limit::new();
    let [me, other] = [1, 2].map(|number| NonZeroUsize::new(number).unwrap());
    let lock = RawRLock::new();
    assert!(lock.try_acquire(other) && lock.try_acquire(other));
    thread::scope(|scope| {
        scope.spawn(|| lock.acquire_all(me, 1));
        until(|| lock.waiting() == 1);
        in_child(|| {
            assert_eq!(
                (lock.owner(), lock.depth(), lock.waiting()),
                (Some(other), 2, 0)
            );
            lock.reset();
            assert!(lock.try_acquire(me) && lock.try_acquire(me));
            thread::scope(|scope| {
                let waiter = scope.spawn(|| lock.acquire_unless(other, far(), go_on));
                until(|| lock.waiting() == 1);
                assert_eq!(lock.release_all(me), Ok(2));
                assert_eq!(waiter.join().unwrap(), Ok(true));
            });
            assert_eq!((lock.owner(), lock.depth()), (Some(other), 1));
        });
        assert_eq!(lock.release_all(other), Ok(2));
    });
    assert_eq!(lock.owner(), Some(me));
}

#[test]
fn places_of_the_parents_threads_are_forgotten() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    thread::scope(|scope| {
        scope.spawn(|| queue.enter().wait(Deadline::NEVER, go_on));
        until(|| queue.len() == 1);
        in_child(|| {
            assert!(queue.is_empty());
            let place = queue.enter();
            assert_eq!((queue.wake(1), queue.len()), (1, 0));
            assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
        });
        until(|| queue.wake(1) == 1);
    });
}

#[test]
fn a_place_that_the_forking_thread_drops_leaves_the_childs_queue_alone() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let mut place = Some(queue.enter());
    in_child(|| {
        let mine = queue.enter();
        drop(place.take());
        assert_eq!((queue.len(), queue.wake(1)), (1, 1));
        assert_eq!(mine.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
    });
    drop(place);
    assert!(queue.is_empty());
}

/// It used to sleep in the child in no queue at all, where nobody could wake it.
#[test]
fn a_place_that_the_forking_thread_waits_in_is_woken_in_the_child_too() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let place = queue.enter();
    let side = fork();
    thread::scope(|scope| {
        scope.spawn(|| until(|| queue.wake(1) == 1));
        assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
    });
    assert!(queue.is_empty());
    match side {
        Side::Child => leave(true),
        Side::Parent { child } => assert_good(child),
    }
}

/// What a wait of `Queue` asks for used to lie under the queue's lock: a fork that found a waiter there left
/// the child's lock taken for ever.
#[test]
fn whatever_the_waiters_are_doing_at_the_fork() {
    let _limit = Limit::new();
    let (event, permits, queue) = (Event::new(), Semaphore::new(0), Queue::<u8>::unbounded());
    let stocked = Queue::unbounded();
    stocked.put(0).unwrap();
    let is_over = AtomicBool::new(false);
    let stop = || ControlFlow::Break(());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(event.wait_until(passed()).is_err());
                    assert!(permits.acquire_until(passed()).is_err());
                    assert_eq!(queue.wait_for_item(passed(), stop), Ok(Ended::TimedOut));
                    event.waiting();
                }
            });
        }
        // A wait that is ready spends nearly all of its time on what it asks.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                assert_eq!(stocked.wait_for_item(far(), stop), Ok(Ended::MayHaveCome));
            }
        });
        let forks = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..200 {
                in_child(|| {
                    assert!(event.wait_until(passed()).is_err());
                    assert!(permits.acquire_until(passed()).is_err());
                    assert_eq!(queue.get_until(passed()), Err(TryGetError::Empty));
                    assert_eq!(stocked.get_until(passed()), Ok(0));
                    thread::scope(|scope| {
                        scope.spawn(|| event.wait());
                        scope.spawn(|| permits.acquire());
                        scope.spawn(|| queue.get());
                        event.set();
                        permits.release(1).unwrap();
                        queue.put(1).unwrap();
                    });
                });
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        forks.unwrap();
    });
}

#[test]
fn a_wait_whose_owner_forks_goes_on_in_parent_and_child() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let mut side = None;
    thread::scope(|scope| {
        Parker::current().interrupt();
        let wake = queue.wait(
            || false,
            Deadline::NEVER,
            || {
                if side.is_none() {
                    side = Some(fork());
                    // Its waker must exist in the child too.
                    scope.spawn(|| until(|| queue.wake(1) == 1));
                }
                go_on()
            },
        );
        assert_eq!(wake, Ok(Wake::Woken));
        assert!(queue.is_empty());
    });
    match side.unwrap() {
        Side::Child => leave(true),
        Side::Parent { child } => assert_good(child),
    }
}

/// Its node used to enter the child's list again, and to stay there when the wait had returned.
#[test]
fn a_wait_that_was_woken_before_its_owner_forked_leaves_no_node_behind() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let mut side = None;
    Parker::current().interrupt();
    let wake = queue.wait(
        || false,
        Deadline::NEVER,
        || {
            assert_eq!(queue.wake(1), 1);
            side = Some(fork());
            go_on()
        },
    );
    let is_good = wake == Ok(Wake::Woken) && queue.is_empty();
    match side.unwrap() {
        Side::Child => leave(is_good),
        Side::Parent { child } => {
            assert!(is_good);
            assert_good(child);
        }
    }
}

#[test]
fn a_wait_that_ends_in_the_child_leaves_the_childs_queue_alone() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let mut side = None;
    thread::scope(|scope| {
        scope.spawn(|| queue.wait(|| false, Deadline::NEVER, go_on));
        until(|| queue.len() == 1);
        Parker::current().interrupt();
        let end = queue.wait(
            || false,
            Deadline::NEVER,
            || {
                side = Some(fork());
                ControlFlow::Break(())
            },
        );
        assert!(end.is_err_and(|stopped| !stopped.woken));
        if let Some(Side::Child) = side {
            leave(queue.is_empty());
        }
        until(|| queue.wake_all() == 1);
    });
    if let Some(Side::Parent { child }) = side {
        assert_good(child);
    }
}

#[test]
fn a_grandchild_too() {
    let _limit = Limit::new();
    let event = Event::new();
    thread::scope(|scope| {
        scope.spawn(|| event.wait());
        until(|| event.waiting() == 1);
        in_child(|| {
            thread::scope(|scope| {
                scope.spawn(|| event.wait());
                until(|| event.waiting() == 1);
                in_child(|| {
                    assert_eq!(event.waiting(), 0);
                    assert!(event.wait_until(passed()).is_err());
                });
                event.set();
            });
        });
        event.set();
    });
}
