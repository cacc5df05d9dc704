//! One event of the buffer, and how far it has come.

use crate::sync::record::{BufferedEvent, Quarantined, StoredEvent};

/// How far an event of the buffer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventStatus {
    /// Not acknowledged.
    Waiting,
    /// In the server's log up to a cursor that the confirmed data has not reached. None: another
    /// tab was told the cursor.
    Acknowledged { cursor: Option<u64> },
    /// The confirmed data has it. It stays in storage until it is in the archive, so that a server
    /// that loses it can be given it again.
    Synced,
    /// Set aside until the person decides.
    Quarantined { code: String, message: String },
}

/// An event of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Buffered {
    pub(super) event: BufferedEvent,
    pub(super) status: EventStatus,
    /// Whether localStorage took it; if not, it is lost if the tab closes.
    pub(super) stored: bool,
    /// Whether it is on disk in the mirror; if not, it is lost if the browser crashes right now.
    pub(super) durable: bool,
}

impl Buffered {
    /// Whether it is not acknowledged.
    pub(super) fn is_waiting(&self) -> bool {
        self.status == EventStatus::Waiting
    }

    /// Whether the server does not have it yet, as far as is known.
    pub(super) const fn is_unsettled(&self) -> bool {
        matches!(self.status, EventStatus::Waiting | EventStatus::Quarantined { .. })
    }

    /// Whether the server has it and the confirmed data does not.
    pub(super) const fn is_acknowledged(&self) -> bool {
        matches!(self.status, EventStatus::Acknowledged { .. })
    }

    /// The event as it lies in storage.
    pub(super) fn as_stored(&self) -> StoredEvent {
        let quarantine = self.as_quarantined().map(|it| (it.code, it.message));
        StoredEvent { event: self.event.clone(), quarantine }
    }

    /// The event as the person is asked about it, if it is set aside.
    pub(super) fn as_quarantined(&self) -> Option<Quarantined> {
        match &self.status {
            EventStatus::Quarantined { code, message } => Some(Quarantined {
                event: self.event.clone(),
                code: code.clone(),
                message: message.clone(),
            }),
            EventStatus::Waiting | EventStatus::Acknowledged { .. } | EventStatus::Synced => None,
        }
    }
}
