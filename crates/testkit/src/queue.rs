//! Scheduled events, in the order of their time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Events of the same time come in the order in which they were scheduled.
#[derive(Debug)]
pub struct Queue<E> {
    order: BinaryHeap<Reverse<(u64, u64, usize)>>,
    /// The events, each in the slot that the order names.
    slots: Vec<Option<E>>,
    free: Vec<usize>,
    scheduled: u64,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { order: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), scheduled: 0 }
    }
}

impl<E> Queue<E> {
    pub fn schedule(&mut self, at_ms: u64, event: E) {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[slot] = Some(event);
        self.scheduled += 1;
        self.order.push(Reverse((at_ms, self.scheduled, slot)));
    }

    /// Keeps only the events for which this is true of their number and themselves.
    pub fn retain(&mut self, is_kept: impl Fn(u64, &E) -> bool) {
        let slots = &self.slots;
        let is_kept = |nth, slot: usize| slots[slot].as_ref().is_some_and(|it| is_kept(nth, it));
        self.order.retain(|Reverse((_, nth, slot))| is_kept(*nth, *slot));
    }

    /// Moves the matching events to this time, in their order.
    pub fn reschedule(&mut self, at_ms: u64, is_moved: impl Fn(&E) -> bool) {
        let order = std::mem::take(&mut self.order);
        let slots = &self.slots;
        let moved = order.into_iter().map(|Reverse((due_ms, nth, slot))| {
            let is_moved = slots[slot].as_ref().is_some_and(&is_moved);
            Reverse((if is_moved { at_ms } else { due_ms }, nth, slot))
        });
        self.order = moved.collect();
    }

    /// How many events were ever scheduled.
    pub const fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// When the next event is due.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.order.peek().map(|Reverse((at_ms, _, _))| *at_ms)
    }

    /// The next event, with its time and its number among all that were ever scheduled.
    pub fn pop(&mut self) -> Option<(u64, u64, E)> {
        let Reverse((at_ms, nth, slot)) = self.order.pop()?;
        self.free.push(slot);
        Some((at_ms, nth, self.slots[slot].take()?))
    }

    /// Drops the events whose numbers are in `left_out`, except those that must stay.
    pub fn leave_out(&mut self, left_out: &BTreeSet<u64>, must_stay: impl Fn(&E) -> bool) {
        self.retain(|nth, event| !left_out.contains(&nth) || must_stay(event));
    }
}
