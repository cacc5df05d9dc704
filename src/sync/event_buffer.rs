//! The buffer in localStorage: reading it, and telling what is to be written.
//!
//! Nothing here removes an event but an acknowledgement or the person; what cannot be read is set
//! aside, never dropped.

use serde::{Deserialize, Serialize};
use wizitime_domain::json::{self, JsonText};
use wizitime_domain::{Envelope, Rejection};

use super::storage_keys::StorageKey;
use crate::app::effect::Effect;
use crate::sync::record::{BufferedEvent, Owner, Quarantined, StoredEvent};

/// What one stored text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredText {
    /// An event.
    Event(Box<StoredEvent>),
    /// An event that only a newer version of the app understands. It stays where it is.
    FromNewerVersion,
    /// A text that cannot be read; [`move_to_corrupt`] says where it is to go.
    Corrupt,
    /// A text that was set aside before.
    KnownCorrupt,
    /// Nothing of the buffer.
    Other,
}

#[derive(Serialize, Deserialize)]
struct QuarantineText {
    code: String,
    message: String,
    envelope: JsonText,
}

/// Reads one stored text.
pub fn read(key: &str, value: &str) -> StoredText {
    match StorageKey::parse(key) {
        Some(StorageKey::Event { owner, .. }) => read_event(value, owner),
        Some(StorageKey::Quarantine { owner, .. }) => read_quarantine(value, owner),
        Some(StorageKey::Corrupt { .. }) => StoredText::KnownCorrupt,
        Some(StorageKey::Device | StorageKey::Session) => StoredText::Other,
        // Ours by its first word, but no name we give: somebody's damaged event.
        None if key.starts_with("wizi.event.") || key.starts_with("wizi.quarantine.") => {
            StoredText::Corrupt
        }
        None => StoredText::Other,
    }
}

/// The key that a stored record belongs under.
pub fn canonical_key(stored: &StoredEvent) -> String {
    let kept = match &stored.quarantine {
        None => StorageKey::event(&stored.event),
        Some(_) => StorageKey::quarantine(&stored.event),
    };
    kept.write()
}

/// What moves a text that holds a record to where the record belongs.
pub fn move_to_canonical_key(key: &str, value: &str, stored: &StoredEvent) -> Effect {
    Effect::MoveStorage { from: key.to_owned(), to: canonical_key(stored), value: value.to_owned() }
}

/// What writes a record down where it belongs.
pub fn write(stored: &StoredEvent) -> Effect {
    let record = &stored.event;
    match &stored.quarantine {
        None => store(record),
        Some((code, message)) => {
            let key = StorageKey::quarantine(record).write();
            Effect::WriteStorage { key, value: quarantine_text(record, code, message) }
        }
    }
}

/// What writes a record down where it belongs once more. A move that was refused has left it where
/// it was before.
pub fn rewrite_at_key(stored: &StoredEvent) -> Effect {
    let record = stored.event.clone();
    match &stored.quarantine {
        None => requeue(&record),
        Some((code, message)) => {
            quarantine(&Quarantined { event: record, code: code.clone(), message: message.clone() })
        }
    }
}

/// What writes a waiting record down.
pub fn store(record: &BufferedEvent) -> Effect {
    Effect::WriteStorage { key: StorageKey::event(record).write(), value: record.json.to_string() }
}

/// What removes a record.
pub fn remove(record: &BufferedEvent) -> Effect {
    Effect::RemoveStorage { key: StorageKey::event(record).write() }
}

/// What moves a record into quarantine.
pub fn quarantine(quarantined: &Quarantined) -> Effect {
    let Quarantined { event: record, code, message } = quarantined;
    let from = StorageKey::event(record).write();
    let to = StorageKey::quarantine(record).write();
    Effect::MoveStorage { from, to, value: quarantine_text(record, code, message) }
}

/// What moves a record out of quarantine, to be sent again.
pub fn requeue(record: &BufferedEvent) -> Effect {
    let from = StorageKey::quarantine(record).write();
    Effect::MoveStorage {
        from,
        to: StorageKey::event(record).write(),
        value: record.json.to_string(),
    }
}

/// What gives a waiting record another owner.
pub fn adopt(before: &BufferedEvent, after: &BufferedEvent) -> Effect {
    let from = StorageKey::event(before).write();
    Effect::MoveStorage {
        from,
        to: StorageKey::event(after).write(),
        value: after.json.to_string(),
    }
}

/// What gives a record in quarantine another owner.
pub fn adopt_quarantined(before: &BufferedEvent, after: &Quarantined) -> Effect {
    let Quarantined { event: record, code, message } = after;
    let from = StorageKey::quarantine(before).write();
    let to = StorageKey::quarantine(record).write();
    Effect::MoveStorage { from, to, value: quarantine_text(record, code, message) }
}

/// What removes a record from quarantine.
pub fn remove_quarantined(record: &BufferedEvent) -> Effect {
    Effect::RemoveStorage { key: StorageKey::quarantine(record).write() }
}

/// What sets a text aside that cannot be read. What was set aside from the same place before stays:
/// `stored` is all that there is.
pub fn move_to_corrupt(key: &str, value: &str, stored: &[(String, String)]) -> Effect {
    let is_taken = |to: &str| stored.iter().any(|(known, text)| known == to && text != value);
    let mut to = StorageKey::Corrupt { found_at: key.to_owned() }.write();
    let mut number: u32 = 1;
    while is_taken(&to) {
        number += 1;
        to = StorageKey::Corrupt { found_at: format!("{number}.{key}") }.write();
    }
    Effect::MoveStorage { from: key.to_owned(), to, value: value.to_owned() }
}

fn quarantine_text(record: &BufferedEvent, code: &str, message: &str) -> String {
    let (code, message) = (code.to_owned(), message.to_owned());
    json::to_string(&QuarantineText { code, message, envelope: record.json.clone() })
}

fn read_event(value: &str, owner: Owner) -> StoredText {
    let Ok(json) = JsonText::parse(value) else { return StoredText::Corrupt };
    match Envelope::from_raw(json.as_raw()) {
        Ok(envelope) => found(envelope, json, owner, None),
        Err(malformed) => unreadable(&malformed.rejection),
    }
}

fn read_quarantine(value: &str, owner: Owner) -> StoredText {
    let Ok(QuarantineText { code, message, envelope: json }) = json::from_str(value) else {
        return StoredText::Corrupt;
    };
    match Envelope::from_raw(json.as_raw()) {
        Ok(envelope) => found(envelope, json, owner, Some((code, message))),
        Err(malformed) => unreadable(&malformed.rejection),
    }
}

fn found(
    envelope: Envelope,
    json: JsonText,
    owner: Owner,
    quarantine: Option<(String, String)>,
) -> StoredText {
    let record = BufferedEvent { envelope, json, owner };
    StoredText::Event(Box::new(StoredEvent { event: record, quarantine }))
}

fn unreadable(rejection: &Rejection) -> StoredText {
    match rejection {
        Rejection::UnsupportedVersion { .. } | Rejection::UnknownEventType => {
            StoredText::FromNewerVersion
        }
        Rejection::Malformed { .. }
        | Rejection::TooLarge { .. }
        | Rejection::UnknownEntity { .. }
        | Rejection::AlreadyExists { .. }
        | Rejection::EndBeforeStart
        | Rejection::SplitOutside
        | Rejection::TooLong { .. }
        | Rejection::NameMissing { .. }
        | Rejection::TooManyTags { .. } => StoredText::Corrupt,
    }
}
