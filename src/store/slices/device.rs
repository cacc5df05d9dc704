//! This device and this tab: identities, clock offset, sequence number.

use wizitime_domain::{DeviceId, DurationMs, Timestamp, WriterId, Zone};

use crate::store::action::{
    Action, LocalAction, PageAction, ServerAction, StorageAction, SyncAction,
};
use crate::store::changes::Changes;
use crate::store::record::{BufferedEvent, StoredEvent};

/// Facts about the device and the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub device_id: DeviceId,
    pub writer_id: WriterId,
    pub zone: Zone,
    /// The offset of the server's clock to the device's.
    pub clock: ClockOffset,
    /// The greatest sequence number recorded or seen (a Lamport clock). The next event gets a
    /// greater one, so that nothing is sent before what its tab had seen.
    pub last_seq: u64,
}

/// The offset of the server's clock to the device's, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockOffset {
    /// No server's clock was compared with the device's since the tab was opened. Without any, the
    /// device's clock counts: the offset is what it was turned back by while a clock runs, so that
    /// the running time goes on, and zero while none runs.
    Assumed { ms: i64 },
    /// Measured, and corrected by what the device's clock was turned back since.
    Measured { ms: i64 },
}

impl ClockOffset {
    /// The device's clock counts.
    pub const NONE: Self = Self::Assumed { ms: 0 };

    const fn ms(self) -> i64 {
        match self {
            Self::Assumed { ms } | Self::Measured { ms } => ms,
        }
    }

    /// Whether the server's clock was compared with the device's.
    pub const fn is_measured(self) -> bool {
        match self {
            Self::Assumed { .. } => false,
            Self::Measured { .. } => true,
        }
    }

    /// By how much the device's clock is assumed to be turned back, in milliseconds.
    pub const fn assumed_ms(self) -> i64 {
        match self {
            Self::Assumed { ms } => ms,
            Self::Measured { .. } => 0,
        }
    }

    const fn turned_back(self, by_ms: i64) -> Self {
        match self {
            Self::Assumed { ms } => Self::Assumed { ms: ms.saturating_add(by_ms) },
            Self::Measured { ms } => Self::Measured { ms: ms.saturating_add(by_ms) },
        }
    }
}

impl Device {
    /// Takes back an assumed offset, because no clock runs: the next one starts at the time that
    /// the device shows.
    pub(in crate::store) const fn drop_assumed_offset(&mut self) {
        if !self.clock.is_measured() {
            self.clock = ClockOffset::NONE;
        }
    }

    /// The server's time when the device's clock shows `wall`.
    pub const fn server_time(&self, wall: Timestamp) -> Timestamp {
        wall.saturating_add(DurationMs::from_ms(self.clock.ms()))
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        match action {
            Action::Local(LocalAction::Recorded(events)) => self.see(events),
            Action::Sync(action) => match action {
                SyncAction::RestoreResent { events, .. } => self.see(events),
                SyncAction::Acknowledged { .. }
                | SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::Confirmed(_)
                | SyncAction::Synced { .. }
                | SyncAction::Archived { .. } => (),
            },
            Action::Storage(
                StorageAction::EventsFound(found) | StorageAction::EventsRecovered(found),
            ) => self.see_stored(found),
            Action::Server(ServerAction::ClockMeasured { offset_ms }) => {
                self.clock = ClockOffset::Measured { ms: *offset_ms };
            }
            Action::Page(action) => self.reduce_page(action, changes),
            Action::Local(
                LocalAction::Discarded { .. }
                | LocalAction::SyncRequested
                | LocalAction::Notified(_)
                | LocalAction::NoticeDismissed,
            )
            | Action::Server(
                ServerAction::Joined(_)
                | ServerAction::JoinRefused { .. }
                | ServerAction::ConnectionLost { .. }
                | ServerAction::PushBulkEvent { .. }
                | ServerAction::PushChangesRequest { .. }
                | ServerAction::BulkEventAccepted(_)
                | ServerAction::BulkEventRefused(_)
                | ServerAction::BulkEventUnknown
                | ServerAction::ChangesPage(_)
                | ServerAction::ChangesPageFailed
                | ServerAction::Broadcast { .. }
                | ServerAction::BadMessage { .. },
            )
            | Action::Storage(
                StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyRead { .. }
                | StorageAction::DurableCopyWritten { .. }
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated
                | StorageAction::ArchiveReadFailed,
            )
            | Action::Session(_)
            | Action::Peer(_) => (),
        }
    }

    fn reduce_page(&mut self, action: &PageAction, changes: &mut Changes) {
        match action {
            // The server's time goes on as if nothing had happened, until it is measured again.
            PageAction::ClockTurnedBack { by_ms } => {
                self.clock = self.clock.turned_back(*by_ms);
            }
            PageAction::ZoneChanged(zone) => {
                changes.zone |= self.zone != *zone;
                self.zone = zone.clone();
            }
            PageAction::Event(_) | PageAction::UpdateReady | PageAction::TimerFired => (),
        }
    }

    fn see(&mut self, events: &[BufferedEvent]) {
        let seqs = events.iter().map(|event| event.envelope.seq);
        self.last_seq = seqs.fold(self.last_seq, u64::max);
    }

    fn see_stored(&mut self, found: &[StoredEvent]) {
        let seqs = found.iter().map(|stored| stored.event.envelope.seq);
        self.last_seq = seqs.fold(self.last_seq, u64::max);
    }
}
