//! The archive: acknowledged events, kept for a while. A server that is restored from a backup
//! lacks the latest of them, and gets them again.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wizitime_domain::json;
use wizitime_domain::{Envelope, EpochId, EventId, Timestamp, UserId};

use crate::store::record::{BufferedEvent, Owner};

/// How long acknowledged events are kept, in milliseconds: 30 days.
pub const ARCHIVE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// An acknowledged event in the archive.
#[derive(Clone, Debug)]
pub struct Archived<'a> {
    user_id: UserId,
    pub id: EventId,
    envelope: &'a RawValue,
    /// The log that acknowledged it.
    pub epoch: EpochId,
    /// The end of that log when the confirmed data had the event; the event is not behind it.
    pub cursor: u64,
    /// When it was archived, by the server's clock.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ArchiveText<'a> {
    at: Timestamp,
    #[serde(borrow)]
    envelope: &'a RawValue,
}

impl<'a> Archived<'a> {
    /// The key and the text of an event in the log of this epoch, which ends at this cursor.
    pub fn write(
        event: BufferedEvent,
        user_id: UserId,
        (epoch, cursor): (EpochId, u64),
        at: Timestamp,
    ) -> (String, String) {
        let key = format!("{user_id}/{epoch}/{cursor:016x}/{}", event.envelope.id);
        (key, json::to_string(&ArchiveText { at, envelope: event.json.as_raw() }))
    }

    /// Reads key and text, but does not parse the event: few are ever needed. None if they cannot
    /// be read.
    pub fn read(key: &str, text: &'a str) -> Option<Self> {
        let mut parts = key.split('/');
        let user_id = parts.next()?.parse().ok()?;
        let epoch = parts.next()?.parse().ok()?;
        let cursor = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id: EventId = parts.next()?.parse().ok()?;
        let ArchiveText { at, envelope } = json::from_str(text).ok()?;
        Some(Self { user_id, id, envelope, epoch, cursor, at })
    }

    /// The event; None if it cannot be parsed.
    pub fn event(self) -> Option<BufferedEvent> {
        let envelope = Envelope::from_raw(self.envelope).ok();
        let envelope = envelope.filter(|it| it.id == self.id)?;
        let owner = Owner::User(self.user_id);
        Some(BufferedEvent { envelope, json: self.envelope.into(), owner })
    }

    /// The id of the event under this key.
    pub fn id_of(key: &str) -> Option<EventId> {
        key.rsplit('/').next()?.parse().ok()
    }

    /// Whether a log of this epoch that ends at this cursor may lack the event.
    pub fn may_be_missing_in(&self, epoch: EpochId, cursor: u64) -> bool {
        self.epoch != epoch || self.cursor > cursor
    }

    /// Whether it was kept long enough.
    pub const fn is_outdated(&self, now: Timestamp) -> bool {
        now.since(self.at).as_ms() > ARCHIVE_MS
    }
}
