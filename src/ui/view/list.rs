//! A list whose rows stay as long as their keys: a change costs the rows that come, go or move.

use std::collections::BTreeMap;

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
        let mut rows = BTreeMap::new();
        effect(move || arrange(&slot, &mut rows, &keys(), &*row));
        self
    }
}

fn arrange(slot: &Slot, rows: &mut BTreeMap<u128, Shown>, keys: &[u128], row: &dyn Fn(u128) -> El) {
    let mut old = std::mem::take(rows);
    let kept: Vec<(u128, Option<Shown>)> = keys.iter().map(|key| (*key, old.remove(key))).collect();
    old.into_values().for_each(Shown::remove);
    // From the last to the first, each before the one that follows it.
    let mut next = slot.mark().clone();
    for (key, kept) in kept.into_iter().rev() {
        let is_new = kept.is_none();
        let shown = kept.unwrap_or_else(|| slot.show(|| vec![untrack(|| row(key))]));
        for element in shown.elements() {
            let node: &Node = element.element().unchecked_ref();
            if is_new || node.next_sibling().as_ref() != Some(&next) {
                slot.put(element, &next);
            }
            next = node.clone();
        }
        rows.insert(key, shown);
    }
}
