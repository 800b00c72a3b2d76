//! The wait queue and the parker keep what their documentation promises. All of it runs under miri.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test starts threads as it likes"
)]

mod support;

use std::{
    convert::Infallible,
    ops::ControlFlow,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};
use support::{Limit, passed, until, with_parker};
use threeply::{
    park::{Parker, Stopped, Unparked, WaitQueue, Wake},
    threading::RawLock,
    time::Deadline,
};

fn go_on() -> ControlFlow<Infallible> {
    ControlFlow::Continue(())
}

#[test]
fn a_wake_up_before_the_sleep_is_kept_once() {
    let parker = Parker::current();
    parker.unpark();
    parker.unpark();
    assert_eq!(parker.park(Deadline::NEVER), Unparked::Notified);
    assert_eq!(parker.park(passed()), Unparked::TimedOut);
    parker.interrupt();
    assert_eq!(parker.park(Deadline::NEVER), Unparked::Interrupted);
    assert_eq!(parker.park(passed()), Unparked::TimedOut);
}

#[test]
fn an_interruption_hides_the_notification_that_came_with_it() {
    let parker = Parker::current();
    parker.unpark();
    parker.interrupt();
    assert_eq!(parker.park(Deadline::NEVER), Unparked::Interrupted);
    assert_eq!(parker.park(passed()), Unparked::TimedOut);
}

#[test]
fn a_thread_has_one_parker_and_no_two_threads_have_the_same() {
    let mine = Parker::current();
    assert!(std::ptr::eq(mine, Parker::current()));
    let other = thread::scope(|scope| scope.spawn(Parker::current).join().unwrap());
    assert!(!std::ptr::eq(mine, other));
}

#[test]
fn a_thread_does_not_inherit_what_was_noted_for_the_one_before() {
    // Whichever parkers the threads get, new or used, none begins with a note.
    for _ in 0..20 {
        let parker = thread::spawn(|| {
            let parker = Parker::current();
            assert_eq!(parker.park(passed()), Unparked::TimedOut);
            parker.interrupt();
            parker
        });
        parker.join().unwrap();
    }
}

#[test]
fn a_wait_in_a_destructor_of_a_thread_local_works() {
    struct Waits;
    impl Drop for Waits {
        fn drop(&mut self) {
            let wake = WaitQueue::new().wait(|| false, passed(), go_on);
            assert_eq!(wake, Ok(Wake::TimedOut));
        }
    }
    thread_local!(static LAST: Waits = const { Waits });
    let thread = thread::spawn(|| {
        // Registered before the parker, so destroyed after it.
        LAST.with(|_| ());
        Parker::current().unpark();
    });
    thread.join().unwrap();
}

#[test]
fn a_wait_that_is_ready_does_not_begin() {
    let queue = WaitQueue::new();
    assert_eq!(queue.wait(|| true, passed(), go_on), Ok(Wake::Ready));
    assert!(queue.is_empty() && !queue.is_waiting());
}

#[test]
fn a_wait_whose_deadline_has_passed_leaves_the_queue_empty() {
    let queue = WaitQueue::new();
    assert_eq!(queue.wait(|| false, passed(), go_on), Ok(Wake::TimedOut));
    assert!(queue.is_empty() && !queue.is_waiting());
    assert_eq!(queue.wake_all(), 0);
}

#[test]
fn a_gate_survives_a_panic_of_the_check() {
    let queue = WaitQueue::new();
    let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        queue.wait(|| panic!("the check fails"), passed(), go_on)
    }));
    assert!(checked.is_err());
    assert!(queue.is_empty());
    assert_eq!(queue.wait(|| false, passed(), go_on), Ok(Wake::TimedOut));
}

#[test]
fn threads_are_woken_in_the_order_in_which_they_came() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let (queue, order) = (&queue, &order);
        for number in 0..4 {
            scope.spawn(move || {
                queue.wait(|| false, Deadline::NEVER, go_on).unwrap();
                order.lock().unwrap().push(number);
            });
            until(|| queue.len() == number + 1);
        }
        for woken in 1..=4 {
            assert_eq!(queue.wake(1), 1);
            until(|| order.lock().unwrap().len() == woken);
        }
    });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
}

