//! Parts of a world, each kept once and named by a number.
#![expect(clippy::disallowed_types, reason = "their order is not used")]

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::rc::Rc;

use crate::fingerprint::{self, Fingerprint};

/// What was computed before.
pub(crate) type Memo<K, V> = HashMap<K, V>;
/// What was seen before.
pub(crate) type Seen<K> = HashSet<K>;

/// The number of a part in its table.
pub(crate) type Id = u32;

/// All values that a part of the world was ever seen to have.
#[derive(Debug)]
pub(crate) struct Table<T> {
    items: Vec<Rc<T>>,
    places: Memo<Fingerprint, Id>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: Memo::default() }
    }
}

impl<T> Table<T> {
    pub(crate) fn get(&self, id: Id) -> Rc<T> {
        self.items[id as usize].clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The number of what has this fingerprint.
    pub(crate) fn put(&mut self, fingerprint: Fingerprint, make: impl FnOnce() -> T) -> Id {
        let next = Id::try_from(self.items.len()).expect("fewer parts than numbers");
        let id = *self.places.entry(fingerprint).or_insert(next);
        if id == next {
            self.items.push(Rc::new(make()));
        }
        id
    }
}

impl<T: Debug> Table<T> {
    pub(crate) fn intern(&mut self, item: T) -> Id {
        self.put(fingerprint::of(&item), || item)
    }
}
