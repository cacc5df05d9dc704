//! A set for few things.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set as a sorted list. Putting something in costs what lies behind it, so it is for sets that
/// are small or grow at their end; its code is a tenth of a B-tree's, which a browser downloads
/// once for each type.
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
    /// Puts an item in; answers whether it is new.
    pub fn insert(&mut self, item: T) -> bool {
        // Most come in order.
        let place = match self.items.last() {
            Some(last) if *last >= item => self.items.binary_search(&item),
            Some(_) | None => Err(self.items.len()),
        };
        if let Err(place) = place {
            self.items.insert(place, item);
        }
        place.is_err()
    }

    /// Takes an item out; answers whether it was in.
    pub fn remove(&mut self, item: &T) -> bool {
        let place = self.items.binary_search(item);
        if let Ok(place) = place {
            self.items.remove(place);
        }
        place.is_ok()
    }

    /// Whether an item is in.
    pub fn contains(&self, item: &T) -> bool {
        self.items.binary_search(item).is_ok()
    }
}

impl<T> SortedSet<T> {
    /// How many items are in.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is in.
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
        /// It does what a B-tree does.
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((0..20_u8, any::<bool>()), 0..200)) {
            let (mut ours, mut theirs) = (SortedSet::default(), BTreeSet::new());
            for (item, puts_in) in steps {
                if puts_in {
                    prop_assert_eq!(ours.insert(item), theirs.insert(item));
                } else {
                    prop_assert_eq!(ours.remove(&item), theirs.remove(&item));
                }
                prop_assert_eq!(ours.contains(&7), theirs.contains(&7));
                prop_assert_eq!(ours.len(), theirs.len());
                prop_assert!(ours.iter().eq(&theirs));
            }
        }
    }
}
