#![expect(
    unsafe_code,
    reason = "the nodes of the queue lie on the stacks of waiting threads, or in their boxes"
)]
//! Threads that wait for the same thing, in the order in which they came.
//!
//! The one shape of wait queue in the engine: 16 bytes, no allocation to wait, and a wait that
//! ends by wake-up, deadline or interruption, whichever comes first. A primitive keeps its own
//! state beside it and changes that state *before* it wakes. Four of the 16 bytes are a gap: a primitive may keep there what
//! is small enough ([`WaitQueue::beside`]).
//!
//! # State
//!
//! The gate, one word:
//!
//! | bits         | meaning                                                       |
//! |--------------|---------------------------------------------------------------|
//! | `LOCKED`     | a thread reads or changes the list                            |
//! | `CONTENDED`  | another thread sleeps until `LOCKED` is gone                  |
//! | `WAITING`    | the list was not empty when the gate was opened last          |
//! | the rest     | the fork generation in which the word was last written        |
//!
//! A node: `WAITING` in the list, then `WOKEN` once, for ever.
//!
//! # Invariants
//!
//! 1. `head` and all links are read and written only by the thread that set `LOCKED`.
//! 2. A linked node lives: its thread leaves [`WaitQueue::wait`] or ends its [`Place`] only after the node is unlinked, by
//!    itself or by a waker, and a waker's last access to a node is the store of `WOKEN`.
//! 3. The list is a ring: following `next` from `head` visits every node once, `prev` the same backwards.
//! 4. While `LOCKED` is clear, `WAITING` is set exactly if the list is not empty.
//! 5. A thread that waits again within a wait of its own (a signal's handler does, in `interrupted`) is first served in the
//!    innermost: a wake-up that reaches it for a wait further out has it ask anew.
//!
//! # Memory ordering
//!
//! A waiter sets a bit of the gate, then reads the primitive's state; a waker changes that state, then reads
//! the gate. One of the two must see the other, so both pairs are `SeqCst`: the gate's lock and
//! [`WaitQueue::is_waiting`] here, the state's change and check in the primitive (or a lock around it).
//! `WOKEN` is released and acquired. Links need none: the gate orders them.
//!
//! # After fork
//!
//! In the child the nodes belong to threads that are gone, on stacks that new threads may get. A gate
//! of an older generation counts as open and its list as empty; whoever meets it first writes it anew. A
//! thread that forks in `interrupted`, or between `enter` and [`Place::wait`], enters the new list again. A fork in a signal handler itself (which POSIX does
//! not allow) is not provided for.
//!
//! # Source
//!
//! The ring of nodes on stacks is that of `parking_lot_core`'s buckets and of `std::sync::RwLock`
//! (`sys/sync/rwlock/queue.rs`).

use crate::{
    park::{Parker, Spin, Unparked},
    primitive::{AtomicU8, AtomicU32, Ordering, UnsafeCell, spin_hint},
    sys::fork,
    time::Deadline,
};
use std::{
    cell::Cell,
    marker::PhantomPinned,
    mem::ManuallyDrop,
    ops::ControlFlow,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr::{self, NonNull},
};

const LOCKED: u32 = 1 << 0;
const CONTENDED: u32 = 1 << 1;
const WAITING: u32 = 1 << 2;
const FLAGS: u32 = LOCKED | CONTENDED | WAITING;
const GENERATION_SHIFT: u32 = 3;

/// How often a thread looks at a locked gate before it sleeps. A model tries every order anyway.
const LOOKS: u32 = if cfg!(loom) { 0 } else { 64 };

/// How many woken threads a wake-up notes without an allocation.
const NOTED: usize = 16;

/// How soon wake-ups tend to come.
static WAKE_UPS: Spin = Spin::new();

