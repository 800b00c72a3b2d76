//! Putting into a queue and getting out of it by comparison: the smallest item first.
//!
//! # State
//!
//! The queue's items lie as a binary heap: none is smaller than its parent, that of `n` being `(n - 1) / 2`. Comparing
//! is the caller's code; it may fail, block, or use this very queue. So it never runs under the queue's lock: the keys
//! are copied out, one or two at a time, and compared outside.
//!
//! # Transitions
//!
//! An operation looks for the place where an item is to lie, without changing anything. Then it moves the items under
//! one lock, if they still are what it looked at: every change of them counts in [`State::changes`]. If they are not, it
//! looks again.
//!
//! # Invariants
//!
//! 1. An operation whose comparison failed has changed nothing.
//! 2. Nobody waits for another's comparison. Who has to look again has been overtaken by an operation that is complete.
//! 3. The same puts and gets in the same order make the same comparisons as `heapq`, so that items of which none
//!    is smaller come out in the same order.
//!
//! # Memory ordering
//!
//! The lock orders all.
//!
//! # After fork
//!
//! As the queue: a comparison under way is another thread's, and nobody waits for it.
//!
//! # Source
//!
//! CPython `Lib/heapq.py`, `heappush`, `heappop`.

use super::{Queue, TryGetError, TryPutError, state::State};
use crate::primitive::lock;

/// How items are compared, by keys that are copied out of the queue first.
pub trait Sorting<T> {
    /// What stands for an item in a comparison.
    type Key;
    /// Why a comparison failed.
    type Error;

    /// Copies the key of an item. Runs under the queue's lock: it must run nothing of a caller's.
    fn key(&self, item: &T) -> Self::Key;

    /// Says whether the first key is smaller than the second. May do anything.
    ///
    /// # Errors
    ///
    /// Why that cannot be said.
    fn is_less(&mut self, one: &Self::Key, other: &Self::Key) -> Result<bool, Self::Error>;
}

/// The items are no longer those that were looked at.
struct Overtaken;

/// What an operation saw when it began to look.
struct Seen<K> {
    /// How many items there were.
    length: usize,
    /// [`State::changes`] then.
    changes: u64,
    /// The key of the last item.
    last: K,
}

impl<T> Queue<T> {
    /// Adds `item` if there is room, in a queue that is kept in order by [`Order::Smallest`](super::Order). Never waits.
    ///
    /// # Errors
    ///
    /// The outer one is that of a comparison: the queue is as it was, and the item is dropped. The inner one as of
    /// [`try_put`](Self::try_put).
    pub fn try_put_sorted<S: Sorting<T>>(
        &self,
        item: T,
        sorting: &mut S,
    ) -> Result<Result<(), TryPutError<T>>, S::Error> {
        let key = sorting.key(&item);
        loop {
            let (length, changes) = {
                let mut state = self.change();
                if let Some(refused) = state.refusal() {
                    return Ok(Err(refused(item)));
                }
                if state.items.is_empty() {
                    state.add_sorted(item, 0);
                    break;
                }
                (state.items.len(), state.changes)
            };
            let Ok(place) = self.place_above(length, &key, changes, sorting)? else {
                continue;
            };
            let mut state = self.change();
            if state.changes == changes && state.refusal().is_none() {
                state.add_sorted(item, place);
                break;
            }
        }
        self.getters.wake(1);
        Ok(Ok(()))
    }

    /// Takes the smallest item if there is one, out of a queue that is kept in order by
    /// [`Order::Smallest`](super::Order). Never waits.
    ///
    /// # Errors
    ///
    /// The outer one is that of a comparison: the queue is as it was. The inner one as of [`try_get`](Self::try_get).
    pub fn try_get_sorted<S: Sorting<T>>(
        &self,
        sorting: &mut S,
    ) -> Result<Result<T, TryGetError>, S::Error> {
        let item = loop {
            let seen = {
                let mut state = self.change();
                if state.items.len() < 2 {
                    let Some(item) = state.take_sorted(0) else {
                        return Ok(Err(state.nothing()));
                    };
                    break item;
                }
                state.see(sorting)
            };
            let Ok(place) = self.place_below(&seen, sorting)? else {
                continue;
            };
            let mut state = self.change();
            if state.changes == seen.changes
                && let Some(item) = state.take_sorted(place)
            {
                break item;
            }
        };
        self.putters.wake(1);
        Ok(Ok(item))
    }

