//! A bounded queue that serves keys in turn, so that a key with many items delays the others by one
//! item at most.

use std::collections::{BTreeMap, VecDeque};

/// Items of one key that may wait; more are refused.
pub(super) const WAITING_PER_KEY_MAX: usize = 128;
/// Items of all keys that may wait. Over it, the key with the most items loses its newest one.
pub(super) const WAITING_MAX: usize = 1_024;

/// Items by key, served in turn (round robin).
#[derive(Debug)]
pub(super) struct FairQueue<K, T> {
    /// No queue is empty.
    queues: BTreeMap<K, VecDeque<T>>,
    /// The keys of `queues`, in the order in which they are served.
    turns: VecDeque<K>,
    waiting: usize,
}

/// The queue has no place for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl<K: Copy + Ord, T> FairQueue<K, T> {
    pub(super) const fn new() -> Self {
        Self { queues: BTreeMap::new(), turns: VecDeque::new(), waiting: 0 }
    }

    /// The number of waiting items.
    pub(super) const fn len(&self) -> usize {
        self.waiting
    }

    /// Appends an item to the queue of its key. Returns the item that lost its place, if any.
    ///
    /// # Errors
    /// If this key has [`WAITING_PER_KEY_MAX`] items, or [`WAITING_MAX`] items wait and no other
    /// key has clearly more of them.
    pub(super) fn push(&mut self, key: K, item: T) -> Result<Option<T>, Full> {
        let own = self.queues.get(&key).map_or(0, VecDeque::len);
        if own >= WAITING_PER_KEY_MAX {
            return Err(Full);
        }
        let displaced = if self.waiting >= WAITING_MAX { Some(self.displace(own)?) } else { None };
        let queue = self.queues.entry(key).or_default();
        if queue.is_empty() {
            self.turns.push_back(key);
        }
        queue.push_back(item);
        self.waiting += 1;
        Ok(displaced)
    }

    /// Removes the first item of the key whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        let key = self.turns.pop_front()?;
        let queue = self.queues.get_mut(&key)?;
        let item = queue.pop_front()?;
        self.waiting -= 1;
        if queue.is_empty() {
            self.queues.remove(&key);
        } else {
            self.turns.push_back(key);
        }
        Some(item)
    }

    /// Removes the newest item of the longest queue, for a key that has `own` items.
    fn displace(&mut self, own: usize) -> Result<T, Full> {
        let longest = self.queues.values_mut().max_by_key(|queue| queue.len()).ok_or(Full)?;
        // Afterwards the other queue is not shorter than this one.
        if longest.len() < own + 2 {
            return Err(Full);
        }
        let displaced = longest.pop_back().ok_or(Full)?;
        self.waiting -= 1;
        Ok(displaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_served_in_turn() {
        let mut queue = FairQueue::new();
        for item in 0..3 {
            queue.push("a", ("a", item)).unwrap();
        }
        queue.push("b", ("b", 0)).unwrap();
        let served: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(served, [("a", 0), ("b", 0), ("a", 1), ("a", 2)]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_key_over_its_bound_is_refused_and_others_are_not() {
        let mut queue = FairQueue::new();
        for item in 0..WAITING_PER_KEY_MAX {
            assert_eq!(queue.push(1, item), Ok(None));
        }
        assert_eq!(queue.push(1, 0), Err(Full));
        assert_eq!(queue.push(2, 0), Ok(None));
    }

    #[test]
    fn the_key_with_the_most_items_makes_room() {
        let mut queue = FairQueue::new();
        for item in 0..WAITING_MAX {
            queue.push(item / WAITING_PER_KEY_MAX, item).unwrap();
        }
        let newcomer = WAITING_MAX;
        let displaced = queue.push(newcomer, newcomer).unwrap().unwrap();
        assert_eq!(displaced % WAITING_PER_KEY_MAX, WAITING_PER_KEY_MAX - 1, "the newest of a key");
        assert_eq!(queue.len(), WAITING_MAX);
        let first: Vec<_> = (0..=8).filter_map(|_| queue.pop()).collect();
        assert!(first.contains(&newcomer), "{first:?}");
    }

    #[test]
    fn a_full_queue_of_equal_keys_refuses_more() {
        let mut queue = FairQueue::new();
        for item in 0..WAITING_MAX {
            queue.push(item, item).unwrap();
        }
        assert_eq!(queue.push(WAITING_MAX, WAITING_MAX), Err(Full));
        assert_eq!(queue.push(0, 0), Err(Full));
    }
}
