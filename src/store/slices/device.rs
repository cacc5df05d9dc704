//! This device and this tab: identities, clock offset, sequence number.

use wizitime_domain::{DeviceId, DurationMs, Timestamp, WriterId, Zone};

use crate::store::action::{
    Action, LocalAction, PageAction, ServerAction, StorageAction, SyncAction,
};
use crate::store::changes::Changes;
use crate::sync::record::{BufferedEvent, StoredEvent};

/// Facts about the device and the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub device_id: DeviceId,
    pub writer_id: WriterId,
    pub zone: Zone,
    /// The measured offset of the server's clock to the device's, in milliseconds.
    pub offset_ms: i64,
    /// The greatest sequence number recorded or seen (a Lamport clock). The next event gets a
    /// greater one, so that nothing is sent before what its tab had seen.
    pub last_seq: u64,
}

impl Device {
    /// The server's time when the device's clock shows `wall`.
    pub const fn server_time(&self, wall: Timestamp) -> Timestamp {
        wall.saturating_add(DurationMs::from_ms(self.offset_ms))
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
                StorageAction::EventsFound(found) | StorageAction::EventsRestored(found),
            ) => self.see_stored(found),
            Action::Server(ServerAction::ClockMeasured { offset_ms }) => {
                self.offset_ms = *offset_ms;
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
                | StorageAction::CacheOutdated,
            )
            | Action::Session(_)
            | Action::Peer(_) => (),
        }
    }

    fn reduce_page(&mut self, action: &PageAction, changes: &mut Changes) {
        match action {
            // The server's time goes on as if nothing had happened, until it is measured again.
            PageAction::ClockTurnedBack { by_ms } => {
                self.offset_ms = self.offset_ms.saturating_add(*by_ms);
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