/// A queue of waiting threads, first come, first woken.
///
/// # Examples
///
/// A gate that opens once:
///
/// ```
/// use std::{ops::ControlFlow, sync::atomic::{AtomicBool, Ordering}, thread};
/// use threeply::{park::WaitQueue, time::Deadline};
///
/// let open = AtomicBool::new(false);
/// let queue = WaitQueue::new();
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         let is_open = || open.load(Ordering::SeqCst);
///         queue.wait(is_open, Deadline::NEVER, || ControlFlow::<()>::Continue(()))
///     });
///     open.store(true, Ordering::SeqCst);
///     queue.wake_all();
/// });
/// ```
#[derive(Debug)]
pub struct WaitQueue {
    gate: AtomicU32,
    beside: [AtomicU8; 4],
    head: UnsafeCell<*const Node>,
}

#[cfg(all(target_pointer_width = "64", not(loom)))]
const _: () = assert!(size_of::<WaitQueue>() == 16);

/// Why a wait ended well or in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// It had not begun: the caller's closure said that there was nothing to wait for.
    Ready,
    /// Another thread took this one out of the queue.
    Woken,
    /// The deadline passed.
    TimedOut,
}

/// A wait that its owner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped<S> {
    /// What the owner said when it was asked.
    pub reason: S,
    /// Whether a wake-up had reached the thread as well. A primitive that wakes one thread for
    /// one event then wakes another in its place.
    pub woken: bool,
}

// SAFETY: the raw pointers are followed only under the gate (invariant 1), to nodes that live
// (invariant 2); a node's thread and its waker share only atomics and a `&'static Parker`.
unsafe impl Send for WaitQueue {}
// SAFETY: as above.
unsafe impl Sync for WaitQueue {}

// Nothing of a caller's that may panic runs while the links are being changed.
impl RefUnwindSafe for WaitQueue {}
impl UnwindSafe for WaitQueue {}