    /// Where `key` is to lie among the ancestors of `place`, which is where it would lie if it were the greatest.
    fn place_above<S: Sorting<T>>(
        &self,
        place: usize,
        key: &S::Key,
        changes: u64,
        sorting: &mut S,
    ) -> Result<Result<usize, Overtaken>, S::Error> {
        let mut place = place;
        while let Some(parent) = parent_of(place) {
            let Ok([above]) = self.keys([parent], changes, sorting) else {
                return Ok(Err(Overtaken));
            };
            if !sorting.is_less(key, &above)? {
                break;
            }
            place = parent;
        }
        Ok(Ok(place))
    }

    /// Where the last item is to lie once the first is taken: on the path of the smaller children.
    ///
    /// It goes down that path to the end and from there up again, since the last item is most often a great one.
    fn place_below<S: Sorting<T>>(
        &self,
        seen: &Seen<S::Key>,
        sorting: &mut S,
    ) -> Result<Result<usize, Overtaken>, S::Error> {
        // The last item leaves its place.
        let length = seen.length - 1;
        let mut place = 0;
        loop {
            let left = 2 * place + 1;
            let right = left + 1;
            if right < length {
                let Ok([one, other]) = self.keys([left, right], seen.changes, sorting) else {
                    return Ok(Err(Overtaken));
                };
                place = if sorting.is_less(&one, &other)? {
                    left
                } else {
                    right
                };
            } else {
                if left < length {
                    place = left;
                }
                break;
            }
        }
        // Each item of the path will be one place higher: its own place is the one below its new one.
        while let Some(parent) = parent_of(place) {
            let Ok([above]) = self.keys([place], seen.changes, sorting) else {
                return Ok(Err(Overtaken));
            };
            if !sorting.is_less(&seen.last, &above)? {
                break;
            }
            place = parent;
        }
        Ok(Ok(place))
    }

    /// The keys of the items at some places.
    fn keys<S: Sorting<T>, const N: usize>(
        &self,
        places: [usize; N],
        changes: u64,
        sorting: &S,
    ) -> Result<[S::Key; N], Overtaken> {
        let state = lock(&self.state);
        if state.changes == changes {
            Ok(places.map(|place| sorting.key(&state.items[place])))
        } else {
            Err(Overtaken)
        }
    }
}

impl<T> State<T> {
    fn see<S: Sorting<T>>(&self, sorting: &S) -> Seen<S::Key> {
        let length = self.items.len();
        Seen {
            length,
            changes: self.changes,
            last: sorting.key(&self.items[length - 1]),
        }
    }

    /// Adds an item at `place`, an ancestor of the end or the end itself; what lies between goes down.
    fn add_sorted(&mut self, item: T, place: usize) {
        let mut empty = self.items.len();
        self.items.push_back(item);
        while empty > place
            && let Some(parent) = parent_of(empty)
        {
            self.items.swap(empty, parent);
            empty = parent;
        }
        self.unfinished += 1;
        self.changes += 1;
    }

    /// Takes the first item and lays the last one at `place`; what lies above that goes up.
    fn take_sorted(&mut self, place: usize) -> Option<T> {
        let mut carried = self.items.pop_back()?;
        self.changes += 1;
        let mut place = (!self.items.is_empty()).then_some(place);
        while let Some(here) = place {
            std::mem::swap(&mut self.items[here], &mut carried);
            place = parent_of(here);
        }
        Some(carried)
    }
}

fn parent_of(place: usize) -> Option<usize> {
    Some(place.checked_sub(1)? / 2)
}
