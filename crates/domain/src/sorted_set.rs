//! A set for small collections.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set as a sorted list. An insert moves all greater items, so it is for sets that are small or
/// grow at the end. The browser downloads its code once per item type: a tenth of a B-tree's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<T> {
    items: Vec<T>,
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: Ord> SortedSet<T> {
    /// Inserts an item; returns whether it is new.
    pub fn insert(&mut self, item: T) -> bool {
        // Most items come in order.
        let index = match self.items.last() {
            Some(last) if *last >= item => self.items.binary_search(&item),
            Some(_) | None => Err(self.items.len()),
        };
        if let Err(index) = index {
            self.items.insert(index, item);
        }
        index.is_err()
    }

    /// Removes an item; returns whether it was in the set.
    pub fn remove(&mut self, item: &T) -> bool {
        let index = self.items.binary_search(item);
        if let Ok(index) = index {
            self.items.remove(index);
        }
        index.is_ok()
    }

    /// Whether the set contains the item.
    pub fn contains(&self, item: &T) -> bool {
        self.items.binary_search(item).is_ok()
    }
}

impl<T> SortedSet<T> {
    /// The number of items.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the set has no items.
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::default();
        set.extend(items);
        set
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de, T: Deserialize<'de> + Ord> Deserialize<'de> for SortedSet<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

impl<T: Serialize> Serialize for SortedSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::SortedSet;

    proptest! {
        /// The same results as from a `BTreeSet`.
        #[test]
        fn equals_a_btree_set(steps in prop::collection::vec((0..20_u8, any::<bool>()), 0..200)) {
            let (mut set, mut expected) = (SortedSet::default(), BTreeSet::new());
            for (item, inserts) in steps {
                if inserts {
                    prop_assert_eq!(set.insert(item), expected.insert(item));
                } else {
                    prop_assert_eq!(set.remove(&item), expected.remove(&item));
                }
                prop_assert_eq!(set.contains(&7), expected.contains(&7));
                prop_assert_eq!(set.len(), expected.len());
                prop_assert!(set.iter().eq(&expected));
            }
        }
    }
}