impl WaitQueue {
    /// Makes an empty queue.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            gate: AtomicU32::new(0),
            beside: [const { AtomicU8::new(0) }; 4],
            head: UnsafeCell::new(ptr::null()),
        }
    }

    /// Makes an empty queue.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            gate: AtomicU32::new(0),
            beside: std::array::from_fn(|_| AtomicU8::new(0)),
            head: UnsafeCell::new(ptr::null()),
        }
    }

    /// Four bytes for the primitive that owns the queue, which never looks at them. They fill a gap.
    #[inline]
    pub(crate) fn beside(&self) -> &[AtomicU8; 4] {
        &self.beside
    }

    /// Says whether a thread waits. `SeqCst`: a waker asks this after it changed the state.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.gate.load(Ordering::SeqCst) & (WAITING | LOCKED) != 0
    }

    /// Counts the waiting threads.
    pub fn len(&self) -> usize {
        // A fork that finds this thread at the gate must count, as one that finds it waiting.
        fork::watch();
        let gate = self.lock();
        let count = gate.nodes().count();
        drop(gate);
        count
    }

    /// Says whether no thread waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until another thread wakes this one.
    ///
    /// `ready` is asked when every later wake-up is sure to find this thread; if it says true, the
    /// wait is over before it began. It runs under the queue's gate: it must be short, and must
    /// neither wait nor wake. `interrupted` is asked each time the sleep is interrupted
    /// ([`Parker::interrupt`], a signal handler on this thread), outside of the gate; `Continue` keeps the thread's
    /// place in the queue.
    ///
    /// # Errors
    ///
    /// [`Stopped`] when `interrupted` said `Break`.
    pub fn wait<S>(
        &self,
        mut ready: impl FnMut() -> bool,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Wake, Stopped<S>> {
        fork::watch();
        let node = Node::new();
        if !self.link(&node, &mut ready) {
            return Ok(Wake::Ready);
        }
        if WAKE_UPS.look_until(deadline, || node.is_woken()) {
            return Ok(Wake::Woken);
        }
        // From here to the return the node is unlinked (invariant 2); a panic of `interrupted`
        // would break that, so it ends the process.
        let bomb = Unlinked;
        let end = self.sleep(&node, &mut ready, deadline, &mut interrupted);
        bomb.defuse();
        end
    }

    /// Takes a place in the queue without waiting yet: a wake-up from now on may reach this thread, which
    /// finds it when it comes to [`Place::wait`].
    pub fn enter(&self) -> Place<'_> {
        fork::watch();
        let node = NonNull::from(Box::leak(Box::new(Node::new())));
        // SAFETY: a node that was just made, and lives until its place ends.
        self.link(unsafe { node.as_ref() }, &mut || false);
        Place { queue: self, node }
    }

    /// Sleeps until the linked `node` is woken or the wait ends otherwise. It is unlinked then.
    fn sleep<S>(
        &self,
        node: &Node,
        ready: &mut impl FnMut() -> bool,
        deadline: Deadline,
        interrupted: &mut impl FnMut() -> ControlFlow<S>,
    ) -> Result<Wake, Stopped<S>> {
        loop {
            if node.is_woken() {
                return Ok(Wake::Woken);
            }
            match node.parker.park(deadline) {
                // It may have been for a wait further out on this thread, which `interrupted` of that one is in: nobody
                // goes on there before this wait ends, so it takes what the wake-up was about.
                Unparked::Notified => {
                    if self.leave_if(node, ready) {
                        return Ok(Wake::Ready);
                    }
                }
                Unparked::TimedOut => {
                    return Ok(if self.unlink(node) {
                        Wake::TimedOut
                    } else {
                        Wake::Woken
                    });
                }
                Unparked::Interrupted => {
                    if let ControlFlow::Break(reason) = interrupted() {
                        return Err(Stopped {
                            reason,
                            woken: !self.unlink(node),
                        });
                    }
                    // A handler that forked comes back twice; the child's list is a new one. A node that
                    // was woken before stays out of it: nobody would take it out again.
                    if !node.is_woken() && node.is_forgotten() && !self.link(node, ready) {
                        return Ok(Wake::Ready);
                    }
                    // A wake-up for a wait further out may have come along.
                    if self.leave_if(node, ready) {
                        return Ok(Wake::Ready);
                    }
                }
            }
        }
    }

    /// Wakes up to `most` threads, those that came first, and returns how many.
    #[inline]
    pub fn wake(&self, most: usize) -> usize {
        if self.is_waiting() {
            self.wake_slow(most)
        } else {
            0
        }
    }

    /// Wakes the thread that came last, and says whether one waits.
    ///
    /// For threads that all do the same: the one that has slept for the shortest time has its memory at hand, and may
    /// not even be asleep yet. The others may wait for ever.
    #[inline]
    pub fn wake_last(&self) -> bool {
        self.is_waiting() && self.wake_last_slow()
    }

    /// Wakes every thread that waits at this moment, and returns how many.
    #[inline]
    pub fn wake_all(&self) -> usize {
        self.wake(usize::MAX)
    }

    /// Wakes as many threads as `choose` says, those that came first, and returns how many.
    ///
    /// `choose` is told how many wait. It runs under the queue's gate, before any of them knows: a primitive that
    /// hands itself over keeps its state in step with the queue there, as in the `ready` of [`wait`](Self::wait). Like
    /// that one it must be short, and must neither wait nor wake.
    pub fn wake_some(&self, choose: impl FnOnce(usize) -> usize) -> usize {
        // As in `len`.
        fork::watch();
        let gate = self.lock();
        let most = choose(gate.nodes().count());
        Self::wake_first(gate, most)
    }

    #[cold]
    fn wake_slow(&self, most: usize) -> usize {
        Self::wake_first(self.lock(), most)
    }

    #[cold]
    fn wake_last_slow(&self) -> bool {
        let mut gate = self.lock();
        let parker = gate.pop_last();
        drop(gate);
        parker.inspect(|parker| parker.unpark()).is_some()
    }

    fn wake_first(mut gate: Gate<'_>, most: usize) -> usize {
        let mut first: [Option<&'static Parker>; NOTED] = [None; NOTED];
        let mut more: Vec<&'static Parker> = Vec::new();
        let mut count = 0;
        while count < most
            && let Some(parker) = gate.pop()
        {
            match first.get_mut(count) {
                Some(slot) => *slot = Some(parker),
                None => more.push(parker),
            }
            count += 1;
        }
        drop(gate);
        for parker in first.into_iter().flatten().chain(more) {
            parker.unpark();
        }
        count
    }

    /// Links `node` at the end unless `ready` says that there is nothing to wait for.
    fn link(&self, node: &Node, ready: &mut impl FnMut() -> bool) -> bool {
        let mut gate = self.lock();
        // The gate is locked, which `is_waiting` counts as waiting: a waker that changes the state
        // after this answer comes to the gate and finds the node.
        if ready() {
            return false;
        }
        node.generation.set(gate.generation);
        gate.push(node);
        true
    }

    /// Takes `node` out of the list if `ready` says that there is nothing to wait for any more.
    ///
    /// False as well if a waker took it out, or it is in a parent process's list.
    fn leave_if(&self, node: &Node, ready: &mut impl FnMut() -> bool) -> bool {
        if node.is_woken() {
            return false;
        }
        let mut gate = self.lock();
        if node.is_woken() || node.generation.get() != gate.generation || !ready() {
            return false;
        }
        gate.remove(node);
        true
    }

    /// Takes `node` out of the list; false if a waker already did.
    fn unlink(&self, node: &Node) -> bool {
        let mut gate = self.lock();
        if node.is_woken() {
            return false;
        }
        if node.generation.get() == gate.generation {
            gate.remove(node);
        }
        true
    }

    #[inline]
    fn lock(&self) -> Gate<'_> {
        let fresh = fork::generation() << GENERATION_SHIFT;
        let seen = self.gate.load(Ordering::Relaxed);
        if seen & !FLAGS == fresh && seen & LOCKED == 0 {
            // SeqCst: see "Memory ordering". It also acquires what the last holder released.
            let locked = self.gate.compare_exchange(
                seen,
                seen | LOCKED,
                Ordering::SeqCst,
                Ordering::Relaxed,
            );
            if locked.is_ok() {
                return Gate {
                    queue: self,
                    generation: fresh,
                };
            }
        }
        self.lock_contended(fresh)
    }

    #[cold]
    fn lock_contended(&self, fresh: u32) -> Gate<'_> {
        let gate = Gate {
            queue: self,
            generation: fresh,
        };
        let mut looks = LOOKS;
        // Once this thread has slept, others may sleep too: it keeps the mark for them.
        let mut mark = 0;
        loop {
            let seen = self.gate.load(Ordering::Relaxed);
            let stale = seen & !FLAGS != fresh;
            if stale || seen & LOCKED == 0 {
                let kept = if stale { fresh } else { seen };
                let locked = kept | LOCKED | mark;
                let swapped =
                    self.gate
                        .compare_exchange(seen, locked, Ordering::SeqCst, Ordering::Relaxed);
                if swapped.is_ok() {
                    if stale {
                        gate.set_head(ptr::null());
                    }
                    return gate;
                }
            } else if looks > 0 {
                looks -= 1;
                spin_hint();
            } else {
                mark = CONTENDED;
                self.sleep_until_unlocked(seen);
            }
        }
    }

    fn sleep_until_unlocked(&self, seen: u32) {
        let marked = seen | CONTENDED;
        let is_marked = seen & CONTENDED != 0
            || self
                .gate
                .compare_exchange(seen, marked, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_marked {
            crate::sys::futex::wait(&self.gate, marked, None);
        }
    }
}

