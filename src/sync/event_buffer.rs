//! The buffer in localStorage: reading it, and telling what is to be written.
//!
//! Nothing here removes an event but an acknowledgement or the person; what cannot be read is set
//! aside, never dropped.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wizitime_domain::{Envelope, Rejection};

use super::storage_keys::StorageKey;
use crate::effect::Effect;
use crate::store::slices::events::{Owner, Quarantined, Record, StoredRecord};

/// What one stored text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An event.
    Record(Box<StoredRecord>),
    /// An event that only a newer version of the app understands. It stays where it is.
    Newer,
    /// A text that cannot be read; it is set aside with these effects.
    Damaged(Vec<Effect>),
    /// A text that was set aside before.
    SetAside,
    /// Nothing of the buffer.
    Other,
}

#[derive(Serialize, Deserialize)]
struct QuarantineText<'a> {
    code: String,
    message: String,
    #[serde(borrow)]
    envelope: &'a RawValue,
}

/// Reads one stored text.
pub fn read(key: &str, value: &str) -> Found {
    match StorageKey::parse(key) {
        Some(StorageKey::Event { owner, .. }) => match Envelope::from_json(value) {
            Ok(envelope) => found(envelope, value, owner, None),
            Err(malformed) => unreadable(key, value, &malformed.rejection),
        },
        Some(StorageKey::Quarantine { owner, .. }) => read_quarantine(key, value, owner),
        Some(StorageKey::Damaged { .. }) => Found::SetAside,
        Some(StorageKey::Device | StorageKey::Session) => Found::Other,
        // Ours by its first word, but no name we give: somebody's damaged event.
        None if key.starts_with("wizi.event.") || key.starts_with("wizi.quarantine.") => {
            Found::Damaged(set_aside(key, value))
        }
        None => Found::Other,
    }
}

/// What writes a record down.
pub fn store(record: &Record) -> Effect {
    Effect::Store { key: StorageKey::event(record).write(), value: record.json.to_string() }
}

/// What removes a record.
pub fn remove(record: &Record) -> Effect {
    Effect::Remove { key: StorageKey::event(record).write() }
}

/// What moves a record into quarantine; written there before it is removed here.
pub fn quarantine(quarantined: &Quarantined) -> [Effect; 2] {
    let Quarantined { record, code, message } = quarantined;
    // The parts are valid JSON already; a failure would keep the event where it is.
    let value = RawValue::from_string(record.json.to_string()).and_then(|envelope| {
        let (code, message) = (code.clone(), message.clone());
        serde_json::to_string(&QuarantineText { code, message, envelope: &envelope })
    });
    match value {
        Ok(value) => {
            let key = StorageKey::quarantine(record).write();
            [Effect::Store { key, value }, remove(record)]
        }
        Err(_) => [store(record), store(record)],
    }
}

/// What removes a record from quarantine.
pub fn release(record: &Record) -> Effect {
    Effect::Remove { key: StorageKey::quarantine(record).write() }
}

fn read_quarantine(key: &str, value: &str, owner: Owner) -> Found {
    let Ok(text) = serde_json::from_str::<QuarantineText<'_>>(value) else {
        return Found::Damaged(set_aside(key, value));
    };
    let json = text.envelope.get();
    match Envelope::from_json(json) {
        Ok(envelope) => found(envelope, json, owner, Some((text.code, text.message))),
        Err(malformed) => unreadable(key, value, &malformed.rejection),
    }
}

fn found(
    envelope: Envelope,
    json: &str,
    owner: Owner,
    quarantine: Option<(String, String)>,
) -> Found {
    let record = Record { envelope, json: Arc::from(json), owner };
    Found::Record(Box::new(StoredRecord { record, quarantine }))
}

fn unreadable(key: &str, value: &str, rejection: &Rejection) -> Found {
    match rejection {
        Rejection::UnsupportedVersion { .. } | Rejection::UnknownEventType => Found::Newer,
        Rejection::Malformed { .. }
        | Rejection::Unknown { .. }
        | Rejection::AlreadyExists { .. }
        | Rejection::EndBeforeStart
        | Rejection::SplitOutside
        | Rejection::TooLong { .. }
        | Rejection::NameMissing { .. }
        | Rejection::TooManyTags { .. } => Found::Damaged(set_aside(key, value)),
    }
}

fn set_aside(key: &str, value: &str) -> Vec<Effect> {
    let aside = StorageKey::Damaged { found_at: key.to_owned() }.write();
    vec![
        Effect::Store { key: aside, value: value.to_owned() },
        Effect::Remove { key: key.to_owned() },
    ]
}
