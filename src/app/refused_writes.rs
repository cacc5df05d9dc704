//! Writes that localStorage refused while one list of effects is performed.

use super::input::Input;
use crate::sync::StorageKey;

/// Keys that localStorage refused. After the first refused event no further event is written: an
/// event in storage without its cause would be sent first by another tab.
#[derive(Debug, Default)]
pub struct RefusedWrites {
    keys: Vec<String>,
    refused_event: bool,
}

impl RefusedWrites {
    /// Whether a write to this key fails without being tried.
    pub fn is_blocked(&self, key: &str) -> bool {
        self.refused_event && is_event(key)
    }

    /// Records that a write to this key was refused.
    pub fn add(&mut self, key: String) {
        self.refused_event |= is_event(&key);
        self.keys.push(key);
    }

    /// The input that reports the refused writes. It is handled before all others.
    pub fn into_input(self) -> Option<Input> {
        let keys = self.keys;
        (!keys.is_empty()).then_some(Input::StorageWriteFailed { keys })
    }
}

fn is_event(key: &str) -> bool {
    matches!(StorageKey::parse(key), Some(StorageKey::Event { .. }))
}
