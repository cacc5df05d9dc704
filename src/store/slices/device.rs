//! This device and this tab: their identities, their clock, the order of what they record.

use wizitime_domain::{DeviceId, DurationMs, Timestamp, WriterId, Zone};

use crate::store::action::Action;
use crate::store::changes::Changes;

/// Facts about the device and the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub device_id: DeviceId,
    pub writer_id: WriterId,
    pub zone: Zone,
    /// What to add to the device's clock to get the server's, in milliseconds, as measured.
    pub offset_ms: i64,
    /// The greatest sequence number recorded or seen (a Lamport clock): the next event gets a
    /// greater one, so that nothing is sent before what its tab had seen.
    pub last_seq: u64,
}

impl Device {
    /// The server's time when the device's clock shows `wall`.
    pub const fn server_time(&self, wall: Timestamp) -> Timestamp {
        wall.saturating_add(DurationMs::from_ms(self.offset_ms))
    }

    pub(in crate::store) fn reduce(&mut self, action: &Action, changes: &mut Changes) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a slice answers what concerns it")]
        match action {
            Action::Recorded(records) | Action::RestoreResent { records, .. } => {
                let seqs = records.iter().map(|record| record.envelope.seq);
                self.last_seq = seqs.fold(self.last_seq, u64::max);
            }
            Action::StoredEventsFound(found) | Action::Restored(found) => {
                let seqs = found.iter().map(|stored| stored.event.envelope.seq);
                self.last_seq = seqs.fold(self.last_seq, u64::max);
            }
            Action::ClockMeasured { offset_ms } => self.offset_ms = *offset_ms,
            // The corrected time goes on as if nothing had happened, until it is measured again.
            Action::ClockTurnedBack { by_ms } => {
                self.offset_ms = self.offset_ms.saturating_add(*by_ms);
            }
            Action::ZoneChanged(zone) => {
                changes.zone |= self.zone != *zone;
                self.zone = zone.clone();
            }
            _ => (),
        }
    }
}