impl Default for WaitQueue {
    fn default() -> Self {
        Self::new()
    }
}

/// A place in a queue, held while its thread does something else first: releases a lock, say.
///
/// Dropping it leaves the queue; a wake-up that had reached it is passed on to the next thread then.
#[derive(Debug)]
pub struct Place<'a> {
    queue: &'a WaitQueue,
    /// On the heap, so that a place that is forgotten stays linked to a node that lives (invariant 2).
    node: NonNull<Node>,
}

impl Place<'_> {
    /// Waits until another thread wakes this one; at once if one did since [`WaitQueue::enter`].
    ///
    /// `interrupted` is asked as by [`WaitQueue::wait`].
    ///
    /// # Errors
    ///
    /// [`Stopped`] when `interrupted` said `Break`.
    pub fn wait<S>(
        self,
        deadline: Deadline,
        mut interrupted: impl FnMut() -> ControlFlow<S>,
    ) -> Result<Wake, Stopped<S>> {
        let Self { queue, node } = *ManuallyDrop::new(self);
        // SAFETY: `enter` made the node, and it is freed below at the earliest.
        let linked = unsafe { node.as_ref() };
        let bomb = Unlinked;
        // Whoever forked since `enter` has its place in the parent's list only. A node that was woken stays out,
        // as in `sleep`.
        if !linked.is_woken() && linked.is_forgotten() {
            queue.link(linked, &mut || false);
        }
        let end = if WAKE_UPS.look_until(deadline, || linked.is_woken()) {
            Ok(Wake::Woken)
        } else {
            queue.sleep(linked, &mut || false, deadline, &mut interrupted)
        };
        bomb.defuse();
        // SAFETY: `enter` made it from a box, and it is unlinked: nobody else knows it any more.
        drop(unsafe { Box::from_raw(node.as_ptr()) });
        end
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // SAFETY: `enter` made the node, and it is freed below.
        let linked = unsafe { self.node.as_ref() };
        if !self.queue.unlink(linked) {
            self.queue.wake(1);
        }
        // SAFETY: `enter` made it from a box, and it is unlinked: nobody else knows it any more.
        drop(unsafe { Box::from_raw(self.node.as_ptr()) });
    }
}

