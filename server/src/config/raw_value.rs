//! Configuration values before they are parsed.

use std::collections::BTreeMap;

use super::error::ConfigSource;
use super::key::Key;

/// An unparsed value and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawValue {
    pub(super) source: ConfigSource,
    pub(super) text: String,
}

/// The values of one source.
pub(super) type RawValues = BTreeMap<Key, Vec<RawValue>>;
