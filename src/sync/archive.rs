//! What the server acknowledged, kept for a while: a server that is restored from a backup has
//! lost the latest of it, and is offered it again.

use serde::{Deserialize, Serialize};
use wizitime_domain::json::{self, JsonText};
use wizitime_domain::{Envelope, EpochId, EventId, Timestamp, UserId};

use crate::sync::record::{BufferedEvent, Owner};

/// How long acknowledged events are kept, in milliseconds: 30 days.
pub const ARCHIVE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// An acknowledged event, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    user_id: UserId,
    /// Which event it is.
    pub id: EventId,
    envelope: JsonText,
    /// Which log it is in.
    pub epoch: EpochId,
    /// Where that log ended when the confirmed data had the event; its own place is not behind it.
    pub cursor: u64,
    /// When that was.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ArchiveText {
    at: Timestamp,
    envelope: JsonText,
}

impl Archived {
    /// Key and text of an event that the log has, which ends at this cursor now.
    pub fn write(
        record: BufferedEvent,
        user_id: UserId,
        (epoch, cursor): (EpochId, u64),
        at: Timestamp,
    ) -> (String, String) {
        let key = format!("{user_id}/{epoch}/{cursor:016x}/{}", record.envelope.id);
        (key, json::to_string(&ArchiveText { at, envelope: record.json }))
    }

    /// Reads key and text, but not the event yet: few are ever needed. None if they cannot be read.
    pub fn read(key: &str, text: &str) -> Option<Self> {
        let mut parts = key.split('/');
        let user_id = parts.next()?.parse().ok()?;
        let epoch = parts.next()?.parse().ok()?;
        let cursor = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id: EventId = parts.next()?.parse().ok()?;
        let ArchiveText { at, envelope } = json::from_str(text).ok()?;
        Some(Self { user_id, id, envelope, epoch, cursor, at })
    }

    /// The event; none if it cannot be read.
    pub fn record(self) -> Option<BufferedEvent> {
        let envelope = Envelope::from_raw(self.envelope.as_raw()).ok();
        let envelope = envelope.filter(|it| it.id == self.id)?;
        Some(BufferedEvent { envelope, json: self.envelope, owner: Owner::User(self.user_id) })
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