/// The right to read and change the list. Dropping it opens the gate.
struct Gate<'a> {
    queue: &'a WaitQueue,
    generation: u32,
}

impl Gate<'_> {
    fn head(&self) -> *const Node {
        // SAFETY: the gate is ours (invariant 1), so nobody writes `head` meanwhile.
        self.queue.head.with(|head| unsafe { *head })
    }

    fn set_head(&self, node: *const Node) {
        // SAFETY: the gate is ours (invariant 1), so nobody reads or writes `head` meanwhile.
        self.queue.head.with_mut(|head| unsafe { *head = node });
    }

    fn nodes(&self) -> impl Iterator<Item = *const Node> {
        let head = self.head();
        let mut next = head;
        std::iter::from_fn(move || {
            if next.is_null() {
                return None;
            }
            let node = next;
            // SAFETY: `node` is linked, so it lives (invariant 2).
            let links = unsafe { &(*node).links };
            next = links.get().next;
            if next == head {
                next = ptr::null();
            }
            Some(node)
        })
    }

    fn push(&mut self, node: &Node) {
        let head = self.head();
        if head.is_null() {
            node.links.set(Links {
                prev: node,
                next: node,
            });
            self.set_head(node);
            return;
        }
        // SAFETY: `head` is linked, so it lives (invariant 2).
        let first = unsafe { &(*head).links };
        let last = first.get().prev;
        node.links.set(Links {
            prev: last,
            next: head,
        });
        first.set(Links {
            prev: node,
            ..first.get()
        });
        // SAFETY: `last` is linked, so it lives (invariant 2).
        let last = unsafe { &(*last).links };
        last.set(Links {
            next: node,
            ..last.get()
        });
    }

    /// Unlinks the first node, marks it woken, and returns its thread's parker.
    fn pop(&mut self) -> Option<&'static Parker> {
        let head = self.head();
        if head.is_null() {
            return None;
        }
        Some(self.wake(head))
    }

    /// Takes out the node that came last, if there is one, and returns its thread.
    fn pop_last(&mut self) -> Option<&'static Parker> {
        let head = self.head();
        if head.is_null() {
            return None;
        }
        // SAFETY: `head` is linked, so it lives (invariant 2).
        let links = unsafe { &(*head).links };
        Some(self.wake(links.get().prev))
    }

    /// Takes out a linked node and marks it woken.
    fn wake(&mut self, node: *const Node) -> &'static Parker {
        // SAFETY: it is linked, so it lives until its `WOKEN` is stored (invariant 2).
        let node = unsafe { &*node };
        let parker = node.parker;
        self.remove(node);
        node.state.store(WOKEN, Ordering::Release);
        parker
    }

    fn remove(&mut self, node: &Node) {
        let Links { prev, next } = node.links.get();
        if ptr::eq(next, node) {
            self.set_head(ptr::null());
            return;
        }
        // SAFETY: a neighbour of a linked node is linked, so it lives (invariants 2 and 3).
        let before = unsafe { &(*prev).links };
        before.set(Links {
            next,
            ..before.get()
        });
        // SAFETY: as above.
        let after = unsafe { &(*next).links };
        after.set(Links {
            prev,
            ..after.get()
        });
        if ptr::eq(self.head(), node) {
            self.set_head(next);
        }
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        let waiting = if self.head().is_null() { 0 } else { WAITING };
        // SeqCst: releases the list to the next holder, and orders a new `WAITING` before what the
        // waiter does next.
        let before = self
            .queue
            .gate
            .swap(self.generation | waiting, Ordering::SeqCst);
        if before & CONTENDED != 0 {
            crate::sys::futex::wake_one(&self.queue.gate);
        }
    }
}

