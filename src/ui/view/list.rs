//! A list whose rows stay as long as their keys: a change costs the rows that come, go or move.

use leptos::prelude::untrack;
use wasm_bindgen::JsCast as _;
use web_sys::Node;
use wizitime_domain::{Day, EntryId, EventId};

use super::slot::{Shown, Slot};
use super::{El, effect};

/// What tells rows apart, as bits, so that all lists are the same code.
pub(in crate::ui) trait Key: Copy + 'static {
    fn to_bits(self) -> u128;
    fn from_bits(bits: u128) -> Self;
}

impl Key for EntryId {
    fn to_bits(self) -> u128 {
        u128::from_be_bytes(*self.as_bytes())
    }

    fn from_bits(bits: u128) -> Self {
        Self::from_bytes(bits.to_be_bytes())
    }
}

impl Key for EventId {
    fn to_bits(self) -> u128 {
        u128::from_be_bytes(*self.as_bytes())
    }

    fn from_bits(bits: u128) -> Self {
        Self::from_bytes(bits.to_be_bytes())
    }
}

impl Key for Day {
    fn to_bits(self) -> u128 {
        // The sign does not matter: the bits come back as they went.
        u128::from(self.as_days() as u64)
    }

    fn from_bits(bits: u128) -> Self {
        Self::from_days(bits as u64 as i64)
    }
}

impl El {
    /// A row for each key, in the order of the keys, which are all different.
    pub(in crate::ui) fn each<K: Key>(
        self,
        keys: impl Fn() -> Vec<K> + 'static,
        row: impl Fn(K) -> El + 'static,
    ) -> Self {
        self.bind_each(
            Box::new(move || keys().into_iter().map(K::to_bits).collect()),
            Box::new(move |bits| row(K::from_bits(bits))),
        )
    }

    fn bind_each(self, keys: Box<dyn Fn() -> Vec<u128>>, row: Box<dyn Fn(u128) -> El>) -> Self {
        let slot = Slot::at_end_of(&self);
        let mut rows = Vec::new();
        effect(move || rows = arrange(&slot, std::mem::take(&mut rows), &keys(), &*row));
        self
    }
}

/// A row on the page and its key.
type Row = (u128, Shown);

fn arrange(slot: &Slot, old: Vec<Row>, keys: &[u128], build: &dyn Fn(u128) -> El) -> Vec<Row> {
    let mut old: Vec<Option<Row>> = old.into_iter().map(Some).collect();
    let kept: Vec<Option<Row>> = take_in_order(&mut old, keys);
    old.into_iter().flatten().for_each(|(_, shown)| shown.remove());
    // From the last to the first, each before the one that follows it.
    let mut next = slot.mark().clone();
    let mut rows: Vec<Row> = Vec::with_capacity(keys.len());
    for (key, kept) in keys.iter().zip(kept).rev() {
        let is_new = kept.is_none();
        let shown = kept.map(|(_, shown)| shown);
        let shown = shown.unwrap_or_else(|| slot.show(|| vec![untrack(|| build(*key))]));
        for element in shown.elements() {
            let node: &Node = element.element().unchecked_ref();
            if is_new || node.next_sibling().as_ref() != Some(&next) {
                slot.put(element, &next);
            }
            next = node.clone();
        }
        rows.push((*key, shown));
    }
    rows.reverse();
    rows
}

/// The old rows of these keys. Most keys follow one another as before, so each is looked for
/// behind the one found last, and only then from the start.
fn take_in_order(old: &mut [Option<Row>], keys: &[u128]) -> Vec<Option<Row>> {
    let mut at = 0;
    let take = |key: &u128| {
        let is_it = |index: &usize| old[*index].as_ref().is_some_and(|(it, _)| it == key);
        let found = (at..old.len()).find(is_it).or_else(|| (0..at).find(is_it))?;
        at = found + 1;
        old[found].take()
    };
    keys.iter().map(take).collect()
}