#[test]
fn the_last_to_come_can_be_woken_first() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let woken = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let (queue, woken) = (&queue, &woken);
        for name in 0..4 {
            scope.spawn(move || {
                let wake = queue.wait(|| false, Deadline::NEVER, go_on);
                woken.lock().unwrap().push(name);
                assert_eq!(wake, Ok(Wake::Woken));
            });
            until(|| queue.len() == name + 1);
        }
        for count in 1..=4 {
            // The third to be woken is the one that has waited longest.
            let is_woken = if count == 3 {
                queue.wake(1) == 1
            } else {
                queue.wake_last()
            };
            assert!(is_woken);
            until(|| woken.lock().unwrap().len() == count);
        }
    });
    assert_eq!(*woken.lock().unwrap(), [3, 2, 0, 1]);
    assert!(!queue.wake_last());
}

#[test]
fn a_wake_up_of_most_leaves_the_rest() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| queue.wait(|| false, Deadline::NEVER, go_on));
        }
        until(|| queue.len() == 3);
        assert_eq!(queue.wake(0), 0);
        assert_eq!(queue.wake(2), 2);
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.wake_all(), 1);
    });
    assert!(queue.is_empty());
}

#[test]
fn the_first_the_middle_and_the_last_leave_the_ring_whole() {
    let _limit = Limit::new();
    for leaves in 0..3_usize {
        let queue = WaitQueue::new();
        let woken = AtomicUsize::new(0);
        // A late interruption of a thread before, which had the same parker, must not count.
        let leaving = AtomicUsize::new(usize::MAX);
        thread::scope(|scope| {
            let mut parkers = Vec::new();
            for place in 0..3 {
                let (queue, woken, leaving) = (&queue, &woken, &leaving);
                let (parker, _) = with_parker(scope, move || {
                    let asked = || {
                        if leaving.load(Ordering::SeqCst) == place {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    };
                    let end = queue.wait(|| false, Deadline::NEVER, asked);
                    if end == Ok(Wake::Woken) {
                        woken.fetch_add(1, Ordering::SeqCst);
                    } else {
                        let woken = false;
                        assert_eq!(end, Err(Stopped { reason: (), woken }));
                    }
                });
                parkers.push(parker);
                until(|| queue.len() == place + 1);
            }
            leaving.store(leaves, Ordering::SeqCst);
            parkers[leaves].interrupt();
            until(|| queue.len() == 2);
            assert_eq!(queue.wake_all(), 2);
        });
        assert_eq!(woken.into_inner(), 2);
    }
}

#[test]
fn a_stopped_wait_says_whether_it_had_been_woken() {
    let queue = WaitQueue::new();
    for woken in [false, true] {
        Parker::current().interrupt();
        let end = queue.wait(
            || false,
            Deadline::NEVER,
            || {
                if woken {
                    assert_eq!(queue.wake(1), 1);
                }
                ControlFlow::Break("enough")
            },
        );
        let reason = "enough";
        assert_eq!(end, Err(Stopped { reason, woken }));
        assert!(queue.is_empty());
    }
}

#[test]
fn nodes_on_many_stacks_come_and_go_at_once() {
    let _limit = Limit::new();
    let rounds = if cfg!(miri) { 20 } else { 2000 };
    let queue = WaitQueue::new();
    let waits = AtomicUsize::new(3 * rounds);
    let told = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let woken = thread::scope(|scope| {
        let waiters = [(); 3].map(|()| {
            let (parker, waiter) = with_parker(scope, || {
                for round in 0..rounds {
                    let deadline = if round % 3 == 0 {
                        passed()
                    } else {
                        Deadline::NEVER
                    };
                    let mut stop = || ControlFlow::Break(());
                    let end = queue.wait(|| false, deadline, &mut stop);
                    let was_woken =
                        matches!(end, Ok(Wake::Woken) | Err(Stopped { woken: true, .. }));
                    told.fetch_add(usize::from(was_woken), Ordering::SeqCst);
                    waits.fetch_sub(1, Ordering::SeqCst);
                }
            });
            (parker, waiter)
        });
        let parkers = waiters.each_ref().map(|(parker, _)| *parker);
        let interrupter = scope.spawn({
            let is_over = &is_over;
            move || {
                while !is_over.load(Ordering::SeqCst) {
                    for parker in parkers {
                        parker.interrupt();
                    }
                    thread::yield_now();
                }
            }
        });
        let mut woken = 0;
        while waits.load(Ordering::SeqCst) > 0 {
            woken += queue.wake(2);
            thread::yield_now();
        }
        for (_, waiter) in waiters {
            waiter.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
        interrupter.join().unwrap();
        woken
    });
    assert_eq!(told.into_inner(), woken);
    assert!(queue.is_empty());
}

#[test]
fn a_place_that_is_dropped_leaves_the_queue() {
    let queue = WaitQueue::new();
    let place = queue.enter();
    assert_eq!(queue.len(), 1);
    drop(place);
    assert!(queue.is_empty() && !queue.is_waiting());
    assert_eq!(queue.wake(1), 0);
}

#[test]
fn a_place_that_is_dropped_after_its_wake_up_passes_it_on() {
    let queue = WaitQueue::new();
    let (first, second) = (queue.enter(), queue.enter());
    assert_eq!(queue.wake(1), 1);
    assert_eq!(queue.len(), 1);
    drop(first);
    assert!(queue.is_empty());
    assert_eq!(second.wait(passed(), go_on), Ok(Wake::Woken));
}

#[test]
fn a_place_that_was_woken_before_the_wait_does_not_sleep() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    let place = queue.enter();
    assert_eq!(queue.wake(1), 1);
    assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
    assert!(queue.is_empty());
}

#[test]
#[expect(
    clippy::mem_forget,
    reason = "what is tested is a place that is forgotten"
)]
fn a_place_that_is_forgotten_is_woken_in_its_turn_and_harms_nobody() {
    let _limit = Limit::new();
    let queue = WaitQueue::new();
    // Its thread is gone when it is woken.
    thread::scope(|scope| {
        scope.spawn(|| std::mem::forget(queue.enter()));
    });
    assert_eq!(queue.len(), 1);
    let place = queue.enter();
    assert_eq!((queue.wake(1), queue.len()), (1, 1));
    assert_eq!((queue.wake(1), queue.len()), (1, 0));
    assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
}

