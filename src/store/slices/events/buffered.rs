//! One event of the buffer, and how far it has come.

use super::{Quarantined, Record, StoredRecord};

/// How far an event of the buffer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not acknowledged.
    Waiting,
    /// In the server's log up to a cursor that the confirmed data has not reached. None: another
    /// tab was told the cursor.
    Acknowledged { cursor: Option<u64> },
    /// The confirmed data has it. It stays in storage until it is in the archive, so that a server
    /// that loses it can be given it again.
    Synced,
    /// Set aside until the person decides.
    SetAside { code: String, message: String },
}

/// An event of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Buffered {
    pub(super) record: Record,
    pub(super) standing: Standing,
    /// Whether localStorage took it; if not, it is lost if the tab closes.
    pub(super) stored: bool,
    /// Whether it is on disk in the mirror; if not, it is lost if the browser crashes right now.
    pub(super) mirrored: bool,
}

impl Buffered {
    /// Whether it is not acknowledged.
    pub(super) fn is_waiting(&self) -> bool {
        self.standing == Standing::Waiting
    }

    /// Whether the server does not have it yet, as far as is known.
    pub(super) const fn is_unsettled(&self) -> bool {
        matches!(self.standing, Standing::Waiting | Standing::SetAside { .. })
    }

    /// Whether the server has it and the confirmed data does not.
    pub(super) const fn is_acknowledged(&self) -> bool {
        matches!(self.standing, Standing::Acknowledged { .. })
    }

    /// The event as it lies in storage.
    pub(super) fn as_stored(&self) -> StoredRecord {
        let quarantine = self.as_quarantined().map(|it| (it.code, it.message));
        StoredRecord { record: self.record.clone(), quarantine }
    }

    /// The event as the person is asked about it, if it is set aside.
    pub(super) fn as_quarantined(&self) -> Option<Quarantined> {
        match &self.standing {
            Standing::SetAside { code, message } => Some(Quarantined {
                record: self.record.clone(),
                code: code.clone(),
                message: message.clone(),
            }),
            Standing::Waiting | Standing::Acknowledged { .. } | Standing::Synced => None,
        }
    }
}
