//! What the server acknowledged, kept for a while: a server that is restored from a backup has
//! lost the latest of it, and is offered it again.

use wizitime_domain::{Envelope, EpochId, EventId, Timestamp, UserId};
use wizitime_json::{JsonText, from_json, json_object, to_json};

use crate::store::slices::events::{Owner, Record};

/// How long acknowledged events are kept, in milliseconds: 30 days.
pub const ARCHIVE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// An acknowledged event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub record: Record,
    /// Which log it is in.
    pub epoch: EpochId,
    /// Where that log ended when the confirmed data had the event; its own place is not behind it.
    pub cursor: u64,
    /// When that was.
    pub at: Timestamp,
}

struct ArchiveText {
    at: Timestamp,
    envelope: JsonText,
}
json_object!(ArchiveText { at, envelope });

impl Archived {
    /// Key and text as they are kept.
    pub fn write(self, user_id: UserId) -> (String, String) {
        let Self { record, epoch, cursor, at } = self;
        let key = format!("{user_id}/{epoch}/{cursor:016x}/{}", record.envelope.id);
        (key, to_json(&ArchiveText { at, envelope: record.json }).to_string())
    }

    /// Reads key and text; none if they cannot be read.
    pub fn read(key: &str, text: &str) -> Option<Self> {
        let mut parts = key.split('/');
        let user_id = parts.next()?.parse().ok()?;
        let epoch = parts.next()?.parse().ok()?;
        let cursor = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id: EventId = parts.next()?.parse().ok()?;
        let ArchiveText { at, envelope: json } = from_json(text).ok()?;
        let envelope = Envelope::from_json(json.as_str()).ok().filter(|it| it.id == id)?;
        let record = Record { envelope, json, owner: Owner::User(user_id) };
        Some(Self { record, epoch, cursor, at })
    }

    /// Which event is kept under this key.
    pub fn id_of(key: &str) -> Option<EventId> {
        key.rsplit('/').next()?.parse().ok()
    }

    /// Whether a server whose log is this one, and ends here, may not have the event.
    pub fn may_be_lost_to(&self, epoch: EpochId, cursor: u64) -> bool {
        self.epoch != epoch || self.cursor > cursor
    }

    /// Whether it was kept for long enough.
    pub const fn is_outdated(&self, now: Timestamp) -> bool {
        now.since(self.at).as_ms() > ARCHIVE_MS
    }
}