#[test]
fn a_place_whose_deadline_passes_leaves_the_queue() {
    let queue = WaitQueue::new();
    assert_eq!(queue.enter().wait(passed(), go_on), Ok(Wake::TimedOut));
    assert!(queue.is_empty() && !queue.is_waiting());
}

#[test]
fn a_stopped_place_says_whether_it_had_been_woken() {
    let queue = WaitQueue::new();
    for woken in [false, true] {
        let place = queue.enter();
        Parker::current().interrupt();
        let end = place.wait(Deadline::NEVER, || {
            if woken {
                assert_eq!(queue.wake(1), 1);
            }
            ControlFlow::Break("enough")
        });
        let reason = "enough";
        assert_eq!(end, Err(Stopped { reason, woken }));
        assert!(queue.is_empty());
    }
}

#[test]
fn a_condition_made_of_a_lock_and_a_queue_hands_a_turn_around() {
    let _limit = Limit::new();
    let rounds = if cfg!(miri) { 10 } else { 500 };
    let (lock, changed) = (RawLock::new(), WaitQueue::new());
    let turn = AtomicUsize::new(0);
    thread::scope(|scope| {
        for me in 0..2 {
            let (lock, changed, turn) = (&lock, &changed, &turn);
            scope.spawn(move || {
                for round in 0..rounds {
                    lock.acquire();
                    // Relaxed: the lock orders it.
                    while turn.load(Ordering::Relaxed) != 2 * round + me {
                        let place = changed.enter();
                        lock.release();
                        assert_eq!(place.wait(Deadline::NEVER, go_on), Ok(Wake::Woken));
                        lock.acquire();
                    }
                    turn.fetch_add(1, Ordering::Relaxed);
                    changed.wake_all();
                    lock.release();
                }
            });
        }
    });
    assert_eq!(turn.into_inner(), 2 * rounds);
    assert!(changed.is_empty() && !lock.is_held());
}
