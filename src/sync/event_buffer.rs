//! The buffer in localStorage: parsing stored texts, and the effects that change them.
//!
//! Only an acknowledgement or the user removes an event. A text that cannot be read is moved to a
//! key for corrupt records, never dropped.

use serde::{Deserialize, Serialize};
use wizitime_domain::json::{self, JsonText};
use wizitime_domain::{Envelope, EventId, Rejection};

use super::storage_keys::StorageKey;
use crate::effects::Effect;
use crate::store::record::{
    BufferedEvent, Owner, QuarantineCode, QuarantineReason, Quarantined, StoredEvent,
};
use crate::store::slices::events::Events;

/// The result of parsing a stored text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredText {
    /// An event.
    Event(Box<StoredEvent>),
    /// An event that only a newer version understands. It stays where it is.
    FromNewerVersion,
    /// A text that cannot be read; see [`move_to_corrupt`].
    Corrupt,
    /// A text that was moved to a key for corrupt records before.
    KnownCorrupt,
    /// Not part of the buffer.
    Other,
}

/// A quarantined event as it is stored.
#[derive(Serialize, Deserialize)]
struct QuarantineText {
    code: String,
    message: String,
    envelope: JsonText,
    /// Missing in texts of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root_cause: Option<EventId>,
}

/// Parses a stored text. An event that is buffered with this text is not parsed again.
pub fn read(key: &str, value: &str, buffered: &Events) -> StoredText {
    match StorageKey::parse(key) {
        Some(StorageKey::Event { owner, id, .. }) => {
            let same = |it: &&BufferedEvent| it.owner == owner && it.json.as_str() == value;
            match buffered.find(id).filter(same) {
                Some(event) => found(event.clone(), None),
                None => read_event(value, owner),
            }
        }
        Some(StorageKey::Quarantine { owner, .. }) => read_quarantine(value, owner),
        Some(StorageKey::Corrupt { .. }) => StoredText::KnownCorrupt,
        Some(StorageKey::Device | StorageKey::Session | StorageKey::Discarded { .. }) => {
            StoredText::Other
        }
        // One of our prefixes, but not a key that we write: the key is corrupt.
        None if key.starts_with("wizi.event.") || key.starts_with("wizi.quarantine.") => {
            StoredText::Corrupt
        }
        None => StoredText::Other,
    }
}

/// The key that a stored event belongs under.
pub fn canonical_key(stored: &StoredEvent) -> String {
    let key = match &stored.quarantine {
        None => StorageKey::event(&stored.event),
        Some(_) => StorageKey::quarantine(&stored.event),
    };
    key.write()
}

/// Moves a stored text to its canonical key.
pub fn move_to_canonical_key(key: &str, value: &str, stored: &StoredEvent) -> Effect {
    Effect::MoveStorage { from: key.to_owned(), to: canonical_key(stored), value: value.to_owned() }
}

/// Writes an event to its canonical key.
pub fn write(stored: &StoredEvent) -> Effect {
    let event = &stored.event;
    match &stored.quarantine {
        None => store(event),
        Some(reason) => {
            let key = StorageKey::quarantine(event).write();
            Effect::WriteStorage { key, value: quarantine_text(event, reason) }
        }
    }
}

/// Writes an event to its canonical key once more. A refused move has left it under the other key.
pub fn rewrite_at_key(stored: &StoredEvent) -> Effect {
    let event = stored.event.clone();
    match &stored.quarantine {
        None => requeue(&event),
        Some(reason) => quarantine(&Quarantined { event, reason: reason.clone() }),
    }
}

/// Writes a waiting event.
pub fn store(event: &BufferedEvent) -> Effect {
    Effect::WriteStorage { key: StorageKey::event(event).write(), value: event.json.to_string() }
}

/// Removes a waiting event.
pub fn remove(event: &BufferedEvent) -> Effect {
    Effect::RemoveStorage { key: StorageKey::event(event).write() }
}

/// Removes a quarantined event.
pub fn remove_quarantined(event: &BufferedEvent) -> Effect {
    Effect::RemoveStorage { key: StorageKey::quarantine(event).write() }
}

/// Removes an event from quarantine and from the buffer. A move that was cut short may have left it
/// under both keys. If this is cut short as well, a waiting event is left, which the server
/// recognises.
pub fn remove_everywhere(event: &BufferedEvent) -> [Effect; 2] {
    [remove_quarantined(event), remove(event)]
}

/// Moves a waiting event into quarantine.
pub fn quarantine(quarantined: &Quarantined) -> Effect {
    let Quarantined { event, reason } = quarantined;
    let from = StorageKey::event(event).write();
    let to = StorageKey::quarantine(event).write();
    Effect::MoveStorage { from, to, value: quarantine_text(event, reason) }
}

/// Moves a quarantined event back to the waiting ones.
pub fn requeue(event: &BufferedEvent) -> Effect {
    let from = StorageKey::quarantine(event).write();
    let to = StorageKey::event(event).write();
    Effect::MoveStorage { from, to, value: event.json.to_string() }
}

/// Moves a waiting event to another owner.
pub fn adopt(before: &BufferedEvent, after: &BufferedEvent) -> Effect {
    let from = StorageKey::event(before).write();
    let to = StorageKey::event(after).write();
    Effect::MoveStorage { from, to, value: after.json.to_string() }
}

/// Moves a quarantined event to another owner.
pub fn adopt_quarantined(before: &BufferedEvent, after: &Quarantined) -> Effect {
    let Quarantined { event, reason } = after;
    let from = StorageKey::quarantine(before).write();
    let to = StorageKey::quarantine(event).write();
    Effect::MoveStorage { from, to, value: quarantine_text(event, reason) }
}

/// Moves a text that cannot be read to a key for corrupt records. A text that came from the same
/// key before is kept; `stored` are all stored texts.
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

fn quarantine_text(event: &BufferedEvent, reason: &QuarantineReason) -> String {
    json::to_string(&QuarantineText {
        code: reason.code.as_str().to_owned(),
        message: reason.message.clone(),
        envelope: event.json.clone(),
        root_cause: reason.root_cause,
    })
}

fn read_event(value: &str, owner: Owner) -> StoredText {
    let Ok(json) = JsonText::parse(value) else { return StoredText::Corrupt };
    match Envelope::from_raw(json.as_raw()) {
        Ok(envelope) => found(BufferedEvent { envelope, json, owner }, None),
        Err(malformed) => unreadable(&malformed.rejection),
    }
}

fn read_quarantine(value: &str, owner: Owner) -> StoredText {
    let Ok(QuarantineText { code, message, envelope: json, root_cause }) = json::from_str(value)
    else {
        return StoredText::Corrupt;
    };
    match Envelope::from_raw(json.as_raw()) {
        Ok(envelope) => {
            let reason = QuarantineReason { code: QuarantineCode::from(code), message, root_cause };
            found(BufferedEvent { envelope, json, owner }, Some(reason))
        }
        Err(malformed) => unreadable(&malformed.rejection),
    }
}

fn found(event: BufferedEvent, quarantine: Option<QuarantineReason>) -> StoredText {
    StoredText::Event(Box::new(StoredEvent { event, quarantine }))
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
        | Rejection::StartInFuture
        | Rejection::TooLong { .. }
        | Rejection::NameMissing { .. }
        | Rejection::TooManyTags { .. }
        | Rejection::UnknownZone
        | Rejection::TaskOfOtherProject => StoredText::Corrupt,
    }
}