/// A waiting thread, on its own stack.
struct Node {
    state: AtomicU32,
    parker: &'static Parker,
    links: LinkCell,
    /// The fork generation in which it was linked. Read and written by its own thread only.
    generation: Cell<u32>,
    _pinned: PhantomPinned,
}

const IN_LIST: u32 = 0;
const WOKEN: u32 = 1;

impl Node {
    fn new() -> Self {
        Self {
            state: AtomicU32::new(IN_LIST),
            parker: Parker::current(),
            links: LinkCell(UnsafeCell::new(Links {
                prev: ptr::null(),
                next: ptr::null(),
            })),
            generation: Cell::new(0),
            _pinned: PhantomPinned,
        }
    }

    /// Says whether the list that it was linked into belongs to a parent process.
    fn is_forgotten(&self) -> bool {
        self.generation.get() != fork::generation() << GENERATION_SHIFT
    }

    #[inline]
    fn is_woken(&self) -> bool {
        self.state.load(Ordering::Acquire) == WOKEN
    }
}

#[derive(Clone, Copy)]
struct Links {
    prev: *const Node,
    next: *const Node,
}

/// The links of a node. Read and written only by the holder of the gate (invariant 1).
struct LinkCell(UnsafeCell<Links>);

impl LinkCell {
    fn get(&self) -> Links {
        // SAFETY: the caller holds the gate (invariant 1), so nobody writes meanwhile.
        self.0.with(|links| unsafe { *links })
    }

    fn set(&self, links: Links) {
        // SAFETY: the caller holds the gate (invariant 1), so nobody reads or writes meanwhile.
        self.0.with_mut(|own| unsafe { *own = links });
    }
}

/// Ends the process if a wait is left by a panic: its node would be linked and dead.
struct Unlinked;

impl Unlinked {
    #[expect(clippy::mem_forget, reason = "a bomb is defused by not dropping it")]
    fn defuse(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unlinked {
    fn drop(&mut self) {
        std::process::abort();
    }
}
