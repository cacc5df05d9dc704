//! A list whose rows live as long as their keys: a change costs the rows that come, go or move.

use std::mem;
use std::sync::Arc;

use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::no_attrs;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Node, Placeholder};
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};
use wizitime_domain::{Day, EntryId, EventId};

use crate::ui::focus;

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
    (move || Rows { keys: keys(), build: build.clone(), parent: parent.clone() }).into_any()
}

/// The rows as a view. It does what `tachys::view::keyed` does, in a third of the code.
struct Rows {
    keys: Vec<u128>,
    build: Arc<BuildRow>,
    /// The owner of the list. As in `ShowIf`, a row outlives the run of the effect that builds it.
    parent: Option<Owner>,
}

/// The rows on the page.
struct RowsState {
    rows: Vec<Row>,
    /// Marks the end of the list.
    marker: Placeholder,
}

type RowState = <OwnedView<AnyView> as Render>::State;
type Row = (u128, RowState);

impl Rows {
    fn build_row(&self, key: u128) -> RowState {
        let owner = self.parent.as_ref().map_or_else(Owner::new, Owner::child);
        let view = owner.with(|| untrack(|| (self.build)(key)));
        OwnedView::new_with_owner(view, owner).build()
    }
}

impl Render for Rows {
    type State = RowsState;

    fn build(self) -> RowsState {
        let rows = self.keys.iter().map(|key| (*key, self.build_row(*key))).collect();
        focus::rows_built();
        RowsState { rows, marker: Rndr::create_placeholder() }
    }

    fn rebuild(self, state: &mut RowsState) {
        let mut old: Vec<Option<Row>> = mem::take(&mut state.rows).into_iter().map(Some).collect();
        let kept = take_in_order(&mut old, &self.keys);
        old.into_iter().flatten().for_each(|(_, mut row)| row.unmount());
        focus::keep(|| self.place(kept, state));
    }
}

impl Rows {
    /// Puts the rows on the page, from the last to the first, each before the one that follows it.
    fn place(self, kept: Vec<Option<(usize, RowState)>>, state: &mut RowsState) {
        let mut rows: Vec<Row> = Vec::with_capacity(self.keys.len());
        let mut next_index = usize::MAX;
        for (key, kept) in self.keys.iter().zip(kept).rev() {
            let (mut row, index) = match kept {
                Some((index, row)) => (row, index),
                None => (self.build_row(*key), usize::MAX),
            };
            if index < next_index {
                // In place.
                next_index = index;
            } else {
                match rows.last() {
                    Some((_, next)) => next.insert_before_this(&mut row),
                    None => state.marker.insert_before_this(&mut row),
                };
            }
            rows.push((*key, row));
        }
        rows.reverse();
        state.rows = rows;
    }
}

/// Takes the rows of these keys, with their indices. Most keys are in the same order as before, so
/// each search continues where the previous one ended.
fn take_in_order(old: &mut [Option<Row>], keys: &[u128]) -> Vec<Option<(usize, RowState)>> {
    let mut start = 0;
    let take = |key: &u128| {
        let is_match = |index: &usize| old[*index].as_ref().is_some_and(|(it, _)| it == key);
        let index = (start..old.len()).find(is_match).or_else(|| (0..start).find(is_match))?;
        start = index + 1;
        old[index].take().map(|(_, row)| (index, row))
    };
    keys.iter().map(take).collect()
}

impl Mountable for RowsState {
    fn unmount(&mut self) {
        self.rows.iter_mut().for_each(|(_, row)| row.unmount());
        self.marker.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.rows.iter_mut().for_each(|(_, row)| row.mount(parent, marker));
        self.marker.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self.rows.first() {
            Some((_, row)) => row.insert_before_this(child),
            None => self.marker.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<Element> {
        self.rows.iter().flat_map(|(_, row)| row.elements()).collect()
    }
}

no_attrs!(Rows);

/// The app is rendered in the browser only.
impl RenderHtml for Rows {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> RowsState {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
