//! A list whose rows live as long as their keys: a change costs the rows that come, go or move.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;
use wizitime_domain::{Day, EntryId, EventId};

/// The identity of a row, as bits, so that all lists share one implementation.
pub(crate) trait Key: Copy + 'static {
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
        // Casting back restores the sign.
        u128::from(self.as_days() as u64)
    }

    fn from_bits(bits: u128) -> Self {
        Self::from_days(bits as u64 as i64)
    }
}

/// A row for each key, in the order of the keys, which must be distinct.
#[component]
pub(crate) fn KeyedList<K, V>(
    keys: impl Fn() -> Vec<K> + Send + Sync + 'static,
    children: impl Fn(K) -> V + Send + Sync + 'static,
) -> AnyView
where
    K: Key,
    V: IntoView + 'static,
{
    keyed_list(
        Box::new(move || keys().into_iter().map(K::to_bits).collect()),
        Arc::new(move |bits| children(K::from_bits(bits)).into_any()),
    )
}

type BuildRow = dyn Fn(u128) -> AnyView + Send + Sync;

fn keyed_list(keys: Box<dyn Fn() -> Vec<u128> + Send>, build: Arc<BuildRow>) -> AnyView {
    let parent = Owner::current();
    let rows = move || {
        let (build, parent) = (build.clone(), parent.clone());
        let row = move |_: usize, bits: u128| {
            // As in `ShowIf`: a row outlives the run of the effect that builds it.
            let owner = parent.as_ref().map_or_else(Owner::new, Owner::child);
            let view = owner.with(|| untrack(|| build(bits)));
            (ignore_index as fn(usize), OwnedView::new_with_owner(view, owner))
        };
        keyed(keys(), |bits: &u128| *bits, row)
    };
    rows.into_any()
}

/// Rows do not show their index.
fn ignore_index(_: usize) {}
