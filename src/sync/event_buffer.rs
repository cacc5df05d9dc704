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
    /// A text that cannot be read, and what sets it aside.
    Damaged(Box<Effect>),
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
            Found::Damaged(Box::new(set_aside(key, value)))
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

/// What moves a record into quarantine.
pub fn quarantine(quarantined: &Quarantined) -> Effect {
    let Quarantined { record, code, message } = quarantined;
    // The parts are valid JSON already; a failure would keep the event where it is.
    let value = RawValue::from_string(record.json.to_string()).and_then(|envelope| {
        let (code, message) = (code.clone(), message.clone());
        serde_json::to_string(&QuarantineText { code, message, envelope: &envelope })
    });
    match value {
        Ok(value) => {
            let from = StorageKey::event(record).write();
            Effect::Move { from, to: StorageKey::quarantine(record).write(), value }
        }
        Err(_) => store(record),
    }
}

/// What moves a record out of quarantine, to be sent again.
pub fn requeue(record: &Record) -> Effect {
    let from = StorageKey::quarantine(record).write();
    Effect::Move { from, to: StorageKey::event(record).write(), value: record.json.to_string() }
}

/// What gives a waiting record another owner.
pub fn adopt(before: &Record, after: &Record) -> Effect {
    let from = StorageKey::event(before).write();
    Effect::Move { from, to: StorageKey::event(after).write(), value: after.json.to_string() }
}

/// What removes a record from quarantine.
pub fn release(record: &Record) -> Effect {
    Effect::Remove { key: StorageKey::quarantine(record).write() }
}

fn read_quarantine(key: &str, value: &str, owner: Owner) -> Found {
    let Ok(text) = serde_json::from_str::<QuarantineText<'_>>(value) else {
        return Found::Damaged(Box::new(set_aside(key, value)));
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
        | Rejection::TooManyTags { .. } => Found::Damaged(Box::new(set_aside(key, value))),
    }
}

fn set_aside(key: &str, value: &str) -> Effect {
    let to = StorageKey::Damaged { found_at: key.to_owned() }.write();
    Effect::Move { from: key.to_owned(), to, value: value.to_owned() }
}
