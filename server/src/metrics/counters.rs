//! Counters with labels.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use super::label::Label;

/// One counter for each value of the label.
#[derive(Debug)]
pub(crate) struct Counters<L> {
    counts: Box<[AtomicU64]>,
    label: PhantomData<fn(L)>,
}

impl<L: Label> Default for Counters<L> {
    fn default() -> Self {
        let counts = (0..L::COUNT).map(|_| AtomicU64::new(0)).collect();
        Self { counts, label: PhantomData }
    }
}

impl<L: Label> Counters<L> {
    /// Adds one.
    pub(crate) fn increment(&self, label: L) {
        if let Some(count) = self.counts.get(label.index()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every value of the label with its count.
    pub(super) fn iter(&self) -> impl Iterator<Item = (L, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        L::all().into_iter().zip(counts)
    }
}
